"""What the samples leave open that no guess may settle: who, when, what, day or month first, which currency.

In: the tables by role, and what was said. Out: questions with their possible answers; none where all is known.
"""

import re
from collections import Counter

from shops.new_source import tables as raw
from shops.new_source.meanings import simple
from shops.new_source.refusal import Question, Refused
from shops.new_source.tables import RawTable
from shops.new_source.vocabulary import CURRENCY_SIGNS, ISO_CURRENCIES

MONEY = ("amount", "price", "list_price")


def open_meanings(roles: dict[str, RawTable], unused: list[RawTable]) -> list[Question]:
    """Who, when and what, where a table that says it is missing it, or has two columns for it."""
    headers = roles.get(raw.ORDERS) if raw.LINES in roles else None
    selling = [roles[kind] for kind in (raw.LINES, raw.ORDERS, raw.ACTIONS) if kind in roles]
    questions = [
        _which(table, meaning)
        for table in selling
        for meaning in ("customer", "date", "item", "event")
        if table.has(meaning) and table.guesses[table.columns[meaning]].rivals
    ]
    if not selling:
        table = max([*unused, *roles.values()], key=lambda t: t.rows)
        return [_which(table, meaning) for meaning in ("customer", "date") if not table.has(meaning)] or [
            _which(table, "item")
        ]
    main = selling[0]
    joined = headers is not None and main.has("order") and headers.has("order")
    for meaning in ("customer", "date"):
        if not main.has(meaning) and not (joined and headers.has(meaning)):
            questions.append(_which(main, meaning))
    return questions


WORDS = {"customer": "who bought", "date": "when it happened", "item": "what was bought", "event": "what was done"}
NO_PLACE_FOR = {
    "customer": ("decimal", "double", "date", "timestamp", "time"),
    "item": ("decimal", "double", "date", "timestamp", "time"),
}


def _which(table: RawTable, meaning: str) -> Question:
    """Which column is it? The rivals, else every column that could be."""
    own = table.guesses.get(table.columns.get(meaning, ""))
    rivals = (
        [own.column, *own.rivals]
        if own
        else [
            column
            for column, guess in table.guesses.items()
            if guess.meaning in ("", "line", "personal")
            and (
                (table.writings[column].is_time)
                if meaning == "date"
                else table.writings[column].kind not in NO_PLACE_FOR.get(meaning, ())
            )
        ]
    )
    what = f"several columns may say {WORDS[meaning]}" if own else f"no column was found that says {WORDS[meaning]}"
    shown = f"columns: {', '.join(table.first.columns)}"
    return Question(
        f"{table.first.path.name}: {what} ({meaning}). {shown}",
        {column: {"map": f"{column}={meaning}"} for column in rivals},
        any_column=not rivals,
        meaning=meaning,
    )


def open_dates(roles: dict[str, RawTable]) -> list[Question]:
    """Days that could be read in either order."""
    for table in roles.values():
        for meaning in ("date", "delivered", "promised", "registered"):
            if table.has(meaning) and table.writing(meaning).rivals:
                cell = next(cell for cell in table.cells(meaning) if cell)
                return [
                    Question(
                        f"{table.first.path.name}: {table.columns[meaning]} holds days such as {cell}; which is first, "
                        "day or month?",
                        {order: {"dates": order} for order in ("day-first", "month-first")},
                    )
                ]
    return []


def currency_of(roles, said: str, notes: list[str], questions: list[Question]) -> str:
    """Said, in a column of its own, beside the amounts or in a column's name; no amounts need none."""
    if said:
        if not re.fullmatch("[A-Z]{3}", said):
            raise Refused(f"--currency {said}: give the ISO code, three capital letters: EUR")
        return said
    for table in roles.values():
        if table.has("currency"):
            counted = Counter(cell for cell in table.cells("currency") if cell).most_common()
            if len(counted) > 1:
                notes.append(
                    f"{table.path}: amounts are in {', '.join(c for c, _ in counted)}; figures are in {counted[0][0]}. "
                    "Without rates the others count for nothing: add a source with fx_rates"
                )
            return counted[0][0]
    paid = [(table, m) for table in roles.values() for m in MONEY if table.has(m)]
    for table, meaning in paid:
        words = {table.writing(meaning).symbol.lower(), *simple(table.columns[meaning]).split("_")}
        signs = [CURRENCY_SIGNS[word] for word in words if word in CURRENCY_SIGNS]
        signs += [word.upper() for word in words if word.upper() in ISO_CURRENCIES]
        if signs:
            notes.append(f"amounts are in {signs[0]}: {table.columns[meaning]} says so")
            return signs[0]
        if "$" in words:
            questions.append(
                Question(
                    f"{table.first.path.name}: {table.columns[meaning]} is in $; which dollar?",
                    {code: {"currency": code} for code in ("USD", "CAD", "AUD", "MXN")},
                )
            )
            return ""
    if paid:
        table, meaning = paid[0]
        questions.append(
            Question(
                f"{table.first.path.name}: nothing says in which currency {table.columns[meaning]} is.",
                {code: {"currency": code} for code in ("EUR", "USD", "GBP")},
                free="currency",
            )
        )
        return ""
    notes.append("no amounts were found: there will be no revenue; the currency EUR is only a label")
    return "EUR"
