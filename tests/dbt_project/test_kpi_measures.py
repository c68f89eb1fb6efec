"""What every cell of the KPI mart is made of: the parts of a dimension or of a period add up to the whole."""

import duckdb
import pytest

from warehouse import paths

ADDITIVE = ("orders", "revenue", "gross_sales")


@pytest.fixture(params=["online_retail", "demo_shop"])
def connection(request, built_shop):
    shop = built_shop(request.param)
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        yield connection


def total(connection, measure: str, period: str, dimension: str):
    return connection.execute(
        f"select sum({measure}) from intermediate.int_kpi_measures where period = ? and dimension_type = ?",
        [period, dimension],
    ).fetchall()[0][0]


@pytest.mark.parametrize("measure", ADDITIVE)
def test_parts_add_up_to_the_whole(connection, measure):
    whole = total(connection, measure, "all", "total")
    assert whole > 0
    assert {total(connection, measure, "all", dimension) for dimension in ("channel", "country")} == {whole}
    assert {total(connection, measure, "month", dimension) for dimension in ("total", "channel", "country")} == {whole}


def test_the_whole_is_the_turnover_of_all_counted_lines(connection):
    turnover = connection.execute(
        "select sum(amount) from intermediate.int_order_lines_counted, intermediate.int_moments_described as m"
        " where order_date < m.as_of and arrival_date < m.as_of"
    ).fetchall()[0][0]
    assert total(connection, "revenue", "all", "total") == turnover


def test_every_known_customer_is_new_once(connection):
    customers = total(connection, "customers", "all", "total")
    assert total(connection, "new_customers", "all", "total") == customers
    assert total(connection, "new_customers", "month", "total") == customers
    assert total(connection, "new_customers", "all", "channel") == customers


def test_spend_of_campaigns_is_part_of_the_spend(connection):
    of_campaigns = total(connection, "spend", "all", "campaign") or 0
    assert of_campaigns <= (total(connection, "spend", "all", "total") or 0)


def test_cohorts_share_out_new_customers_and_the_spend_of_their_months(connection):
    assert total(connection, "new_customers", "all", "cohort") == total(connection, "new_customers", "all", "total")
    assert total(connection, "spend", "all", "cohort") == total(connection, "spend", "all", "total")


def test_value_of_orders_adds_up_to_the_value_of_customers(connection):
    of_orders = connection.execute("select sum(discounted_revenue) from intermediate.int_kpi_order_value").fetchall()[
        0
    ][0]
    assert total(connection, "observed_revenue", "all", "total") == of_orders
    assert total(connection, "observed_revenue", "all", "cohort") == of_orders
    revenue = connection.execute("select sum(revenue) from intermediate.int_kpi_order_value").fetchall()[0][0]
    assert 0 < of_orders < revenue


def test_a_contact_and_an_attributed_order_are_of_one_campaign(connection):
    for measure in ("contacted", "held_out", "clicked", "completed", "attributed_conversions", "attributed_revenue"):
        assert total(connection, measure, "all", "campaign") == total(connection, measure, "all", "total")
    assert total(connection, "contacted", "all", "country") == total(connection, "contacted", "all", "total")
    assert total(connection, "satisfaction_answers", "all", "country") == total(
        connection, "satisfaction_answers", "all", "total"
    )


def test_days_add_up_to_their_months(connection):
    """Of months that lie wholly in the observation window, for what is counted once a day."""
    months = connection.execute("""
        select dimension_type, dimension_value, m.period_start, measure, m.amount, d.amount as of_days
        from (
            unpivot (select * exclude (as_of) from intermediate.int_kpi_measures where period = 'month')
            on orders, revenue, new_customers, spend, attributed_conversions into name measure value amount
        ) as m
        left join (
            select
                dimension_type, dimension_value, date_trunc('month', period_start) as month, measure,
                sum(amount) as amount
            from (
                unpivot (select * exclude (as_of) from intermediate.int_kpi_measures where period = 'day')
                on orders, revenue, new_customers, spend, attributed_conversions into name measure value amount
            )
            group by all
        ) as d using (dimension_type, dimension_value, measure)
        where m.period_start = d.month and dimension_type <> 'cohort' and m.period_start > (
            select min(period_start) from intermediate.int_kpi_measures where period = 'day'
        )
    """).fetchall()
    assert len(months) > 5
    assert [row for row in months if row[4] != row[5]] == []
