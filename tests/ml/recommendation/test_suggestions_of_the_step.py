"""The step puts suggestions of published rules below the tuned lists of customers who never bought them, and tells of
items that look pushed."""

import pytest

from ml.steps import mine_associations, recommend_items
from warehouse.engine import open_warehouse


@pytest.fixture
def served(whole_demo_shop):
    shop = whole_demo_shop
    mine_associations.run(shop, shop.as_of)
    assert recommend_items.run(shop, shop.as_of)["refused"] == ""
    with open_warehouse(shop.name) as connection:
        yield lambda query: connection.execute(query).df()


def test_suggestions_come_from_rules_and_were_never_bought(served):
    lists = served("select * from ml.recommendation where mode = 'tuned'")
    rules = served("select * from ml.association_rules where level = 'item'")
    extra = lists[lists["quadrant"] == "cross_sell"]
    assert extra["user_id"].nunique() > 200 and extra["rank"].between(21, 23).all()
    assert set(extra["item_id"]) <= set(rules["consequent"])
    assert not served("select * from ml.recommendation where mode = 'paper' and rank > 20").size
    bought = served(
        "select distinct user_id, item_id from intermediate.int_order_lines_accepted where line_type = 'sale'"
    )
    assert extra.merge(bought, on=["user_id", "item_id"]).empty
    assert extra["reason"].str.match(r"bought together with brand .*: in \d+% of the baskets with (it|both)").all()
    assert (lists.sort_values(["user_id", "rank"]).groupby("user_id")["score"].diff().dropna() <= 1e-12).all()


def test_their_own_tasks_are_measured_beside_a_baseline(served):
    found = served("select * from ml.recommendation_evaluation where quadrant = 'cross_sell' and k = 5")
    found = found.set_index("model")
    assert set(found.index) == {"association_rules", "popularity"} and found["users"].nunique() == 1
    assert found.loc["association_rules", "ndcg"] > found.loc["popularity", "ndcg"]  # the pairs were planted
    noted = served("select * from ops.data_quality where dataset = 'ml.recommendation/content'")
    assert noted["status"].tolist() == ["failed"] and "nothing is new" in noted["observed"].iloc[0]
