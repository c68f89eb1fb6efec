"""What a line cost, as SQL over the renamed columns of its file: net amount, price per unit, discount, cost of goods.

In: the table of lines and what its columns hold. Out: expressions, and in words what they assume. Which of the possible
readings holds (a discount as a share or as money, an amount before or after it) is tried on the sample's own rows.
"""

import re
from dataclasses import dataclass

from shops.new_source.meanings import simple
from shops.new_source.tables import RawTable

SAMPLED = 5_000  # rows on which readings are compared
CLOSE = 0.02  # of an amount: rounding
PERCENT = re.compile(r"pct|percent|prozent|percentage")
PER_UNIT = re.compile(r"unit|price|preis|prix|precio|preco|prezzo")


@dataclass(frozen=True)
class Money:
    """SQL expressions; empty where nothing says it."""

    amount: str
    unit_price: str
    discount: str
    cost: str
    is_refund: str  # condition
    notes: tuple[str, ...]


def money(table: RawTable) -> Money:
    """Of a table whose columns are renamed to quantity, price, amount, discount, cost, profit."""
    q = "abs(quantity)" if table.has("quantity") else "1"
    notes: list[str] = []
    share = _discount_share(table)
    left = f"(1 - {share})" if share else ""
    price = "price" if table.has("price") else "list_price" if table.has("list_price") else ""
    if table.has("amount"):
        gross = bool(price) and _is_before_discount(table, price)
        net = "abs(amount)"
        if gross and table.has("discount"):
            net = f"abs(amount) * {left}" if share else "abs(amount) - abs(discount)"
            notes.append(f"{table.columns['amount']} is before the discount: the rows of the sample say so")
        lowered = table.has("discount") or not price
        unit = f"{net} / nullif({q}, 0)" if lowered else price
        if table.has("discount"):
            taken = f"abs(amount) * {share}" if gross else f"abs(amount) * {share} / nullif({left}, 0)"
            discount = taken if share else "abs(discount)"
        else:
            discount = ""
    elif price:
        net = f"{q} * {price}"
        unit, discount = price, ""
        if table.has("discount"):
            net, discount = (
                (f"{net} * {left}", f"{net} * {share}") if share else (f"{net} - abs(discount)", "abs(discount)")
            )
            unit = f"{price} * {left}" if share else f"({net}) / nullif({q}, 0)"
        notes.append(
            f"amount is quantity times {table.columns[price]}"
            if table.has("quantity")
            else f"amount is {table.columns[price]}"
        )
    else:
        net = unit = discount = ""
    if share:
        notes.append(f"{table.columns['discount']} is a share of the price")
    refunds = [f"{m} < 0" for m in ("quantity", "amount") if table.has(m)]
    return Money(net, unit, discount, _cost(table, q, notes), " or ".join(refunds), tuple(notes))


def _cost(table: RawTable, q: str, notes: list[str]) -> str:
    if table.has("cost"):
        per_unit = bool(PER_UNIT.search(simple(table.columns["cost"]))) or not table.has("amount")
        notes.append(f"{table.columns['cost']} is the cost of {'one unit' if per_unit else 'the line'}")
        return f"{q} * abs(cost)" if per_unit else "abs(cost)"
    if table.has("profit", "amount"):
        notes.append(f"cost of goods is {table.columns['amount']} less {table.columns['profit']}")
        return "abs(amount - profit)"
    return ""


def _discount_share(table: RawTable) -> str:
    """The discount as a share of the price, where it is one: 0.2, or 20 in a column called percent."""
    if not table.has("discount"):
        return ""
    values = _numbers(table, "discount")
    if PERCENT.search(simple(table.columns["discount"])) and max(values, default=0) > 1:
        return "discount / 100"
    return "discount" if values and all(0 <= abs(value) <= 1 for value in values) else ""


def _is_before_discount(table: RawTable, price: str) -> bool:
    if not table.has("discount", "quantity"):
        return False
    rows = zip(*(_numbers(table, m) for m in ("quantity", price, "amount", "discount")))
    given = [(q * p, a) for q, p, a, d in rows if None not in (q, p, a, d) and d]
    close = sum(abs(abs(full) - abs(amount)) <= CLOSE * abs(full) for full, amount in given)
    return bool(given) and close > len(given) / 2


def _numbers(table: RawTable, meaning: str) -> list[float]:
    """The sample's cells as numbers, by their own writing; rows that hold none are 0."""
    found = []
    for cell in table.cells(meaning)[:SAMPLED]:
        written = table.writing(meaning).written
        mark = re.search(r"234(\D)56", written)[1] if "234" in written else "."
        digits = re.sub(rf"[^\d\-{re.escape(mark)}]", "", cell).replace(mark, ".")
        try:
            found.append(float(digits))
        except ValueError:
            found.append(0.0)
    return found
