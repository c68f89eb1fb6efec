"""`precision erase` and `precision retention`: forgetting a person, and deleting what is old enough."""

import sys
import time
from datetime import date
from typing import Annotated

import typer
from rich.table import Table

from commands.terminal import JsonOption, Refused, ShopOption, day, fail, out, print_json

UserOption = Annotated[
    str, typer.Option(help="the customer's id as the shop writes it, or their pseudonym; - reads it")
]


def erase(
    shop: ShopOption = "demo_shop",
    user: UserOption = "",
    approve: Annotated[bool, typer.Option("--approve", help="do not ask")] = False,
    hand_over: Annotated[bool, typer.Option("--hand-over", help="only note it, for the DAG erase_customer")] = False,
    check: Annotated[bool, typer.Option("--check", help="only search: where does the customer stand?")] = False,
    as_json: JsonOption = False,
) -> None:
    """Forget a customer: out of all that is kept, published anew without them, proven by searching every byte.

    Without --user: finish whoever was begun with or handed over. The id appears in no output.
    """
    from privacy import erase as forget
    from shops.declaration import load

    declared = load(shop)
    user = sys.stdin.readline().strip() if user == "-" else user
    if check:
        _check(declared, _given(user), as_json)
    elif hand_over:
        forget.hand_over(declared, _given(user))
        _tell({"handed_over": 1}, as_json, f"Noted. Trigger the DAG erase_customer_{shop}, or `precision erase`.")
    else:
        customers = [user] if user else forget.waiting(declared)
        if not customers:
            raise Refused(f"{shop}: nobody is waiting to be erased; name a customer with --user")
        if not approve and not (sys.stdin.isatty() and input("This cannot be undone. Type yes: ").strip() == "yes"):
            fail("Not approved: nothing has changed. Answer yes on a terminal, or give --approve.")
        _erase(declared, customers, as_json)


def _given(user: str) -> str:
    if not user:
        raise Refused("name the customer with --user (a dash reads the id from standard input)")
    return user


def _check(declared, user: str, as_json: bool) -> None:
    """Exit code 1 where the customer is found."""
    from privacy.called import find
    from privacy.traces import traces

    found, searched = traces(declared, find(declared, user))
    places = {each.path: each.count for each in found}
    words = "\n".join([*(f"{path}: {count}" for path, count in places.items()), f"{len(places)} of {searched} places"])
    _tell({"places": places, "places_searched": searched}, as_json, words)
    if found:
        raise typer.Exit(1)


def _erase(declared, customers: list[str], as_json: bool) -> None:
    from privacy import erase as forget

    began, counts = time.monotonic(), {}
    for customer in customers:
        for place, gone in forget.erase(declared, customer).items():
            counts[place] = None if gone is None else (counts.get(place) or 0) + gone
    version = _publish_again(declared)
    searched = max(forget.prove(declared, customer) for customer in forget.to_be_proven(declared))
    told = {
        "customers": len(customers),
        "gone": counts,
        "published": version,
        "places_searched": searched,
        "places_found": 0,
        "seconds": round(time.monotonic() - began, 1),
    }
    if as_json:
        print_json(told)
        return
    table = Table(title="Gone", show_header=False, box=None, title_justify="left")
    for place, gone in counts.items():
        table.add_row(place, "not reachable from here" if gone is None else f"{gone:,}")
    out.print(table)
    out.print(f"published again as {version}" if version else "nothing was published, so nothing is published again")
    out.print(f"searched {searched:,} files, every byte and value: found in none ({told['seconds']:.0f} s)")


def _publish_again(declared) -> str | None:
    """The newest moment once more: its models are fitted, its plans drawn, without them."""
    from commands import one_run
    from dags import environment
    from privacy.erase import newest_moment
    from warehouse import paths, published

    moment = newest_moment(declared)
    if not moment:
        return None
    as_of = date.fromisoformat(moment)
    environment.prepare()
    outcome = one_run.start(declared.name, as_of, as_of, paths.of(declared.name).reports / "run.log")
    if outcome.error:
        fail(
            f"The customer is erased, but publishing anew failed: {outcome.error}\n\nWhat is served is the "
            "last version without them, and no model serves. Mend the cause; the same command without --user finishes."
        )
    return published.current(declared.name)


def retention(
    shop: ShopOption = "demo_shop",
    as_of: Annotated[str, typer.Option(help="count back from, YYYY-MM-DD; default: the newest published moment")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show what would go")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete what is kept longer than `personal.keep_days` of the shop says."""
    from privacy import retention as kept
    from privacy.erase import newest_moment
    from shops.declaration import load

    declared = load(shop)
    moment = as_of or newest_moment(declared)
    if not moment:
        raise Refused(f"{shop}: nothing is published; say with --as-of from which day to count back")
    from_day = day(moment, "--as-of")
    found = {kind: len(each) for kind, each in kept.expired(declared, from_day).items()}
    gone = found if dry_run else kept.enforce(declared, from_day)
    verb = "would go" if dry_run else "gone"
    words = "\n".join(f"{kind:<12} {count:>8,} {verb}" for kind, count in gone.items())
    _tell({"as_of": moment, "dry_run": dry_run, "expired": gone}, as_json, words)


def _tell(value: dict, as_json: bool, words: str) -> None:
    if as_json:
        print_json(value)
    else:
        out.print(words, markup=False, soft_wrap=True)
