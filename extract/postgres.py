"""A shop's own PostgreSQL database as a source: one range query per table and interval, streamed to disk.

In: the source's Airflow connection, `path` (schema.table; a view serves too), the arrival column as cursor. Out: a raw
relation of text columns in the order of cursor and key, so that the rules for files apply and the same rows land as the
same bytes.

The query is half-open, [first instant of the interval, first instant after it), on the bare column: an index on the
cursor serves it. It runs as COPY in a read-only, repeatable-read transaction and comes in Arrow batches, so memory is
bounded whatever the interval. A lost connection is asked for again, a bounded number of times; a refusal is final.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import quote as url_quote
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.parquet as pq
from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from extract import land, postgres_query
from extract.errors import ExtractError, LostSource
from extract.interval import bounds
from extract.judge import quote_text
from shops.connections import connection as airflow_connection
from shops.declaration import Shop, Source, Table
from warehouse import paths

REFUSAL = re.compile(r"(FATAL|ERROR):")
PASSING = re.compile(r"starting up|shutting down|recovery|too many|remaining connection slots|terminating connection")
PASSING_STATES = (
    "08",
    "57P",
    "40001",
    "40P01",
    "53300",
)  # connection, operator, conflict with recovery, deadlock, slots


@dataclass(frozen=True)
class Asking:
    """How a database is asked; a source's `parameters` override it."""

    timezone: str = "UTC"  # zone of columns without one (`timestamp`): their wall clock is turned into UTC
    statement_timeout_seconds: int = 1800  # a query without an index must not hold a shop's database for ever
    lock_timeout_seconds: int = 60  # nor wait behind a migration
    connect_timeout_seconds: int = 10
    attempts: int = 4  # of which waits of 1, 2, 4 ... seconds lie between
    longest_wait_seconds: int = 30
    settle_seconds: int = 30  # rows stamped before midnight may be committed after it: the database is given this long


class _Passing(Exception):
    """A failure that may not be there the next time."""


class _BrokenOff(Exception):
    """The server failed while it sent rows."""

    sqlstate = None


def read(connection, shop: Shop, source: Source, table: Table, start: date, end: date) -> Iterator[str]:
    """Raw rows whose cursor lies in [start, end); of a snapshot table all.

    Raises MissingSource, ChangedColumns, ExtractError for what must be mended first, LostSource for what may pass.
    """
    asking = _asking(shop, source)
    part = paths.of(shop.name).landing / source.name / table.name / land.INCOMING / "rows.parquet"
    retrying = Retrying(
        retry=retry_if_exception_type(_Passing),
        stop=stop_after_attempt(asking.attempts),
        wait=wait_exponential(max=asking.longest_wait_seconds),
    )
    try:
        retrying(_fetch, shop, source, table, asking, start, end, part)
    except RetryError as error:
        raise LostSource(
            f"{source.name}.{table.name}: the database was lost {asking.attempts} times, last: "
            f"{error.last_attempt.exception()}. Nothing was landed; run again when it answers."
        ) from None
    yield f"""
        select
            * exclude (file_row_number, __day),
            {quote_text(table.path or table.name)} as __file,
            row_number() over (partition by __day order by file_row_number) as __line,
            cast(null as date) as __file_day,
            cast(null as varchar) as __fault,
            cast(null as varchar) as __cells
        from read_parquet({quote_text(str(part))}, file_row_number = true)
    """


def answers(shop: Shop, source: Source, timeout_seconds: int) -> str:
    """Ask the server for its version, once. Raises LostSource or ExtractError, as `read` would, without a secret."""
    import adbc_driver_manager
    from adbc_driver_postgresql import dbapi

    where = airflow_connection(source.connection)
    asking = replace(_asking(shop, source), connect_timeout_seconds=timeout_seconds)
    try:
        with closing(dbapi.connect(_address(where, asking))) as database, closing(database.cursor()) as cursor:
            cursor.execute("select current_setting('server_version')")
            return f"PostgreSQL {cursor.fetchone()[0]}"
    except adbc_driver_manager.Error as error:
        named = _named(error, source.name, where)
        raise LostSource(f"{source.name}: {named}") if isinstance(named, _Passing) else named from None


def _asking(shop: Shop, source: Source) -> Asking:
    try:
        return Asking(**source.parameters)
    except TypeError as error:
        raise ExtractError(f"shops/{shop.name}.yml: sources/{source.name}/parameters: {error}") from None


