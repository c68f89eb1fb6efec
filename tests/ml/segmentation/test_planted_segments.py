"""The demo shop's segments, planted, are found again: by the clusters and by the rules. And a run can be repeated."""

from datetime import timedelta

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from extract.demo_shop import DemoShop
from extract.demo_shop.truth import frames
from extract.demo_shop.world import world
from ml.steps import segment_customers
from shops import declaration
from warehouse.engine import open_warehouse

TABLES = ("customer_segment", "segment_selection", "segment_cluster")


def written(shop) -> dict[str, pd.DataFrame]:
    with open_warehouse(shop.name) as connection:
        return {table: connection.execute(f"from ml.{table}").df() for table in TABLES}


@pytest.fixture(scope="module")
def segmented_home(whole_demo_home):
    """Segmented once for all tests here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(whole_demo_home))
        shop = declaration.load("demo_shop")
        segment_customers.run(shop, shop.as_of)


@pytest.fixture
def segmented(segmented_home, whole_demo_shop):
    """(shop, customers of the declared moment with the segment that was planted)."""
    known = frames(world(DemoShop(seed=7)))["users"].set_index("user_id")["segment"].str.replace("-", "_")
    found = written(whole_demo_shop)["customer_segment"]
    found = found[found["as_of"].dt.date == whole_demo_shop.as_of]
    return whole_demo_shop, found.assign(planted=found["user_id"].map(known))


def test_clusters_find_what_was_planted(segmented):
    _, found = segmented
    assert len(found) > 1000
    assert found["cluster_id"].nunique() == 5
    assert adjusted_rand_score(found["planted"], found["cluster_id"]) > 0.85
    assert adjusted_rand_score(found["planted"], found["dbscan_id"]) > 0.65


def test_rules_give_the_planted_names(segmented):
    _, found = segmented
    assert (found["segment_name"] == found["planted"]).mean() > 0.92
    of_name = pd.crosstab(found["planted"], found["segment_name"], normalize="index")
    assert all(of_name.loc[name, name] > 0.85 for name in of_name.index)


def test_every_cluster_is_mostly_one_segment(segmented):
    shop, _ = segmented
    clusters = written(shop)["segment_cluster"]
    now = clusters[(clusters["as_of"].dt.date == shop.as_of) & (clusters["algorithm"] == "kmeans")]
    assert set(now["main_segment_name"]) == {"high_frequency", "occasional", "new", "price_sensitive", "lapsing"}
    assert now["main_segment_share"].min() > 0.8


def test_earlier_moments_show_movement_and_a_second_run_changes_nothing(segmented):
    shop, _ = segmented
    first = written(shop)
    moments = sorted(first["customer_segment"]["as_of"].dt.date.unique())
    assert moments == [shop.as_of - timedelta(days=28 * k) for k in (3, 2, 1, 0)]
    segment_customers.run(shop, shop.as_of)
    second = written(shop)
    for table in TABLES:
        pd.testing.assert_frame_equal(first[table], second[table])


def test_numbers_stay_from_moment_to_moment(segmented):
    shop, _ = segmented
    clusters = written(shop)["segment_cluster"]
    kmeans = clusters[clusters["algorithm"] == "kmeans"].pivot(
        index="as_of", columns="cluster_id", values="main_segment_name"
    )
    lapsing, frequent = kmeans.iloc[-1].eq("lapsing").idxmax(), kmeans.iloc[-1].eq("high_frequency").idxmax()
    assert kmeans[lapsing].eq("lapsing").all()
    assert kmeans[frequent].eq("high_frequency").all()


def test_a_backfill_does_not_follow_what_came_after_it(segmented):
    shop, _ = segmented
    earlier = segment_customers.moments(shop, shop.as_of)[1]
    with open_warehouse(shop.name) as connection:
        customers = connection.execute(segment_customers.CUSTOMERS, {"moments": [earlier]}).df()
    customers = customers.assign(as_of=earlier, m1_amount=customers["m1_amount"].astype(float))
    clusters = written(shop)["segment_cluster"]
    clusters["as_of"] = clusters["as_of"].dt.date
    past = clusters[clusters["as_of"] < earlier]
    # the future, turned round: whoever matched to it would number differently
    future = clusters[clusters["as_of"] > earlier]
    future = future.assign(cluster_id=future["cluster_id"].max() + 1 - future["cluster_id"])
    alone = segment_customers.segment(customers, earlier, shop.history_from, past, shop)
    beside = segment_customers.segment(customers, earlier, shop.history_from, pd.concat([past, future]), shop)
    pd.testing.assert_frame_equal(alone["segments"], beside["segments"])


def test_the_order_of_rows_changes_nothing(segmented):
    shop, _ = segmented
    with open_warehouse(shop.name) as connection:
        customers = connection.execute(segment_customers.CUSTOMERS, {"moments": [shop.as_of]}).df()
    customers["m1_amount"] = customers["m1_amount"].astype(float)
    nothing = pd.DataFrame(columns=list(segment_customers.SEGMENT_CLUSTER))
    straight, mixed = (
        segment_customers.segment(rows, shop.as_of, shop.history_from, nothing, shop)
        for rows in (customers, customers.sample(frac=1, random_state=1))
    )
    for table in ("segments", "selection", "clusters"):
        pd.testing.assert_frame_equal(straight[table], mixed[table])


@pytest.mark.parametrize("name", ["taobao", "jdata"])
def test_every_customer_of_every_shop_is_named_and_grouped_or_told_why_not(built_shop, name):
    shop = built_shop(name)
    outcome = segment_customers.run(shop, shop.as_of)
    tables = written(shop)
    rows = tables["customer_segment"]
    rows = rows[rows["as_of"].dt.date == shop.as_of]
    assert len(rows) > 0
    assert rows["segment_name"].notna().all()
    with open_warehouse(shop.name) as connection:
        expected = connection.execute(
            "select count(*) from marts.fct_customer_rfm where as_of = ?", [shop.as_of]
        ).fetchone()[0]
        noted = connection.execute(
            "select observed from ops.data_quality where stage = 'learning' and dataset = 'ml.segment_selection'"
        ).fetchall()
    assert len(rows) == expected
    assert rows["cluster_id"].notna().all() or "kmeans" in outcome["refused"]
    assert noted == [(outcome["refused"] or "enough",)]
    trials = tables["segment_selection"]
    assert trials["reason"].str.len().gt(0).all()
