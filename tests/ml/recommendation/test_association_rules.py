"""Rules are counted exactly, hold above chance (not merely as baskets differ in size), and find what was planted."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from mlxtend.frequent_patterns import association_rules, fpgrowth

from extract.demo_shop import DemoShop
from extract.demo_shop.catalogue import PAIR_STRENGTH, PAIRS
from extract.demo_shop.world import world
from ml.recommendation.association_rules import RULE_COLUMNS, RuleParameters, RulesRefused, adjusted, mine
from ml.steps import mine_associations
from warehouse.engine import open_warehouse

ALL = RuleParameters(min_baskets=3, min_customers=1, min_confidence=0, min_lift_given_size=0, max_adjusted_p=1)
KEY = ["antecedent_1", "antecedent_2", "consequent"]


def lines_of(baskets: list[set], users: list | None = None) -> pd.DataFrame:
    """One order per set of items, an hour apart."""
    start = pd.Timestamp("2025-01-01")
    rows = [
        (f"o{n:05d}", start + pd.Timedelta(hours=n), users[n] if users else f"u{n:05d}", item)
        for n, basket in enumerate(baskets)
        for item in sorted(basket)
    ]
    return pd.DataFrame(rows, columns=["order_id", "order_ts", "user_id", "item"])


def shopping(baskets: int = 2_000, items: int = 40, planted: float = 0.0, seed: int = 5) -> list[set]:
    """Baskets of very different sizes and items of very different popularity, chosen without regard to each other;
    whoever takes i00 also takes i01 with probability `planted`."""
    rng = np.random.default_rng(seed)
    weight = 1 / (1 + np.arange(items)) ** 0.6
    size = np.minimum(rng.geometric(0.25, baskets) + 5 * (rng.random(baskets) < 0.2), items - 1)
    found = [set(rng.choice(items, n, replace=False, p=weight / weight.sum())) for n in size]
    for basket in found:
        if 0 in basket and rng.random() < planted:
            basket.add(1)
    return [{f"i{n:02d}" for n in basket} for basket in found]


@pytest.fixture(scope="module")
def baskets():
    return shopping(planted=0.5)


def test_counts_and_measures_are_those_of_brute_force_and_of_mlxtend(baskets):
    few = [basket & {f"i{n:02d}" for n in range(7)} for basket in baskets[:400]]
    few = [basket for basket in few if basket]
    found = mine(lines_of(few), ALL).fillna({"antecedent_2": ""}).set_index(KEY)
    expected = {}
    for length in (1, 2):
        for antecedent in combinations(sorted(set().union(*few)), length):
            for other in sorted(set().union(*few) - set(antecedent)):
                both = sum(set(antecedent) | {other} <= basket for basket in few)
                if both >= 3:
                    one = sum(set(antecedent) <= basket for basket in few)
                    expected[(*antecedent, *[""] * (2 - length), other)] = (both, one, sum(other in b for b in few))
    assert len(expected) > 80 and set(found.index) == set(expected)
    for key, counts in expected.items():
        assert tuple(found.loc[key, ["baskets", "antecedent_baskets", "consequent_baskets"]]) == counts

    table = pd.DataFrame([{item: item in basket for item in sorted(set().union(*few))} for basket in few])
    theirs = association_rules(fpgrowth(table, 2.5 / len(few), use_colnames=True, max_len=3), metric="lift",
                               min_threshold=0)  # fmt: skip
    theirs = theirs[theirs["consequents"].map(len) == 1]
    assert len(theirs) == len(found)
    for row in theirs.itertuples():
        names = sorted(row.antecedents)
        mine_ = found.loc[(*names, *[""] * (2 - len(names)), next(iter(row.consequents)))]
        assert mine_[["support", "confidence", "lift", "leverage"]].tolist() == pytest.approx(
            [row.support, row.confidence, row.lift, row.leverage]
        )
        assert mine_["conviction"] == pytest.approx(row.conviction) or np.isinf(row.conviction)


def test_measures_by_hand():
    # 10 baskets: a in 4, b in 5, both in 3
    found = (
        mine(lines_of([{"a", "b"}] * 3 + [{"a"}] + [{"b"}] * 2 + [{"c"}] * 4), ALL).set_index("antecedent_1").loc["a"]
    )
    assert found["consequent"] == "b" and found["customers"] == 3
    assert found[["support", "confidence", "lift", "leverage"]].tolist() == pytest.approx([0.3, 0.75, 1.5, 0.1])
    assert found["conviction"] == pytest.approx(0.5 / 0.25)
    assert found["confidence_low"] < 0.75 < found["confidence_high"]


def test_baskets_of_different_sizes_are_no_association():
    """Independence is: nearly every pair has a lift above 1, and Fisher's test would believe many of them."""
    lines = lines_of(shopping(baskets=3_000))
    everything = mine(lines, RuleParameters(**{**vars(ALL), "min_baskets": 10}))
    pairs = everything[everything["antecedent_2"].isna()]
    assert len(pairs) > 1_000 and (pairs["lift"] > 1.1).mean() > 0.9
    weighted = pairs["baskets"].sum() / pairs["expected_baskets"].sum()
    assert weighted == pytest.approx(1, abs=0.02)
    assert mine(lines, RuleParameters(min_baskets=10, min_lift_given_size=1, min_confidence=0)).empty


