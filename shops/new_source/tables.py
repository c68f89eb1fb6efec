"""What the rows of a file are: order lines, orders, actions, customers, products, reviews, or names of codes.

In: sample files. Out: `RawTable`, one per file (or per set of files laid out alike), with its columns' meanings.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile
from pathlib import Path

from shops.new_source import cells, meanings
from shops.new_source.cells import Writing
from shops.new_source.meanings import IGNORE, Guess, simple
from shops.new_source.refusal import Refused
from shops.new_source.sample import Sample, read, same_layout

LINES, ORDERS, ACTIONS, CUSTOMERS, PRODUCTS, REVIEWS, CODES, NOTHING = (
    "order lines", "orders", "actions", "customers", "products", "reviews", "names of codes", "nothing that is used",
)  # fmt: skip
MOST_LINES = 200  # of one order: a larger number counts something else
NAMED_CODES = ("category", "subcategory", "brand")


@dataclass(frozen=True)
class RawTable:
    """One raw table. `name` is a legal identifier, `path` the declaration's, `names_for`: of which table's column."""

    name: str
    path: str
    samples: tuple[Sample, ...]
    writings: dict[str, Writing]
    guesses: dict[str, Guess]
    kind: str = NOTHING
    names_for: str = ""  # of names of codes: the meaning whose codes are named

    @cached_property
    def columns(self) -> dict[str, str]:
        """{meaning: column} of what is used."""
        unused = ("", IGNORE, *meanings.SEVERAL)
        return {guess.meaning: column for column, guess in self.guesses.items() if guess.meaning not in unused}

    @cached_property
    def rows(self) -> int:
        return sum(len(sample.rows) for sample in self.samples)

    @property
    def first(self) -> Sample:
        return self.samples[0]

    def has(self, *wanted: str) -> bool:
        return all(meaning in self.columns for meaning in wanted)

    def writing(self, meaning: str) -> Writing:
        return self.writings[self.columns[meaning]]

    def cells(self, meaning: str) -> list[str]:
        """Stripped cells, those that stand for nothing empty."""
        column = self.columns[meaning]
        nulls = {"", *self.writings[column].nulls}
        return ["" if cell in nulls else cell.strip() for sample in self.samples for cell in sample.cells(column)]

    def is_key(self, *wanted: str) -> bool:
        """Is no row without these, and no two rows with the same?"""
        if not self.has(*wanted):
            return False
        values = list(zip(*(self.cells(meaning) for meaning in wanted)))
        return len(set(values)) == len(values) and all(all(row) for row in values)


def raw_tables(files: list[Path], said: dict[str, str], dates: str) -> list[RawTable]:
    """Raises Refused for files that cannot be read and for what was said of columns that no file has."""
    samples = [read(path) for path in files]
    groups: dict[tuple, list[Sample]] = {}
    for sample in samples:
        key = next(
            (k for k, group in groups.items() if same_layout([group[0], sample]) and sample.header), (sample.path,)
        )
        groups.setdefault(key, []).append(sample)
    found: list[RawTable] = []
    for group in groups.values():
        name = _table_name(group, {table.name for table in found})
        found.append(_table(name, group, _said_of(said, name, group[0]), dates))
    _all_used(said, found)
    return _with_codes([replace(table, kind=kind_of(table)) for table in found])


def _table(name: str, group: list[Sample], said: dict[str, str], dates: str) -> RawTable:
    columns = {column: [cell for s in group for cell in s.cells(column)] for column in group[0].columns}
    mark = cells.decimal_mark(list(columns.values()))
    writings = {column: cells.writing(values, mark) for column, values in columns.items()}
    writings = _one_order_of_days(writings, dates)
    table = RawTable(name, _path(group), tuple(group), writings, meanings.guesses(group[0], writings, said))
    return _line_numbers(table)


def _one_order_of_days(writings: dict[str, Writing], dates: str) -> dict[str, Writing]:
    """A file writes its days in one order: a column that shows it, or the user, decides for those that do not."""
    certain = {w.written for w in writings.values() if w.is_time and "%" in w.written and not w.rivals}
    orders = {cells.DAY_FIRST if w.startswith("%d") else cells.MONTH_FIRST for w in certain if w[:2] in ("%d", "%m")}
    order = dates or (orders.pop() if len(orders) == 1 else "")
    if not order:
        return writings
    start = "%d" if order == cells.DAY_FIRST else "%m"
    decided = {}
    for column, writing in writings.items():
        fitting = [f for f in (writing.written, *writing.rivals) if f.startswith(start)]
        decided[column] = replace(writing, written=fitting[0], rivals=()) if writing.rivals and fitting else writing
    return decided


def _line_numbers(table: RawTable) -> RawTable:
    """1, 2, 3 within each order is a line's number, even where it is called item_id."""
    item = table.guesses.get(table.columns.get("item", ""))
    if not item or not item.rivals or table.has("line") or not table.has("order"):
        return table
    for column in (item.column, *item.rivals):
        writing = table.writings[column]
        if writing.kind != "whole" or writing.distinct > MOST_LINES:
            continue
        line = replace(
            item, column=column, meaning="line", confidence=0.9, reason="counts the lines of each order", rivals=()
        )
        others = [other for other in (item.column, *item.rivals) if other != column]
        left = replace(item, column=others[0], rivals=tuple(others[1:]), reason=f"by its name; {column} counts lines")
        counted = replace(table, guesses={**table.guesses, column: line, others[0]: left})
        if counted.is_key("order", "line") and "1" in counted.cells("line"):
            return counted
    return table


