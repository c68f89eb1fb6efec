"""What became of a message whose fate is in doubt: settled by evidence, or by a person, never by a guess.

In: ledger entries `handing_over` without a reply after them. Out: `sent` or `deferred` entries that say on what ground.

- webhook: deferred, since the receiver tells a repetition by its Idempotency-Key;
- smtp with a `journal` (a Maildir in which the mail server keeps a copy of everything it took, as Postfix's always_bcc
  does): its Message-ID is there → sent; not there → deferred, once the copy had time to arrive and the journal has
  shown that it works, by holding another message of ours that the server confirmed;
- smtp without one: stays in doubt. It is not sent again (none rather than two) until a person says what happened.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.errors import MessageError
from email.parser import BytesParser
from pathlib import Path

from activation.ledger import DEFERRED, SENT, Ledger
from privacy.pseudonym import known_as
from shops.declaration import Channel, Shop
from warehouse import lock, paths

CLOCK_SKEW = timedelta(hours=1)  # between this machine and the one that keeps the journal
LONGEST_HEAD = 1 << 20


def settle(
    ledger: Ledger,
    channel: Channel,
    clock: Callable[[], datetime],
    journal_seconds: float,
    confirmed: set[str],
    wait: bool,
) -> None:
    """Settle what can be settled. `wait`: for copies that may still come. `confirmed`: Message-IDs known to be sent."""
    doubts = {user: ledger.state.last[user] for user in ledger.state.in_doubt()}
    for user, entry in doubts.items():
        if entry.get("via") == "webhook":
            ledger.append(clock(), DEFERRED, user, reason="the receiver drops repetitions")
    doubts = {user: entry for user, entry in doubts.items() if entry.get("via") == "smtp"}
    if not doubts or not channel.journal:
        return
    handed_over = {user: datetime.fromisoformat(entry["at"]) for user, entry in doubts.items()}
    patience = timedelta(seconds=journal_seconds)
    if wait and (left := (max(handed_over.values()) + patience - clock()).total_seconds()) > 0:
        time.sleep(min(left, journal_seconds))
    now = clock()  # before looking: what the journal shows is at least as new
    found = message_ids(journal_folder(channel), min(handed_over.values()) - CLOCK_SKEW)
    known = confirmed | {entry.get("message_id") for entry in ledger.state.last.values() if entry["event"] == SENT}
    works = bool(found & known)
    for user, entry in doubts.items():
        if entry["message_id"] in found:
            ledger.append(now, SENT, user, **_same(entry), reason="found in the journal", sent_at=entry["at"])
        elif works and now >= handed_over[user] + patience:
            ledger.append(now, DEFERRED, user, reason="not in the journal")


def settle_by_hand(shop: Shop, campaign_id: str, user_id: str, was_sent: bool, at: datetime) -> None:
    """What a person found out about a message in doubt. Raises ValueError for one that is not in doubt.

    The customer may be named as the shop does, or as the marts do.
    """
    with lock.exclusive(paths.of(shop.name).activation / "activation.lock"), Ledger(shop, campaign_id) as ledger:
        names = known_as(shop, user_id)
        in_doubt = [name for name in names if name in ledger.state.in_doubt()]
        if not in_doubt:
            state = next(filter(None, map(ledger.state.of, names)), "nothing was handed over")
            raise ValueError(f"{campaign_id}, {user_id}: is not in doubt ({state}); nothing to settle")
        user_id = in_doubt[0]
        entry = ledger.state.last[user_id]
        if was_sent:
            ledger.append(at, SENT, user_id, **_same(entry), reason="settled by a person", sent_at=entry["at"])
        else:
            ledger.append(at, DEFERRED, user_id, reason="settled by a person")


def journal_folder(channel: Channel) -> Path:
    """A relative path lies below PRECISION_HOME."""
    return paths.home() / channel.journal


def message_ids(folder: Path, since: datetime) -> set[str]:
    """Message-IDs of a Maildir's messages (new and cur, which are whole) that came at `since` or later."""
    found = set()
    for part in ("new", "cur"):
        for path in sorted((folder / part).glob("*")):
            try:
                if path.stat().st_mtime >= since.timestamp():
                    found.add(_message_id(path))
            except FileNotFoundError:
                continue  # a mail program moved it from new to cur: it is met there, or by the next look
    return found - {""}


def _message_id(path: Path) -> str:
    head = b""
    with open(path, "rb") as file:
        for line in file:
            if line in (b"\n", b"\r\n") or len(head) > LONGEST_HEAD:
                break
            head += line
    try:
        return str(BytesParser().parsebytes(head, headersonly=True).get("Message-ID", "")).strip()
    except MessageError:
        return ""


def _same(entry: dict) -> dict:
    return {name: entry[name] for name in ("via", "message_id") if name in entry}
