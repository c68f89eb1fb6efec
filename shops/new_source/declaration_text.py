"""The shop's declaration as a person would write it: YAML with, beside each column, what it was taken for and why.

In: a plan. Out: the text of `shops/<name>.yml`, and how each column is declared.
"""

import json
import re

from shops.new_source import tables as raw
from shops.new_source.days import has_gaps
from shops.new_source.meanings import CERTAIN, IGNORE, NUMERIC, SAID
from shops.new_source.plan import Plan
from shops.new_source.renaming import UNUSED
from shops.new_source.sales_model import line_key
from shops.new_source.tables import RawTable

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
YAML_WORDS = ("yes", "no", "on", "off", "y", "n", "true", "false", "null")
KEYS = {raw.ORDERS: ("order",), raw.CUSTOMERS: ("customer",), raw.PRODUCTS: ("item",), raw.CODES: ("code",)}


def declaration_text(plan: Plan) -> str:
    """The whole file."""
    w = plan.windows
    lines = [
        f"# {plan.name}: written from samples. A column's comment says what it was taken for. Correct what is wrong",
        f"# here and in dbt_project/models/staging/{plan.name}.",
        f"title: {quoted(plan.name.replace('_', ' ').capitalize())}",
        f"timezone: {plan.timezone} # a day is a day of this zone",
        f"reporting_currency: {plan.currency}",
        f"history_from: {plan.history_from} # older rows go to quarantine",
        f"behaviours: [{', '.join(plan.behaviours)}]",
        f"windows: # {w.reason}",
        f"  observation_days: {w.observation_days}",
        f"  horizon_days: {w.horizon_days}",
        f"  reference_days: {w.reference_days}",
        f"  training_dates: {w.training_dates}",
        f"  training_step_days: {w.training_step_days}",
        f"  evaluation_days: {w.evaluation_days}",
        *_personal(plan),
        "sources:",
        f"  {plan.name}:",
        "    kind: files # folder by RAW=",
        f"    entities: [{', '.join(plan.entities)}]",
        "    tables:",
    ]
    for table in plan.used:
        lines += _table(plan, table)
    return "\n".join(lines) + "\n"


def used_columns(table: RawTable) -> dict[str, str]:
    """{raw column: meaning} of the columns that are landed."""
    meaning_of = {column: meaning for meaning, column in table.columns.items() if meaning not in UNUSED}
    return {column: meaning_of[column] for column in table.first.columns if column in meaning_of}


def declared_type(table: RawTable, meaning: str) -> str:
    """Numbers for identity stay text: leading zeros count, and the rest of a file may hold letters."""
    writing = table.writing(meaning)
    if writing.is_time:
        return writing.kind
    if meaning in ("latitude", "longitude"):
        return "double"
    if meaning == "quantity":
        return "bigint" if writing.kind == "whole" else "decimal(18,3)"
    if meaning in NUMERIC:
        return f"decimal(18,{max(2, min(writing.scale, 4))})"
    if meaning == "consent_email" and writing.distinct <= 2:
        return "boolean"
    return "bigint" if writing.whole_floats and meaning != "customer" else "string"  # of people pseudonyms land


def quoted(text: str) -> str:
    """A YAML scalar."""
    return text if PLAIN.fullmatch(text) and text.lower() not in YAML_WORDS else json.dumps(text, ensure_ascii=False)


def _personal(plan: Plan) -> list[str]:
    """Whom the rows are about, and where people write: by the names that the files have for it."""
    customers = _raw_names(plan, "customer")
    hidden = [*customers, *(name for table in plan.used for name in _landed(table) if _is_personal(table, name))]
    written = _raw_names(plan, "review_text", "review_title")
    lines = ["personal: # never landed as it is: docs/privacy.md"] if hidden or written else []
    if customers:
        lines.append(f"  customer: [{', '.join(map(quoted, customers))}]")
    if hidden:
        lines.append(f"  columns: [{', '.join(map(quoted, dict.fromkeys(hidden)))}] # replaced by pseudonyms")
    if written:
        lines.append(f"  free_text: [{', '.join(map(quoted, written))}] # addresses and phone numbers in it are masked")
    return lines


def _raw_names(plan: Plan, *meanings: str) -> list[str]:
    names = [table.columns[meaning] for table in plan.used for meaning in meanings if table.has(meaning)]
    return list(dict.fromkeys(names))


def _is_personal(table: RawTable, column: str) -> bool:
    return table.guesses[column].meaning == "personal"


def _landed(table: RawTable) -> dict[str, str]:
    """{raw column: meaning} as declared: without a header a column cannot be left out, for it is known by its place."""
    used = used_columns(table)
    return used if table.first.header else {column: used.get(column, "") for column in table.first.columns}


