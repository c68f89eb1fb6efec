"""The demo shop's sales were made by advertising, price and service, in this order: both methods must say so."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from extract.demo_shop import DemoShop
from extract.demo_shop.drivers import EFFECTS
from extract.demo_shop.truth import frames
from extract.demo_shop.world import world
from ml.influence import driver_series as series
from ml.influence import grey_analyses as analyses
from ml.influence import response_models
from ml.influence.grey_relation import GreyRelationParameters
from ml.influence.response_regression import ResponseParameters
from ml.steps import measure_influence
from warehouse import paths

REGRESSOR = {"advertising": "advertising_spend", "price": "price_level", "service": "service_score"}


def read(shop, query: str) -> pd.DataFrame:
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        return connection.execute(query).df()


def tables_of(shop, as_of: date) -> dict[str, pd.DataFrame]:
    return {
        name: read(shop, f"select * from {table} where as_of = date '{as_of}' order by all").drop(columns="as_of")
        for name, table in measure_influence.READ.items()
    }


@pytest.fixture(scope="module")
def measured_once() -> dict:
    return {}


@pytest.fixture
def measured(whole_demo_shop, measured_once):
    """What the step wrote about the demo shop: {table: frame}."""
    if not measured_once:
        measured_once["told"] = measure_influence.run(whole_demo_shop, whole_demo_shop.as_of)
        for table in ("grey_relation", "grey_relation_point", "response_regression"):
            measured_once[table] = read(whole_demo_shop, f"select * from ml.{table}")
        measured_once["quality"] = read(whole_demo_shop, "select * from ops.data_quality where stage = 'learning'")
    return measured_once


@pytest.fixture
def daily(measured) -> pd.DataFrame:
    rows = measured["response_regression"]
    return rows[(rows["model"] == "amount_day") & (rows["unit_type"] == "total")].set_index("regressor")


def test_planted_effects_lie_within_their_intervals(daily):
    """The truth is the change of log demand per standard deviation of each driver."""
    for driver, effect in EFFECTS.items():
        found = daily.loc[REGRESSOR[driver]]
        low, high = found["ci_low"] * found["deviation"], found["ci_high"] * found["deviation"]
        assert low < effect < high, driver
        assert np.sign(found["coefficient"]) == np.sign(effect)
        assert found["p"] < 0.001
        assert found["significance_level"] == "0.001"


def test_drivers_stand_in_the_planted_order(daily):
    order = sorted(EFFECTS, key=lambda name: -abs(EFFECTS[name]))
    assert [REGRESSOR[name] for name in order] == ["advertising_spend", "price_level", "service_score"]
    assert daily["strength_rank"][[REGRESSOR[name] for name in order]].to_list() == [1, 2, 3]


def test_what_was_not_planted_is_not_strong(daily):
    others = daily.drop(index=list(REGRESSOR.values()))
    assert (others["standardised"].abs() < daily.loc["service_score", "standardised"] / 2).all()


def test_the_drivers_read_from_the_shop_are_those_planted(whole_demo_shop):
    """Through spend in four currencies, prices under discounts and scores of ten messages a day."""
    found = series.driver_series(tables_of(whole_demo_shop, whole_demo_shop.as_of), "day", 1096)
    truth = frames(world(DemoShop(seed=7)))["drivers"]
    truth = truth.set_index(pd.to_datetime(truth["day"])).reindex(found.index)
    assert len(found) == 365
    assert np.corrcoef(np.log(found["advertising_spend"]), truth["advertising"])[0, 1] > 0.97
    assert np.corrcoef(found["price_level"], truth["price_level"])[0, 1] > 0.97
    assert (found["price_level"] / truth["price_level"]).std() < 0.01
    assert np.corrcoef(found["service_score"], truth["service"])[0, 1] > 0.85


def test_grey_relation_agrees_when_price_is_a_cost_and_means_are_taken_out(measured):
    rows = measured["grey_relation"]
    weekly = rows[(rows["analysis"] == "drivers_of_sales") & (rows["transform"] == "mean")].set_index("factor")
    ranked = weekly.loc[list(REGRESSOR.values()), "rank"]
    assert ranked.is_monotonic_increasing
    assert weekly.loc["price_level", "is_cost"]
    assert (weekly.loc[["advertising_spend", "price_level"], "p_by_chance"] < 0.05).all()


def test_degrees_of_nothing_are_high_as_well(measured):
    """Why no degree is read without its chance: the lowest mean degree under shuffling is far from 0."""
    rows = measured["grey_relation"]
    weekly = rows[rows["analysis"] == "drivers_of_sales"]
    assert weekly["degree_by_chance"].min() > 0.5


def test_the_best_suppliers_are_those_planted(measured):
    rows = measured["grey_relation"]
    found = rows[rows["analysis"] == "supplier_selection"].set_index("factor")
    truth = frames(world(DemoShop(seed=7)))["suppliers"].set_index("supplier_id")
    planted = truth["on_time"].rank() - truth["return_rate"].rank() + truth["quality"].rank()
    both = pd.concat([found["degree"], planted.rename("planted")], axis=1).dropna()
    assert len(both) == 20
    assert both.corr(method="spearman").iloc[0, 1] > 0.8
    assert (found["transform"] == "range").all()


def test_all_four_uses_are_answered_and_none_refused(measured):
    assert set(measured["grey_relation"]["analysis"]) == set(analyses.ANALYSES)
    assert measured["told"]["refused"] == {}
    noted = measured["quality"].set_index("dataset")["status"]
    assert (noted[noted.index.str.startswith(("ml.grey_relation", "ml.response_regression"))] == "passed").all()
    degrees = measured["grey_relation"].dropna(subset="degree")
    assert ((degrees["degree"] > 0) & (degrees["degree"] <= 1)).all()
    assert measured["grey_relation"].loc[measured["grey_relation"]["degree"].isna(), "reason"].notna().all()


def test_a_run_again_gives_the_same_rows(whole_demo_shop, measured):
    measure_influence.run(whole_demo_shop, whole_demo_shop.as_of)
    for table in ("grey_relation", "grey_relation_point", "response_regression"):
        again = read(whole_demo_shop, f"select * from ml.{table}")
        pd.testing.assert_frame_equal(again, measured[table], check_exact=True)


def test_shuffled_rows_change_nothing(whole_demo_shop):
    tables = tables_of(whole_demo_shop, whole_demo_shop.as_of)
    shuffled = {name: table.sample(frac=1, random_state=3) for name, table in tables.items()}
    few = GreyRelationParameters(shuffles=20)
    for before, after in zip(analyses.analyse(tables, few), analyses.analyse(shuffled, few), strict=True):
        if isinstance(before, dict):
            assert before == after
        else:
            pd.testing.assert_frame_equal(before, after, check_exact=True)
    pd.testing.assert_frame_equal(
        response_models.estimate(tables)[0], response_models.estimate(shuffled)[0], check_exact=True
    )


def test_a_shop_without_spend_feedback_and_suppliers_says_so(built_shop):
    shop = built_shop("online_retail")
    tables = tables_of(shop, shop.as_of)
    relations, _, refused = analyses.analyse(tables)
    assert refused["supplier_selection"].startswith("no suppliers")
    assert refused["marketing_over_time"] == "no source of this shop records spend or contacts"
    assert "campaigns" in refused
    drivers = relations[(relations["analysis"] == "drivers_of_sales") & (relations["factor"] == "advertising_spend")]
    assert drivers["degree"].isna().all()
    assert (drivers["reason"] == series.not_recorded("advertising_spend")).all()
    rows, fault = response_models.estimate(tables, ResponseParameters(least_periods=20))
    assert fault == ""
    daily = rows[rows["model"] == "amount_day"].set_index("regressor")
    assert daily["coefficient"].notna().to_dict() == {name: name == "price_level" for name in series.LEVERS}
    assert daily.loc["service_score", "reason"] == series.not_recorded("service_score")


def test_a_shop_in_which_nothing_happened_is_refused_everything(whole_demo_shop):
    nothing = {name: table.iloc[:0] for name, table in tables_of(whole_demo_shop, whole_demo_shop.as_of).items()}
    relations, points, refused = analyses.analyse(nothing)
    assert relations is None and points is None
    assert set(refused) == set(analyses.ANALYSES)
    assert all(len(why) > 20 for why in refused.values())
    rows, fault = response_models.estimate(nothing)
    assert rows is None
    assert "no complete period of sales" in fault


def test_only_whole_weeks_count():
    days = pd.date_range("2025-01-01", "2025-02-04")  # a Wednesday to a Tuesday
    sales = pd.DataFrame({"period": "day", "unit_type": "total", "period_start": days})
    weeks = series.complete_periods(sales, "week", 1000)
    assert [str(week.date()) for week in weeks] == ["2025-01-06", "2025-01-13", "2025-01-20", "2025-01-27"]
    assert len(series.complete_periods(sales, "day", 1000)) == 35
    assert list(series.complete_periods(sales, "week", 14)) == list(weeks[-2:])
    assert series.complete_periods(sales.iloc[:0], "week", 1000).empty
