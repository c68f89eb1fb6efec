"""What a customer is called in the data of a shop, and which records are theirs alone.

In: the customer's id as the shop writes it (or their pseudonym), landing, vault and warehouse. Out: `Called`: pairs of
kind and name. Kinds: `customer`; a record's column (`order_id`, ...) with the keys of their orders, events, reviews;
`anywhere` for what can mean nobody else wherever it stands: an id of letters and digits, a pseudonym, an address.

So customer 12 is sought where customers stand, and quantity 12 stays. An order or an address that another customer
has too is not theirs alone, and belongs to no `Called`.
"""

import base64
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from activation import signing
from privacy import kept_out, pseudonym
from privacy.kept_out import ANYWHERE, CUSTOMER
from shops.declaration import Shop
from warehouse import paths
from warehouse.engine import MEMORY_LIMIT, open_warehouse, quote

NOBODY = ("", "unknown")  # how the project says that there is no customer
RECORDS = ("order_id", "line_id", "event_id", "review_id", "feedback_id", "post_id", "contact_id", "response_id")
ROUNDS = 3  # from person to order, from order to line: no source is nested deeper
PHONE_DIGITS = 7
LEAST_LETTERS = 5


class UnknownCustomer(ValueError):
    """Nobody of that name is or was in the shop's data. The message does not repeat the name: logs keep messages."""


@dataclass(frozen=True)
class Called:
    """Names as they stand in tables and files, and (`delivered`) as the source writes them."""

    own_id: str
    names: frozenset[tuple[str, str]]
    delivered: frozenset[tuple[str, str]]

    def of(self, *kinds: str) -> list[str]:
        return sorted({name for kind, name in self.names if kind in kinds})

    def records(self) -> list[str]:
        """Keys of their records that are too particular to mean anything else."""
        return sorted({name for kind, name in self.names if kind not in (CUSTOMER, ANYWHERE) and is_distinctive(name)})

    def needles(self) -> list[str]:
        """Texts whose bytes say in any file that it is about them; also as in a link, in base64."""
        words = self.of(ANYWHERE)
        encoded = [base64.urlsafe_b64encode(word.encode()).decode().rstrip("=") for word in words]
        return sorted({*words, *encoded})

    def word(self) -> str | None:
        """A regular expression (RE2 and Python) for a text that names them; u12 is not u123. None: no such text."""
        words = self.needles()
        return rf"(^|[^0-9A-Za-z_])(?i:{'|'.join(map(re.escape, words))})([^0-9A-Za-z_]|$)" if words else None

    def is_named_in(self, content: bytes) -> bool:
        """Does a text name them? Not for Parquet and databases, whose values are packed."""
        lowered = content.lower()
        if any(needle.lower().encode() in lowered for needle in self.needles()) and re.search(
            self.word().encode(), content
        ):
            return True
        return not set(self.records()).isdisjoint(map(bytes.decode, re.findall(rb"[0-9A-Za-z_-]+", content)))

    def both(self, other: "Called") -> "Called":
        return Called(self.own_id, self.names | other.names, self.delivered | other.delivered)


def find(shop: Shop, given: str) -> Called:
    """Everything that names this customer, from what is there now. Raises UnknownCustomer for no name at all."""
    given = pseudonym.plain(given)
    if given in NOBODY:
        raise UnknownCustomer(f"{shop.name}: give the customer's id as the shop writes it")
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT}) as connection:
        connection.execute("set enable_progress_bar = false")
        own_id = _own_id(connection, shop, given)
        ids = {*pseudonym.known_as(shop, own_id), given}
        names = {(CUSTOMER, name) for name in ids}
        names |= {(ANYWHERE, name) for name in ids if is_distinctive(name)}
        delivered = set(names)
        names |= {(ANYWHERE, token) for token in _tokens(shop, sorted(ids))}
        for _ in range(ROUNDS):
            found = _records(connection, shop, names)
            if found <= names:
                break
            names |= found
        reached = _addresses(connection, shop, sorted(ids))
    names |= {(ANYWHERE, name) for name in reached}
    names |= _records_of_warehouse(shop, sorted(ids))
    apart = _kinds_without_customer(shop)
    delivered |= {(ANYWHERE, name) for name in reached} | {(kind, name) for kind, name in names if kind in apart}
    return Called(own_id, frozenset(names), frozenset(delivered))


