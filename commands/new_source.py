"""`precision new-source`: from sample files of an unknown shop to its declaration and staging models."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from commands.terminal import JsonOption, out, print_json


def new_source(
    name: Annotated[str, typer.Argument(help="name of the shop: lower-case letters, digits and _")],
    files: Annotated[list[Path], typer.Argument(help="sample files: delimited text, plain or gzip")],
    column_map: Annotated[
        list[str] | None, typer.Option("--map", help="column=meaning, or table.column=meaning; =ignore for none")
    ] = None,
    timezone: Annotated[str, typer.Option(help="the shop's, an IANA name: Europe/Berlin")] = "",
    currency: Annotated[str, typer.Option(help="of the amounts, an ISO code: EUR")] = "",
    dates: Annotated[str, typer.Option(help="day-first or month-first, where 05/06/2024 could be either")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show what would be written")] = False,
    force: Annotated[bool, typer.Option("--force", help="write anew what exists")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the declaration and the staging models of a shop from samples of its files."""
    from shops import declaration
    from shops.new_source.answers import Answers, mapped, order_of_days
    from shops.new_source.plan import plan
    from shops.new_source.refusal import Undecided
    from shops.new_source.summary import summary
    from shops.new_source.write import texts, write
    from warehouse import dbt

    staging = dbt.PROJECT / "models" / "staging"
    answers = Answers(mapped(column_map or []), timezone, currency, order_of_days(dates))
    while True:
        try:
            planned = plan(name, files, answers)
            break
        except Undecided as undecided:
            if as_json or not (sys.stdin.isatty() and out.is_terminal):
                raise
            answers = answers.and_also(_ask(undecided.questions[0]))
    found = texts(planned, declaration.FOLDER, staging)
    if not dry_run:
        write(found, force)
    told = summary(planned, found, dbt.PROJECT.parent)
    if as_json:
        print_json({**told, "written": not dry_run})
        return
    _show(told, dry_run)


def _ask(question) -> dict[str, str]:
    """On a terminal: one of the answers by its number, or another where the question allows it."""
    out.print(f"\n{question.text}", markup=False, soft_wrap=True)
    choices = list(question.answers.items())
    for number, (label, _) in enumerate(choices, start=1):
        out.print(f"  {number}  {label}", markup=False)
    other = f" or {'an ISO code' if question.free else 'a column'}" if question.free or question.any_column else ""
    while True:
        said = typer.prompt(f"1 to {len(choices)}{other}" if choices else "a column").strip()
        if said.isdigit() and 1 <= int(said) <= len(choices):
            return choices[int(said) - 1][1]
        if question.free and said:
            return {question.free: said.upper()}
        if question.any_column and said:
            return {"map": f"{said}={question.meaning}"}


def _show(told: dict, dry_run: bool) -> None:
    for file in told["files"]:
        table = Table(title=f"{file['file']}: {file['kind']}, {file['rows']:,} rows", box=None, title_justify="left")
        for heading in ("column", "means", "declared as", "why"):
            table.add_column(heading, overflow="fold")
        for column in file["columns"]:
            why = f"{column['why']} ({column['certainty']})" if column["means"] else column["why"]
            shown = f"{column['type']} as {column['format']}" if column["format"] and column["type"] else column["type"]
            table.add_row(column["column"], column["means"] or "-", shown or "-", why)
        out.print(table)
    _list("Assumed", told["assumed"])
    _list("The shop fills", [", ".join(told["entities"])])
    _list("What it will lack", [f"{lack['lacks']}: {lack['so']}" for lack in told["lacks"]])
    _list("Would write" if dry_run else "Wrote", told["paths"])
    if not dry_run:
        out.print(f"[bold]Next[/bold]\n  {told['next']}", soft_wrap=True)


def _list(title: str, lines: list[str]) -> None:
    if lines:
        out.print(f"[bold]{title}[/bold]")
        for line in lines:
            out.print(f"  {line}", markup=False, soft_wrap=True)
