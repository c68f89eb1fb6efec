"""The step on shops: what was planted is measured in the warehouse, and what is no experiment says so."""

from datetime import date

import pytest

from extract.demo_shop.parameters import DemoShop
from extract.demo_shop.truth import campaign_truth
from extract.demo_shop.world import world
from ml.steps import judge_experiments, segment_customers
from shops.declaration import Shop
from tests.small_shops import BARE
from warehouse.engine import open_warehouse

AS_OF = date(2020, 6, 1)


def rows(shop: Shop, query: str, **given) -> list[dict]:
    with open_warehouse(shop.name) as connection:
        return connection.execute(query, given).df().to_dict("records")


@pytest.mark.slow
def test_campaigns_of_the_demo_shop_are_found_to_do_what_they_do(whole_demo_shop):
    segment_customers.run(whole_demo_shop, whole_demo_shop.as_of)
    done = judge_experiments.run(whole_demo_shop, whole_demo_shop.as_of)
    assert done == {"refused": "", "campaigns": 10, "experiments": 8}
    everything = "select * from ml.experiment order by campaign_id, segment_name, metric"
    found = rows(whole_demo_shop, everything)
    deciding = {
        row["campaign_id"]: row for row in found if (row["segment_name"], row["metric"]) == ("all", "conversion")
    }
    shop = world(DemoShop(**whole_demo_shop.sources[0].parameters))
    told = {truth["campaign_id"]: truth for truth in (campaign_truth(shop, number) for number in range(8))}
    assert sorted(deciding) == ["c000", "c001", *sorted(told)]
    inside = 0
    for name, truth in told.items():
        row = deciding[name]
        for arm in ("treated", "control"):
            assert row[f"{arm}_users"] == truth["arms"][arm]["users"]
        assert row["control_contacted_users"] == 0
        assert row["sample_ratio_p_value"] > 0.001
        if row["lift"] == row["lift"]:
            inside += row["lift_low"] <= truth["caused_uplift"] <= row["lift_high"]
            assert row["treated_mean"] == pytest.approx(
                truth["arms"]["treated"]["rate"], abs=0.01
            )  # dirt: a few orders
            assert row["control_mean"] == pytest.approx(truth["arms"]["control"]["rate"], abs=0.01)
    by_role = {truth["role"]: deciding[name] for name, truth in told.items() if truth["role"]}
    assert by_role["planted_effect"]["verdict"].startswith("works: +")
    assert by_role["planted_null"]["verdict"].startswith("no effect shown")
    assert inside >= 6  # of the seven that had buyers at all
    assert "too few" in deciding["c003"]["reason"]
    assert deciding["c000"]["verdict"] == "cannot be judged: no control group"
    # segments are those of before the start, where segments of that time are on record
    divided = {row["campaign_id"]: row for row in found if row["segment_name"] != "all"}
    assert {"c008", "c009"} <= set(divided)
    assert all(row["segments_as_of"] <= row["start_date"] for row in divided.values())
    judge_experiments.run(whole_demo_shop, whole_demo_shop.as_of)
    assert str(rows(whole_demo_shop, everything)) == str(found)


def test_campaigns_without_a_control_group_say_so(built_shop):
    shop = built_shop("complete_journey")
    with open_warehouse(shop.name) as connection:
        as_of = connection.execute("select max(as_of) from intermediate.int_moments_described").fetchone()[0]
    done = judge_experiments.run(shop, as_of)
    found = rows(shop, "select * from ml.experiment where as_of = $as_of", as_of=as_of)
    assert done["experiments"] == 0
    assert len(found) == done["campaigns"] > 0
    assert {row["verdict"] for row in found} == {"cannot be judged: no control group"}
    assert all("no control group" in row["reason"] and row["lift"] != row["lift"] for row in found)
    assert any(row["treated_users"] > 0 for row in found)


NOTHING = """
    create schema intermediate;
    create table intermediate.int_experiment_campaigns as
    select date '2020-06-01' as as_of, '' as campaign_id, current_date as start_date, current_date as window_end_date
    where false;
    create table intermediate.int_experiment_users as
    select date '2020-06-01' as as_of, '' as campaign_id, '' as user_id where false
"""


def test_a_shop_without_campaigns_has_no_rows_and_the_reason(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    (tmp_path / "bare").mkdir()
    with open_warehouse("bare") as connection:
        connection.execute(NOTHING)
    done = judge_experiments.run(BARE, AS_OF)
    assert done["refused"] == "no campaigns: no source of this shop fills the entity"
    assert rows(BARE, "select * from ml.experiment") == []
    said = rows(BARE, "select observed from ops.data_quality where dataset = 'ml.experiment'")
    assert said == [{"observed": done["refused"]}]
    # looking for segments must not leave a table behind that the step of that name would stumble over
    assert not rows(BARE, "select 1 from information_schema.tables where table_name = 'customer_segment'")
