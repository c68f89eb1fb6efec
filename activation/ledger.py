"""What was done to whom: one append-only file of JSON lines per campaign, `<shop>/activation/ledger/<campaign>.jsonl`.

In: entries as things happen. Out: the state of each customer in the campaign, and the raw rows with which activation
comes back as a source (extract/activation_log.py). It holds no address and no text of a message.

Events: `campaign` (first line), `assigned` (arm: treated or control; the first one counts for good), `handing_over`
(everything is with the server but the last byte: from here on in doubt), `sent`, `deferred` (not taken for now),
`refused` (never to be tried again). An entry is on disk before what it announces is done. A process that dies while
writing leaves an unfinished last line: it announces nothing, and the next writer cuts it off.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from activation.planned import CAMPAIGN_ID
from shops.declaration import Shop
from warehouse import paths

IN_DOUBT, SENT, DEFERRED, REFUSED, ASSIGNED = "handing_over", "sent", "deferred", "refused", "assigned"


class LedgerDamaged(ValueError):
    """A ledger with a line that cannot be read: nothing may be sent until a person has looked at it."""


def folder(shop: Shop) -> Path:
    return paths.of(shop.name).activation / "ledger"


def read(path: Path) -> list[dict]:
    """The entries of a campaign's file, oldest first; an unfinished last line is left out. Raises LedgerDamaged."""
    entries = []
    whole, newline, _ = path.read_bytes().rpartition(b"\n") if path.exists() else (b"", b"", b"")
    for number, line in enumerate((whole + newline).splitlines(), 1):
        try:
            entry = json.loads(line)
            datetime.fromisoformat(entry["at"])
            entries.append({**entry, "event": str(entry["event"])})
        except (ValueError, KeyError, TypeError) as error:
            raise LedgerDamaged(
                f"{path}, line {number} is no entry ({type(error).__name__}). Nothing is sent for this campaign until "
                "the line is mended from a backup or deleted; deleting it may send a message twice."
            ) from error
    return entries


@dataclass
class State:
    """What the entries of a campaign add up to."""

    arms: dict[str, str] = field(default_factory=dict)  # customer: the arm assigned first
    last: dict[str, dict] = field(default_factory=dict)  # customer: newest entry on how far the message is

    def take_in(self, entry: dict) -> None:
        if entry["event"] == ASSIGNED:
            self.arms.setdefault(entry["user_id"], entry["arm"])
        elif "user_id" in entry:
            self.last[entry["user_id"]] = entry

    def of(self, user_id: str) -> str:
        """How far the customer's message is: '' (nothing yet), or the newest of the events above."""
        return self.last.get(user_id, {}).get("event", "")

    def in_doubt(self) -> list[str]:
        """Customers whose message may or may not have been taken, in order."""
        return sorted(user for user, entry in self.last.items() if entry["event"] == IN_DOUBT)


def fold(entries: Iterable[dict]) -> State:
    """The state after all entries."""
    state = State()
    for entry in entries:
        state.take_in(entry)
    return state


class Ledger:
    """The ledger of one campaign, open for writing by one process (its caller holds the shop's activation lock)."""

    def __init__(self, shop: Shop, campaign_id: str):
        if not CAMPAIGN_ID.fullmatch(campaign_id):
            raise ValueError(f"'{campaign_id}' is not the name of a campaign")
        self.path = folder(shop) / f"{campaign_id}.jsonl"
        self.campaign_id = campaign_id
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(self.path, "ab+")  # noqa: SIM115 - closed by `close`
        self._cut_unfinished_line()
        entries = read(self.path)
        self.is_new = not entries
        self.state = fold(entries)

    def append(self, at: datetime, event: str, user_id: str, **more) -> None:
        """One entry, on disk when this returns."""
        self.append_all([(at, event, {"user_id": user_id, **more})])

    def append_all(self, rows: Iterable[tuple[datetime, str, dict]]) -> None:
        """(when, event, what there is to say), on disk together."""
        entries = [{"at": at.astimezone(UTC).isoformat(), "event": event, **more} for at, event, more in rows]
        lines = "".join(json.dumps(entry, separators=(",", ":"), ensure_ascii=False) + "\n" for entry in entries)
        self._file.write(lines.encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        for entry in entries:
            self.state.take_in(entry)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _cut_unfinished_line(self) -> None:
        content = self.path.read_bytes()
        if content and not content.endswith(b"\n"):
            self._file.truncate(content.rfind(b"\n") + 1)
            os.fsync(self._file.fileno())
