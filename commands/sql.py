"""`precision sql`: questions to the published marts, at a prompt, from a pipe or as one statement.

One version answers for as long as the command runs, whatever is published meanwhile. The connection is read-only and
locked in (`warehouse.published`), so no statement can change what is served or reach another file.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import JsonOption, Refused, ShopOption, err, out
from warehouse import paths

HELP = """statements end with ; and may span lines
.tables          the marts
.schema MART     columns and types of one
.quit            leave (as Ctrl-D does)"""
HISTORY_LINES = 2000


def sql(
    shop: ShopOption = "demo_shop",
    command: Annotated[str, typer.Option("--command", "-c", help="one statement instead of the prompt")] = "",
    version: Annotated[str, typer.Option(help="as `versions` lists it; default: the one served")] = "",
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="all rows as CSV that a spreadsheet can open safely")] = False,
) -> None:
    """A prompt on the published marts (tables are marts.<name>); reads statements from a pipe too."""
    from commands import sql_output
    from warehouse import published

    if as_json and as_csv:
        raise typer.BadParameter("give --json or --csv, not both")
    chosen = published.version_folder(shop, version or None).name
    write = sql_output.write_json if as_json else sql_output.write_csv if as_csv else sql_output.write_table
    with published.open_published(shop, chosen) as connection:
        if not command and sys.stdin.isatty():
            _prompt(connection, shop, chosen, write)
            return
        statements = list(complete_statements(command or sys.stdin.read()))
        if (as_json or as_csv) and len(statements) != 1:
            raise Refused(f"--json and --csv give the answer to one statement; there are {len(statements)}")
        # every statement is tried, as at the prompt; that one was wrong shows in the exit code
        if not all([_answer(connection, statement, write) for statement in statements]):
            raise typer.Exit(1)


def complete_statements(text: str) -> Iterator[str]:
    """The statements of a text, in order; the last one may lack its `;`. Quotes and comments are DuckDB's."""
    rest = text
    while rest.strip():
        statement, rest = split(rest)
        if not statement:
            statement, rest = rest, ""
        if statement.strip(" \t\r\n;"):
            yield statement.strip()


def split(text: str) -> tuple[str, str]:
    """The first statement that a `;` ends, and what follows; without such a `;` nothing, and all of it."""
    import duckdb

    raw = text.encode()  # offsets count bytes
    for offset, kind in duckdb.tokenize(text):
        if kind == duckdb.token_type.operator and raw[offset : offset + 1] == b";":
            return raw[:offset].decode(), raw[offset + 1 :].decode()
    return "", text


def _prompt(connection, shop: str, version: str, write) -> None:
    """Until .quit or Ctrl-D. A wrong statement says why; Ctrl-C drops what is being written or answered."""
    out.print(f"{shop}, version {version}, read only; it stays this version until you leave. .help says more.")
    with _history(paths.home() / "sql_history"):
        pending = ""
        while True:
            try:
                line = input("   ...> " if pending else f"{shop}> ")
            except EOFError:
                print()
                return
            except KeyboardInterrupt:
                print()
                pending = ""
                continue
            if not pending.strip() and line.strip().startswith("."):
                if not _dot(connection, line.split(), write):
                    return
                continue
            pending += line + "\n"
            while True:
                statement, rest = split(pending)
                if not statement:
                    break
                _answer(connection, statement, write)
                pending = rest
            pending = pending if pending.strip(" \t\r\n;") else ""


def _dot(connection, words: list[str], write) -> bool:
    """A command of the prompt itself. Returns False when it was to leave."""
    match words:
        case [".quit" | ".exit"]:
            return False
        case [".tables"]:
            listed = "select table_name as mart from information_schema.tables where table_catalog = 'marts' order by 1"
            _answer(connection, listed, write)
        case [".schema", mart]:
            columns = """select column_name as "column", data_type as "type" from information_schema.columns
                         where table_catalog = 'marts' and table_name = ? order by ordinal_position"""
            name = mart.removeprefix("marts.")
            if connection.execute(columns, [name]).fetchone():
                _answer(connection, columns, write, [name])
            else:
                err.print(f"there is no mart '{name}'; .tables lists them", markup=False)
        case [".help"]:
            out.print(HELP, markup=False)
        case _:
            err.print(f"{' '.join(words)}: unknown. {HELP}", markup=False)
    return True


def _answer(connection, statement: str, write, parameters: list | None = None) -> bool:
    """Write the answer. A wrong or interrupted statement is said on stderr; returns whether it was answered."""
    import duckdb

    try:
        cursor = connection.execute(statement, parameters or [])
        if cursor.description is not None:
            write(cursor)
    except (duckdb.Error, Refused, KeyboardInterrupt) as error:
        err.print(f"[red]{type(error).__name__}[/red]")
        err.print(str(error), markup=False, soft_wrap=True)
        return False
    return True


@contextmanager
def _history(file: Path) -> Iterator[None]:
    """Lines typed before, kept below PRECISION_HOME and readable by their writer only."""
    import readline

    file.touch(mode=0o600)
    readline.read_history_file(file)
    readline.set_history_length(HISTORY_LINES)
    try:
        yield
    finally:
        readline.write_history_file(file)
