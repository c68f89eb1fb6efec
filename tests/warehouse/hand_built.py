"""A tiny warehouse, made by hand: every table that the gates and publishing read, three customers, three items."""

from datetime import date

import yaml

from expectations import gate, suites
from expectations.arrivals import note
from shops.declaration import Shop, parse
from warehouse import paths
from warehouse.engine import open_warehouse, quote

AS_OF = date(2024, 3, 1)
SHOP_YAML = """
title: Tiny shop
timezone: UTC
reporting_currency: EUR
history_from: 2024-01-01
behaviours: [view, buy]
sources:
  till:
    kind: files
    entities: [events, orders, order_lines, items, users]
    tables:
      events:
        columns: {event_id: string, user_id: string, happened_at: timestamp, price: double}
        required: [event_id, happened_at]
        arrival: {by: column, column: happened_at, unit: timestamp}
      items:
        columns: {item_id: string, item_name: string}
        required: [item_id]
        arrival: {by: snapshot}
"""
# Values where a plain default of the type would be wrong, by column name then by dataset.column.
VALUES = {
    "as_of": "m.as_of",
    "behaviour": "'buy'",
    "status": "'completed'",
    "line_type": "'sale'",
    "event_date": "date '2024-02-20'",
    "order_date": "date '2024-02-20'",
    "arrival_date": "date '2024-02-21'",
    "last_order_date": "date '2024-02-20'",
    "first_order_date": "date '2024-02-20'",
    "amount": "10.00",
    "amount_reporting": "10.00",
    "quantity": "1",
    "dimension_type": "'total'",
    "life_cycle_basis": "'all'",
    "elimination_rank": "1",
    "is_selected": "true",
    "probability": "(0.2 + 0.3 * n)::double",
    "threshold": "0.5",
    "decision": "n > 0",
    "part": "'summary'",
    "learner": "case n when 0 then 'stacking' else 'base' || n end",
    "test_as_of": "m.as_of - 7",
    "last_training_as_of": "m.as_of - 7",
    "mode": "'tuned'",
    "rank": "1",
    "item_id": "'i' || n",
    "quadrant": "'cold'",
    "model": "case n when 0 then 'popularity' else 'm' || n end",
    "split_date": "m.as_of - 28",
    "k": "5",
    "marts.mart_recommendation_evaluation.quadrant": "'all'",
    "marts.mart_association_rules.level": "'item'",
    "marts.mart_association_rules.antecedent_1": "'a' || n",
    "marts.mart_association_rules.antecedent_2": "null::varchar",
    "marts.mart_association_rules.antecedent": "'a' || n",
    "marts.mart_association_rules.consequent": "'i' || n",
    "marts.mart_association_rules.baskets": "30",
    "marts.mart_association_rules.antecedent_baskets": "60",
    "marts.mart_association_rules.consequent_baskets": "100",
    "marts.mart_association_rules.all_baskets": "1000",
    "marts.mart_association_rules.customers": "25",
    "marts.mart_association_rules.support": "0.03",
    "marts.mart_association_rules.confidence": "0.5",
    "marts.mart_association_rules.confidence_low": "0.4",
    "marts.mart_association_rules.confidence_high": "0.6",
    "marts.mart_association_rules.lift": "5.0",
    "marts.mart_association_rules.leverage": "0.024",
    "marts.mart_association_rules.conviction": "1.8",
    "marts.mart_association_rules.expected_baskets": "10.0",
    "marts.mart_association_rules.lift_given_size": "3.0",
    "marts.mart_association_rules.p_value": "1e-9",
    "marts.mart_association_rules.adjusted_p_value": "1e-6",
    "period": "'all'",
    "period_start": "null::date",
    "marts.mart_kpi.value": "30.0::double",
    "marts.mart_kpi.kpi": "'revenue'",
    "marts.mart_kpi.dimension_type": "'total'",
    "marts.mart_conversion.dimension_type": "case n when 0 then 'total' else 'day' end",
    "marts.mart_conversion.n_buy": "3",
    "marts.fct_user_features.n_total": "3",
    "marts.fct_user_features.n_view": "2",
    "marts.fct_customer_rfm.f1_orders": "1",
    "marts.fct_model_run.rows": "2",
    "rating": "4",
    "satisfaction_score": "4",
    "recommend_score": "8",
    "answer": "3",
    "rate": "1.0",
    "contact_type": "'sent'",
    "start_date": "date '2024-02-01'",
    "end_date": "date '2024-02-10'",
}
ONE_ROW = ("marts.mart_kpi", "marts.fct_model_run")
ONES = ("n_buy", "k_view", "k_buy", "k_click", "k_collect", "k_cart", "n_click", "n_collect", "n_cart", "n_uncart")


def shop(name: str = "tiny") -> Shop:
    return parse(name, yaml.safe_load(SHOP_YAML))


