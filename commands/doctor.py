"""`precision doctor`: is everything in order, and if not, how to mend it."""

import contextlib
import logging
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from commands.checks import FAILED, OK, WARNING, Check
from commands.terminal import JsonOption, out, print_json

COLOURS = {OK: "green", WARNING: "yellow", FAILED: "bold red"}


def doctor(
    shop: Annotated[str, typer.Option(help="only this one; default: every declared shop")] = "",
    as_json: JsonOption = False,
) -> None:
    """Check the machine, Airflow, sources and published versions; say how to mend what is not in order.

    Exit code 1 when a check failed; a warning is what may be meant so.
    """
    if shop:
        from shops.declaration import load

        load(shop)
    logging.disable(logging.WARNING)  # libraries that are only asked whether they work need not talk
    with contextlib.redirect_stdout(sys.stderr):
        found = list(checks(shop))
    logging.disable(logging.NOTSET)
    if as_json:
        print_json([asdict(check) for check in found])
    else:
        _show(found)
    if any(check.state == FAILED for check in found):
        raise typer.Exit(1)


def checks(shop: str = "") -> Iterator[Check]:
    """All of them, or without the other shops."""
    from commands.checks import airflow, machine
    from commands.checks import shop as of_shop
    from shops.declaration import names

    yield from machine.checks()
    yield from airflow.checks()
    for name in [shop] if shop else names():
        yield from of_shop.checks(name, bool(shop) or of_shop.in_use(name))


def _show(found: list[Check]) -> None:
    """A line each; what to do stands below what is not in order."""
    about = ""
    for check in found:
        if check.about != about:
            about = check.about
            out.print(f"[bold]{about}[/bold]")
        table = Table.grid(padding=(0, 1))
        table.add_column(width=9)
        table.add_column(width=20)
        table.add_column(ratio=1, overflow="fold")
        said = Text(check.found)
        if check.mend:
            said.append(f"\n→ {check.mend}", style="italic")
        table.add_row(Text(f"  {check.state}", style=COLOURS[check.state]), check.name, said)
        out.print(table)
    counted = {state: sum(check.state == state for check in found) for state in (OK, WARNING, FAILED)}
    out.print("\n" + ", ".join(f"{number} {state}" for state, number in counted.items()))
