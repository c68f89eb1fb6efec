"""`precision activate` and `precision settle`: what leaves the house, and what became of it."""

import sys
from typing import Annotated

import typer

from commands.terminal import ShopOption, day, fail, out


def activate(
    shop: ShopOption = "demo_shop",
    as_of: Annotated[str, typer.Option(help="the plan's day, YYYY-MM-DD; default: the newest published")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show what would go out")] = False,
    approve: Annotated[bool, typer.Option("--approve", help="do not ask")] = False,
) -> None:
    """Show what a published plan would send, ask, and carry it out: files, or messages where that is switched on."""
    from activation.deliver import deliver
    from activation.preview import preview
    from activation.summary import of_delivery, of_preview
    from shops.declaration import load
    from warehouse import published

    declared = load(shop)
    plan_day = day(as_of, "--as-of") if as_of else day(published.version_folder(shop).name[:10], "version")
    found = preview(declared, plan_day)
    out.print(of_preview(found), markup=False, soft_wrap=True)
    if dry_run:
        return
    if not approve and not (sys.stdin.isatty() and input("Carry this out? Type yes: ").strip() == "yes"):
        fail("Not approved: nothing has left. Answer yes on a terminal, or give --approve.")
    done = deliver(declared, plan_day, version=found["version"])
    out.print(of_delivery(done), markup=False, soft_wrap=True)
    if done["failed"]:
        raise typer.Exit(1)


def settle(
    campaign: Annotated[str, typer.Option(help="as the summary names it")],
    user: Annotated[str, typer.Option(help="the customer")],
    sent: Annotated[bool, typer.Option("--sent/--not-sent", help="what the mail server's log says")],
    shop: ShopOption = "demo_shop",
) -> None:
    """Say what became of a message of which nobody knows whether it was taken."""
    from datetime import UTC, datetime

    from activation.settle import settle_by_hand
    from shops.declaration import load

    declared = load(shop)
    try:
        settle_by_hand(declared, campaign, user, sent, datetime.now(UTC))
    except ValueError as error:
        fail(str(error))
    out.print(f"Noted. {'It counts as sent.' if sent else 'The next run sends it, while the plan is valid.'}")
