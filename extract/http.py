"""Paged JSON interfaces (social networks, ad platforms, CRM, devices) as a source.

In: the source's Airflow connection, and per table `path` and `request`: parameters, how the interval is asked for,
where the records are, how pages are turned, which path within a record is which column. Out: a raw relation of text
columns, sorted by key, so that the order and the size of pages do not show in what lands.

Pages received are kept beside the landing until all are there: a run that dies goes on where it stopped. What the
interface says of itself must agree: an announced total with the records received, a page in the middle with its size.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from extract import text_rows
from extract.errors import ChangedColumns, ExtractError, IncompleteSource
from extract.http_client import Asking, Interface, Refused, opened
from extract.interval import bounds
from extract.judge import quote_text, same_columns
from extract.text_rows import TextFile
from shops.connections import connection as airflow_connection
from shops.declaration import Shop, Source, Table
from warehouse import paths
from warehouse.engine import quote

PAGES = ".pages"
KEPT_SECONDS = 24 * 3600  # a run that died is repeated within a day; later its cursors and pages are out of date
STALE = (400, 404, 410, 422)  # how interfaces refuse the cursor of a run that died long ago
ANYTHING = "*"  # in ignored_columns: whatever else a record has


class _Contradiction(Exception):
    """The pages of one go do not agree with each other."""


@dataclass
class Progress:
    """What is received so far. `turn` is the cursor, number or address of the next page; None when there is none."""

    turn: str | int | None
    pages: int = 0
    records: int = 0
    total: int | None = None
    short_page: int | None = None  # in numbered pages only the last one may be short
    seen: list[str] = field(default_factory=list)
    last_page: str = ""


def read(connection, shop: Shop, source: Source, table: Table, start: date, end: date) -> Iterator[str]:
    """Raw rows that the interface gives for [start, end); of a snapshot table all.

    Raises ExtractError for what must be mended, IncompleteSource for answers that contradict each other twice,
    LostSource for what may pass.
    """
    try:
        asking = Asking(**source.parameters)
    except TypeError as error:
        raise ExtractError(f"shops/{shop.name}.yml: sources/{source.name}/parameters: {error}") from None
    folder = _folder(shop, source, table, start, end)
    try:
        with opened(airflow_connection(source.connection), asking) as interface:
            progress = _all_pages(interface, shop, source, table, start, end, folder)
        if progress.records:
            same_columns(table, [*progress.seen, *table.ignored_columns], f"{source.name}: {table.path}")
        yield _relation(connection, table, folder, progress)
    except (ExtractError, GeneratorExit):  # after any other end the pages stay: the next run goes on from them
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder)


def _folder(shop: Shop, source: Source, table: Table, start: date, end: date) -> Path:
    """Where the pages of this very question are kept; those of any other, or kept for long, are removed."""
    question = [source.connection, asdict(table), str(start), str(end), shop.timezone]
    name = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:16]
    kept = paths.of(shop.name).landing / source.name / table.name / PAGES
    kept.mkdir(parents=True, exist_ok=True)
    for other in kept.iterdir():
        if other.name != name or time.time() - other.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(other)
    return kept / name


def _all_pages(interface: Interface, shop, source, table, start, end, folder: Path) -> Progress:
    """All received into `folder`; begun anew once where a resumed or a contradictory answer makes it necessary."""
    resumed = (folder / "progress.json").exists()
    try:
        return _pages(interface, shop, table, start, end, folder)
    except Refused as error:
        if not resumed or error.status not in STALE:
            raise
    except _Contradiction:
        pass
    shutil.rmtree(folder)
    try:
        return _pages(interface, shop, table, start, end, folder)
    except _Contradiction as error:
        raise IncompleteSource(
            f"{source.name}.{table.name}: {error}, twice. Rows would be missing or doubled, so nothing was landed. Run "
            "again when the source is at rest; if it goes on, correct `request` in the shop's declaration."
        ) from None


def _pages(interface: Interface, shop: Shop, table: Table, start: date, end: date, folder: Path) -> Progress:
    paging = table.request.get("paging", {})
    progress = _resumed(folder) or Progress(turn=paging.get("first", 1) if paging.get("by") == "page" else "")
    constant = {**table.request.get("parameters", {}), **_interval(shop, table, start, end)}
    if "size_parameter" in paging:
        constant[paging["size_parameter"]] = paging["size"]
    folder.mkdir(parents=True, exist_ok=True)
    while progress.turn is not None:
        url, parameters = interface.address(table.path), constant
        if paging.get("by") == "link" and progress.turn:
            url, parameters = interface.next_page(url, progress.turn), {}
        elif progress.turn != "":
            parameters = {**constant, paging["parameter"]: progress.turn}
        try:
            body, linked = interface.page(url, parameters)
        except Refused as error:
            if paging.get("by") == "page" and progress.pages and error.status == 404:
                break  # some interfaces have no page after the last one, others an empty one
            raise
        _receive(table, body, linked, progress, folder, interface.shown(url, parameters))
    _reconcile(folder, progress)
    return progress


def _interval(shop: Shop, table: Table, start: date, end: date) -> dict[str, str]:
    """The query parameters that ask for [start, end)."""
    asked = table.request.get("interval")
    if not asked:
        return {}
    margin = timedelta(days=asked.get("margin_days", 0))
    start, end = start - margin, end + margin
    if asked["as"] == "date":
        last = end - timedelta(days=1) if asked.get("until_is") == "inclusive" else end
        return {asked["from"]: str(start), asked["until"]: str(last)}
    first, last = bounds(shop, start, end)
    if asked["as"] == "epoch_seconds":
        return {asked["from"]: str(int(first.timestamp())), asked["until"]: str(int(last.timestamp()))}
    return {asked["from"]: f"{first:%Y-%m-%dT%H:%M:%SZ}", asked["until"]: f"{last:%Y-%m-%dT%H:%M:%SZ}"}


def _receive(table: Table, body, linked: str, progress: Progress, folder: Path, request: str) -> None:
    """Keep one page and say where the next one is. Raises ChangedColumns, ExtractError, _Contradiction."""
    records = _at(body, table.request.get("records", ""))
    if not isinstance(records, list):
        raise ChangedColumns(
            f"{request}: no list of records at '{table.request.get('records', '')}'; correct `records`"
        )
    lines = [json.dumps(_flat(table, record, progress, request)) + "\n" for record in records]
    page = hashlib.sha256("".join(lines).encode()).hexdigest()
    if "total" in table.request:
        progress.total = _count(_at(body, table.request["total"]), request)
    progress.pages += 1
    progress.records += len(records)
    turn = _turn(table, body, linked, progress, len(records))
    if turn is not None and (turn == progress.turn or (records and page == progress.last_page)):
        raise ExtractError(f"{request}: gives the same page again: it does not turn pages as `paging` says; correct it")
    progress.turn, progress.last_page = turn, page
    _write(folder / f"{progress.pages:06d}.jsonl", "".join(lines))
    _write(folder / "progress.json", json.dumps(asdict(progress)))


def _turn(table: Table, body, linked: str, progress: Progress, records: int) -> str | int | None:
    """Where the page after this one is. Raises _Contradiction when a numbered page in the middle was short."""
    paging = table.request.get("paging", {})
    if paging.get("by") == "page":
        if not records or progress.total == progress.records:
            return None
        if progress.short_page is not None:
            raise _Contradiction(
                f"page {progress.short_page} was short, yet there are more (does it give `size` at most?)"
            )
        if records < paging.get("size", 0):
            progress.short_page = progress.turn
        return progress.turn + 1
    if paging.get("by") == "link" and "next" not in paging:
        return linked or None
    found = _at(body, paging["next"]) if paging else None
    return str(found).encode(errors="replace").decode() if found not in (None, "", False) else None


def _reconcile(folder: Path, progress: Progress) -> None:
    """Raises _Contradiction when the records received are not as many, or not as many different ones, as announced.

    Where rows move between pages while they are read, one comes twice and another never: the number alone would agree.
    """
    if progress.total is None:
        return
    different = set()
    for page in _files(folder, progress):
        different.update(hashlib.sha256(line).digest() for line in page.read_bytes().splitlines())
    if progress.total != len(different):
        raise _Contradiction(f"{progress.total} records announced, {len(different)} different ones received")


def _flat(table: Table, record, progress: Progress, request: str):
    """{column: value} of one record. Raises ChangedColumns for a field that nobody declared."""
    if not isinstance(record, dict):
        return record  # becomes a rejected row
    where = {name: table.request.get("fields", {}).get(name, name) for name in table.columns}
    known = {path.split(".")[0] for path in where.values()} | set(table.ignored_columns)
    if ANYTHING not in known and not known.issuperset(record):
        same_columns(table, [*table.columns, *sorted(set(record) - known)], request)
    row = {}
    for name, path in where.items():
        try:
            row[name] = _within(record, path)
        except LookupError:
            continue
        if name not in progress.seen:
            progress.seen.append(name)
    return row


def _relation(connection, table: Table, folder: Path, progress: Progress) -> str:
    """All records as one relation, numbered in the order of their content."""
    plain = replace(table, ignored_columns=(), optional_columns=tuple(table.columns), encoding="utf-8")
    files = [TextFile(path, table.path, None, "jsonl") for path in _files(folder, progress)]
    connection.register("http_piece", text_rows.schema(plain).empty_table())
    connection.execute("create or replace temp table http_rows as from http_piece")
    for piece in text_rows.tables(plain, files):
        connection.register("http_piece", piece)
        connection.execute("insert into http_rows from http_piece")
    order = ", ".join(map(quote, dict.fromkeys([*table.key, *table.columns])))
    return f"""
        select
            * exclude (__file, __line, __file_day),
            {quote_text(table.path)} as __file,
            row_number() over (order by {order}, __cells) as __line,
            __file_day
        from http_rows
    """


def _resumed(folder: Path) -> Progress | None:
    kept = folder / "progress.json"
    return Progress(**json.loads(kept.read_text(encoding="utf-8"))) if kept.exists() else None


def _files(folder: Path, progress: Progress) -> list[Path]:
    return [folder / f"{number:06d}.jsonl" for number in range(1, progress.pages + 1)]


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    incoming = path.with_suffix(".incoming")
    incoming.write_text(text, encoding="utf-8")
    incoming.rename(path)


def _at(body, path: str):
    try:
        return _within(body, path)
    except LookupError:
        return None


def _within(value, path: str):
    """What lies at a dotted path: keys of objects, positions of lists. Raises LookupError when there is nothing."""
    for step in filter(None, path.split(".")):
        if isinstance(value, list):
            value = value[int(step)] if step.isdigit() else _absent(step)
        elif isinstance(value, dict):
            value = value[step]
        elif value is None:
            return None
        else:
            _absent(step)
    return value


def _absent(step: str):
    raise LookupError(step)


def _count(value, request: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ChangedColumns(f"{request}: the announced total is {value!r}, no number; correct `total`") from None
