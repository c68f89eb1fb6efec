"""May this frame be learned from? What every learner of purchases asks of its rows before it fits anything.

In:  one row per (as_of, user_id): features, `label` (1 bought in the horizon, 0 did not, null not yet known).
Out: doubles, folds and samples that do not depend on the order of rows; or a refusal that says what, where, what to do.
"""

import numpy as np
import pandas as pd

PERFECT_AUC = 0.98  # no behaviour before a day tells the days after it so well; what does has seen them
RARE_ROWS = 1_000  # a class of which a sample keeps no less than this, if there are so many
LEAK_ROWS = 50  # below, one feature out of sixty ranks perfectly by chance


class NotEnoughData(ValueError):
    """Too little to learn from: the caller keeps the model that serves."""


class LeakSuspected(ValueError):
    """A feature knows what happened at or after as_of."""


def in_key_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["as_of", "user_id"], kind="stable", ignore_index=True)


def feature_matrix(frame: pd.DataFrame, features: list[str]) -> np.ndarray:
    """Doubles with NaN for null, whatever the engine delivered (nullable integers, decimals, all-null objects)."""
    columns = [pd.to_numeric(frame[name]).to_numpy(dtype=float, na_value=np.nan) for name in features]
    return np.column_stack(columns) if columns else np.empty((len(frame), 0))


def require_both_classes(frame: pd.DataFrame, least_users: int, where: str) -> None:
    """Users, not rows: twelve dates of one buyer are one example, and folds keep a user together."""
    if frame.empty:
        raise NotEnoughData(f"{where}: 0 labelled rows; land a longer history, or wait until the horizon has passed")
    for label, name in ((1, "who buy in the horizon"), (0, "who do not")):
        users = frame.loc[frame["label"] == label, "user_id"].nunique()
        if users < least_users:
            raise NotEnoughData(
                f"{where}: {users} users {name}, at least {least_users} are needed; "
                "land a longer history, or give the shop a longer horizon_days or more training_dates"
            )


def user_fold(frame: pd.DataFrame, folds: int, seed: int) -> np.ndarray:
    """Fold of each row: all rows of a user together; users who ever bought are dealt out evenly, then the rest."""
    users = frame.groupby("user_id", sort=True)["label"].max().reset_index()
    salted = (users["user_id"].astype(str) + f"#{seed}").to_numpy(dtype=object)
    users["hash"] = pd.util.hash_array(salted, categorize=False)
    users = users.sort_values(["label", "hash"], ascending=[False, True], kind="stable", ignore_index=True)
    return frame["user_id"].map(pd.Series(users.index % folds, index=users["user_id"])).to_numpy()


def sampled(frame: pd.DataFrame, max_rows: int, seed: int) -> pd.DataFrame:
    """About max_rows, each class in its share but a rare one not below RARE_ROWS; drawn by seed, order is kept."""
    if len(frame) <= max_rows:
        return frame
    share = max_rows / len(frame)
    parts = [
        rows.sample(n=min(len(rows), max(round(share * len(rows)), RARE_ROWS)), random_state=seed)
        for _, rows in frame.groupby("label")
    ]
    return pd.concat(parts).sort_index()


def assert_no_leak(frame: pd.DataFrame, features: list[str], horizon_days: int, known_until=None) -> None:
    """Refuse what could only be known after as_of. `known_until`: the day up to which events have arrived.

    Three ways in which the future gets into a training set, each with its sign: a label whose window has not ended;
    an event dated on or after as_of (date columns; recency below zero); a feature, or its being null, that alone
    separates buyers from the rest.
    """
    as_of = pd.to_datetime(frame["as_of"])
    labelled = frame["label"].notna()
    if known_until is not None:
        early = labelled & (as_of + pd.Timedelta(days=horizon_days) > pd.Timestamp(known_until))
        if early.any():
            raise LeakSuspected(
                f"label: set for as_of {as_of[early].min():%Y-%m-%d}, whose {horizon_days} days have not ended by "
                f"{known_until}; leave it null until then"
            )
    for name in frame.columns.difference(["as_of", "label", "user_id"]):
        if not name.endswith(("_date", "_ts")):
            continue
        late = pd.to_datetime(frame[name]) >= as_of
        if late.any():
            raise LeakSuspected(f"{name}: {int(late.sum())} rows on or after their as_of; cut the events at as_of")
    if "recency_days" in frame and (pd.to_numeric(frame["recency_days"]) < 0).any():
        raise LeakSuspected("recency_days: below 0, so an order on or after as_of was counted; cut the orders at as_of")
    known = frame[labelled]
    label = known["label"].to_numpy(dtype=float)
    if len(known) < LEAK_ROWS or not 0 < label.sum() < len(label):
        return
    values = feature_matrix(known, features)
    for name, column in zip(features, values.T):
        null = np.isnan(column)
        for sign, score in (("its values", column[~null]), ("its nulls", null.astype(float))):
            of_label = label[~null] if sign == "its values" else label
            auc = _univariate_auc(of_label, score)
            if len(of_label) >= LEAK_ROWS and max(auc, 1 - auc) >= PERFECT_AUC:
                raise LeakSuspected(
                    f"{name}: {sign} alone rank buyers with AUC {max(auc, 1 - auc):.3f} (at least {PERFECT_AUC} counts "
                    "as a leak); compute it from events before as_of, or leave it out"
                )


def _univariate_auc(label: np.ndarray, score: np.ndarray) -> float:
    """Mann-Whitney; .5 where one class is absent."""
    positives, negatives = label.sum(), len(label) - label.sum()
    if not positives or not negatives:
        return 0.5
    ranks = pd.Series(score).rank().to_numpy()
    return float((ranks[label == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))
