"""A tiny warehouse, made by hand: every table that the gates and publishing read, three customers, three items."""

import json
from datetime import date
from functools import cache

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
    "first_training_as_of": "m.as_of - 35",
    "last_training_as_of": "m.as_of - 7",
    "mode": "'tuned'",
    "rank": "1",
    "item_id": "'i' || n",
    "quadrant": "'cold'",
    "model": "case n when 0 then 'popularity' else 'm' || n end",
    "split_date": "m.as_of - 28",
    "k": "5",
    "marts.mart_recommendation_evaluation.quadrant": "'all'",
    "marts.mart_drift.kind": "case n when 0 then 'prediction' else 'input' end",
    "marts.mart_drift.name": "'name' || n",
    "marts.mart_drift.psi": "0.05::double",
    "marts.mart_drift.verdict": "'steady'",
    "first_reference_as_of": "m.as_of - 35",
    "last_reference_as_of": "m.as_of - 7",
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
    "marts.mart_kpi.dimension_type": "case n when 0 then 'total' else 'segment' end",
    "marts.mart_kpi_cell.dimension_type": "case n when 0 then 'total' else 'segment' end",
    "marts.mart_kpi_cell.period_start": "date '2024-02-01'",
    "marts.mart_kpi_cell.new_customers": "null::decimal(28, 6)",
    "marts.mart_kpi_cell.spend": "null::decimal(28, 6)",
    "marts.dim_metric.kpi": "case n when 0 then 'revenue' else 'k' || n end",
    "marts.dim_metric.better": "'up'",
    "marts.fct_customer_segment.segment_id": "2",
    "marts.fct_customer_segment.segment_name": "'occasional'",
    "marts.fct_customer_strategy.strategy": "'full_price'",
    "marts.fct_customer_strategy.is_contacted": "false",
    "marts.fct_customer_strategy.discount_rate": "0",
    "marts.mart_strategy_response.strategy": "'s' || n",
    "marts.mart_strategy_response.segment_name": "'all'",
    "marts.mart_strategy_response.measured_rate": "null::double",
    "marts.mart_strategy_response.extra_amount": "null::double",
    "marts.mart_strategy_response.basis": "'prior'",
    "marts.mart_strategy_response.campaigns": "0",
    "marts.mart_strategy_response.response_low": "0.1::double",
    "marts.mart_strategy_response.response_high": "0.9::double",
    "marts.mart_strategy_response.is_shown_ineffective": "false",
    "marts.mart_channel_effectiveness.channel": "'c' || n",
    "marts.mart_channel_effectiveness.period_start": "date '2024-02-01'",
    "marts.mart_conversion.dimension_type": "case n when 0 then 'total' else 'day' end",
    "marts.mart_conversion.n_buy": "3",
    "marts.fct_user_features.n_total": "3",
    "marts.fct_user_features.n_view": "2",
    "marts.fct_customer_rfm.f1_orders": "1",
    "marts.fct_model_run.rows": "2",
    "marts.fct_model_run.features": """'["n_view", "n_buy"]'""",
    "rating": "4",
    "satisfaction_score": "4",
    "recommend_score": "8",
    "answer": "3",
    "rate": "1.0",
    "contact_type": "'sent'",
    "start_date": "date '2024-02-01'",
    "end_date": "date '2024-02-10'",
}
ONE_ROW = ("marts.fct_model_run",)
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
    return BY_TYPE.get(types(dataset).get(column, "string"), "0.50")


BY_TYPE = {
    "string": "'x'",
    "bigint": "1",
    "double": "0.5::double",
    "boolean": "true",
    "timestamp": "timestamp '2024-02-20 12:00:00'",
}
# Marts of these folders are empty, as where learning found too little: their own tests build them.
EMPTY = ("segment", "text", "value", "influence", "geography", "strategy", "experiment", "channel", "activation")
FILLED = (
    "dim_customer_history",
    "fct_customer_segment",
    "fct_customer_strategy",
    "mart_strategy_response",
    "mart_channel_effectiveness",
)
EMPTY_TABLES = (
    "mart_before_after",
    "mart_supplier",
    "int_shipments",
    "int_order_places",
    "int_kpi_order_value",
    "int_order_lines_counted",
    "int_events_excluded_daily",
    "int_experiment_campaigns",
)


@cache
def contracts() -> dict[str, tuple[str, dict[str, str]]]:
    """{model: (its folder, {column: type})} as dbt's yml files declare them."""
    found = {}
    for path in sorted((paths.REPOSITORY / "dbt_project" / "models").rglob("*.yml")):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models") or []:
            columns = {column["name"]: column["data_type"] for column in model.get("columns", [])}
            found[model["name"]] = (path.parent.name, columns)
    return found


