"""What was written and why, for the person who ran the command: guesses, assumptions, what the shop will lack.

In: a plan and its texts. Out: a dictionary that is printed as tables or as JSON.
"""

from pathlib import Path

from shops.new_source import tables as raw
from shops.new_source.declaration_text import certainty, declared_type, used_columns
from shops.new_source.meanings import IGNORE
from shops.new_source.models import models
from shops.new_source.plan import Plan
from shops.new_source.tables import RawTable


def summary(plan: Plan, found: dict[Path, str], project: Path) -> dict:
    """Keys: files, assumed, entities, lacks, paths, next."""
    folder = next(iter(plan.used)).first.path.parent
    assumed = [*plan.notes, *(note for model in models(plan).values() for note in model.notes)]
    return {
        "shop": plan.name,
        "files": [_file(plan, table) for table in (*plan.used, *plan.unused)],
        "assumed": [
            f"days of {plan.timezone}, figures in {plan.currency}",
            *assumed,
            f"windows: {plan.windows.reason}",
        ],
        "entities": plan.entities,
        "lacks": [{"lacks": what, "so": so} for what, so in _lacks(plan)],
        "paths": [str(path.relative_to(project)) if path.is_relative_to(project) else str(path) for path in found],
        "next": f"make run SHOP={plan.name} RAW={folder}",
    }


def _file(plan: Plan, table: RawTable) -> dict:
    used = used_columns(table) if table in plan.used else {}
    return {
        "file": table.path.removesuffix("*"),
        "table": table.name,
        "kind": table.kind if table in plan.used else raw.NOTHING,
        "rows": table.rows,
        "columns": [
            {
                "column": column,
                "means": used.get(column, ""),
                "type": declared_type(table, used[column]) if column in used else "",
                "format": table.writings[column].written,
                "certainty": certainty(guess.confidence),
                "confidence": guess.confidence,
                "why": guess.reason if column in used else _unused(guess.meaning, guess.reason),
            }
            for column, guess in table.guesses.items()
        ],
    }


def _unused(meaning: str, reason: str) -> str:
    if meaning == IGNORE:
        return "left out, as you said"
    return {"": reason, "personal": "personal data: left out"}.get(meaning, f"{meaning}: left out, nothing uses it")


def _lacks(plan: Plan) -> list[tuple[str, str]]:
    """What no file says, and what stays empty for it."""
    sales = plan.sales
    reviews, customers = plan.roles.get(raw.REVIEWS), plan.roles.get(raw.CUSTOMERS)
    priced = plan.sells and any(sales.has(m) for m in ("amount", "price", "list_price"))
    found = [
        (not plan.sells, "purchases", "no orders, revenue, RFM or propensity"),
        (plan.sells and not priced, "amounts", "orders are counted, revenue and value are not known"),
        (set(plan.behaviours) <= {"buy"}, "views and carts", "mart_conversion has purchases only, no funnel"),
        ("items" not in plan.entities, "products", "no recommendations and no basket rules"),
        (plan.sells and not any(sales.has(m) for m in ("cost", "profit")), "cost of goods", "margins are not known"),
        (
            not plan.knows("country") and not (customers and customers.has("country")),
            "countries",
            "figures are not split by country",
        ),
        (reviews is None, "reviews", "nothing about what customers praise and blame"),
        (not (customers and customers.has("consent_email")), "consent", "no message may be planned for anybody"),
        (True, "campaigns and spend", "no acquisition cost, no return of channels, no experiments"),
    ]
    return [(what, so) for missing, what, so in found if missing]
