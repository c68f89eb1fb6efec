"""After a new key: the ledgers of activation call every customer by the pseudonym that the new key gives.

In: the vault of the old key, put aside, and a shop whose new key is in place (docs/privacy.md has the whole procedure).
Out: `<shop>/activation/ledger/*.jsonl` with other user_ids and nothing else changed. Ledgers are the one thing that no
source delivers again: without them customers would be written to twice, and lose the arm that they were drawn for.
"""

import json
import os
from pathlib import Path

import duckdb

from privacy.pseudonym import key, pseudonym
from privacy.vault import PART
from shops.declaration import Shop
from warehouse import lock, paths


def rename_in_ledgers(shop: Shop, old_vault: Path) -> dict[str, int]:
    """{campaign: entries that name their customer anew}. Once more changes nothing. Raises KeyLost, KeyFileError."""
    secret = key(shop)
    known = duckdb.execute(
        "select distinct pseudonym, value from read_parquet(?, hive_partitioning = false)",
        [str(old_vault / "*" / "*" / "ds=*" / PART)],
    ).fetchall()
    new = {old: pseudonym(secret, value) for old, value in known}
    folder = paths.of(shop.name).activation
    with lock.exclusive(folder / "activation.lock"):
        return {path.stem: _rename(path, new) for path in sorted((folder / "ledger").glob("*.jsonl"))}


def _rename(path: Path, new: dict[str, str]) -> int:
    changed, lines = 0, []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry.get("user_id") in new:
            entry["user_id"] = new[entry["user_id"]]
            changed += 1
        lines.append(json.dumps(entry, separators=(",", ":"), ensure_ascii=False) + "\n")
    aside = path.with_name(f".{path.name}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("".join(lines))
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    return changed
