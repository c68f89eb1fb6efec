"""Why: a campaign is judged as a whole and per segment, by several measures, with one set of rules.
In: the customers assigned to one campaign with their outcomes and the facts of the campaign. Out: a row per segment and
measure, each with its verdict, or with the reason why there is none.
"""

import pandas as pd

from ml.experiment import lift, multiplicity, sample_ratio, sequential, verdict
from ml.experiment.parameters import ExperimentParameters

METRICS = ("conversion", "orders", "revenue", "margin")  # the first one decides, the others explain
EVERYBODY = "all"
DECIMALS = 9  # of what is stored: the last digits of a sum depend on the machine


def judge(users: pd.DataFrame, campaign: dict, p: ExperimentParameters) -> pd.DataFrame:
    """Rows of one campaign with a control group.

    users: user_id, is_control, is_contacted, orders, revenue, margin, the three _before, unpriced_orders,
    uncosted_lines, segment_name (of before the start; null where none). campaign: day, planned_days, is_complete,
    control_share (planned; None), currency. p of segments are adjusted by Holm's method within a measure, sequential
    intervals by Bonferroni's: they hold whatever the segments have to do with each other, and a marketer who acts on
    one segment needs the chance of any false one bounded, not their share among many. Whoever has no segment counts in
    'all' alone.
    """
    users = users.sort_values("user_id", ignore_index=True)
    groups = {EVERYBODY: users, **dict(list(users.groupby("segment_name", sort=True)))}
    rows = pd.DataFrame([_measured(g, name, m, campaign, p) for name, g in groups.items() for m in METRICS])
    rows = rows.reindex(columns=[*rows.columns, "adjusted_p_value", "sequential_low", "sequential_high"])
    for _, family in rows[rows["lift"].notna()].groupby([rows["segment_name"] == EVERYBODY, "metric"], sort=True):
        rows.loc[family.index, "adjusted_p_value"] = multiplicity.holm(family["p_value"].to_numpy("float64"))
        error, look = family["standard_error"].to_numpy("float64"), (campaign["day"], campaign["planned_days"])
        half = sequential.half_width(error, *look, p.alpha / len(family))
        rows.loc[family.index, "sequential_low"] = family["lift"] - half
        rows.loc[family.index, "sequential_high"] = family["lift"] + half
    rows = rows.drop(columns="standard_error")
    numbers = rows.columns.difference(["segment_name", "metric", "reason"])
    rows[numbers] = rows[numbers].astype("float64").round(DECIMALS)
    spoiled = rows.loc[rows["segment_name"] == EVERYBODY, "sample_ratio_p_value"].min() < p.sample_ratio_alpha
    crossed = int((users["is_control"] & (users["is_contacted"] > 0)).sum())
    rows["verdict"] = [
        verdict.in_words(row, campaign, spoiled, crossed if row["segment_name"] == EVERYBODY else 0, p)
        for row in rows.astype("object").where(rows.notna(), None).to_dict("records")
    ]
    return rows


def _measured(users: pd.DataFrame, segment: str, metric: str, campaign: dict, p: ExperimentParameters) -> dict:
    control = users["is_control"].to_numpy(bool)
    sizes = {"treated_users": int((~control).sum()), "control_users": int(control.sum())}
    row = {
        "segment_name": segment,
        "metric": metric,
        **sizes,
        "control_contacted_users": int((users["is_contacted"].to_numpy() > 0)[control].sum()),
        "expected_control_share": campaign["control_share"],
        "sample_ratio_p_value": sample_ratio.p_value(*sizes.values(), campaign["control_share"]),
        "reason": None,
    }
    try:
        refuse_unknown(users, metric)
        lift.refuse_too_few(control, users["orders"].to_numpy() > 0, p)
        found = lift.measure(*(_values(users, metric, side) for side in ("", "_before")), control, p)
    except ValueError as refusal:
        return {**row, **dict.fromkeys(("lift", "p_value", "standard_error")), "reason": str(refusal)}
    return {**row, **found}


def _values(users: pd.DataFrame, metric: str, side: str):
    if metric == "conversion":
        return (users["orders" + side] > 0).to_numpy("float64")
    return users[metric + side].to_numpy("float64")


class UnknownAmountError(ValueError):
    """Amounts or costs that the sources do not give: says how many."""


def refuse_unknown(users: pd.DataFrame, metric: str) -> None:
    """Raises UnknownAmountError where revenue, or margin, of these customers is not known in full."""
    unpriced, uncosted = int(users["unpriced_orders"].sum()), int(users["uncosted_lines"].sum())
    if metric in ("revenue", "margin") and unpriced:
        raise UnknownAmountError(f"amounts are not complete: {unpriced} orders of these customers have none")
    if metric == "margin" and uncosted:
        raise UnknownAmountError(f"costs are not complete: {uncosted} order lines of these customers have none")
