"""A shop that remembers its customers wherever the project can: what erasing one of them must reach.

In: the hand-built warehouse of tests/warehouse. Out: landed days with pseudonyms, rejects and a vault; two published
versions; a ledger, audience files, a preview, a list; a model; logs and a database of Airflow. Customers are k10017
(ben of the hand-built marts, to be erased), k10018 (cat) and 12 (ann), whose id could be any number.
"""

import json
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from activation import signing
from extract.ingest import ingest
from privacy import erase
from privacy.pseudonym import key, pseudonym
from shops.declaration import Shop, parse
from tests.warehouse import hand_built
from warehouse import paths
from warehouse.engine import open_warehouse, quote
from warehouse.publish import publish

ERASED, OTHER, NUMBER = "k10017", "k10018", "12"
OF_HAND_BUILT = {"ben": ERASED, "cat": OTHER, "ann": NUMBER}
DELIVERED = {
    "users": (
        "user_id,email,user_name",
        ["k10017,ben@example.com,Ben B", "k10018,cat@example.com,Cat C", "12,ann@example.com,Ann A"],
    ),
    "orders": (
        "order_id,user_id,amount",
        ["o77001,k10017,7.00", "o77002,k10018,8.00", "12,12,12.00", "o77004,k10017,seven", "o77005,k10018,9.00",
         "o77006,12,1.00", "o77009,k10017"],
    ),
    "order_lines": (  # whose line it is, only its order says
        "line_id,order_id,quantity",
        ["n77001,o77001,12", "n77002,o77002,12", "n77003,12,3", "n77004,o77005,12"],
    ),
    "reviews": (
        "review_id,order_id,review_text",
        ["r77001,o77001,as k10017 I was well served", "r77002,o77002,12 of 12 points", "r77003,o77005,fine"],
    ),
    "newsletter": ("email,topic", ["ben@example.com,tea", "cat@example.com,tea", "dora@example.com,tea"]),
}  # fmt: skip
TYPES = {"amount": "decimal(18,2)", "quantity": "bigint"}
PERSONAL = ["user_id", "email", "user_name"]
DAY = hand_built.AS_OF


def declared(folder: Path) -> Shop:
    tables = {
        name: {
            "path": f"{name}.csv",
            "columns": {column: TYPES.get(column, "string") for column in head.split(",")},
            "key": head.split(",")[:1],
            "arrival": {"by": "snapshot"},
        }
        for name, (head, _) in DELIVERED.items()
    }
    return parse(
        "tiny",
        {
            "title": "Tiny shop",
            "timezone": "UTC",
            "reporting_currency": "EUR",
            "history_from": "2024-01-01",
            "behaviours": ["view", "buy"],
            "windows": {"training_dates": 4},
            "personal": {"columns": PERSONAL},
            "sources": {"till": {"kind": "files", "location": str(folder), "entities": ["orders"], "tables": tables}},
        },
    )


def land(shop: Shop) -> dict[str, dict]:
    """{table: counts} of one delivery of everything."""
    folder = Path(shop.sources[0].location)
    folder.mkdir(exist_ok=True)
    for name, (head, rows) in DELIVERED.items():
        (folder / f"{name}.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return {name: ingest(shop, "till", name, DAY.replace(day=1), DAY.replace(day=2)) for name in DELIVERED}


def make(raw: Path) -> Shop:
    """All of it, in PRECISION_HOME, where the hand-built warehouse has passed its audit (fixture `audited`)."""
    shop = declared(raw)
    land(shop)
    _publish_two_versions(shop)
    _activation(shop)
    _airflow()
    where = paths.of(shop.name)
    where.reports.mkdir(exist_ok=True)
    (where.reports / "run.log").write_text(f"odd row of {ERASED}\n", encoding="utf-8")
    (where.landing / "till" / "orders" / ".pages").mkdir()
    (where.landing / "till" / "orders" / ".pages" / "1.json").write_text(json.dumps({"user_id": ERASED}))
    return shop


def _publish_two_versions(shop: Shop) -> None:
    secret = key(shop)
    with open_warehouse(shop.name) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_columns() where column_name = 'user_id' and not internal "
            "and table_name in (select table_name from duckdb_tables())"
        ).fetchall()
        for table in (f"{quote(schema)}.{quote(name)}" for schema, name in tables):
            for name, own_id in OF_HAND_BUILT.items():
                made = pseudonym(secret, own_id)
                connection.execute(f"update {table} set user_id = ? where user_id = ?", [made, name])
        connection.execute("create table ml.text_clause as select 'r77001' as document_id, 'well served' as clause")
    for item_name in ("x", "y"):
        hand_built.change(f"update marts.dim_item set item_name = '{item_name}'")
        hand_built.pass_audit()
        publish(shop.name, DAY)


