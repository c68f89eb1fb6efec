"""Grey degrees: T's own example to four digits, what must not change them, and what is refused with a reason."""

import numpy as np
import pandas as pd
import pytest

from ml.influence import grey_relation as grey
from ml.influence.grey_relation import GreyRelationError, GreyRelationParameters

PARAMS = GreyRelationParameters()
SALES = pd.Series([100, 120, 110, 130, 140], name="sales")  # T Table 2
FACTORS = pd.DataFrame(
    {
        "advertising": [10, 12, 11, 14, 15],
        "registrations": [500, 600, 550, 700, 800],
        "repurchase": [30, 35, 32, 38, 40],
        "exposure": [200, 250, 220, 280, 300],
    }
)


def degrees(reference, factors, transform="initial_value", rho=0.5, **more) -> pd.Series:
    sequences = grey.over_time(reference, factors, transform, **more)
    return pd.Series(grey.degrees(sequences, rho), index=sequences.factors)


@pytest.fixture
def random_series():
    random = np.random.default_rng(3)
    index = pd.date_range("2024-01-01", periods=40, freq="7D")
    reference = pd.Series(100 * np.exp(random.normal(0, 0.3, 40)), index=index, name="sales")
    return reference, pd.DataFrame(np.exp(random.normal(0, 0.2, (40, 4))), index=index, columns=list("abcd"))


def test_five_periods_of_the_paper():
    found = degrees(SALES, FACTORS)
    assert found.round(4).to_dict() == {
        "advertising": 0.8,
        "registrations": 0.7667,
        "repurchase": 0.77,
        "exposure": 0.7333,
    }


def test_coefficients_of_the_paper_point_by_point():
    points = grey.point_table(grey.over_time(SALES, FACTORS, "initial_value"), 0.5)
    xi = points.pivot(index="factor", columns="point_number", values="coefficient")
    assert xi.loc["registrations"].to_list() == pytest.approx([1, 1, 1, 1 / 2, 1 / 3])
    assert xi.loc["repurchase"].to_list() == pytest.approx([1, 0.75, 0.75, 0.75, 0.6])
    assert xi.loc["exposure"].to_list() == pytest.approx([1, 2 / 3, 1, 1 / 2, 1 / 2])
    assert points["difference"].max() == pytest.approx(0.2)


@pytest.mark.parametrize("transform", grey.TRANSFORMS)
@pytest.mark.parametrize("costs", [frozenset(), frozenset({"a", "d"})])
def test_scale_changes_nothing(random_series, transform, costs):
    reference, factors = random_series
    scaled = factors * [1000, 0.01, 7, 1e6]
    before = degrees(reference, factors, transform, costs=costs)
    assert degrees(reference * 12, scaled, transform, costs=costs).to_numpy() == pytest.approx(before.to_numpy())


@pytest.mark.parametrize("transform", grey.TRANSFORMS)
def test_shuffled_rows_change_no_byte(random_series, transform):
    reference, factors = random_series
    shuffled = factors.sample(frac=1, random_state=1)
    assert degrees(reference.sample(frac=1, random_state=2), shuffled, transform).equals(
        degrees(reference, factors, transform)
    )


@pytest.mark.parametrize("transform", grey.TRANSFORMS)
def test_the_reference_itself_has_degree_one(random_series, transform):
    reference, factors = random_series
    found = degrees(reference, factors.assign(itself=reference * 3), transform)
    assert found["itself"] == pytest.approx(1)
    assert (found.drop("itself") < 1).all()


@pytest.mark.parametrize("transform", grey.TRANSFORMS)
def test_a_cost_that_halves_when_sales_double_has_degree_one(random_series, transform):
    reference, factors = random_series
    against = factors.assign(price=50 / reference)
    assert degrees(reference, against, transform, costs=frozenset({"price"}))["price"] == pytest.approx(1)
    assert degrees(reference, against, transform)["price"] < 0.9


def test_degrees_lie_in_bounds_and_rise_with_rho(random_series):
    reference, factors = random_series
    by_rho = pd.DataFrame({rho: degrees(reference, factors, "mean", rho) for rho in PARAMS.rho_grid})
    assert ((by_rho > 0) & (by_rho <= 1)).all(axis=None)
    assert (by_rho.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)


def test_all_factors_equal_to_the_reference():
    same = pd.DataFrame({"a": SALES * 2, "b": SALES / 3})
    assert degrees(SALES, same).to_list() == [1, 1]


def refused(factors, transform="initial_value", **more):
    return dict(grey.over_time(SALES, factors, transform, **more).refused)


def test_factors_that_admit_no_degree_say_why():
    odd = FACTORS.assign(
        starts_at_zero=[0, 1, 2, 3, 4],
        never_moves=7,
        seldom=[1, None, None, None, 2],
        never=np.nan,
        negative=[-1, -2, -3, -2, -1],
        free=[3, 2, 0, 1, 2],
        late=[None, 2, 3, 2, 1],
    )
    found = refused(odd, costs=frozenset({"free"}))
    assert found == {
        "starts_at_zero": "has a first value that is not positive",
        "never_moves": "never moves, so it cannot move with anything",
        "seldom": "recorded at only 40% of the points",
        "never": "not recorded",
        "negative": "has a first value that is not positive",
        "free": "is a cost that is not positive throughout, so it has no reciprocal",
        "late": "has no first value",
    }
    assert set(refused(odd, "mean", costs=frozenset({"free"}))) == {
        "never_moves", "seldom", "never", "negative", "free",
    }  # fmt: skip