def test_so_are_baskets_over_a_handful_of_categories():
    lines = lines_of(shopping(baskets=4_000, items=8))
    assert mine(lines, RuleParameters(min_confidence=0)).empty


def test_a_planted_pair_is_the_only_rule(baskets):
    found = mine(lines_of(baskets), RuleParameters(min_confidence=0.02))
    assert set(zip(found["antecedent_1"], found["consequent"], strict=True)) == {("i00", "i01"), ("i01", "i00")}
    assert found["antecedent_2"].isna().all()  # no third item makes the rule stronger


def test_the_order_of_rows_leaves_no_trace(baskets):
    lines = lines_of(baskets)
    first = mine(lines, RuleParameters(min_lift_given_size=0, max_adjusted_p=1))
    assert len(first) > 100
    again = mine(lines.sample(frac=1, random_state=2), RuleParameters(min_lift_given_size=0, max_adjusted_p=1))
    pd.testing.assert_frame_equal(again, first)


def test_one_customers_habit_is_no_rule(baskets):
    habit = [{"x", "y"}] * 60
    one = [f"u{n}" for n in range(len(baskets))] + ["same"] * 60
    assert "x" not in set(mine(lines_of(baskets + habit, one))["antecedent_1"])
    unknown = one[: len(baskets)] + ["unknown"] * 60  # nobody knows who they were: sixty customers
    found = mine(lines_of(baskets + habit, unknown)).set_index("antecedent_1")
    assert found.loc["x", "customers"] == 60


def test_work_is_bounded_by_pairs_items_and_baskets(baskets):
    lines, small = lines_of(baskets), {**vars(ALL), "min_baskets": 20}
    found = mine(lines, RuleParameters(**{**small, "max_pairs": 15}))
    pairs = found[found["antecedent_2"].isna()]
    everything = mine(lines, RuleParameters(**small))
    everything = everything[everything["antecedent_2"].isna()]
    assert 20 <= len(pairs) <= 30 < len(everything)
    assert len(everything[everything["baskets"] >= pairs["baskets"].min()]) == len(pairs)  # the most frequent ones
    assert mine(lines, RuleParameters(**{**small, "max_baskets": 500}))["all_baskets"].eq(500).all()
    few = mine(lines, RuleParameters(**{**small, "max_items": 5}))
    assert set(few["consequent"]) <= {"i00", "i01", "i02", "i03", "i04"}


@pytest.mark.parametrize(
    ("baskets", "says"),
    [([{"a"}] * 50, "of 50 baskets 0 hold two or more"), ([{"a", "b"}] * 19, "20 baskets"), ([], "names one")],
    ids=["one item each", "too few", "none"],
)
def test_too_few_baskets_are_refused(baskets, says):
    with pytest.raises(RulesRefused, match=says):
        mine(lines_of(baskets))


def test_benjamini_hochberg_counts_the_rules_that_were_not_formed():
    np.testing.assert_allclose(adjusted(np.array([0.01, 0.0001, 0.02]), 10), [0.05, 0.001, 0.2 / 3])
    assert adjusted(np.array([0.5]), 1000)[0] == 1


def test_the_planted_pairs_of_the_demo_shop_are_found(whole_demo_shop):
    shop = whole_demo_shop
    mine_associations.run(shop, shop.as_of)
    with open_warehouse(shop.name) as connection:
        found = connection.execute("select * from ml.association_rules where level = 'item'").df()
    goods = world(DemoShop(seed=7)).catalogue
    found = found[found["antecedent_2"].isna()].set_index(["antecedent_1", "consequent"])
    inside = []
    for first, second in goods.pairs:
        rule = found.loc[(f"i{first:04d}", f"i{second:04d}")]
        assert rule["lift_given_size"] > 5 and rule["adjusted_p_value"] < 1e-9
        # drawn in by the first item, or else chosen as in any basket
        truth = 1 - (1 - PAIR_STRENGTH) * (1 - rule["expected_baskets"] / rule["antecedent_baskets"])
        inside.append(rule["confidence_low"] <= truth <= rule["confidence_high"])
    assert len(inside) == PAIRS and sum(inside) >= PAIRS - 1  # each interval misses one time in twenty
    assert list(found.reset_index()[RULE_COLUMNS[-3:]].notna().all())
