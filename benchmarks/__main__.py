"""`python -m benchmarks [NAME …]`: what `make bench` runs. Tables here, JSON in `benchmarks/` below PRECISION_HOME."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import figures
from warehouse import paths

NAMES = (
    "generator",
    "landing",
    "recommendations",
    "experiments",
    "propensity",
    "orchestration",
    "parsing",
    "queued_backfill",
    "kills",
    "dashboard",
    "load",
    "fuzz",
)


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"of {', '.join(NAMES)}; all by default")] = None,
    raw: Annotated[
        Path, typer.Option(envvar="BENCH_RAW", help="folder that holds online_retail/, for landing")
    ] = paths.REPOSITORY.parent / "shared" / "data",
) -> None:
    """How fast, how much memory, how good."""
    if unknown := [name for name in names or [] if name not in NAMES]:
        raise typer.BadParameter(f"no benchmark named {', '.join(unknown)}; there are {', '.join(NAMES)}")
    for name in names or NAMES:
        options = {"raw": raw.resolve()} if name == "landing" else {}
        found = import_module(f"benchmarks.{name}").run(**options)
        figures.console.print(f"kept in {figures.keep(name, found)}\n", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
