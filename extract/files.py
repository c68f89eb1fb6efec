"""Files as a source: CSV, JSON lines and Parquet, plain or gzip, in the layout that the table declares.

In: `path` below the source's location: one file, a glob, or day files with `{ds}` for the day. Out: a raw relation.
A new shop that delivers files needs a declaration and no code here.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb

from extract import text_rows
from extract.errors import ExtractError, MissingSource, UnreadableFile
from extract.judge import quote_text, same_columns
from extract.text_rows import TextFile
from shops.declaration import Shop, Source, Table
from warehouse import paths
from warehouse.engine import quote

DAY = r"(\d{4}-\d{2}-\d{2})"
FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


def read(connection, shop: Shop, source: Source, table: Table, start: date, end: date) -> Iterator[str]:
    """Raw rows of the table's files; of day files only those of [start, end)."""
    found = _files(source, table, start, end)
    formats = {file.format for file in found}
    if len(formats) > 1:
        raise ExtractError(
            f"{source.name}.{table.name}: '{table.path}' finds files of several formats, "
            f"{', '.join(file.name for file in found)}. Keep one of them."
        )
    if formats == {"parquet"}:
        yield from (_parquet(connection, table, file) for file in found)
        return
    for piece in text_rows.tables(table, found):
        connection.register("text_rows", piece)
        yield "from text_rows"


def days(source: Source, table: Table) -> list[date]:
    """The days for which there is a file, in order."""
    return sorted(file.day for file in matching(source, table) if file.day)


def _files(source: Source, table: Table, start: date, end: date) -> list[TextFile]:
    """The files to read, in order of name. Raises MissingSource for what is absent and may not be."""
    found = matching(source, table)
    where = f"{source.name}.{table.name}"
    if table.arrival["by"] == "file_day":
        by_day = {file.day: file for file in found}
        wanted = [start + timedelta(days=n) for n in range((end - start).days)]
        absent = [day for day in wanted if day not in by_day]
        if absent and not table.may_be_empty:
            raise MissingSource(
                f"{where}: no file for {len(absent)} of {len(wanted)} days, first {_folder(source)}/"
                f"{table.path.replace('{ds}', str(absent[0]))}. Deliver it and run again; if a day without a "
                "file is a day without rows, declare `may_be_empty: true`."
            )
        return [by_day[day] for day in wanted if day in by_day]
    if not found and not table.may_be_empty:
        raise MissingSource(
            f"{where}: no file matches '{table.path}' in {_folder(source)}. Put it there, give its folder as RAW=, "
            "or correct `path` in the shop's declaration."
        )
    return found


def _folder(source: Source) -> Path:
    if not source.location:
        raise MissingSource(
            f"source '{source.name}' has no folder: give it as RAW=folder (PRECISION_RAW), or as `location` "
            "in the shop's declaration."
        )
    folder = paths.REPOSITORY / source.location
    if not folder.is_dir():
        raise MissingSource(
            f"source '{source.name}': the folder {folder} does not exist. Give its folder as RAW=folder."
        )
    return folder


def matching(source: Source, table: Table) -> list[TextFile]:
    """The table's files as they are there now, in order of name. Raises MissingSource without the folder.

    Raises ExtractError for one that lies elsewhere: who may deliver files may not choose which others are read.
    """
    folder = _folder(source)
    name = re.escape(table.path).replace(r"\{ds\}", DAY)
    pattern = re.compile(name.replace(r"\*", ".*").replace(r"\?", "."))
    found = []
    for path in sorted(folder.glob(table.path.replace("{ds}", "*") or "*")):
        match = pattern.fullmatch(path.relative_to(folder).as_posix())
        suffix = Path(path.name.removesuffix(".gz")).suffix.lower()
        if not match or not path.is_file() or not (table.format or suffix in FORMATS):
            continue
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ExtractError(
                f"{source.name}.{table.name}: {path} leads to a file outside of {folder}. Put the file itself there, "
                "or give the folder in which it lies as the source's location."
            )
        day = _day(path, match[1]) if "{ds}" in table.path else None
        found.append(TextFile(path, match[0], day, table.format or FORMATS[suffix]))
    return found


def _day(path: Path, written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise UnreadableFile(
            f"{path}: its name gives the day {written}, which no calendar has. Give it the name of its day; nothing "
            "was landed."
        ) from None


def _parquet(connection, table: Table, file: TextFile) -> str:
    relation = f"read_parquet({quote_text(str(file.path))}, file_row_number = true)"
    try:
        columns = [name for name, *_ in connection.execute(f"describe from {relation}").fetchall()]
        # read to its end: the footer alone may be whole, and answers a count without a look at the pages
        connection.execute(f"select bit_xor(hash(columns(*))) from {relation}").fetchall()
    except duckdb.Error as error:
        raise UnreadableFile(
            f"{file.path}: is no readable Parquet file ({str(error).splitlines()[0]}). It is cut short or damaged; "
            "deliver it again. Nothing was landed."
        ) from error
    columns.remove("file_row_number")
    same_columns(table, columns, str(file.path))
    day = f"date '{file.day}'" if file.day else "cast(null as date)"
    return f"""
        select
            {", ".join(map(quote, columns))},
            {quote_text(file.name)} as __file,
            file_row_number + 1 as __line,
            {day} as __file_day,
            cast(null as varchar) as __fault,
            cast(null as varchar) as __cells
        from {relation}
    """
