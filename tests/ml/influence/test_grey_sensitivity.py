"""A ranking is worth what it withstands: other rho, a period less, and chance."""

import numpy as np
import pandas as pd
import pytest

from ml.influence import grey_relation as grey
from ml.influence.grey_relation import GreyRelationParameters
from ml.influence.grey_sensitivity import relation
from tests.ml.influence.test_grey_relation import FACTORS, SALES, SUPPLIERS

PARAMS = GreyRelationParameters()


def told(reference, factors, transform="mean", is_ordered=True, params=PARAMS, **more) -> pd.DataFrame:
    sequences = grey.over_time(reference, factors, transform, is_ordered=is_ordered, params=params, **more)
    return relation(sequences, params).set_index("factor")


@pytest.fixture(scope="module")
def driven():
    """Sixty weeks in which sales follow `driver`, while `noise` and `flat` do not."""
    random = np.random.default_rng(5)
    driver = np.exp(random.normal(0, 0.3, 60))
    factors = pd.DataFrame(
        {
            "driver": driver * np.exp(random.normal(0, 0.05, 60)),
            "noise": np.exp(random.normal(0, 0.3, 60)),
            "flat": 1 + random.normal(0, 0.001, 60),
        }
    )
    return pd.Series(100 * driver, name="sales"), factors


def test_the_ranking_of_the_paper_hangs_on_rho_and_on_single_periods():
    found = told(SALES, FACTORS, "initial_value")
    assert found["rank"].to_dict() == {"advertising": 1, "repurchase": 2, "registrations": 3, "exposure": 4}
    assert (found["rank_worst_rho"] > found["rank_best_rho"]).any()
    assert found["tau_least_rho"].iloc[0] < 0.5
    assert found.loc["advertising", "rank_kept_share"] == pytest.approx(0.4)


def test_ranks_without_a_point_worked_by_hand():
    # without the last period: differences advertising 0 0 0 .1, exposure 0 .05 0 .1: the other two follow alike
    found = told(SALES.head(6), FACTORS[["advertising", "exposure"]], "initial_value")
    drops = []
    for point in range(5):
        kept = [k for k in range(5) if k != point]
        few = GreyRelationParameters(least_points=4)
        part = grey.over_time(SALES[kept], FACTORS.loc[kept, ["advertising", "exposure"]], "initial_value", params=few)
        drops.append(grey.ranks(grey.degrees(part, 0.5)))
    assert found.loc["advertising", "rank_kept_share"] == np.mean([drop[0] == 1 for drop in drops])
    assert found.loc["exposure", "rank_worst_dropped"] == max(drop[1] for drop in drops)


def test_chance_tells_a_driver_from_noise(driven):
    found = told(*driven)
    assert found["rank"]["driver"] == 1
    assert found["p_by_chance"]["driver"] == pytest.approx(1 / 1000)
    assert found["p_by_shift"]["driver"] == pytest.approx(1 / 60)
    assert found["p_by_chance"]["noise"] > 0.05
    assert found["degree_by_chance"]["driver"] < found["degree"]["driver"]


def test_a_degree_of_noise_is_far_from_zero(driven):
    found = told(*driven)
    assert found["degree"]["noise"] > 0.6
    assert found["degree"]["noise"] == pytest.approx(found["degree_by_chance"]["noise"], abs=0.03)


def test_what_hardly_moves_gets_its_rank_by_chance_alone(driven):
    found = told(*driven)
    assert found["degree"]["flat"] > found["degree"]["noise"]
    assert found["degree"]["flat"] == pytest.approx(found["degree_by_chance"]["flat"], abs=0.01)


def test_trends_in_common_pass_for_relation_unless_time_is_turned():
    weeks = np.arange(80)
    reference = pd.Series(100 + weeks + 20 * np.sin(weeks / 6), name="sales")
    factors = pd.DataFrame({"wave": 5 + np.sin(weeks / 6), "other": 3 + np.cos(weeks / 2.5)})
    found = told(reference, factors)
    assert found["p_by_shift"]["wave"] > found["p_by_chance"]["wave"]


def test_the_same_input_gives_the_same_bytes_in_any_order(driven):
    reference, factors = driven
    pd.testing.assert_frame_equal(told(reference, factors), told(reference, factors), check_exact=True)
    shuffled = factors.sample(frac=1, random_state=1)[["flat", "driver", "noise"]]
    pd.testing.assert_frame_equal(told(reference.iloc[::-1], shuffled), told(reference, factors), check_exact=True)


def test_points_without_order_are_not_turned(driven):
    assert told(*driven, is_ordered=False)["p_by_shift"].isna().all()


def test_refused_factors_stand_last_with_their_reason(driven):
    reference, factors = driven
    found = told(reference, factors.assign(constant=1.0))
    assert found.index[-1] == "constant"
    assert found.loc["constant", ["degree", "rank"]].isna().all()
    assert found["reason"].notna().to_dict() == {"driver": False, "flat": False, "noise": False, "constant": True}


def test_a_random_alternative_is_the_measure_of_suppliers():
    random = np.random.default_rng(1)
    table = pd.DataFrame(random.uniform(size=(200, 4)), columns=list("abcd"), index=[f"s{n:03d}" for n in range(200)])
    table.loc["best"] = 1.0
    found = relation(grey.against_ideal(table), PARAMS).set_index("factor")
    assert found["rank"]["best"] == 1
    assert found["p_by_chance"]["best"] == pytest.approx(1 / 1000)
    assert 0.4 < found["p_by_chance"].mean() < 0.6
    assert found["degree_by_chance"].nunique() == 1


def test_suppliers_of_equal_degree_share_the_better_rank():
    twice = pd.concat([SUPPLIERS, SUPPLIERS.rename(index=lambda name: name + "b")])
    found = relation(grey.against_ideal(twice, frozenset({"days"})), PARAMS).set_index("factor")
    assert found["rank"].to_dict() == {"s1": 1, "s1b": 1, "s2": 3, "s2b": 3, "s3": 5, "s3b": 5}
