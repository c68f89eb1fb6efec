"""`precision backfill`: days of the past, landed and published one by one through Airflow, as the schedule would have.

A person waits, so the scheduler is left out as in `precision run`, and each day is the same two DAG runs that a night
gives: `ingest` for the day, then `marketing` as of its end. A day that fails is named and changes nothing; the others
go on, for each stands by itself. The same days again mend what failed and give the same rows in every mart; only what
was checked is noted anew, because an older moment is then audited beside newer ones.
"""

import time
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from commands import one_run
from commands.run import RawOption, use_raw
from commands.terminal import Refused, ShopOption, fail, out
from warehouse import paths


def backfill(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="last day, itself included")],
    shop: ShopOption = "demo_shop",
    raw: RawOption = "",
) -> None:
    """Land and publish days of the past one by one; name those that failed (exit code 1)."""
    use_raw(raw)
    from shops.declaration import load

    declared = load(shop)
    days = _days(declared, first.date(), last.date())
    _sources_are_there(declared)
    from dags import environment

    moments = [(day, day + timedelta(days=1)) for day in days]
    newest = _newest_described(shop)
    if newest and newest > moments[-1][1]:
        moments.append((newest, newest))  # lands nothing: what is served stays the newest moment, with the new past
    out.print(f"[bold]{declared.title}[/bold]: {len(days)} days, {days[0]} to {days[-1]}, in Airflow")
    environment.prepare()
    failed = _run_all(shop, moments)
    if failed:
        named = ", ".join(map(str, failed))
        fail(
            f"{len(failed)} of {len(moments)} failed: {named}. What they would have changed is as it "
            f"was. Mend the cause, then the same command again. Logs: {paths.of(shop).reports}/backfill_<day>.log",
            out,
        )


def _newest_described(shop: str) -> date | None:
    """The newest moment in what is served; None where nothing is."""
    from warehouse import published

    if not published.current(shop):
        return None
    with published.open_published(shop) as connection:
        return connection.execute("select max(as_of) from marts.fct_user_features").fetchall()[0][0]


def _days(declared, first: date, last: date) -> list[date]:
    """Raises Refused for days that no schedule of the shop has."""
    if first > last:
        raise typer.BadParameter(f"--from {first} is after --to {last}")
    today = datetime.now(ZoneInfo(declared.timezone)).date()
    end = min(today, declared.as_of) if declared.as_of else today
    if first < declared.history_from or last >= end:
        raise Refused(
            f"{declared.name}: days from {declared.history_from} (`history_from`) to {end - timedelta(days=1)} can be "
            f"landed, not {first} to {last}"
        )
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _sources_are_there(declared) -> None:
    """What every day would fail of is said once, before the first. Raises Refused."""
    from commands.checks import FAILED
    from commands.checks.shop import source_check

    for source in declared.sources:
        check = source_check(declared, source, in_use=True)
        if check.state == FAILED:
            raise Refused(f"{check.found}. {check.mend}\nNothing was begun.")


def _run_all(shop: str, moments: list[tuple[date, date]]) -> list[date]:
    """Each in turn, a line about each; a bar where a person looks on. Returns the first days of those that failed."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from warehouse import published

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    failed = []
    with Progress(*columns, console=out) if out.is_terminal else nullcontext() as progress:
        bar = progress.add_task("", total=len(moments)) if progress else None
        for day, as_of in moments:
            began = time.monotonic()
            outcome = one_run.start(
                shop,
                day,
                as_of,
                paths.of(shop).reports / f"backfill_{day}.log",
                began=lambda task, day=day: progress.update(bar, description=f"{day} {task}") if progress else None,
            )
            if outcome.error:
                failed.append(day)
                out.print(f"{day}  [bold red]failed[/bold red]")
                out.print(f"    {outcome.error}", markup=False, soft_wrap=True)
            else:
                seconds = time.monotonic() - began
                what = "published as" if day < as_of else "newest moment again, published as"
                out.print(f"{day}  {what} {published.current(shop)}, {seconds:.0f} s", soft_wrap=True)
            if progress:
                progress.advance(bar)
    return failed
