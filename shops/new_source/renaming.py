"""The first step of each staging model: a raw table under the names of meanings, text trimmed, times as UTC instants.

In: a raw table and the plan. Out: SQL text of common table expressions, and which names they give.
"""

from functools import cache

import duckdb

from shops.new_source.plan import Plan
from shops.new_source.tables import RawTable

# Names that the models use for the columns of these meanings; the others are called as their meaning.
ALIASES = {
    "order": "order_number", "line": "line_number", "customer": "user_id", "item": "item_id",
    "supplier": "supplier_id",
    "date": "placed", "time": "placed_time", "postal": "postal_prefix", "store": "store_id",
    "payment": "payment_method",
    "coupon": "coupon_id", "campaign": "campaign_id", "shipping": "shipping_amount", "promised": "promised_date",
    "delivered": "delivered_date", "status": "order_status", "registered": "registered_date", "age": "age_band",
    "income": "income_band", "household": "household_size", "acquisition": "acquisition_channel", "event": "action",
    "session": "session_id", "review": "review_number", "review_title": "title",
}  # fmt: skip
AS_THEY_ARE = (
    "quantity", "price", "list_price", "amount", "discount", "cost", "profit", "shipping", "rating", "latitude",
    "longitude", "consent_email",
)  # fmt: skip
DAYS = ("promised", "delivered", "registered")
UNUSED = ("dispatched",)


@cache
def _reserved() -> frozenset[str]:
    with duckdb.connect() as connection:
        return frozenset(row[0] for row in connection.execute("select keyword_name from duckdb_keywords()").fetchall())


def raw_column(name: str) -> str:
    """A raw column in SQL: plain where it can be, else quoted as the engine at hand quotes."""
    plain = name.lower()
    if plain.isascii() and plain.isidentifier() and plain not in _reserved():
        return plain
    shown = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"{{{{ raw_column('{shown}') }}}}"


def names(table: RawTable) -> dict[str, str]:
    """{meaning: name in the models} of the table's columns that staging uses."""
    return {meaning: ALIASES.get(meaning, meaning) for meaning in table.columns if meaning not in UNUSED}


def selected(plan: Plan, table: RawTable) -> list[str]:
    """One SQL expression per used column."""
    found = []
    for meaning, name in names(table).items():
        column = raw_column(table.columns[meaning])
        if meaning in AS_THEY_ARE or meaning == "date":
            found.append(column if column == name else f"{column} as {name}")
        elif meaning in DAYS:
            found.append(f"cast({column} as date) as {name}")
        else:
            found.append(f"nullif(trim(cast({column} as string)), '') as {name}")
    return found


def instant(plan: Plan, table: RawTable) -> tuple[str, str]:
    """SQL for when it happened (UTC) and on which local day, from `placed` and `placed_time`."""
    writing = table.writing("date")
    if writing.kind == "date":
        clock = "cast(placed as timestamp)"
        if table.has("time"):
            clock = "cast(concat_ws(' ', cast(placed as string), placed_time) as timestamp)"
        return _utc(clock, plan.timezone), "placed"
    if writing.zoned:
        return "placed", "{{ local_day('placed', var('timezone')) }}"
    return _utc("placed", plan.timezone), "cast(placed as date)"


def _utc(clock: str, zone: str) -> str:
    if zone == "UTC":
        return clock
    shown = clock.replace("'", "\\'")
    return f"{{{{ utc_from_local('{shown}', '{zone}') }}}}"


def select(expressions: list[str], relation: str, indent: int = 4) -> str:
    """`select … from …`, an expression a line."""
    space = " " * indent
    body = ",\n".join(f"{space}    {expression}" for expression in expressions)
    return f"{space}select\n{body}\n{space}from {relation}"


def ranked(partition: list[str], order: str, name: str, indent: int = 8) -> str:
    """`row_number() over (…) as name`, a part a line."""
    space = " " * indent
    listed = f",\n{space}        ".join(partition)
    return (
        f"row_number() over (\n{space}    partition by\n{space}        {listed}\n"
        f"{space}    order by {order}\n{space}) as {name}"
    )


def row_id(columns: list[str], name: str, indent: int = 8) -> str:
    """An id made of the values of these columns."""
    space = " " * indent
    listed = "".join(f"\n{space}    '{column}'," for column in columns)
    return f"{{{{ row_id([{listed}\n{space}]) }}}} as {name}"


def source(plan: Plan, table: RawTable) -> str:
    """The landed table."""
    return f"{{{{ source('{plan.name}', '{table.name}') }}}}"


def cte(name: str, body: str) -> str:
    """A common table expression."""
    return f"{name} as (\n\n{body}\n\n)"


def ref(plan: Plan, model: str) -> str:
    """A staging model of the shop."""
    return f"{{{{ ref('stg_{plan.name}__{model}') }}}}"


def steps_and(steps: list[str], final: str) -> str:
    """A whole model: its steps and the last select."""
    return "with\n\n" + ",\n\n".join(steps) + f"\n\n{final}\n"


def source_name(plan: Plan) -> dict[str, str]:
    """What the column `source` holds."""
    return {"source": f"'{plan.name}'"}
