"""Type every raw row by its declaration and say which day it belongs to and, if it is bad, why.

In: a raw relation (see `extract.sources`) and the table's declaration. Out: the temporary table `judged`: the declared
columns, typed, with __ds (day), __reason (null = good), __raw (JSON of a bad row), __file, __line.

The day of a row whose arrival cannot be told, or that lies outside all history where the declaration sends such rows to
quarantine, is the first day of history: so each raw row belongs to one day, whatever intervals are landed.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import duckdb

from extract.errors import ChangedColumns, ExtractError
from shops.cell_formats import EPOCH, reading
from shops.declaration import Shop, Table
from warehouse.engine import quote

OWN_COLUMNS = ("__file", "__line", "__file_day", "__fault", "__cells")
OWN_TYPES = "__ds date, __reason varchar, __raw varchar, __file varchar, __line bigint"
WHOLE = ("bigint", "int")
NOT_NUMBERS = ("string", "boolean", "date", "timestamp")
CAN_BE_INFINITE = ("double", "date", "timestamp")


def judged_rows(connection, shop: Shop, table: Table, pieces: Iterable[str], start: date, end: date) -> None:
    """Make the temporary table `judged` of the raw rows whose day is in [start, end). Raises ChangedColumns."""
    names = ", ".join(f"{quote(name)} {kind}" for name, kind in table.columns.items())
    connection.execute(f"create or replace temp table judged ({names}, {OWN_TYPES})")
    for raw in pieces:
        types = {name: kind for name, kind, *_ in connection.execute(f"describe {raw}").fetchall()}
        same_columns(table, [name for name in types if name not in OWN_COLUMNS], f"shop '{shop.name}'")
        try:
            connection.execute(f"insert into judged {_query(shop, table, raw, types, start, end)}")
        except (duckdb.ProgrammingError, duckdb.DataError, duckdb.NotSupportedError) as error:
            said = "" if isinstance(error, duckdb.DataError) else f": {str(error).splitlines()[0]}"  # may quote a cell
            raise ExtractError(
                f"table '{table.name}': its rows cannot be judged ({type(error).__name__}{said}). Correct `checks`, "
                "`formats` or `columns` in the shop's declaration; nothing was landed."
            ) from None


def same_columns(table: Table, found: list[str], where: str) -> None:
    """Raises ChangedColumns unless the raw columns are those declared, in any order."""
    missing = [name for name in table.columns if name not in found and name not in table.optional_columns]
    new = [name for name in found if name not in table.columns and name not in table.ignored_columns]
    twice = sorted({name for name in found if found.count(name) > 1})
    if missing or new or twice:
        raise ChangedColumns(
            f"{where}: the columns are not those declared for table '{table.name}'. "
            f"Missing: {missing or 'none'}; not declared: {new or 'none'}; twice: {twice or 'none'}. "
            "If the source has changed for good, change `columns` in the shop's declaration (or list a new one under "
            "`ignored_columns`) and the staging models that use it."
        )


def day_of(shop: Shop, table: Table, end: date) -> str:
    """SQL for the local day on which a row arrived; null when it cannot be told."""
    arrival = table.arrival
    if arrival["by"] == "snapshot":
        return f"date '{end - timedelta(days=1)}'"
    if arrival["by"] == "file_day":
        return "__file_day"
    column, zone = quote(arrival["column"]), arrival.get("timezone", "UTC")
    unit = arrival.get("unit", "timestamp")
    if unit == "date":
        return f"cast({column} as date)"
    if unit == "epoch_seconds":
        return f"cast(try(to_timestamp({column}) at time zone '{shop.timezone}') as date)"
    if zone == shop.timezone:
        return f"cast({column} as date)"
    return f"cast(try(({column} at time zone '{zone}') at time zone '{shop.timezone}') as date)"


def first_and_last_day(connection, shop: Shop, table: Table, raw: str) -> list[date]:
    """Of the raw rows that lie in history: none or both."""
    types = {name: kind for name, kind, *_ in connection.execute(f"describe {raw}").fetchall()}
    typed = f"select {typed_columns(table, types)}, __file_day from ({raw}) as source_row"
    days = f"select {day_of(shop, table, date.max)} as day from ({typed})"
    history = f"select min(day), max(day) from ({days}) where day >= date '{shop.history_from}'"
    return [day for day in connection.execute(history).fetchall()[0] if day]


def typed_columns(table: Table, types: dict[str, str]) -> str:
    """SQL select list: every declared column, typed; null where the raw value does not fit."""
    absent = [f"cast(null as {kind}) as {quote(name)}" for name, kind in table.columns.items() if name not in types]
    present = [
        f"{_typed(table, name, types[name], kind)} as {quote(name)}"
        for name, kind in table.columns.items()
        if name in types
    ]
    return ", ".join(absent + present)


def _query(shop: Shop, table: Table, raw: str, types: dict[str, str], start: date, end: date) -> str:
    names = ", ".join(quote(name) for name in table.columns)
    # of what is declared `ignored_columns` nothing is kept anywhere, and all else is declared
    cells = ", ".join(f"{quote(name)} := source_row.{quote(name)}" for name in types if name in table.columns)
    badly_typed = " ".join(
        f"when {_given(table, f'typed.__row.{quote(name)}', types[name])} is not null and typed.{quote(name)} is null "
        f"then {_misfit(name, types[name], kind)}"
        for name, kind in table.columns.items()
        if name in types
    )
    needed = dict.fromkeys((*table.key, *table.required))
    faults = [f"when {quote(name)} is null then {quote_text(f'{name} is missing')}" for name in needed]
    if table.arrival["by"] == "column":
        faults.append("when __day is null then 'day of arrival is missing'")
    if table.outside_interval == "quarantine":
        faults.append(f"when {_outside_history(shop)} then 'outside history'")
    faults += [f"when ({check}) is false then {quote_text(reason)}" for reason, check in table.checks.items()]
    first = f"date '{shop.history_from}'"
    home = f"coalesce(__day, {first})"
    if table.outside_interval == "quarantine":
        home = f"case when {_outside_history(shop)} then {first} else {home} end"
    return f"""
        with typed as (
            select
                {typed_columns(table, types)},
                struct_pack({cells}) as __row,
                __file, __line, __file_day, __fault, __cells
            from ({raw}) as source_row
        ),
        dated as (
            select
                *,
                {day_of(shop, table, end)} as __day,
                coalesce(__fault, case {badly_typed} end) as __misfit
            from typed
        ),
        placed as (select *, {home} as __ds, {home} as ds, {_end_of(home, shop.timezone)} as ds_end from dated),
        reasoned as (
            select *, coalesce(__misfit, case {" ".join(faults) or "when false then ''"} end) as __reason
            from placed
            where __ds >= date '{start}' and __ds < date '{end}'
        )
        select
            {names},
            __ds,
            __reason,
            case
                when __reason is not null
                    then to_json({{'file': __file, 'row': coalesce(cast(__cells as json), to_json(__row))}})
            end as __raw,
            __file,
            __line
        from reasoned
    """


def _end_of(day: str, zone: str) -> str:
    """The UTC instant at which the local day ends: 23, 24 or 25 hours after it began."""
    return f"(cast({day} + 1 as timestamp) at time zone '{zone}') at time zone 'UTC'"


def _outside_history(shop: Shop) -> str:
    """History ends where the declaration says that the data do; without `as_of` it is open."""
    after = f" or __day >= date '{shop.as_of}'" if shop.as_of else ""
    return f"(__day < date '{shop.history_from}'{after})"


def _given(table: Table, column: str, raw_type: str) -> str:
    """A raw value, where the empty text of a CSV cell, and words that stand for nothing, are no value."""
    if raw_type != "VARCHAR":
        return column
    if not table.missing:
        return f"nullif({column}, '')"
    words = ", ".join(map(quote_text, ("", *table.missing)))
    return f"case when {column} not in ({words}) then {column} end"


def _typed(table: Table, name: str, raw_type: str, kind: str) -> str:
    """One raw value in its declared type, null when it does not fit: no NaN, no infinity, no silent rounding of 1.5."""
    given = _given(table, f"source_row.{quote(name)}", raw_type)
    if kind == "string":
        return f"cast({given} as varchar)"
    written = table.formats.get(name, "")
    if written in EPOCH or (written and raw_type == "VARCHAR"):
        given = reading(given, kind, written)
    elif kind == "timestamp" and raw_type == "VARCHAR":  # a cast straight to timestamp drops an offset such as +02:00
        given = f"try_cast({given} as timestamptz)"
    cast = f"try_cast({given} as {kind})"
    if kind in WHOLE and raw_type in ("VARCHAR", "DOUBLE", "FLOAT"):
        return f"case when try_cast({given} as decimal(38, 6)) = {cast} then {cast} end"
    if kind in CAN_BE_INFINITE:
        return f"case when isfinite({cast}) then {cast} end"
    return cast


def _misfit(name: str, raw_type: str, kind: str) -> str:
    """SQL for the reason why a value has no place in its column."""
    reason = quote_text(_cannot_be_typed(name, kind))
    if kind in NOT_NUMBERS or raw_type not in ("VARCHAR", "DOUBLE", "FLOAT"):
        return reason
    number = f"try_cast(typed.__row.{quote(name)} as double)"
    return f"case when not isfinite({number}) then {quote_text(f'{name} is not finite')} else {reason} end"


def _cannot_be_typed(name: str, kind: str) -> str:
    return f"{name} is no {kind}"


def same_types(connection, table: Table) -> None:
    """Raises ChangedColumns when more values of a column misfit its type than fit: that is no bad row, but a change."""
    misfits = dict(
        connection.execute("select __reason, count(*) from judged where __reason is not null group by all").fetchall()
    )
    for name, kind in table.columns.items():
        bad = misfits.get(_cannot_be_typed(name, kind), 0)
        if bad < 2:
            continue
        good = connection.execute(f"select count({quote(name)}) from judged").fetchall()[0][0]
        if bad > good:
            example = connection.execute(
                "select __file, __line, __raw from judged where __reason = ? order by __file, __line limit 1",
                [_cannot_be_typed(name, kind)],
            ).fetchall()[0]
            raise ChangedColumns(
                f"table '{table.name}': column '{name}' is declared {kind}, but {bad} of its {bad + good} values are "
                f"not; first {example[0]}, line {example[1]}: {example[2][:300]}. Declare the type that it has now, "
                "or have the source mended; nothing was landed."
            )


def quote_text(value: str) -> str:
    """A text literal of SQL."""
    return "'" + value.replace("'", "''") + "'"