def _fetch(shop: Shop, source: Source, table: Table, asking: Asking, start: date, end: date, part) -> None:
    """Write the interval's rows to `part`. Raises _Passing for what another attempt may cure."""
    import adbc_driver_manager
    from adbc_driver_postgresql import dbapi

    where = airflow_connection(source.connection)
    label = f"{source.name}.{table.name}"
    try:
        with closing(dbapi.connect(_address(where, asking))) as database, closing(database.cursor()) as cursor:
            _settle(cursor, asking, bounds(shop, start, end)[1])
            database.rollback()  # what is committed by now is seen
            _begin(cursor, asking)
            found = postgres_query.columns(cursor, source, table)
            query, settings = postgres_query.query(shop, source, table, asking.timezone, found, start, end)
            for name, value in settings.items():
                cursor.execute("select set_config($1, $2, true)", (f"precision.{name}", value))
                cursor.fetchall()
            cursor.execute(query)
            with cursor.fetch_record_batch() as batches, pq.ParquetWriter(part, batches.schema) as writer:
                for batch in _received(batches):
                    writer.write_batch(batch)
    except (adbc_driver_manager.Error, _BrokenOff) as error:
        raise _named(error, label, where) from None


def _received(batches) -> Iterator[pa.RecordBatch]:
    """What the server sends; its failure in the middle is told from one of the disk."""
    while True:
        try:
            batch = batches.read_next_batch()
        except StopIteration:
            return
        except (pa.ArrowException, OSError) as error:
            raise _BrokenOff(str(error)) from None
        yield batch


def _address(where, asking: Asking) -> str:
    """The connection as libpq's address; what is in `extra` (sslmode, sslrootcert, ...) goes with it."""
    login = ":".join(url_quote(part, safe="") for part in (where.login, where.password) if part)
    host = where.host or ""
    port = f":{where.port}" if where.port else ""
    options = {"connect_timeout": asking.connect_timeout_seconds, "application_name": "precision"}
    options |= {key: value for key, value in where.extra_dejson.items() if isinstance(value, (str, int))}
    if host.startswith("/"):  # a folder with the server's socket
        options, host = {**options, "host": host}, ""
    database = url_quote(where.schema or "", safe="")
    return f"postgresql://{login}{'@' if login else ''}{url_quote(host)}{port}/{database}?{urlencode(options)}"


def _begin(cursor, asking: Asking) -> None:
    """Nothing can be written, every statement sees one state, text looks the same on every server."""
    for statement in (
        "set transaction isolation level repeatable read, read only",
        f"set local statement_timeout = '{int(asking.statement_timeout_seconds)}s'",
        f"set local lock_timeout = '{int(asking.lock_timeout_seconds)}s'",
        "set local timezone = 'UTC'",
        "set local datestyle = 'ISO, YMD'",
        "set local extra_float_digits = 1",
        "set local client_encoding = 'UTF8'",
    ):
        cursor.execute(statement)


def _settle(cursor, asking: Asking, until: datetime) -> None:
    """Wait, by the database's clock, while the interval is over for less than `settle_seconds`."""
    cursor.execute(
        "select $2 - cast(extract(epoch from clock_timestamp() - cast($1 as timestamptz)) as double precision)",
        (until.isoformat(), float(asking.settle_seconds)),
    )
    (due,) = cursor.fetchone()
    if 0 < due <= asking.settle_seconds:
        cursor.execute("select cast(pg_sleep($1) as text)", (due,))
        cursor.fetchall()


def _named(error, label: str, where) -> Exception:
    """What the server said, without the password, as what may pass or what must be mended."""
    said = str(error).strip()
    for secret in filter(None, (where.password, url_quote(where.password or "", safe=""))):
        said = said.replace(secret, "***")
    state = error.sqlstate or ""
    lost = not state and (not REFUSAL.search(said) or PASSING.search(said))
    if lost or state.startswith(PASSING_STATES):
        return _Passing(said)
    if state == "57014" or "statement timeout" in said:
        return ExtractError(
            f"{label}: the query took longer than `statement_timeout_seconds`. Put an index on the arrival column, "
            f"or raise it under the source's `parameters`. The server said: {said}"
        )
    return ExtractError(f"{label}: the database refused: {said}. Mend the connection, the grant or the declaration.")
