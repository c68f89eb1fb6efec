"""Staging against the raw files: what counts, what does not and why, and that nothing vanishes."""

from collections import Counter
from datetime import date

import duckdb
import pytest

from extract.ingest import ingest
from shops import declaration
from tests.small_shops import REAL
from warehouse import dbt, paths

JDATA_BEHAVIOURS = {1: "view", 2: "cart", 3: "uncart", 4: "buy", 5: "collect", 6: "click"}


def read(shop, sql: str) -> list[tuple]:
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_jdata_totals_per_user_are_those_of_the_raw_files(built_shop):
    shop = built_shop("jdata")
    raw = duckdb.sql(
        f"""
        select cast(cast(user_id as double) as bigint) as user_id, type, count(*)
        from (select distinct * from read_csv('{REAL}/jdata/JData_Action_*.csv.gz', all_varchar = true))
        group by all
        """
    ).fetchall()
    expected = {(str(user), JDATA_BEHAVIOURS[int(kind)]): rows for user, kind, rows in raw}
    names = ", ".join(f"sum(n_{name}) as {name}" for name in JDATA_BEHAVIOURS.values())
    found = read(
        shop,
        f"unpivot (select user_id, {names} from intermediate.int_user_item_day group by user_id) "
        f"on {', '.join(JDATA_BEHAVIOURS.values())}",
    )
    assert {(user, name): rows for user, name, rows in found if rows} == expected
    assert sum(expected.values()) == 66_127


def test_jdata_counts_equal_actions_once_and_says_so(built_shop):
    shop = built_shop("jdata")
    assert ("events", "exact duplicate", 89_997 - 66_127) in read(
        shop, "select entity, reason, rows_excluded from intermediate.int_exclusions_counted"
    )


def test_jdata_decodes_age_bands_and_leaves_impossible_registrations_unknown(built_shop):
    shop = built_shop("jdata")
    bands = {row[0] for row in read(shop, "select distinct age_band from intermediate.int_users_current")}
    assert bands == {"16-25", "26-35", "36-45", "46-55", "56+", None}
    assert read(shop, "select count(*) from intermediate.int_users_current where registered_date > arrival_date") == [
        (0,)
    ]


@pytest.mark.parametrize("entity", ["events", "order_lines", "orders"])
@pytest.mark.parametrize("name", ["online_retail", "jdata", "taobao", "olist", "demo_shop", "complete_journey"])
def test_every_delivered_row_is_accepted_or_excluded_with_a_reason(built_shop, name, entity):
    shop = built_shop(name)
    ((delivered, accepted, excluded),) = read(
        shop,
        f"""
        select
            (select count(*) from intermediate.int_{entity}_unioned),
            (select count(*) from intermediate.int_{entity}_accepted),
            (select coalesce(sum(rows_excluded), 0) from intermediate.int_exclusions_counted where entity = '{entity}')
        """,
    )
    assert delivered > 0
    assert delivered == accepted + excluded


def test_online_retail_lines_are_the_landed_ones_with_refunds_positive(built_shop):
    shop = built_shop("online_retail")
    ((landed, negative, value),) = read(
        shop,
        "select count(*), count(*) filter (Quantity < 0), sum(cast(Quantity * UnitPrice as decimal(38, 2))) "
        "from landing.online_retail__invoice_lines",
    )
    ((staged, refunds, signed, lowest),) = read(
        shop,
        "select count(*), count(*) filter (line_type = 'refund'), "
        "sum(case when line_type = 'refund' then -amount else amount end), min(quantity) "
        "from intermediate.int_order_lines_unioned",
    )
    assert (staged, refunds, signed) == (landed, negative, value)
    assert lowest > 0


def test_online_retail_sells_no_postage_fees_or_vouchers(built_shop):
    codes = {
        row[0]
        for row in read(
            built_shop("online_retail"), "select distinct item_id from intermediate.int_order_lines_accepted"
        )
    }
    assert codes
    assert not {code for code in codes if not code[:5].isdigit() and not code.startswith("DCGS")}


def test_olist_money_is_in_reais_and_cancelled_orders_do_not_sell(built_shop):
    shop = built_shop("olist")
    assert read(shop, "select distinct currency from intermediate.int_orders_accepted") == [("BRL",)]
    assert read(
        shop,
        "select count(*) from intermediate.int_order_lines_accepted as l "
        "join intermediate.int_orders_accepted as o using (order_id) where o.status = 'cancelled'",
    ) == [(0,)]


def test_olist_review_statistics_grow_with_the_reviews(built_shop):
    shop = built_shop("olist")
    ((counted, expected),) = read(
        shop,
        """
        select
            (select sum(newest) from (
                select max(comment_count) as newest from staging.stg_olist__item_review_stats group by item_id
            )),
            (select count(*) from staging.stg_olist__reviews as r join (
                select distinct order_id, item_id from staging.stg_olist__order_lines
            ) as i using (order_id))
        """,
    )
    assert counted == expected > 0


@pytest.mark.slow
def test_complete_journey_accounts_for_all_1469307_lines(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    shop = declaration.load("complete_journey")
    for table in ("transactions", "products"):
        ingest(shop, "complete_journey", table, date(2017, 1, 1), date(2018, 1, 1))
    everything_else = ["--exclude", "path:models/marts", "path:models/intermediate/*/*", "int_events_unioned+"]
    dbt.build(shop, date(2018, 1, 1), "features", (*everything_else, "int_exclusions_counted+"))
    reasons = Counter(
        dict(
            read(
                shop,
                "select coalesce(exclusion_reason, 'counts'), count(*) "
                "from intermediate.int_order_lines_unioned group by all",
            )
        )
    )
    assert reasons == {"counts": 1_460_438, "not a sale": 8_840, "zero quantity": 29}
    assert reasons.total() == 1_469_307
    assert read(shop, "select count(*) from intermediate.int_order_lines_accepted") == [(reasons["counts"],)]
    # petrol, delivered in thousandths of a gallon, is one purchase a time
    assert read(shop, "select max(quantity) from intermediate.int_order_lines_accepted") == [(144,)]