def types(dataset: str) -> dict[str, str]:
    return contracts()[dataset.split(".")[1]][1]


def is_empty(dataset: str) -> bool:
    name = dataset.split(".")[1]
    return name in EMPTY_TABLES or (contracts()[name][0] in EMPTY and name not in FILLED)


def empty_sql(dataset: str) -> str:
    columns = ", ".join(f"{quote(name)} {kind}" for name, kind in types(dataset).items())
    return f"create or replace table {dataset} ({columns})"


def table_sql(suite: suites.Suite, as_of: date = AS_OF) -> str:
    """Three good rows (one where a table has one) for a suite's table."""
    if is_empty(suite.dataset):
        return empty_sql(suite.dataset)
    rows = 1 if suite.dataset in ONE_ROW else 3
    chosen = []
    for column in suite.columns:
        sql = value(suite.dataset, column)
        if column == "label":
            sql = "(n % 2)::bigint"
        if column == "is_serving":
            sql = "true"
        if (suite.dataset, column) == ("marts.fct_model_run", "decision"):
            sql = "'better than before'"
        if (suite.dataset, column) == ("marts.dim_customer", "user_id"):
            sql = "['ann', 'ben', 'cat', 'unknown'][n + 1]"
        chosen.append(f"{sql} as {quote(column)}")
    rows = {"marts.dim_customer": 4, "marts.mart_conversion": 2, "marts.mart_kpi": 2}.get(suite.dataset, rows)
    unordered = f"select {', '.join(chosen)} from range({rows}) as t(n), (select date '{as_of}' as as_of) as m"
    return f"create or replace table {suite.dataset} as {unordered}"


# What learning notes of every table of its own that it leaves empty.
LEARNED = [
    "customer_segment", "segment_selection", "segment_cluster", "text_clause", "feedback_topic", "customer_value",
    "clv_holdout", "customer_place", "place_cluster", "grey_relation", "response_regression", "survey_descriptives",
    "survey_regression", "survey_mediation", "experiment", "attribution", "campaign_balance",
    "campaign_comparison", "before_after", "activation.audience",
]  # fmt: skip
REFUSED = """
    insert into ops.data_quality
    select
        $1, 'learning', case when contains(name, '.') then name else 'ml.' || name end, 'enough_to_learn_from', 'warn',
        'failed', 'too little', 'enough', 'because'
    from (select unnest($2) as name)
"""


def build(name: str = "tiny", as_of: date = AS_OF) -> Shop:
    """A warehouse in which features and marts of `as_of` are good."""
    with open_warehouse(name) as connection:
        for schema in ("marts", "intermediate"):
            connection.execute(f"create schema if not exists {schema}")
        for stage in ("features", "audit"):
            for suite in suites.load(stage):
                if suite.dataset != "marts.mart_data_quality":
                    connection.execute(table_sql(suite, as_of))
        for table in EMPTY_TABLES[1:]:
            connection.execute(empty_sql(f"intermediate.{table}"))
        connection.execute("create schema if not exists seeds")
        connection.execute("create or replace table seeds.strategies (strategy varchar, is_contacted boolean)")
        connection.execute("create or replace table ml.attribution (as_of date, period varchar, period_start date)")
        gate.prepare(connection)
        note_what_was_learned(connection, as_of)
        connection.execute("create or replace view marts.mart_data_quality as from ops.data_quality")
    write_manifest(name)
    return shop(name)


def note_what_was_learned(connection, as_of: date = AS_OF) -> None:
    """Nothing: learning comes after the gate of landing, which forgets what an earlier run noted."""
    connection.execute(REFUSED, [as_of, LEARNED])


def write_manifest(name: str = "tiny") -> None:
    """What dbt leaves when it has built, cut down to the marts: the dbt docs of a version are made from it."""
    nodes = {}
    for model, (folder, columns) in contracts().items():
        key = f"model.precision_marketing.{model}"
        nodes[key] = {
            "unique_id": key, "name": model, "resource_type": "model", "package_name": "precision_marketing",
            "schema": "marts", "group": folder, "description": f"One row per {model}", "fqn": [model], "raw_code": "",
            "columns": {column: {"name": column, "data_type": kind} for column, kind in columns.items()},
        }  # fmt: skip
    metadata = {"dbt_schema_version": "v12", "dbt_version": "1.11", "user_id": "a person"}
    path = paths.of(name).dbt / "target" / "manifest.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"metadata": metadata, "nodes": nodes}), encoding="utf-8")


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