def value(dataset: str, column: str) -> str:
    """SQL for a column of row n (0, 1, 2)."""
    found = VALUES.get(f"{dataset}.{column}") or VALUES.get(column)
    if found:
        return found
    if dataset == "marts.fct_user_features" and column in ONES:
        return "1" if column in ("n_buy", "k_view", "k_buy") else "0"
    if column == "user_id":
        return "['ann', 'ben', 'cat'][n + 1]"
    if column.endswith("_id") or column in (
        "feature",
        "metric",
        "class_label",
        "dimension_value",
        "reason",
        "decision",
    ):
        return f"'{column}' || n"
    if column.endswith(("_date", "date")):
        return "date '2024-02-01'"
    if column.endswith("_ts"):
        return "timestamp '2024-02-20 12:00:00'"
    if column.endswith("currency"):
        return "'EUR'"
    return "0.5::double" if column in NUMBERS else "'x'"


NUMBERS = {
    "auc", "average_precision", "brier", "accuracy", "precision", "recall", "ndcg", "mrr", "coverage", "novelty",
    "bad_review_rate", "comment_count", "list_price", "latitude", "longitude", "weight", "round_score", "x", "value",
    "score", "quadrant_score", "life_cycle_days", "repeat_gaps", "units_sold", "exposed_store_weeks", "orders_total",
    "amount_total", "label", "positives", "point", "users", "selection_round", "numerator", "denominator",
    "m1_amount", "amount_28d", "r1_mean_interval_days", "s_relationship_days", "p_category_purchases", "recency_days",
    "orders_7d", "orders_14d", "orders_28d", "stores_displayed", "stores_mailed", "likes", "usage_amount",
    "spend_amount", "unit_price", "n_view", "n_click", "n_collect", "n_cart", "n_uncart",
}  # fmt: skip
PREFIXES = ("n_", "k_", "users_", "cvr_", "item_cvr_", "share_", "variety_", "comments_", "bad_rate_", "avg_buy_")


def table_sql(suite: suites.Suite, as_of: date = AS_OF) -> str:
    """Three good rows (one where a table has one) for a suite's table."""
    rows = 1 if suite.dataset in ONE_ROW else 3
    chosen = []
    for column in suite.columns:
        sql = value(suite.dataset, column)
        if sql == "'x'" and column.startswith(PREFIXES):
            sql = "0.5::double"
        if column == "label":
            sql = "(n % 2)::bigint"
        if column == "is_serving":
            sql = "true"
        if (suite.dataset, column) == ("marts.fct_model_run", "decision"):
            sql = "'better than before'"
        if (suite.dataset, column) == ("marts.dim_customer", "user_id"):
            sql = "['ann', 'ben', 'cat', 'unknown'][n + 1]"
        chosen.append(f"{sql} as {quote(column)}")
    rows = {"marts.dim_customer": 4, "marts.mart_conversion": 2}.get(suite.dataset, rows)
    unordered = f"select {', '.join(chosen)} from range({rows}) as t(n), (select date '{as_of}' as as_of) as m"
    return f"create or replace table {suite.dataset} as {unordered}"


def build(name: str = "tiny", as_of: date = AS_OF) -> Shop:
    """A warehouse in which features and marts of `as_of` are good."""
    with open_warehouse(name) as connection:
        for schema in ("marts", "intermediate"):
            connection.execute(f"create schema if not exists {schema}")
        for stage in ("features", "audit"):
            for suite in suites.load(stage):
                if suite.dataset != "marts.mart_data_quality":
                    connection.execute(table_sql(suite, as_of))
        connection.execute(
            "create table if not exists ops.data_quality (as_of date, stage varchar, dataset varchar, "
            "check_name varchar, severity varchar, status varchar, observed varchar, expected varchar, reason varchar)"
        )
        connection.execute("create or replace view marts.mart_data_quality as from ops.data_quality")
    return shop(name)


def pass_audit(name: str = "tiny", as_of: date = AS_OF) -> None:
    """Results as an audit leaves them that has passed, without the seconds that it takes."""
    with open_warehouse(name) as connection:
        gate.prepare(connection)
        rows = []
        for suite in suites.load("audit"):
            for each in suite.expectations:
                passed = {"severity": each.severity, "status": "passed", "expected": "fine"}
                rows.append(note(suite.dataset, each.check, "fine", each.reason) | passed)
            if suite.dataset != "marts.mart_data_quality":
                rows.append(note(suite.dataset, gate.CONTENT, gate.fingerprint(connection, suite.dataset), "seen"))
        gate.record(connection, as_of, "audit", rows)


def change(sql: str, name: str = "tiny") -> None:
    """One statement on the warehouse."""
    with open_warehouse(name) as connection:
        connection.execute(sql)


def ask(sql: str, name: str = "tiny") -> list[tuple]:
    with open_warehouse(name) as connection:
        return connection.execute(sql).fetchall()


def root(name: str = "tiny"):
    return paths.of(name).root
