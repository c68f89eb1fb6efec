"""Rules are data: a faulty row stops the build by name, and a plain loop over them decides what the SQL decides."""

import csv
import shutil
from datetime import date

import pandas as pd
import pytest

from ml.recommendation.four_quadrants import QuadrantParameters
from ml.steps import segment_customers
from shops.declaration import Shop
from warehouse import dbt
from warehouse.engine import open_warehouse

pytestmark = pytest.mark.slow

SEEDS = dbt.PROJECT / "seeds"
NAMES = ["strategies", "strategy_rules", "vip_tiers", "payment_methods"]
COMPARE = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
}


def rules() -> list[dict]:
    with open(SEEDS / "strategy_rules.csv", newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def own_seeds(tmp_path, monkeypatch):
    """A copy of the dbt project whose seeds may be spoiled; `build()` builds them and their judge."""
    project = tmp_path / "dbt_project"
    shutil.copytree(dbt.PROJECT, project)
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(dbt, "PROJECT", project)
    shop = Shop("bare", "Without sources", "UTC", "EUR", date(2020, 1, 1), ("buy",), ())
    day = date(2020, 6, 1)
    values = dbt.variables(shop, day, [day], day, dbt.LONG_AGO)

    def build():
        with open_warehouse(shop.name):
            pass
        selected = ["--select", *NAMES, "int_strategy_faults", "--exclude-resource-type", "unit_test"]
        return dbt.invoke(shop, ["build", *selected], values)

    return project / "seeds", build


def test_a_faulty_row_stops_the_build_and_is_named(own_seeds):
    folder, build = own_seeds
    path = folder / "strategy_rules.csv"
    sound = path.read_text()
    spoiled = sound.replace("orders_ever,=,0", "shoe_size,=,0").replace(
        "vip_discount_rate,>,0", "vip_discount_rate,>,lots"
    )
    assert spoiled != sound
    path.write_text(spoiled)
    tiers = folder / "vip_tiers.csv"
    tiers.write_text(tiers.read_text().replace("0.08", "8"))
    with pytest.raises(dbt.DbtError) as refused:
        build()
    said = str(refused.value)
    assert "strategy_rules.csv, never_ordered: there is no input 'shoe_size'" in said
    assert "strategy_rules.csv, member_frequent: vip_discount_rate is a figure, 'lots' is not" in said
    assert "vip_tiers.csv, gold: discount_rate must lie between 0 and 1" in said
    path.write_text(sound)
    tiers.write_text(tiers.read_text().replace(",8\n", ",eight\n"))
    with pytest.raises(dbt.DbtError, match="eight"):
        build()


@pytest.mark.parametrize("name", NAMES)
def test_seeds_hold_neither_apostrophes_nor_empty_cells(name):
    """dbt-spark stops at the former and loads the latter as words: a build on Spark would not be the same."""
    text = (SEEDS / f"{name}.csv").read_text(encoding="utf-8")
    assert "'" not in text
    assert all(all(row) for row in csv.reader(text.splitlines()))


def test_alpha_of_the_rules_is_alpha_of_the_recommendations():
    due = [rule["value"] for rule in rules() if rule["input"] == "due_ratio" and rule["operator"] == ">="]
    assert [float(value) for value in due] == [QuadrantParameters().alpha]


@pytest.fixture
def decided(built_shop):
    """(inputs, strategies) of a slice of the demo shop with segments; the rest of learning has not run."""
    shop = built_shop("demo_shop")
    segment_customers.run(shop, shop.as_of)
    values = dbt.variables(shop, shop.as_of, [shop.as_of], shop.as_of, dbt.LONG_AGO)
    dbt.invoke(shop, ["build", "--select", *NAMES, "+fct_customer_strategy,tag:outcomes",
                      "--exclude-resource-type", "unit_test"], values)  # fmt: skip
    with open_warehouse(shop.name) as connection:
        known = connection.execute("select count(*) from marts.dim_customer_history").fetchall()[0][0]
        inputs = connection.execute("from intermediate.int_strategy_inputs order by user_id").df()
        strategies = connection.execute("from marts.fct_customer_strategy order by user_id").df()
    assert len(inputs) == len(strategies) == known
    return inputs, strategies


def by_a_plain_loop(customer: pd.Series) -> str:
    """rule_id of the first rule whose conditions all hold."""
    for _, conditions in sorted(
        pd.DataFrame(rules()).groupby("rule_id"), key=lambda rule: int(rule[1]["priority"].iloc[0])
    ):
        if all(holds(customer, condition) for condition in conditions.to_dict("records")) and offerable(
            customer, conditions["strategy"].iloc[0]
        ):
            return conditions["rule_id"].iloc[0]
    raise AssertionError("no rule holds for everybody")


def offerable(customer: pd.Series, strategy: str) -> bool:
    needs = {"cross_sell": "cross_sell_item_id", "replenishment": "due_item_id", "payment_offer": "payment_offered"}
    return strategy not in needs or pd.notna(customer[needs[strategy]])


def holds(customer: pd.Series, condition: dict) -> bool:
    if condition["input"] == "-":
        return True
    found, asked = customer[condition["input"]], condition["value"]
    if pd.isna(found):
        return False
    if condition["operator"] == "in":
        return found in asked.split("|")
    return COMPARE[condition["operator"]](found, asked if isinstance(found, str) else float(asked))


def test_sql_decides_as_a_plain_loop_over_the_rules_does(decided):
    inputs, strategies = decided
    expected = [by_a_plain_loop(customer) for _, customer in inputs.iterrows()]
    assert strategies["rule_id"].tolist() == expected
    assert len(set(expected)) >= 4  # not everybody in one strategy
    of_rule = {rule["rule_id"]: rule["strategy"] for rule in rules()}
    assert strategies["strategy"].tolist() == [of_rule[rule] for rule in expected]
    assert not strategies["reason"].str.contains("{", regex=False).any()
    uncontacted = strategies[~strategies["is_contacted"]]
    assert (uncontacted["discount_rate"] == 0).all() and (uncontacted["strategy"] == "full_price").all()
    tiers_are_a_pyramid_of_what_was_bought(inputs)


def tiers_are_a_pyramid_of_what_was_bought(inputs: pd.DataFrame) -> None:
    with open(SEEDS / "vip_tiers.csv", newline="", encoding="utf-8") as lines:
        tiers = list(csv.DictReader(lines))
    for customer in inputs.itertuples():
        reached = [
            tier["tier"]
            for tier in tiers
            if customer.orders_ever >= int(tier["min_orders"])
            and customer.purchase_multiple >= float(tier["min_amount_multiple"])
        ]
        assert (customer.vip_tier if pd.notna(customer.vip_tier) else None) == (reached[-1] if reached else None)
    sizes = inputs["vip_tier"].value_counts()
    assert sizes.get("bronze", 0) >= sizes.get("silver", 0) >= sizes.get("gold", 0)
    assert sizes.sum() > 0
