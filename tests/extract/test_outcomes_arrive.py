"""Outcomes arrive as anything else does: contacts of every type, orders that name a campaign or redeem its coupon."""

from datetime import date

import duckdb
import pytest

from extract.ingest import ingest
from ml.steps import attribute_orders
from shops import declaration
from warehouse import dbt, landing, paths
from warehouse.engine import open_warehouse

AS_OF = date(2024, 3, 1)
FILES = {
    "campaigns": """
        campaign_id,campaign_name,channel,start_date,end_date
        spring,Spring letter,email,2024-02-01,2024-02-14
        LEAF10,Leaflet,post,2024-02-01,2024-02-14
        quiet,Never sent,push,2024-02-01,2024-02-14
    """,
    # a: mail opened and clicked, orders twice; b: control group; c: unsubscribes; d: converts on the day of an order
    "contacts": """
        contact_id,campaign_id,user_id,channel,contact_type,is_control,contact_ts
        1,spring,a,email,assigned,false,2024-02-01 08:00:00
        2,spring,a,email,sent,false,2024-02-01 09:00:00
        3,spring,a,email,delivered,false,2024-02-01 09:00:05
        4,spring,a,email,opened,false,2024-02-01 10:00:00
        5,spring,a,email,clicked,false,2024-02-01 10:01:00
        6,spring,b,email,assigned,true,2024-02-01 08:00:00
        7,spring,c,email,sent,false,2024-02-01 09:00:00
        8,spring,c,email,unsubscribed,false,2024-02-02 09:00:00
        9,spring,d,email,sent,false,2024-02-01 09:00:00
        10,spring,d,email,converted,false,2024-02-09 00:00:00
        11,spring,a,email,seen,false,2024-02-01 10:01:00
    """,
    "orders": """
        order_id,user_id,order_ts,status,currency,amount,campaign_id,coupon_id
        o1,a,2024-02-03 12:00:00,completed,EUR,20.00,,
        o2,a,2024-02-10 12:00:00,completed,EUR,30.00,,LEAF10
        o3,b,2024-02-04 12:00:00,completed,EUR,40.00,,
        o4,c,2024-02-05 12:00:00,completed,EUR,50.00,,SAVE5
        o5,d,2024-02-09 12:00:00,completed,EUR,60.00,,
        o6,e,2024-02-09 12:00:00,completed,EUR,70.00,ads,
        o7,e,2024-02-10 12:00:00,cancelled,EUR,80.00,ads,
    """,
}


@pytest.fixture(scope="module")
def arrived(tmp_path_factory):
    """(read, rejected): the folder landed, and the models that attribution reads."""
    raw = tmp_path_factory.mktemp("raw")
    for name, text in FILES.items():
        (raw / f"{name}.csv").write_text("\n".join(line.strip() for line in text.strip().splitlines()) + "\n")
    orders = [line.strip().split(",") for line in FILES["orders"].strip().splitlines()[1:]]
    lines = [
        f"l{o},{o},{user},i1,{at},sale,1,{amount},{amount},{money}" for o, user, at, _, money, amount, *_ in orders
    ]
    head = "line_id,order_id,user_id,item_id,order_ts,line_type,quantity,unit_price,amount,currency"
    (raw / "order_lines.csv").write_text("\n".join([head, *lines]) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("PRECISION_RAW", str(raw))
        declaration.load.cache_clear()
        shop = declaration.load("files")
        for table in shop.sources[0].tables:
            ingest(shop, "files", table.name, date(2024, 1, 1), AS_OF)
        with open_warehouse(shop.name) as connection:
            landing.register(connection, shop)
        variables = dbt.variables(shop, AS_OF, [AS_OF], AS_OF, date(1900, 1, 1))
        dbt.invoke(shop, ["run", "--select", "+int_touchpoints"], variables)
        attribute_orders.run(shop, AS_OF)
        where = paths.of(shop.name)

        def read(sql: str) -> list[tuple]:
            with duckdb.connect(str(where.warehouse), read_only=True) as connection:
                return connection.execute(sql).fetchall()

        yield read
    declaration.load.cache_clear()


def test_every_type_of_contact_arrives_and_an_unknown_one_does_not(arrived):
    assert arrived(
        "select contact_type, count(*) from intermediate.int_contacts_accepted group by all order by all"
    ) == [
        ("assigned", 2),
        ("clicked", 1),
        ("converted", 1),
        ("delivered", 1),
        ("opened", 1),
        ("sent", 3),
        ("unsubscribed", 1),
    ]


def test_orders_bring_their_campaign_or_the_coupon_that_is_one(arrived):
    told = arrived("select order_id, campaign_id from intermediate.int_creditable_orders order by order_id")
    assert told == [("o1", None), ("o2", "LEAF10"), ("o3", None), ("o4", None), ("o5", None), ("o6", "ads")]


def test_each_order_is_credited_to_what_reached_its_customer(arrived):
    told = arrived(
        "select order_id, campaign_id, channel, touch_type, linear, last_touch, revenue from ml.order_attribution "
        "order by order_id, campaign_id"
    )
    assert [(*row[:4], float(row[4]), float(row[5]), float(row[6])) for row in told] == [
        ("o1", "spring", "email", "clicked", 1, 1, 20),
        ("o2", "LEAF10", "post", "order", 0.5, 1, 30),
        ("o2", "spring", "email", "clicked", 0.5, 0, 30),
        ("o5", "spring", "email", "order", 1, 1, 60),
        ("o6", "ads", "unknown", "order", 1, 1, 70),
    ]


def test_what_was_never_sent_has_nothing(arrived):
    told = arrived("select distinct conversions, revenue from ml.attribution where campaign_id = 'quiet'")
    assert [(float(orders), float(money)) for orders, money in told] == [(0, 0)]