def _tokens(shop: Shop, ids: list[str]) -> set[str]:
    """What links and headers of messages call them. Nothing where no message was ever signed."""
    folder = paths.of(shop.name).activation
    if not (folder / "signing.key").exists():
        return set()
    key, campaigns = signing.key(shop), [path.stem for path in (folder / "ledger").glob("*.jsonl")]
    links = {signing.unsubscribe_token(key, shop.name, user) for user in ids}
    return links | {signing.message_key(key, campaign, user) for campaign in campaigns for user in ids}


def is_distinctive(name: str) -> bool:
    """Can it mean only one thing? Letters with digits, an address, a long phone number; not 12, and not Anna."""
    has_letter, has_digit = bool(re.search("[A-Za-z]", name)), bool(re.search(r"\d", name))
    return (
        "@" in name
        or (len(name) >= LEAST_LETTERS and has_letter and has_digit)
        or (name[:1] == "+" and _is_phone(name))
    )


def relation(folder: Path) -> str | None:
    """SQL for all days of one landed, quarantined or kept table, with the file of each row; None: there is no day."""
    if not any(folder.glob("ds=*/part.parquet")):
        return None
    files = str(folder / "ds=*" / "part.parquet").replace("'", "''")
    return f"read_parquet('{files}', filename = true, union_by_name = true, hive_partitioning = false)"


def columns_of(connection, source: str) -> dict[str, str]:
    """{column: type} of a relation."""
    found = {row[0]: row[1] for row in connection.execute(f"describe select * from {source}").fetchall()}
    return {name: kind for name, kind in found.items() if name != "filename"}


def customer_columns(shop: Shop, columns) -> list[str]:
    """Of these columns, those in which a customer stands: as the source calls them, or as the project does."""
    return [name for name in columns if name in (*shop.personal.customer, "user_id")]


def _tables(shop: Shop) -> list[tuple[Path, str]]:
    """(folder, relation) of every landed table."""
    folders = sorted(paths.of(shop.name).landing.glob("*/*"))
    return [(folder, source) for folder in folders if (source := relation(folder))]


def _is_mine(columns: list[str], marks: str) -> str:
    return " or ".join(f"cast({quote(column)} as varchar) in ({marks})" for column in columns) or "false"


def _is_anothers(columns: list[str], marks: str) -> str:
    """Whatever else a customer column holds, but for nobody."""
    return (
        " or ".join(
            f"(nullif(cast({quote(c)} as varchar), '') <> 'unknown' and cast({quote(c)} as varchar) not in ({marks}))"
            for c in columns
        )
        or "false"
    )


def _own_id(connection, shop: Shop, given: str) -> str:
    """Who gives a pseudonym means the customer behind it."""
    for folder in sorted(paths.of(shop.name).vault.glob("*/*")):
        if source := relation(folder):
            query = f"select value from {source} where pseudonym = ? limit 1"
            if found := connection.execute(query, [given]).fetchone():
                return found[0]
    return given