def kind_of(table: RawTable) -> str:
    """By which meanings its columns have, and which of them is the key."""
    if table.has("event", "customer") and (table.has("date") or not table.has("quantity")):
        return ACTIONS
    if table.has("rating") and (table.has("item") or table.has("order")) and not table.has("quantity"):
        return REVIEWS
    sells = table.has("item") and any(table.has(m) for m in ("order", "customer", "date"))
    if sells and not (table.is_key("item") and not table.has("customer")):
        return LINES
    if table.is_key("customer") and not any(table.has(m) for m in ("order", "amount", "quantity", "item")):
        return CUSTOMERS
    if table.has("customer", "date") or table.has("order", "date"):
        return ORDERS
    if table.is_key("item") and len(table.columns) > 1:
        return PRODUCTS
    return NOTHING


def _with_codes(tables: list[RawTable]) -> list[RawTable]:
    """Small tables that name the codes of products: brands, categories."""
    found = []
    used = {t.columns[m]: m for t in tables if t.kind in (PRODUCTS, LINES) for m in NAMED_CODES if t.has(m)}
    for table in tables:
        key = table.first.columns[0]
        names = [c for c in table.first.columns[1:] if table.writings[c].kind == "text" and "name" in simple(c)]
        if table.kind == NOTHING and key in used and names and len(table.first.columns) <= 4:
            guesses = {c: Guess(c, "", 0.0, "not needed") for c in table.first.columns}
            guesses[key] = Guess(key, "code", 0.9, f"the codes that other files use as {used[key]}")
            guesses[names[0]] = Guess(names[0], "name", 0.9, "names them")
            table = replace(table, guesses=guesses, kind=CODES, names_for=used[key])
        found.append(table)
    return found


def _table_name(group: list[Sample], taken: set[str]) -> str:
    stem = _common_start([_bare(s.path) for s in group]) if len(group) > 1 else _bare(group[0].path)
    name = re.sub(r"[^a-z0-9]+", "_", simple(stem).encode("ascii", "ignore").decode()).strip("_") or "rows"
    name = name if name[0].isalpha() else f"t_{name}"
    return name if name not in taken else next(f"{name}_{n}" for n in range(2, 100) if f"{name}_{n}" not in taken)


def _common_start(names: list[str]) -> str:
    return "".join(chars[0] for chars in takewhile(lambda chars: len(set(chars)) == 1, zip(*names)))


def _bare(path: Path) -> str:
    return path.name.removesuffix(".gz").rpartition(".")[0] or path.name


def _path(group: list[Sample]) -> str:
    """One file, plain or gzip; of several: what their names begin with."""
    if len(group) == 1:
        return f"{group[0].path.name.removesuffix('.gz')}*"
    start = _common_start([sample.path.name for sample in group])
    suffix = Path(group[0].path.name.removesuffix(".gz")).suffix
    return f"{start}*{suffix}*"


def _said_of(said: dict[str, str], name: str, sample: Sample) -> dict[str, str]:
    """What was said of this table's columns: `column` of any file, or `table.column` of one."""
    found = {}
    for key, meaning in said.items():
        table, _, column = key.rpartition(".")
        if key in sample.columns:
            found[key] = meaning
        elif table == name and column in sample.columns:
            found[column] = meaning
    return found


def _all_used(said: dict[str, str], tables: list[RawTable]) -> None:
    known = {column for table in tables for column in table.first.columns}
    known |= {f"{table.name}.{column}" for table in tables for column in table.first.columns}
    if unknown := sorted(set(said) - known):
        raise Refused(f"no file has a column {', '.join(unknown)}; there are {', '.join(sorted(known))}")
