"""A customer leaves what activation keeps: ledgers, audience files, previews, the do-not-contact list, the journal.

In: what they are called. Out: the same files without the lines that name them; others keep theirs, byte for byte.
Previews are made again from the plan whenever somebody looks, so a preview with them in it goes as a whole.
"""

import csv
import io
import json
import os
import shutil
from pathlib import Path

from activation import suppression
from privacy.called import Called
from privacy.rows import put_in_place
from shops.declaration import Shop
from warehouse import lock, paths


def erase_activation(shop: Shop, called: Called) -> dict[str, int]:
    """Returns {ledger, outbox, preview, do_not_contact, journal: entries, rows, folders, lines, messages gone}."""
    folder = paths.of(shop.name).activation
    if not folder.is_dir():
        return {}
    with lock.exclusive(folder / "activation.lock"):
        for debris in (*folder.rglob(".*.csv"), *(folder / "preview").glob(".*")):
            shutil.rmtree(debris) if debris.is_dir() else debris.unlink()
        found = {
            "ledger": sum(_ledger(called, path) for path in sorted((folder / "ledger").glob("*.jsonl"))),
            "outbox": sum(_table(called, path) for path in sorted((folder / "outbox").rglob("*.csv"))),
            "preview": 0,
            "do_not_contact": _table(called, folder / suppression.FILE),
            "journal": sum(_journal(called, Path(each.journal)) for each in shop.activation.channels.values()
                           if each.journal),
        }  # fmt: skip
        for preview in sorted((folder / "preview").glob("*")):
            if any(_names_them(called, path) for path in preview.rglob("*") if path.is_file()):
                shutil.rmtree(preview)
                found["preview"] += 1
    return found


def _ledger(called: Called, path: Path) -> int:
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if not (_is_their_entry(called, line) or called.is_named_in(line))]
    return _write(path, lines, kept)


def _is_their_entry(called: Called, line: bytes) -> bool:
    try:
        return json.loads(line).get("user_id") in called.of("customer")
    except (ValueError, AttributeError):  # an unfinished last line
        return False


def _table(called: Called, path: Path) -> int:
    """A CSV file with a header; a cell may hold line ends."""
    if not path.is_file():
        return 0
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    lines, rows = text.splitlines(keepends=True), csv.reader(io.StringIO(text, newline=""))
    header, kept, records, done = next(rows, []), [], [], rows.line_num
    records.append("".join(lines[:done]))
    kept.append(records[0])
    customer = header.index("user_id") if "user_id" in header else None
    for row in rows:
        records.append("".join(lines[done : rows.line_num]))
        done = rows.line_num
        is_theirs = customer is not None and len(row) > customer and row[customer].strip() in called.of("customer")
        if not is_theirs and not called.is_named_in(records[-1].encode("utf-8", "surrogateescape")):
            kept.append(records[-1])
    return _write(path, records, kept, lambda part: part.encode("utf-8", "surrogateescape"))


def _journal(called: Called, folder: Path) -> int:
    """Copies of messages (Maildir) that name them, by their address too."""
    messages = [path for path in folder.rglob("*") if path.is_file() and _names_them(called, path)]
    for path in messages:
        path.unlink()
    return len(messages)


def _names_them(called: Called, path: Path) -> bool:
    if path.suffix == ".csv":
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            if any(row.get("user_id") in called.of("customer") for row in csv.DictReader(file)):
                return True
    return called.is_named_in(path.read_bytes())


def _write(path: Path, parts: list, kept: list, encoded=bytes) -> int:
    """Returns how many parts are gone; none: the file is not touched."""
    if len(kept) == len(parts):
        return 0
    aside = path.with_name(f".{path.name}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, path.stat().st_mode & 0o777)
    with os.fdopen(handle, "wb") as file:
        file.writelines(encoded(part) for part in kept)
    put_in_place(aside, path)
    return len(parts) - len(kept)
