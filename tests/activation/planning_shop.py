"""The warehouse of a tiny shop as the stages before planning leave it, made by hand from the contracts.

In: customers with their strategies, contacts, campaigns, orders. Out: the tables that planning reads, in the shop's
warehouse below PRECISION_HOME.
"""

from datetime import date, datetime, timedelta

import pandas as pd

from tests.warehouse.hand_built import contracts
from warehouse import paths
from warehouse.engine import open_warehouse, quote

TABLES = (
    "marts.fct_customer_strategy", "marts.mart_strategy_response", "marts.fct_recommendation",
    "marts.fct_customer_segment", "marts.mart_grey_relation", "intermediate.int_users_current",
    "intermediate.int_contacts_accepted", "intermediate.int_campaigns_current", "intermediate.int_orders_accepted",
    "intermediate.int_kpi_order_value", "intermediate.int_buying_anyway",
)  # fmt: skip


def build(name: str, **rows: list[dict]) -> None:
    """Make all tables; `rows` by the table's name without its schema. Columns that a row does not name are null."""
    seeds = paths.REPOSITORY / "dbt_project" / "seeds" / "strategies.csv"
    with open_warehouse(name) as connection:
        for schema in ("marts", "intermediate", "seeds"):
            connection.execute(f"create schema if not exists {schema}")
        connection.execute(f"create or replace table seeds.strategies as from read_csv('{seeds}', all_varchar = false)")
        for dataset in TABLES:
            table = dataset.split(".")[1]
            types = contracts()[table][1]
            columns = ", ".join(f"{quote(column)} {kind}" for column, kind in types.items())
            connection.execute(f"create or replace table {dataset} ({columns})")
            if rows.get(table):
                frame = pd.DataFrame(rows[table]).reindex(columns=list(types))
                connection.register("incoming", frame)
                casts = ", ".join(f"cast({quote(column)} as {kind})" for column, kind in types.items())
                connection.execute(f"insert into {dataset} select {casts} from incoming")
                connection.unregister("incoming")


def chosen(user_id: str, as_of: date, strategy="win_back", **more) -> dict:
    """One row of fct_customer_strategy."""
    plain = {"as_of": as_of, "user_id": user_id, "strategy": strategy, "is_contacted": strategy != "full_price"}
    numbers = {"discount_rate": 0.0, "orders": 2, "amount": 100.0, "recency_days": 30.0, "purchase_probability": 0.01}
    return plain | {"segment_name": "lapsing"} | numbers | more


def user(user_id: str, email=True, push=True, social=False, zone="Europe/Berlin") -> dict:
    """One row of int_users_current."""
    consent = {"consent_email": email, "consent_push": push, "consent_social": social}
    return {"user_id": user_id, "user_timezone": zone, "registered_date": date(2025, 1, 1)} | consent


def contact(user_id: str, day: date, kind="sent", campaign_id="old", arrival: date | None = None, **more) -> dict:
    """One row of int_contacts_accepted; it arrives on its day unless said otherwise."""
    plain = {"user_id": user_id, "contact_type": kind, "campaign_id": campaign_id, "channel": "email"}
    when = {"contact_date": day, "contact_ts": datetime.combine(day, datetime.min.time()) + timedelta(hours=12)}
    return plain | when | {"arrival_date": arrival or day, "is_control": False} | more


def read(name: str, sql: str) -> pd.DataFrame:
    with open_warehouse(name) as connection:
        return connection.execute(sql).df()
