"""The command line: `python -m precision COMMAND`; the Makefile calls it."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from shops.declaration import Shop, load
from warehouse import paths

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
console = Console(highlight=False)

STEP = re.compile(r"\[DAG TEST\] (starting|end task) task_id=(\w+) map_index=(-?\d+)")
ShopOption = Annotated[str, typer.Option(help="a file name in shops/, without .yml")]


@app.command()
def run(
    shop: ShopOption = "demo_shop",
    raw: Annotated[str, typer.Option(help="folder of the raw files, for shops that read files")] = "",
    as_of: Annotated[str, typer.Option(help="the moment to describe, YYYY-MM-DD: the day after the last one")] = "",
) -> None:
    """Raw files to published marts, through Airflow, and where to look."""
    if raw:
        os.environ["PRECISION_RAW"] = str(Path(raw).resolve())
    try:
        declared, start, moment = _what_to_run(shop, as_of)
    except ValueError as error:
        _fail(str(error))
    from dags import environment

    began = time.monotonic()
    console.print(f"[bold]{declared.title}[/bold]: {start} to {moment}, in Airflow")
    environment.prepare()
    log = paths.of(shop).reports / "run.log"
    seconds, error, succeeded = _follow(
        [sys.executable, "-m", "dags.run_once", shop, str(start), str(moment)],
        environment.settings(),
        log,
    )
    if not succeeded:
        _fail(f"{error or _tail(log)}\n\nNothing new is published. The whole log: {log}")
    _show(shop, seconds, time.monotonic() - began)


def _what_to_run(shop: str, as_of: str) -> tuple[Shop, date, date]:
    """The declaration, the first day and the moment: given, else declared, else the days found in the source."""
    declared = load(shop)
    try:
        moment = date.fromisoformat(as_of) if as_of else declared.as_of
    except ValueError:
        raise ValueError(f"AS_OF={as_of} is not a date; write it as YYYY-MM-DD") from None
    if declared.as_of:
        start = declared.history_from
    else:
        from extract.ingest import span

        start, last = span(declared)
        moment = moment or last + timedelta(days=1)
    if moment <= start:
        raise ValueError(f"AS_OF={moment} is not after the first day of {shop}, {start}: there is nothing to describe")
    return declared, start, moment


def _follow(command: list[str], environment: dict, log: Path) -> tuple[dict[str, float], str, bool]:
    """Run, keep everything in `log`, print a line per finished task. Returns seconds per task, the error, success."""
    from dags.failure import MARK

    log.parent.mkdir(parents=True, exist_ok=True)
    seconds: dict[str, float] = {}
    error, started = "", time.monotonic()
    with (
        open(log, "w", encoding="utf-8") as kept,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        for line in process.stdout:
            kept.write(line)
            if MARK in line:
                error = json.loads(line.split(MARK, 1)[1])
            elif step := STEP.search(line):
                what, task = step.group(1), step.group(2)
                if what == "starting":
                    started = time.monotonic()
                else:
                    seconds[task] = seconds.get(task, 0.0) + time.monotonic() - started
                    if console.is_terminal:
                        console.print(f"  {task:<18} {seconds[task]:7.1f} s")
    return seconds, error, process.returncode == 0


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8").splitlines()[-30:])


def _show(shop: str, seconds: dict[str, float], total: float) -> None:
    """Main figures, seconds per stage, and where to look."""
    from warehouse import publish, summary

    stages = Table(title="Stages", show_header=False, box=None, title_justify="left")
    for task, spent in seconds.items():
        stages.add_row(task, f"{spent:.1f} s")
    stages.add_row("[dim]Airflow and the rest[/dim]", f"{total - sum(seconds.values()):.1f} s")
    stages.add_row("[bold]all[/bold]", f"[bold]{total:.1f} s[/bold]")
    console.print(stages)
    figures = Table(title="Main figures", show_header=False, box=None, title_justify="left")
    with publish.open_published(shop) as connection:
        for label, value in summary.headline(connection):
            figures.add_row(label, value)
    console.print(figures)
    current = paths.of(shop).current
    console.print("[bold]Where to look[/bold]")
    for what, where in (
        ("marts, for SQL", current / "marts.duckdb"),
        ("marts, one Parquet each", current),
        ("data quality report", current / "data_quality.html"),
    ):
        console.print(f"  {what:<24} {where}", soft_wrap=True)
    console.print(
        f"  {'lineage and columns':<24} make docs SHOP={shop}\n  {'schedules and backfills':<24} make airflow"
    )


@app.command()
def airflow() -> None:
    """Scheduler and UI on localhost, behind a login."""
    from dags import environment

    environment.prepare()
    console.print(
        f"Airflow starts on http://{environment.ADDRESS}:{environment.PORT} in half a minute; Ctrl-C stops it."
    )
    console.print(f"Login: admin, password in {environment.password_file()}", soft_wrap=True)
    with contextlib.suppress(KeyboardInterrupt), environment.running(environment.settings()) as processes:
        while all(process.poll() is None for process in processes):
            time.sleep(1)
        _fail("A part of Airflow stopped; what it said stands above.")


@app.command()
def docs(shop: ShopOption = "demo_shop") -> None:
    """The dbt docs of a shop that has been run, as one page: every table and column, lineage from source to KPI."""
    from warehouse import dbt

    console.print(f"Open in a browser: {dbt.docs(load(shop))}", soft_wrap=True)


@app.command()
def explain(
    user: Annotated[str, typer.Argument(help="user_id, as in the marts")],
    shop: ShopOption = "demo_shop",
    as_of: Annotated[str, typer.Option(help="a moment described, YYYY-MM-DD: the newest")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="for other programs")] = False,
) -> None:
    """For one customer: why this segment, this prediction, these products, this strategy, this message."""
    from activation.explain import explain as explained
    from activation.explain import in_words
    from warehouse import published

    try:
        moment = date.fromisoformat(as_of) if as_of else None
    except ValueError:
        _fail(f"--as-of {as_of} is not a date; write it as YYYY-MM-DD")
    try:
        with published.open_published(shop) as connection:
            found = explained(connection, user, moment)
    except ValueError as error:
        _fail(str(error))
    if as_json:
        print(json.dumps(found, default=str, ensure_ascii=False, indent=2))
        return
    console.print(f"{found['user_id']} as of {found['as_of']}", markup=False)
    for question, lines in in_words(found):
        console.print(f"\n[bold]{question}[/bold]")
        for line in lines:
            console.print(f"  {line}", markup=False, soft_wrap=True)


@app.command()
def activate(
    shop: ShopOption = "demo_shop",
    as_of: Annotated[str, typer.Option(help="the plan's day, YYYY-MM-DD; default: the newest published")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show what would go out")] = False,
    approve: Annotated[bool, typer.Option("--approve", help="do not ask")] = False,
) -> None:
    """Show what a published plan would send, ask, and carry it out: files, or messages where that is switched on."""
    from activation.deliver import deliver
    from activation.handover import ChannelFailed
    from activation.preview import preview
    from activation.summary import of_delivery, of_preview
    from warehouse import published

    try:
        declared = load(shop)
        day = date.fromisoformat(as_of or published.version_folder(shop).name[:10])
        found = preview(declared, day)
        console.print(of_preview(found), markup=False, soft_wrap=True)
        if dry_run:
            return
        if not approve and not (sys.stdin.isatty() and input("Carry this out? Type yes: ").strip() == "yes"):
            _fail("Not approved: nothing has left. Answer yes on a terminal, or give --approve.")
        done = deliver(declared, day, version=found["version"])
    except (ValueError, ChannelFailed) as error:
        _fail(str(error))
    console.print(of_delivery(done), markup=False, soft_wrap=True)
    if done["failed"]:
        raise typer.Exit(1)


@app.command()
def settle(
    campaign: Annotated[str, typer.Option(help="as the summary names it")],
    user: Annotated[str, typer.Option(help="the customer")],
    sent: Annotated[bool, typer.Option("--sent/--not-sent", help="what the mail server's log says")],
    shop: ShopOption = "demo_shop",
) -> None:
    """Say what became of a message of which nobody knows whether it was taken."""
    from datetime import UTC, datetime

    from activation.settle import settle_by_hand

    try:
        settle_by_hand(load(shop), campaign, user, sent, datetime.now(UTC))
    except ValueError as error:
        _fail(str(error))
    console.print(f"Noted. {'It counts as sent.' if sent else 'The next run sends it, while the plan is valid.'}")


@app.command()
def versions(shop: ShopOption = "demo_shop") -> None:
    """Published versions, newest first; the served one is marked."""
    from warehouse import publish

    current = paths.of(shop).current.resolve().name
    for version in publish.versions(shop):
        console.print(f"{'*' if version == current else ' '} {version}")


@app.command()
def rollback(version: str, shop: ShopOption = "demo_shop") -> None:
    """Serve an older version again."""
    from warehouse import publish

    try:
        publish.rollback(shop, version)
    except ValueError as error:
        _fail(str(error))
    console.print(f"{shop} now serves {version}")


def _fail(message: str) -> None:
    console.print("[bold red]Failed[/bold red]")
    console.print(message, markup=False, soft_wrap=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
