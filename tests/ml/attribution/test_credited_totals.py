"""Totals by hand, exact, and with the campaigns that nothing was credited to."""

import pandas as pd
from hypothesis import given, settings

from ml.attribution.credit_rules import MODELS
from ml.attribution.credited_totals import totals
from ml.attribution.touch_paths import AttributionParameters
from ml.steps.attribute_orders import attribute
from tests.ml.attribution.touch_cases import END, histories

NOBODY = pd.DataFrame({"campaign_id": [], "channel": []}, dtype=object)


def credited(*rows: tuple) -> pd.DataFrame:
    """(order_id, day, campaign, millionths, revenue cents, margin cents); the same in each model."""
    frame = pd.DataFrame(
        rows, columns=["order_id", "order_date", "campaign_id", "credit", "revenue_cents", "margin_cents"]
    )
    frame["order_date"] = pd.to_datetime(frame["order_date"])
    frame["margin_cents"] = frame["margin_cents"].astype("Int64")
    return frame.assign(channel="email", touch_type="clicked", **{model: frame["credit"] for model in MODELS})


def cell(told: pd.DataFrame, campaign: str, period: str = "all") -> list:
    row = told[told["model"].eq("linear") & told["campaign_id"].eq(campaign) & told["period"].eq(period)]
    return (
        row[["orders_touched", "conversions", "revenue", "margin"]]
        .astype(object)
        .where(row.notna(), None)
        .values.tolist()
    )


def test_by_hand():
    """A: a third of 10.00 and the whole of 5.00: 1.333333 orders, 3.33333 + 5 = 8.33; margin .99999 + 2 = 3.00."""
    told = totals(
        credited(
            ("o1", "2024-01-31", "A", 333_333, 1000, 300),
            ("o1", "2024-01-31", "B", 666_667, 1000, 300),
            ("o2", "2024-02-01", "A", 1_000_000, 500, 200),
            ("o3", "2024-02-01", "B", 500_000, 100, None),
            ("o3", "2024-02-01", "C", 500_000, 100, None),
        ),
        pd.DataFrame({"campaign_id": ["A", "off"], "channel": "email"}),
    )
    assert cell(told, "A") == [[2, 1.333333, 8.33, 3.0]]
    assert cell(told, "A", "month") == [[1, 0.333333, 3.33, 1.0], [1, 1.0, 5.0, 2.0]]
    assert cell(told, "B") == [[2, 1.166667, 7.17, None]]
    assert cell(told, "off") == [[0, 0, 0, 0]]
    assert cell(told, "off", "month") == []
    months = told.loc[told["period"].eq("month"), "period_start"].dt.strftime("%Y-%m-%d")
    assert sorted(set(months)) == ["2024-01-01", "2024-02-01"]


def test_large_amounts_do_not_overflow():
    rows = [(f"o{n}", "2024-01-31", "A", 1_000_000, 900_000_000_000, 0) for n in range(1_000)]
    assert cell(totals(credited(*rows), NOBODY), "A") == [[1_000, 1_000, 9_000_000_000_000, 0]]


@settings(max_examples=15, deadline=None)
@given(histories())
def test_every_model_shares_out_the_same_orders_and_money(history):
    sold, reached = history
    told, _ = attribute(sold, reached, END, AttributionParameters(least_journeys=1))
    summed = totals(told, NOBODY)
    touched = sold[sold["order_id"].isin(told["order_id"])]
    for period in ("all", "month"):
        of_period = summed[summed["period"].eq(period)].groupby("model")
        assert (of_period["conversions"].sum() - len(touched)).abs().max() < 1e-9 if len(touched) else summed.empty
        if len(touched):
            # Each cell is rounded to the cent once.
            cells = of_period.size().max()
            assert (
                of_period["revenue"].sum() - touched["revenue_cents"].sum() / 100
            ).abs().max() <= 0.005 * cells + 1e-9