def _activation(shop: Shop) -> None:
    folder, secret, links = paths.of(shop.name).activation, key(shop), signing.key(shop)
    rows, entries = [], [{"at": "2024-03-01T00:00:00+00:00", "event": "campaign", "channel": "email"}]
    for own_id, address in ((ERASED, "ben@example.com"), (OTHER, "cat@example.com"), (NUMBER, "ann@example.com")):
        user = pseudonym(secret, own_id)
        entries.append({"at": "2024-03-01T00:00:00+00:00", "event": "assigned", "user_id": user, "arm": "treated"})
        token = signing.unsubscribe_token(links, shop.name, user)
        rows.append(f'{own_id},{address},"two\nlines",https://shop.example/?token={token}')
    _write(folder / "ledger" / "win_back-email-20240301.jsonl", "".join(json.dumps(each) + "\n" for each in entries))
    audience = "\n".join(["user_id,address,items,unsubscribe_link", *rows]) + "\n"
    _write(folder / "outbox" / "win_back-email-20240301" / "audience.csv", audience)
    _write(folder / "preview" / "2024-03-01" / "win_back" / "messages.csv", audience)
    _write(
        folder / "do_not_contact.csv", f"user_id,reason,since_date\n{ERASED},asked,2024-01-01\n12,asked,2024-01-01\n"
    )


def _airflow() -> None:
    home = paths.home() / "airflow"
    log = home / "logs" / "dag_id=activate_tiny" / "run_id=manual__2024-03-01" / "attempt=1.log"
    _write(log, f"in doubt: {ERASED}, and k100170\n")
    with closing(sqlite3.connect(home / "airflow.db")) as connection:
        connection.execute("create table xcom (value json, number int)")
        connection.execute("insert into xcom values (?, 1), ('\"fine\"', 2)", [json.dumps({"in_doubt": [ERASED]})])
        connection.execute("create table dag_run (conf json)")
        connection.execute("insert into dag_run values (?)", [json.dumps({"note": "ben@example.com asked"})])
        connection.commit()
        connection.execute("delete from dag_run")  # stays in the bytes of the file
        connection.commit()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def contents(shop: Shop, of: str) -> dict[str, list[str]]:
    """{landed, quarantined or published table: its rows as text} that do not name the customer `of`, in order."""
    import duckdb

    secret, found = key(shop), {}
    names = {of, pseudonym(secret, of), "o77001", "o77004", "n77001", "r77001"}
    names |= {"ben@example.com", pseudonym(secret, "ben@example.com"), pseudonym(secret, "Ben B")}
    where = paths.of(shop.name)
    for path in sorted([*where.root.glob("*/till/*/ds=*/part.parquet"), *where.published.glob("2*/*.parquet")]):
        version = {each.name: n for n, each in enumerate(sorted(where.published.glob("2*"), key=_published_at))}
        label = f"{version.get(path.parent.name, path.parent.parent.name)}/{path.parts[-4]}/{path.name}"
        rows = duckdb.execute("select r::varchar from read_parquet(?) as r", [str(path)]).fetchall()
        found[label] = [row for (row,) in rows if not any(name in row for name in names)]
    return found


def _published_at(folder: Path) -> int:
    return (folder / "manifest.json").stat().st_mtime_ns


def killed_at(moments: int) -> None:
    """In a process of its own: erase in a child that dies at some change of the disk, then once more to the end.

    The moments are evenly spread over all changes. Prints, for each, {"killed_at", "of", "places_searched"} or the
    child's exit code as "failed".
    """
    home = paths.home()
    whole, shop = home.with_name("whole"), declared(home.parent / "raw")
    shutil.copytree(home, whole, symlinks=True)
    told = home.with_name("changes")
    assert _in_child(lambda: (_die_at(None, told), erase.erase(shop, ERASED))) == 0
    changes = len(told.read_text(encoding="ascii"))
    for number in sorted({1 + changes * n // moments for n in range(moments)}):
        shutil.rmtree(home)
        shutil.copytree(whole, home, symlinks=True)
        assert _in_child(lambda number=number: (_die_at(number, told), erase.erase(shop, ERASED))) == 9
        answer = {"killed_at": number, "of": changes}

        def finish(answer: dict = answer) -> None:
            erase.erase(shop, ERASED)
            print(json.dumps(answer | {"places_searched": erase.prove(shop, ERASED)}), flush=True)

        if code := _in_child(finish):
            print(json.dumps(answer | {"failed": code}), flush=True)


def _die_at(number: int | None, told: Path) -> None:
    """Before its n-th change of the disk this process ends as by SIGKILL, cleaning nothing up. None: all are noted."""
    done = 0

    def dying(function):
        def call(*arguments, **more):
            nonlocal done
            done += 1
            if done == number:
                os._exit(9)
            if number is None:
                told.write_text("x" * done, encoding="ascii")
            return function(*arguments, **more)

        return call

    os.replace, os.rename, shutil.rmtree = dying(os.replace), dying(os.rename), dying(shutil.rmtree)


def _in_child(act) -> int:
    child = os.fork()
    if not child:
        try:
            act()
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    killed_at(int(sys.argv[1]))
