"""Property of the definition: the 51 features that SQL computes are those of a loop over the accepted rows."""

import random
from datetime import date

import duckdb
import pandas as pd
import pytest

from shops.declaration import Shop
from tests.dbt_project.features_in_pandas import NULL, features_of, newest_statistics
from warehouse import paths

SHOPS = ("files", "jdata", "online_retail", "taobao", "olist", "complete_journey", "demo_shop")
USERS = 20
KEYS = ("as_of", "user_id")


def disagreements(shop: Shop, connection, seed: int = 0) -> tuple[int, list[str]]:
    """Users compared, and each feature that differs by more than 1e-9 (relative beyond 1)."""
    computed = connection.execute("select * from marts.fct_user_features order by as_of, user_id").df()
    drawn = computed.loc[sorted(random.Random(seed).sample(range(len(computed)), min(USERS, len(computed))))]
    users = list(drawn["user_id"].unique())
    events = connection.execute(
        "select * from intermediate.int_events_accepted where user_id in (select unnest(?))", [users]
    ).df()
    lines = connection.execute(
        "select * from intermediate.int_order_lines_accepted where user_id in (select unnest(?))", [users]
    ).df()
    stats = connection.execute(
        "select * from intermediate.int_item_review_stats_unioned where item_id in (select unnest(?))",
        [list(events["item_id"].dropna().unique())],
    ).df()
    differing = []
    for row in drawn.to_dict("records"):
        as_of = date(row["as_of"].year, row["as_of"].month, row["as_of"].day)
        expected = features_of(
            row["user_id"],
            events,
            lines,
            newest_statistics(stats, as_of),
            as_of,
            shop.windows.observation_days,
            shop.behaviours,
        )
        assert set(expected) == set(row) - set(KEYS)
        assert len(expected) == 51
        differing += [
            f"{as_of} {row['user_id']} {name}: {row[name]}, expected {value}"
            for name, value in expected.items()
            if (NULL if pd.isna(row[name]) else row[name]) != pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True)
        ]
    return len(drawn), differing


@pytest.mark.parametrize("name", SHOPS)
def test_all_51_features_agree_with_a_loop_over_the_rows(built_shop, name):
    shop = built_shop(name)
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        compared, differing = disagreements(shop, connection)
    assert compared > 0
    assert not differing, "\n".join(differing)