def _records(connection, shop: Shop, names: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Keys of landed rows that name the customer, or one of the records known so far, and nobody else."""
    keys = {(s.name, t.name): t.key[0] for s in shop.sources for t in s.tables if len(t.key) == 1}
    connection.execute("create or replace temp table known (kind varchar, name varchar)")
    connection.executemany("insert into known values (?, ?)", sorted(names))
    found = set()
    for folder, source in _tables(shop):
        columns = columns_of(connection, source)
        customers, key = customer_columns(shop, columns), keys.get((folder.parent.name, folder.name))
        if key not in columns or key in customers:
            continue
        mine = "select name from known where kind = 'customer'"
        refers = [_is_mine(customers, mine)] + [
            f"cast({quote(c)} as varchar) in (select name from known where kind = '{c}')"
            for c in columns
            if c != key and c in {kind for kind, _ in names}
        ]
        rows = connection.execute(f"""
            with rows as (
                select cast({quote(key)} as varchar) as key,
                    {" or ".join(refers)} as is_mine, {_is_anothers(customers, mine)} as is_anothers
                from {source}
            )
            select key from rows where key is not null group by key
            having coalesce(bool_or(is_mine), false) and not coalesce(bool_or(is_anothers), false)
        """).fetchall()
        found |= {(key, name) for (name,) in rows}
    return found


def _addresses(connection, shop: Shop, ids: list[str]) -> set[str]:
    """E-mail addresses and phone numbers that stand beside this customer and no other; in clear and as pseudonyms."""
    channels = {each.address["column"] for each in shop.activation.channels.values() if each.address}
    marks, found = ", ".join("?" for _ in ids), set()
    for _, source in _tables(shop):
        columns = columns_of(connection, source)
        customers = customer_columns(shop, columns)
        for column in [c for c in columns if c in {*shop.personal.columns, *channels} and c not in customers]:
            rows = connection.execute(
                f"select cast({quote(column)} as varchar) from {source} where {quote(column)} is not null group by all "
                f"having bool_or({_is_mine(customers, marks)}) "
                f"and not coalesce(bool_or({_is_anothers(customers, marks)}), false)",
                ids * 2 * len(customers),
            ).fetchall()
            found |= {name for (name,) in rows}
    clear = _behind(connection, shop, found)
    reaches = {name for name in found | set(clear.values()) if _reaches_one(name)}
    return reaches | {made for made, value in clear.items() if _reaches_one(value)}


def _behind(connection, shop: Shop, names: set[str]) -> dict[str, str]:
    """{pseudonym: what it stands for}, of those among the names that are pseudonyms."""
    found: dict[str, str] = {}
    for folder in sorted(paths.of(shop.name).vault.glob("*/*")):
        if names and (source := relation(folder)):
            query = f"select distinct pseudonym, value from {source} where pseudonym in (select unnest(?))"
            found |= dict(connection.execute(query, [sorted(names)]).fetchall())
    return found


def _reaches_one(value: str) -> bool:
    return "@" in value or _is_phone(value)


def _is_phone(value: str) -> bool:
    return bool(re.fullmatch(r"\+?[\d ()./-]+", value)) and len(re.sub(r"\D", "", value)) >= PHONE_DIGITS


def _records_of_warehouse(shop: Shop, ids: list[str]) -> set[tuple[str, str]]:
    """Keys of the canonical entities, which sources of another layout call otherwise."""
    if not paths.of(shop.name).warehouse.exists():
        return set()
    found = set()
    with open_warehouse(shop.name) as connection:
        columns = connection.execute(
            "select table_name, list(column_name) from duckdb_columns() where schema_name = 'intermediate' "
            "and table_name in (select table_name from duckdb_tables()) group by all order by all"
        ).fetchall()
        for table, names in columns:
            for key in [name for name in RECORDS if name in names] if "user_id" in names else []:
                rows = connection.execute(
                    f"select {quote(key)} from intermediate.{quote(table)} where {quote(key)} is not null group by all "
                    "having bool_or(user_id in (select unnest($ids))) "
                    "and not bool_or(user_id <> 'unknown' and user_id not in (select unnest($ids)))",
                    {"ids": ids},
                ).fetchall()
                found |= {(key, str(name)) for (name,) in rows}
    return found


def _kinds_without_customer(shop: Shop) -> set[str]:
    """Record columns by which a row alone says whose it is: a line with its order only."""
    kinds = kept_out.record_columns(shop)
    return {
        column
        for source in shop.sources
        for table in source.tables
        if not customer_columns(shop, table.columns)
        for column in table.columns
        if column in kinds
    }