def test_refused_factors_leave_no_trace_in_the_degrees_of_others():
    with_odd = FACTORS.assign(never_moves=7, starts_at_zero=[0, 9, 99, 999, 9999])
    assert degrees(SALES, with_odd).equals(degrees(SALES, FACTORS))


def test_infinity_counts_as_missing():
    assert "recorded at only" in refused(FACTORS.assign(broken=[1, np.inf, np.inf, 2, 3]))["broken"]


def test_a_missing_period_counts_for_the_others_only():
    gap = FACTORS.assign(exposure=[200, 250, None, 280, 300])
    found = degrees(SALES, gap)
    assert found["advertising"] == pytest.approx(0.8)
    assert found["exposure"] == pytest.approx((1 + 2 / 3 + 1 / 2 + 1 / 2) / 4)


@pytest.mark.parametrize(
    ("reference", "factors", "said"),
    [
        (SALES.head(4), FACTORS, "4 points"),
        (SALES * 0 + 5, FACTORS, "never moves"),
        (SALES - 100, FACTORS, "first value that is not positive"),
        (SALES, FACTORS * 0 + 1, "no factor remains"),
    ],
)
def test_sequences_that_admit_nothing_are_refused(reference, factors, said):
    with pytest.raises(GreyRelationError, match=said):
        grey.over_time(reference, factors, "initial_value")


def test_unknown_transform_and_impossible_rho_are_refused():
    with pytest.raises(GreyRelationError, match="unknown"):
        grey.over_time(SALES, FACTORS, "logarithm")
    with pytest.raises(GreyRelationError, match="rho is 0"):
        GreyRelationParameters(rho=0)


# three suppliers, worked by hand: on time .9 .8 .7; days 2 4 3 (a cost); stars 4 5 3
SUPPLIERS = pd.DataFrame(
    {"on_time": [0.9, 0.8, 0.7], "days": [2.0, 4.0, 3.0], "stars": [4.0, 5.0, 3.0]}, index=["s1", "s2", "s3"]
)


def chosen(table, weights=None) -> pd.Series:
    sequences = grey.against_ideal(table, frozenset({"days"}), weights)
    return pd.Series(grey.degrees(sequences, 0.5), index=sequences.factors)


def test_suppliers_against_the_ideal_worked_by_hand():
    # distances s1: 0, 0, .5; s2: .5, 1, 0; s3: 1, .5, 1; xi = .5 / (d + .5): 1, 1/2 or 1/3
    assert chosen(SUPPLIERS).to_dict() == pytest.approx(
        {"s1": (1 + 1 + 1 / 2) / 3, "s2": (1 / 2 + 1 / 3 + 1) / 3, "s3": (1 / 3 + 1 / 2 + 1 / 3) / 3}
    )


def test_weights_of_indicators_decide():
    assert chosen(SUPPLIERS, {"stars": 3, "on_time": 1}).to_dict() == pytest.approx(
        {"s1": (1 + 3 / 2) / 4, "s2": (1 / 2 + 3) / 4, "s3": (1 / 3 + 1) / 4}
    )
    with pytest.raises(GreyRelationError, match="must not be negative"):
        chosen(SUPPLIERS, {"stars": -1, "on_time": 2})


def test_a_supplier_best_in_all_has_degree_one_and_units_do_not_matter():
    best = SUPPLIERS.copy()
    best.loc["s0"] = [0.95, 1.0, 5.0]
    found = chosen(best)
    assert found["s0"] == 1
    assert chosen(best * [100, 24, 20]).to_numpy() == pytest.approx(found.to_numpy())


def test_suppliers_that_lack_an_indicator_are_refused():
    table = pd.concat([SUPPLIERS, SUPPLIERS.set_axis(["s5", "s6", "s7"]) + 0.01]).assign(return_rate=0.0)
    table.loc["s4"] = [0.5, 5.0, None, 0.0]
    sequences = grey.against_ideal(table, frozenset({"days"}))
    assert sequences.refused == {"s4": "lacks stars"}
    assert list(sequences.points) == ["on_time", "days", "stars"]  # nobody differs in returns
    with pytest.raises(GreyRelationError, match="takes two of each"):
        grey.against_ideal(SUPPLIERS[["stars"]])


def test_an_indicator_of_few_suppliers_is_left_out_before_most_suppliers_are():
    table = pd.concat([SUPPLIERS.set_axis([f"s{n}{k}" for n in range(3)]) + k / 100 for k in range(4)])
    table["audit"] = [1.0, 2.0] + [None] * 10
    sequences = grey.against_ideal(table, frozenset({"days"}))
    assert list(sequences.points) == ["on_time", "days", "stars"]
    assert len(sequences.factors) == 12
    assert not sequences.refused
