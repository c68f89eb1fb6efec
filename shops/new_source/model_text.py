"""The YAML beside each staging model, and the one that names the raw tables.

In: a plan and its models. Out: texts in which every column is described and every model is enabled only for its shop.
"""

import json

from shops.new_source import canonical
from shops.new_source import tables as raw
from shops.new_source.declaration_text import one_line
from shops.new_source.plan import Plan
from shops.new_source.sales_model import Model

# Of the columns that only `sales` and `actions` have; the others are described as in the canonical entities.
EXTRA = {
    "item_name": ("string", "Name of the product"),
    "category": ("string", "Category"),
    "subcategory": ("string", "Subcategory"),
    "brand": ("string", "Brand"),
    "order_number": ("string", "Order, as the shop numbers it"),
    "session_id": ("string", "Visit"),
    "price": ("decimal(18,4)", "Price per unit, own currency"),
    "list_price": ("decimal(18,4)", "List price per unit, own currency"),
    "discount": ("decimal(18,4)", "Discount, as the source gives it"),
    "amount": ("decimal(18,2)", "Paid, in its own currency, shipping excluded"),
    "cost": ("decimal(18,4)", "Cost of the goods, as the source gives it"),
    "profit": ("decimal(18,4)", "Profit, as the source gives it"),
    "rating": ("decimal(4,2)", "Stars"),
    "language": ("string", "Language"),
    "event_id": ("string", "Unique id of the action; a redelivery carries the same"),
    "behaviour": ("string", "view, click, collect, cart, uncart or buy; none where it is no behaviour"),
}
LOOKED_UP = ("order_lines", "orders", "events", "users", "items", "reviews")


def model_yml(plan: Plan, name: str, model: Model) -> str:
    """`stg_<shop>__<name>.yml`."""
    rows = [
        f"      - {{name: {column}, data_type: '{kind}', description: {json.dumps(text, ensure_ascii=False)}}}"
        for column, kind, text in _columns(name, model)
    ]
    return "\n".join(
        [
            "version: 2",
            "models:",
            f"  - name: stg_{plan.name}__{name}",
            f"    description: {json.dumps(_description(plan, name), ensure_ascii=False)}",
            "    config:",
            f"      enabled: \"{{{{ '{plan.name}' in var('sources', []) }}}}\"",
            "    columns:",
            *rows,
            "",
        ]
    )


def sources_yml(plan: Plan) -> str:
    """`_<shop>__sources.yml`."""
    tables = [
        f"      - {{name: {table.name}, identifier: {plan.name}__{table.name}, "
        f"description: {json.dumps(f'{table.kind.capitalize()}: one row per row of the file.')}}}"
        for table in plan.used
    ]
    kinds = ", ".join(table.kind for table in plan.used)
    return "\n".join(
        [
            "version: 2",
            "sources:",
            f"  - name: {plan.name}",
            f"    description: {json.dumps(f'Exported files of the shop {plan.name}: {kinds}.')}",
            "    schema: landing",
            "    tables:",
            *tables,
            "",
        ]
    )


def _columns(name: str, model: Model) -> list[tuple[str, str, str]]:
    if not model.columns:
        return [(c.name, c.type, c.description) for c in canonical.columns(name)]
    known = {c.name: (c.type, c.description) for entity in LOOKED_UP[::-1] for c in canonical.columns(entity)}
    known = {**known, **{column: what for column, what in EXTRA.items() if column not in known or name == "actions"}}
    return [
        (column, *known.get(column, ("string", one_line(column.replace("_", " ").capitalize()))))
        for column in model.columns
    ]


def _description(plan: Plan, name: str) -> str:
    sold = {raw.LINES: "order line", raw.ORDERS: "order", raw.ACTIONS: "action that buys"}
    grain = {
        "sales": f"One row per {sold[plan.sales.kind]}: what was sold, read as canonical columns."
        if plan.sales
        else "",
        "actions": "One row per recorded action. Equal rows count once: the others are marked exact duplicate.",
        "order_lines": "One row per line sold or taken back. Amounts are positive in both; line_type tells them apart.",
        "orders": "One row per order, summed up from its lines. One of which nothing was sold is cancelled.",
        "events": "One row per action or sale, as a behaviour.",
        "users": "One row per customer and day of arrival.",
        "items": "One row per product and day of arrival.",
        "reviews": "One row per review.",
        "item_review_stats": "One row per product and day with a review: how many so far, and how many of them bad.",
    }
    return grain[name]
