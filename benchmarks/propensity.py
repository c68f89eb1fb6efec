"""How well is the next week's purchase predicted, and does stacking earn its place? Complete Journey, rolling origin.

Each origin is what the pipeline would have done on that day: train on the dates whose labels were complete, test on the
newest of them, a week earlier. The first origin is the one that is compared with the target.
"""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from benchmarks import figures, measure
from benchmarks.fresh_home import fresh_home, land_and_describe
from shops.declaration import load

SHOP = "complete_journey"
LATEST = date(2017, 12, 4)
ORIGINS = [LATEST - timedelta(weeks=3 * k) for k in range(6)]  # six test weeks, none shared, back to August
TARGET_AUC = 0.807  # single models on eleven purchase features of this data set
METRICS = ["auc", "average_precision", "brier", "accuracy", "f1"]


def run() -> dict:
    with fresh_home():
        found = measure.call(rolling_origin)
    scores = pd.DataFrame(found.result)
    latest = scores[scores["as_of"] == LATEST].drop(columns=["as_of", "test_as_of"])
    test_day = LATEST - timedelta(days=7)
    figures.show(f"Who buys in the 7 days from {test_day}; target AUC {TARGET_AUC}", latest.to_dict("records"), 4)
    mean = scores.groupby("learner", sort=False)[METRICS].mean().reset_index()
    figures.show(f"Mean of {len(ORIGINS)} test dates", mean.to_dict("records"), 4)
    auc = scores.pivot(index="test_as_of", columns="learner", values="auc")
    base = auc.drop(columns="stacking")
    lead = pd.DataFrame({"test date": auc.index.astype(str), "stacking": auc["stacking"].to_numpy()})
    lead["best base learner"] = base.idxmax(axis=1).to_numpy()
    lead["its AUC"] = base.max(axis=1).to_numpy()
    lead["lead"] = lead["stacking"] - lead["its AUC"]
    figures.show("Stacking against the base learner that turned out best that day", lead.to_dict("records"), 4)
    return {
        "target_auc": TARGET_AUC,
        "scores": found.result,
        "mean": mean.to_dict("records"),
        "lead": lead.to_dict("records"),
        "mean_lead": float(lead["lead"].mean()),
        "seconds": found.seconds,
        "peak_gb": figures.gigabytes(found.peak_bytes),
    }


def rolling_origin() -> list[dict]:
    """One row per origin and learner."""
    from ml.prediction.labelled_frame import assert_no_leak, in_key_order
    from ml.prediction.labelled_moments import labelled_moments
    from ml.prediction.propensity import PropensityParameters, feature_columns, fit_and_test
    from ml.prediction.stacking import StackingParameters
    from warehouse.engine import open_warehouse

    shop = load(SHOP)
    params = PropensityParameters(
        horizon_days=shop.windows.horizon_days,
        stacking=StackingParameters(threads=2),  # changes no byte
    )
    dates = shop.windows.training_dates + (LATEST - min(ORIGINS)).days // shop.windows.training_step_days
    every_date = replace(shop, windows=replace(shop.windows, training_dates=dates))
    land_and_describe(every_date, LATEST)
    rows = []
    for origin in ORIGINS:
        with open_warehouse(shop.name) as connection:
            frame = labelled_moments(connection, shop, origin)
        features = feature_columns(frame)
        assert_no_leak(frame, features, params.horizon_days, known_until=origin)
        labelled = in_key_order(frame[frame["label"].notna()])
        labelled["as_of"] = pd.to_datetime(labelled["as_of"])
        _, test, evaluation = fit_and_test(labelled, features, params)
        for learner, found in evaluation.groupby("learner", sort=False):
            summary = found[found["part"] == "summary"].set_index("metric")["value"]
            buyers = found[(found["part"] == "class") & (found["class_label"] == "1")].set_index("metric")["value"]
            row = {"learner": learner, **summary[METRICS[:-1]].to_dict(), "f1": buyers["f1"]}
            rows.append({**row, "as_of": origin, "test_as_of": test["as_of"].iloc[0].date()})
    return rows
