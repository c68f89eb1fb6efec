"""`precision run`: everything once, and where to look."""

import os
import time
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from commands import one_run
from commands.terminal import Refused, ShopOption, fail, is_refusal, out
from warehouse import paths

RawOption = Annotated[str, typer.Option(help="folder of the raw files, for shops that read files")]


def run(
    shop: ShopOption = "demo_shop",
    raw: RawOption = "",
    as_of: Annotated[str, typer.Option(help="the moment to describe, YYYY-MM-DD: the day after the last one")] = "",
) -> None:
    """Raw files to published marts, through Airflow, and where to look."""
    use_raw(raw)
    try:
        declared, first, moment = _what_to_run(shop, as_of)
    except Exception as error:  # a run's report, also that of a refused one, is read on stdout
        if not is_refusal(error):
            raise
        fail(str(error), out)
    from dags import environment

    began = time.monotonic()
    out.print(f"[bold]{declared.title}[/bold]: {first} to {moment}, in Airflow")
    environment.prepare()
    with out.status("Airflow starts") if out.is_terminal else nullcontext() as status:
        outcome = one_run.start(
            shop,
            first,
            moment,
            paths.of(shop).reports / "run.log",
            began=lambda task: status.update(task) if status else None,
            ended=lambda task, seconds: out.print(f"  {task:<18} {seconds:7.1f} s") if status else None,
        )
    if outcome.error:
        fail(f"{outcome.error}\n\nNothing new is published. The whole log: {outcome.log}", out)
    _show(shop, outcome.seconds, time.monotonic() - began)


def use_raw(folder: str) -> None:
    """Files sources read here instead of where the declaration says; for this process and those that it starts."""
    if folder:
        os.environ["PRECISION_RAW"] = str(Path(folder).resolve())


def _what_to_run(shop: str, as_of: str):
    """The declaration, the first day and the moment: given, else declared, else the days found in the source."""
    from shops.declaration import load

    declared = load(shop)
    try:
        moment = date.fromisoformat(as_of) if as_of else declared.as_of
    except ValueError:
        raise Refused(f"AS_OF={as_of} is not a date; write it as YYYY-MM-DD") from None
    if declared.as_of:
        first = declared.history_from
    else:
        from extract.ingest import span

        first, last = span(declared)
        moment = moment or last + timedelta(days=1)
    if moment <= first:
        raise Refused(f"AS_OF={moment} is not after the first day of {shop}, {first}: there is nothing to describe")
    return declared, first, moment


def _show(shop: str, seconds: dict[str, float], total: float) -> None:
    """Main figures, seconds per stage, and where to look."""
    from warehouse import published, summary

    stages = Table(title="Stages", show_header=False, box=None, title_justify="left")
    for task, spent in seconds.items():
        stages.add_row(task, f"{spent:.1f} s")
    stages.add_row("[dim]Airflow and the rest[/dim]", f"{total - sum(seconds.values()):.1f} s")
    stages.add_row("[bold]all[/bold]", f"[bold]{total:.1f} s[/bold]")
    out.print(stages)
    figures = Table(title="Main figures", show_header=False, box=None, title_justify="left")
    with published.open_published(shop) as connection:
        for label, value in summary.headline(connection):
            figures.add_row(label, value)
    out.print(figures)
    current = paths.of(shop).current
    out.print("[bold]Where to look[/bold]")
    for what, where in (
        ("dashboard, all reports", "make dashboard"),
        ("marts, for SQL", f"./precision sql --shop {shop}"),
        ("the same as a file", current / "marts.duckdb"),
        ("marts, one Parquet each", current),
        ("data quality report", current / "data_quality.html"),
        ("lineage and columns", f"make docs SHOP={shop}"),
        ("schedules and backfills", "make airflow"),
    ):
        out.print(f"  {what:<24} {where}", soft_wrap=True)
