"""What all commands share: where words go, how JSON and refusals look, the options that every one has.

Results go to stdout, refusals to stderr; with `--json` stdout holds JSON and nothing else. Exit codes: 0 done, 1 failed
or refused, 2 called wrongly.
"""

import json
from datetime import date
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from typer.core import TyperGroup

from warehouse import paths

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

ShopOption = Annotated[str, typer.Option(help="a file name in shops/, without .yml")]
JsonOption = Annotated[bool, typer.Option("--json", help="for other programs: JSON on stdout, nothing else there")]


class Refused(ValueError):
    """What was asked for cannot be done as asked: says why and what to do."""


class Commands(TyperGroup):
    """Refusals of this project end a command with their message; any other error is a fault of the code and shows."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except Exception as error:
            if not is_refusal(error):
                raise
            fail(str(error))


def is_refusal(error: Exception) -> bool:
    """Is it one of this project's named errors? Those say what, where and what to do; no traceback adds to that."""
    return (paths.REPOSITORY / type(error).__module__.split(".")[0]).is_dir()


def fail(message: str, to: Console = err) -> NoReturn:
    """Say what failed, and end with exit code 1."""
    to.print("[bold red]Failed[/bold red]")
    to.print(message, markup=False, soft_wrap=True)
    raise typer.Exit(1)


def print_json(value: object) -> None:
    """JSON on stdout; dates and exact amounts as text."""
    print(json.dumps(value, default=str, ensure_ascii=False, indent=2))


def day(text: str, name: str) -> date:
    """A date as a person wrote it behind `name`. Raises Refused."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{name} {text} is not a date; write it as YYYY-MM-DD") from None
