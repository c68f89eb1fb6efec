"""The model that reads what was sold, one row per line: orders, lines, items and users select from it.

In: the plan. Out: its SQL, the names that it gives, and what its amounts assume.
"""

from dataclasses import dataclass

from shops.new_source import tables as raw
from shops.new_source.canonical import named
from shops.new_source.money import money
from shops.new_source.plan import Plan
from shops.new_source.renaming import cte, instant, names, ranked, row_id, select, selected, source
from shops.new_source.tables import RawTable

MEASURES = ("quantity", "price", "amount", "discount", "cost", "profit")
WORKED_OUT = (
    "order_number", "line_number", "user_id", "item_id", "placed", "placed_time", "order_status", "action",
    "session_id", *MEASURES,
)  # fmt: skip


@dataclass(frozen=True)
class Model:
    """SQL of a staging model, the columns that it gives beyond those of its entity, and notes for the user."""

    sql: str
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()


def sales_model(plan: Plan) -> Model:
    """Lines of a file of lines (joined to their orders), of orders alone, or of the actions that buy."""
    return _of_actions(plan) if plan.sales.kind == raw.ACTIONS else _of_lines(plan)


def _of_lines(plan: Plan) -> Model:
    table, headers = plan.sales, plan.headers
    own = list(names(table).values())
    steps = [cte("raw_lines", select([*selected(plan, table), "ds"], source(plan, table)))]
    keyed = line_key(table)
    lines = "raw_lines"
    if not keyed:
        steps.append(cte("numbered", _numbered(own, "raw_lines")))
        lines = "numbered"
    if not table.has("date"):  # delivered whole each time
        once = "".join(f"\n        '{name}'," for name in (_key_names(keyed) if keyed else [*own, "equal_row_number"]))
        steps.append(cte("landed_once", f"    {{{{ first_landed('{lines}', [{once}\n    ]) }}}}"))
        lines = "landed_once"
    taken: list[str] = []
    if headers:
        taken = [name for name in names(headers).values() if name not in own]
        day = "raw_lines" if table.has("date") else "raw_orders"
        steps.append(cte("raw_orders", select([*selected(plan, headers), "ds"], source(plan, headers))))
        steps.append(cte("orders", "    {{ first_landed('raw_orders', ['order_number']) }}"))
        given = [f"{lines}.{name}" for name in (*own, *([] if keyed else ["equal_row_number"]))]
        given += [f"orders.{name}" for name in taken]
        given.append(f"{lines if day == 'raw_lines' else 'orders'}.ds")
        joined = select(given, lines) + f"\n    inner join orders on {lines}.order_number = orders.order_number"
        steps.append(cte("lines", joined))
        lines = "lines"
    dated = table if table.has("date") else headers
    ts, day = instant(plan, dated)
    identified = [
        "*",
        _line_id(keyed, own),
        named(ts, "order_ts"),
        named(day, "order_date"),
    ]
    steps.append(cte("identified", select(identified, lines)))
    priced = money(table)
    known = {
        "line_id": "line_id",
        "order_id": _order_id(plan, table),
        "user_id": "coalesce(user_id, 'unknown')",
        "item_id": "item_id" if table.has("item") else "cast(null as string)",
        "order_ts": "order_ts",
        "order_date": "order_date",
        "line_type": f"case when {priced.is_refund} then 'refund' else 'sale' end" if priced.is_refund else "'sale'",
        **_amounts(table, priced),
        **{name: name for name in (*own, *taken) if name not in WORKED_OUT},
        "exclusion_reason": _exclusions(plan, table),
        "arrival_date": "ds",
    }
    return _model(steps, known, "identified", priced.notes)


def _of_actions(plan: Plan) -> Model:
    table = plan.sales
    priced = money(table)
    order = "event_id"
    if table.has("order"):
        order = "coalesce(order_number, event_id)"
    elif table.has("session"):
        order = "coalesce(concat_ws('-', user_id, session_id), event_id)"
    known = {
        "line_id": "event_id",
        "order_id": order,
        "user_id": "user_id",
        "item_id": "item_id",
        "order_ts": "event_ts",
        "order_date": "event_date",
        "line_type": "'sale'",
        **_amounts(table, priced),
        **{name: name for name in names(table).values() if name not in WORKED_OUT},
        "exclusion_reason": "exclusion_reason",
        "arrival_date": "arrival_date",
    }
    bought = f"{{{{ ref('stg_{plan.name}__actions') }}}}"
    sql = select([named(expression, name) for name, expression in known.items()], bought, 0)
    return Model(f"{sql}\nwhere behaviour = 'buy'\n", tuple(known), priced.notes)


def line_key(table: RawTable) -> tuple[str, ...]:
    """Meanings that tell the lines of a file apart; none: equal rows are numbered."""
    for key in (("order", "line"), ("line",)):
        if table.is_key(*key):
            return key
    return ("order",) if table.kind == raw.ORDERS and table.is_key("order") else ()


def _key_names(key: tuple[str, ...]) -> list[str]:
    return [f"{meaning}_number" for meaning in key]


def _line_id(key: tuple[str, ...], own: list[str]) -> str:
    if not key:
        return row_id([*own, "equal_row_number"], "line_id")
    return named(f"concat_ws('-', {', '.join(_key_names(key))})" if len(key) > 1 else _key_names(key)[0], "line_id")


def _numbered(own: list[str], relation: str) -> str:
    """Without line numbers equal rows are lines of their own; a file delivered again gives the same ids."""
    return select(["*", ranked(["ds", *own], "ds", "equal_row_number")], relation)


def _order_id(plan: Plan, table: RawTable) -> str:
    if table.has("order"):
        number = "concat_ws('-', order_number, user_id)" if plan.order_of_customer else "order_number"
        return number if table.writing("order").filled == 1 else f"coalesce({number}, line_id)"
    if table.kind == raw.ORDERS:
        return "line_id"
    return "case when user_id is null then line_id else concat_ws('-', user_id, cast(order_date as string)) end"


def _amounts(table: RawTable, priced) -> dict[str, str]:
    found = {"quantity": "cast(1 as bigint)"}
    if table.has("quantity"):
        pieces = "abs(quantity)" if table.writing("quantity").kind == "whole" else "ceil(abs(quantity))"
        found["quantity"] = f"cast({pieces} as bigint)"
    for name, expression, scale in (
        ("unit_price", priced.unit_price, 4),
        ("amount", priced.amount, 2),
        ("discount_amount", priced.discount, 2),
        ("cost_amount", priced.cost, 2),
    ):
        if expression:
            found[name] = f"cast(round({expression}, {scale}) as decimal(18, {scale}))"
    return found


def _exclusions(plan: Plan, table: RawTable) -> str:
    cases = []
    if plan.knows("status"):
        for values, reason in ((plan.cancelled, "order cancelled"), (plan.returned, "order returned")):
            if values:
                listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
                cases.append(f"when order_status in ({listed}) then '{reason}'")
    if table.has("item"):
        cases.append("when item_id is null then 'no product named'")
    if table.has("quantity"):
        cases.append("when quantity = 0 then 'zero quantity'")
    if not cases:
        return "cast(null as string)"
    return "case\n        " + "\n        ".join(cases) + "\n    end"


def _model(steps: list[str], known: dict[str, str], relation: str, notes: tuple[str, ...]) -> Model:
    final = select([named(expression, name) for name, expression in known.items()], relation, 0)
    return Model("with\n\n" + ",\n\n".join(steps) + f"\n\n{final}\n", tuple(known), notes)
