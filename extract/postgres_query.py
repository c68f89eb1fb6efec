"""What a PostgreSQL table is asked: are its columns those declared, and which rows lie in an interval.

In: a cursor on the database, the table's declaration, the interval. Out: a query without values in it (they are
settings of its transaction), and these settings.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from extract.errors import ChangedColumns, ExtractError, MissingSource
from extract.interval import bounds
from extract.judge import same_columns
from shops.declaration import Shop, Source, Table
from warehouse.engine import quote

# Types of PostgreSQL that a declared type may come from: whole numbers and decimals never from binary fractions.
INTEGERS = {"int2", "int4", "int8"}
FITTING = {
    "bigint": INTEGERS | {"numeric"},
    "int": INTEGERS | {"numeric"},
    "decimal": INTEGERS | {"numeric"},
    "double": INTEGERS | {"numeric", "float4", "float8"},
    "boolean": {"bool"},
    "date": {"date"},
    "timestamp": {"timestamp", "timestamptz"},
}
UNITS = {"timestamp": {"timestamp", "timestamptz"}, "date": {"date"}, "epoch_seconds": INTEGERS}
WALL_CLOCK_DOUBT = timedelta(hours=3)  # a wall clock put back repeats an hour: ask for more, landing cuts exactly


def columns(cursor, source: Source, table: Table) -> dict[str, str]:
    """{column: type} in the database, of those declared. Raises MissingSource, ChangedColumns."""
    name = _name(table)
    cursor.execute("select cast(to_regclass($1) as text)", (name,))
    if cursor.fetchone()[0] is None:
        raise MissingSource(
            f"{source.name}.{table.name}: the database has no table {name}, or this login may not see "
            "its schema. Correct `path` (schema.table), or grant it."
        )
    cursor.execute(
        """
        select attribute.attname::text, coalesce(base.typname, own.typname)::text
        from pg_catalog.pg_attribute as attribute
        join pg_catalog.pg_type as own on own.oid = attribute.atttypid
        left join pg_catalog.pg_type as base on own.typtype = 'd' and base.oid = own.typbasetype
        where attribute.attrelid = to_regclass($1) and attribute.attnum > 0 and not attribute.attisdropped
        order by attribute.attnum
        """,
        (name,),
    )
    types = dict(cursor.fetchall())
    same_columns(table, list(types), f"{source.name}: table {name}")
    changed = [
        f"{column} is {types[column]}, declared {kind}"
        for column, kind in table.columns.items()
        if column in types and types[column] not in FITTING.get(kind.split("(")[0], {types[column]})
    ]
    if changed:
        raise ChangedColumns(
            f"{source.name}: table {name}: {'; '.join(changed)}. If the database has changed for good, declare "
            "its type under `columns`, or read a view that casts."
        )
    return {column: types[column] for column in table.columns if column in types}


def query(shop: Shop, source: Source, table: Table, own_zone: str, found: dict[str, str], start: date, end: date):
    """The query, and the values that it reads as settings `precision.<name>`: COPY takes no parameters."""
    settings = {"zone": shop.timezone, "own_zone": own_zone}
    where = day = "null"
    if table.arrival["by"] == "snapshot":
        where = "true"
    elif table.arrival["by"] != "column":
        raise ExtractError(f"{source.name}.{table.name}: rows of a database arrive by column or snapshot; correct `by`")
    else:
        cursor = table.arrival["column"]
        _same_unit(source, table, found[cursor])
        settings["lower"], settings["upper"], kind = _range(shop, own_zone, table, found[cursor], start, end)
        lower, upper = (f"cast({_setting(name)} as {kind})" for name in ("lower", "upper"))
        where = f"{quote(cursor)} >= {lower} and {quote(cursor)} < {upper}"
        day = _local_day(quote(cursor), found[cursor], table.arrival["unit"])
        if start <= shop.history_from < end:  # rows without a place in history belong to its first day
            where = "true" if table.outside_interval == "quarantine" else f"({where} or {quote(cursor)} is null)"
    order = [*(name for name in (table.arrival.get("column"), *table.key) if name in found), *found]
    by = ", ".join(_sortable(quote(name), found[name]) for name in dict.fromkeys(order))
    selected = ", ".join(f"{_text(quote(name), kind)} as {quote(name)}" for name, kind in found.items())
    return f"select {selected}, cast({day} as text) as __day from {_name(table)} where {where} order by {by}", settings


def _same_unit(source: Source, table: Table, kind: str) -> None:
    """Raises ExtractError when the arrival column is not of its `unit`, or is given a zone of its own."""
    unit, place = table.arrival["unit"], f"{source.name}.{table.name}: arrival column '{table.arrival['column']}'"
    if kind not in UNITS[unit]:
        raise ExtractError(f"{place} is {kind}; unit {unit} is {' or '.join(sorted(UNITS[unit]))}. Correct `unit`.")
    if "timezone" in table.arrival:
        raise ExtractError(
            f"{place}: give the zone of columns without one as the source's `parameters: {{timezone: ...}}`"
        )


def _range(shop: Shop, own_zone: str, table: Table, kind: str, start: date, end: date) -> tuple[str, str, str]:
    """The interval in the cursor's own terms: lower bound, upper bound, and their type."""
    if kind == "date":
        return str(start), str(end), "date"
    first, last = bounds(shop, start, end)
    if kind in INTEGERS:
        return str(int(first.timestamp())), str(int(last.timestamp())), "bigint"
    if kind == "timestamptz":
        return first.isoformat(), last.isoformat(), kind
    doubt = timedelta() if own_zone == "UTC" else WALL_CLOCK_DOUBT
    lower, upper = (at.astimezone(ZoneInfo(own_zone)).replace(tzinfo=None) for at in (first, last))
    return str(lower - doubt), str(upper + doubt), kind


def _local_day(column: str, kind: str, unit: str) -> str:
    """The shop's day of a row, in the database's words: rows are numbered within it."""
    if unit == "date":
        return column
    instants = {"timestamptz": column, "timestamp": f"({column} at time zone {_setting('own_zone')})"}
    instant = instants.get(kind, f"to_timestamp({column})")
    return f"cast(({instant} at time zone {_setting('zone')}) as date)"


def _name(table: Table) -> str:
    return ".".join(quote(part) for part in (table.path or table.name).split("."))


def _setting(name: str) -> str:
    return f"current_setting('precision.{name}')"


def _text(column: str, kind: str) -> str:
    """A column as text; a wall clock without a zone as the instant that it means."""
    value = f"({column} at time zone {_setting('own_zone')})" if kind == "timestamp" else column
    return f"cast({value} as text)"


def _sortable(column: str, kind: str) -> str:
    """Every value can be sorted as bytes of its text; numbers and instants sort as what they are (and by an index)."""
    plain = kind in INTEGERS or kind in ("date", "timestamp", "timestamptz", "numeric", "uuid")
    return column if plain else f'cast({column} as text) collate "C"'