def _table(plan: Plan, table: RawTable) -> list[str]:
    sample = table.first
    used = used_columns(table)
    lines = [f"      {table.name}: # {table.kind}", f"        path: {json.dumps(table.path, ensure_ascii=False)}"]
    if not _known_ending(table.path):
        lines.append("        format: csv")
    if sample.encoding != "utf-8":
        lines.append(f"        encoding: {sample.encoding}")
    if sample.delimiter != ",":
        lines.append(f"        delimiter: {json.dumps(sample.delimiter)}")
    if not sample.header:
        lines.append("        header: false")
    lines.append("        columns:")
    declared = _landed(table)
    for column, meaning in declared.items():
        kind = declared_type(table, meaning) if meaning else "string"
        lines.append(f"          {quoted(column)}: {kind} # {_comment(table, column, meaning)}")
    if unused := [column for column in sample.columns if column not in declared]:
        lines.append("        ignored_columns: # not landed: personal data, or nothing that is used")
        lines += [f"          - {quoted(column)} # {_why_ignored(table, column)}" for column in unused]
    lines += _formats(table, used)
    if words := sorted({word for column in used for word in table.writings[column].nulls}):
        lines.append(f"        missing: [{', '.join(json.dumps(word) for word in words)}] # stand for no value")
    key = KEYS.get(table.kind) if table.kind in KEYS else line_key(table)
    key = [table.columns[m] for m in key or () if table.has(m) and table.is_key(*key)]
    if key:
        lines.append(f"        key: [{', '.join(map(quoted, key))}]")
    required = [table.columns[m] for m in _needed(table) if table.has(m) and table.columns[m] not in key]
    if required:
        lines.append(f"        required: [{', '.join(map(quoted, required))}]")
    return lines + _arrival(plan, table)


def _known_ending(path: str) -> bool:
    from extract.files import FORMATS

    return any(path.rstrip("*").lower().endswith(ending) for ending in FORMATS)


def _comment(table: RawTable, column: str, meaning: str) -> str:
    guess = table.guesses[column]
    if not meaning:
        return "not used"
    sure = "" if guess.confidence >= CERTAIN else ", not sure"
    return f"{meaning}, {one_line(guess.reason)}{sure}"


def _why_ignored(table: RawTable, column: str) -> str:
    guess = table.guesses[column]
    if guess.meaning == IGNORE:
        return "as you said"
    return one_line({"personal": "personal data", "": guess.reason}.get(guess.meaning, guess.meaning))


def one_line(text: str) -> str:
    """Safe in a comment, and in a description that a template engine reads."""
    return " ".join(text.split()).replace("{", "(").replace("}", ")")


def _formats(table: RawTable, used: dict[str, str]) -> list[str]:
    written = {c: table.writings[c].written for c, m in used.items() if declared_type(table, m) != "string"}
    written = {column: text for column, text in written.items() if text}
    if not written:
        return []
    return [
        "        formats:",
        *(f"          {quoted(c)}: {json.dumps(t, ensure_ascii=False)}" for c, t in written.items()),
    ]


def _needed(table: RawTable) -> tuple[str, ...]:
    """Without these a row says nothing; a sale without its customer still is one."""
    return {
        raw.LINES: ("order", "date") if table.has("order") and table.writing("order").filled == 1 else ("date",),
        raw.ORDERS: ("date",),
        raw.ACTIONS: ("customer", "event", "date"),
        raw.CUSTOMERS: ("customer",),
        raw.PRODUCTS: ("item",),
        raw.REVIEWS: ("rating",),
        raw.CODES: ("code", "name"),
    }[table.kind]


def _arrival(plan: Plan, table: RawTable) -> list[str]:
    if table.kind in (raw.CUSTOMERS, raw.PRODUCTS, raw.CODES) or not table.has("date"):
        return ["        arrival: {by: snapshot} # delivered whole each time"]
    writing = table.writing("date")
    zone = (
        f", timezone: {plan.timezone}"
        if writing.kind == "timestamp" and not writing.zoned and plan.timezone != "UTC"
        else ""
    )
    lines = [f"        arrival: {{by: column, column: {quoted(table.columns['date'])}, unit: {writing.kind}{zone}}}"]
    if has_gaps(table, plan.timezone):
        lines.append("        may_be_empty: true # some days of the sample have no row")
    return [*lines, "        outside_interval: quarantine"]


def certainty(confidence: float) -> str:
    """In words."""
    return (
        "said"
        if confidence >= SAID
        else "sure"
        if confidence >= CERTAIN
        else "likely"
        if confidence >= 0.6
        else "a guess"
    )
