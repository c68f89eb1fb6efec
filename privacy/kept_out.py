"""Who was erased stays out: a landing drops their rows, also when a source delivers them again.

In: what an erased customer was called (privacy/called.py). Out: `<shop>/keys/erased`, which holds no name, only
HMAC-SHA256 digests of names; and, for each landing, how many rows of which day were dropped. The key is one of its own,
`keys/erased.key`, and is never changed: pseudonyms may be given a new key one day, but nobody could then hash again who
is gone.

A name counts in the columns of its own kind (`customer`, `order_id`, ...), so that customer 12 is not order 12. What
can be nothing else (`anywhere`: an id of letters and digits, an address) also counts as a word of a rejected row.
"""

import hashlib
import hmac
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from privacy import key_file
from privacy.pseudonym import plain
from shops.declaration import Shop, Table
from warehouse import paths
from warehouse.engine import quote

CUSTOMER, ANYWHERE = "customer", "anywhere"
WORD = re.compile(r"[\w.%+@'-]+")
PART = re.compile(r"\w+")


class KeptOutDamaged(ValueError):
    """The list of who was erased cannot be read: nothing may land until it can, or the erased would come back."""


def path(shop: Shop) -> Path:
    return paths.of(shop.name).keys / "erased"


def add(shop: Shop, names: Iterable[tuple[str, str]]) -> None:
    """Note (kind, name) for good: on disk, readable by its owner only, when this returns. Known ones stay once."""
    key_file.make(_key_path(shop))
    secret = key_file.read(_key_path(shop))
    lines = {f"{kind} {_digest(secret, kind, name)}" for kind, name in names}
    lines |= {f"{kind} {digest}" for kind, digests in _read(shop).items() for digest in digests}
    aside = path(shop).with_name(f".{path(shop).name}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in sorted(lines)))
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path(shop))


def holds(shop: Shop, kind: str, name: str) -> bool:
    """Was this one erased?"""
    known = _read(shop).get(kind)
    return bool(known) and _digest(key_file.read(_key_path(shop)), kind, name) in known


def drop_rows(connection, shop: Shop, table: Table) -> dict[date, int]:
    """Take the rows of whoever was erased out of `judged` (extract/judge.py); returns how many of each day.

    Call it before anything is replaced by pseudonyms: it knows the names that the source delivers. Work is done per
    distinct value. Raises KeptOutDamaged.
    """
    known = _read(shop)
    if not known:
        return {}
    secret = key_file.read(_key_path(shop))

    def is_known(kind: str, name: str) -> bool:
        return kind in known and _digest(secret, kind, name) in known[kind]

    connection.execute("create or replace temp table of_the_erased (row_number bigint)")
    customers = [quote(column) for column in shop.personal.customer if column in table.columns]
    nobodys = " and ".join(f"coalesce(cast({c} as varchar), 'unknown') in ('', 'unknown')" for c in customers) or "true"
    for column, kinds in kinds_of(shop, table).items():
        text = f"cast({quote(column)} as varchar)"
        unowned = "true" if kinds == [CUSTOMER] else nobodys  # an order or an address in another customer's row: theirs
        values = connection.execute(f"select distinct {text} from judged where {quote(column)} is not null").fetchall()
        theirs = [value for (value,) in values if any(is_known(kind, value) for kind in kinds)]
        if theirs:
            connection.execute(
                f"insert into of_the_erased select rowid from judged where {text} in (select unnest(?)) and {unowned}",
                [theirs],
            )
    rejected = connection.execute("select rowid, __raw from judged where __reason is not null").fetchall()
    theirs = [number for number, raw in rejected if _names_one(shop, table, raw, is_known)]
    connection.execute("insert into of_the_erased select unnest(?::bigint[])", [theirs])
    dropped = connection.execute(
        "select __ds, count(*) from judged where rowid in (select row_number from of_the_erased) group by all"
    ).fetchall()
    connection.execute("delete from judged where rowid in (select row_number from of_the_erased)")
    return dict(dropped)


def kinds_of(shop: Shop, table: Table) -> dict[str, list[str]]:
    """{column of the table: kinds of names that may stand in it}"""
    reaches = {channel.address["column"] for channel in shop.activation.channels.values() if channel.address}
    found: dict[str, list[str]] = {}
    for column in (*table.columns, *table.ignored_columns):
        if column in shop.personal.customer:
            found[column] = [CUSTOMER]
        elif column in shop.personal.columns or column in reaches:
            found[column] = [ANYWHERE]
        elif column in record_columns(shop):
            found[column] = [column]
    return {column: kinds for column, kinds in found.items() if column in table.columns}


def record_columns(shop: Shop) -> set[str]:
    """Columns that hold the key of a table: orders, events, reviews, ... as opposed to people."""
    keys = {table.key[0] for source in shop.sources for table in source.tables if len(table.key) == 1}
    return keys - set(shop.personal.customer)


def _names_one(shop: Shop, table: Table, raw: str, is_known) -> bool:
    """Does a rejected row, kept as JSON, name one of them?"""
    row = json.loads(raw)["row"]
    fields = row if isinstance(row, dict) else {}
    for column, kinds in kinds_of(shop, table).items():
        value = fields.get(column)
        if value is not None and any(is_known(kind, str(value)) for kind in kinds):
            return True
    if any(str(fields.get(column) or "unknown") != "unknown" for column in shop.personal.customer):
        return False  # another customer's, whatever address stands in it
    words = {word.strip(".'-") for word in (*WORD.findall(raw), *PART.findall(raw))}
    kinds = (ANYWHERE,) if fields else (ANYWHERE, CUSTOMER)  # what could not be split: any of its words may be the id
    return any(is_known(kind, word) for word in words for kind in kinds)


def _read(shop: Shop) -> dict[str, set[str]]:
    """{kind: digests}; empty where nobody was erased. Raises KeptOutDamaged."""
    found: dict[str, set[str]] = defaultdict(set)
    if path(shop).exists():
        for number, line in enumerate(path(shop).read_text(encoding="utf-8").splitlines(), 1):
            if not re.fullmatch(r"\S+ [0-9a-f]{64}", line):
                raise KeptOutDamaged(
                    f"{path(shop)}, line {number} is no entry: put the file back from a backup. Until then nothing "
                    "lands, because customers who were erased could come back."
                )
            kind, digest = line.split(" ")
            found[kind].add(digest)
    return found


def _key_path(shop: Shop) -> Path:
    return paths.of(shop.name).keys / "erased.key"


def _digest(secret: bytes, kind: str, name: str) -> str:
    """Plain, as pseudonyms are made; addresses are the same in capitals."""
    written = plain(name)
    written = written.casefold() if "@" in written else written
    return hmac.digest(secret, f"erased:{kind}:{written}".encode(), hashlib.sha256).hex()
