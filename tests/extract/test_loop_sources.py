"""A shop with its orders in a database and the rest behind interfaces has the numbers of the same rows as files."""

import csv
import json
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
import yaml

from extract.ingest import ingest
from privacy import pseudonym
from shops import declaration
from tests.extract.http_server import Answer, Interface
from warehouse import dbt, paths

DAYS = [date(2024, 3, 30), date(2024, 3, 31)]  # the second has 23 hours in Berlin
AS_OF = date(2024, 4, 1)
CATALOGUE = {
    "path": "items.csv",
    "columns": {"item_id": "string", "category": "string"},
    "key": ["item_id"],
    "arrival": {"by": "snapshot"},
}
COMPARED = [
    "intermediate.int_events_accepted", "intermediate.int_orders_accepted", "intermediate.int_order_lines_accepted",
    "intermediate.int_items_current", "intermediate.int_users_current", "intermediate.int_campaigns_current",
    "intermediate.int_contacts_unioned", "intermediate.int_spend_unioned", "intermediate.int_social_posts_unioned",
    "intermediate.int_device_readings_unioned", "intermediate.int_fx_rates_unioned",
    "intermediate.int_exclusions_counted", "marts.fct_user_features", "marts.fct_customer_rfm", "marts.dim_customer",
]  # fmt: skip


def rows() -> dict[str, list[dict]]:
    """Two days of a small shop, canonical; instants as ISO text in UTC."""
    start = datetime(2024, 3, 29, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    found: dict[str, list[dict]] = {entity: [] for entity in declaration.ENTITIES}
    for n in range(80):
        at = start + timedelta(minutes=35 * n)
        stamp, user, item = at.isoformat(), f"u{n % 7}", f"i{n % 5}"
        event = {"event_id": f"e{n}", "user_id": user if n % 9 else None, "item_id": item, "event_ts": stamp}
        found["events"].append({**event, "behaviour": "cart" if n % 4 == 0 else "view", "stored_ts": stamp})
        reading = {"device_id": f"d{n % 3}", "user_id": user, "item_id": item, "reading_ts": stamp}
        found["device_readings"].append({**reading, "usage_amount": f"{n}.{n:04}"})
        if n % 2:
            found["social_posts"].append({
                "post_id": f"p{n}", "user_id": user, "item_id": item, "platform": "somewhere", "posted_ts": stamp,
                "post_text": f"fine 🙂, \"really\"\n{n}", "likes": n,
            })  # fmt: skip
            kind = ("assigned", "sent", "opened", "clicked")[n % 4]
            found["contacts"].append({
                "contact_id": f"c{n}", "campaign_id": "spring", "user_id": user, "channel": "email",
                "contact_type": kind, "contact_ts": stamp,
            })  # fmt: skip
        if n % 4 == 0:
            currency, status = ("USD" if n % 8 else "EUR"), ("cancelled" if n % 20 == 0 else "completed")
            common = {"order_id": f"o{n}", "user_id": user, "order_ts": stamp, "currency": currency, "stored_ts": stamp}
            found["orders"].append({**common, "status": status, "amount": f"{n + 10}.50", "channel": "web"})
            found["order_lines"].append({
                **common, "line_id": f"l{n}", "item_id": item, "line_type": "sale", "quantity": 2,
                "unit_price": f"{(n + 10.5) / 2:.4f}", "amount": f"{n + 10}.50", "cost_amount": "4.10",
            })  # fmt: skip
    for day in DAYS:
        found["fx_rates"].append({"rate_date": str(day), "currency": "USD", "rate": "0.92"})
        for country in ("DE", "FR", "IT"):
            found["spend"].append({
                "spend_date": str(day), "channel": "search", "campaign_id": "spring", "country": country,
                "currency": "EUR", "spend_amount": f"{day.day}.10", "impressions": 1000, "platform_clicks": 20,
                "platform_conversions": 1,
            })  # fmt: skip
    for n in range(7):
        found["users"].append({"user_id": f"u{n}", "email": f"u{n}@example.com", "consent_email": n % 2 == 0,
                               "consent_push": False, "consent_social": True, "country": "DE"})  # fmt: skip
        name = f"Item {n}" if n < 4 else None  # the catalogue knows no names
        found["items"].append({"item_id": f"i{n}", "item_name": name, "category": f"c{n % 2}"})
    found["campaigns"].append({"campaign_id": "spring", "campaign_name": "Spring", "channel": "email",
                               "strategy": "Win-back", "start_date": str(DAYS[0]), "end_date": None})  # fmt: skip
    return found


def declared(name: str) -> dict:
    return yaml.safe_load((declaration.FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


def as_shop(name: str, sources: dict) -> declaration.Shop:
    content = declared("files") | {"timezone": "Europe/Berlin", "as_of": str(AS_OF), "history_from": str(DAYS[0])}
    content["windows"] = {"training_dates": 1, "training_step_days": 1, "horizon_days": 1}
    delivered = {
        column for source in sources.values() for table in source["tables"].values() for column in table["columns"]
    }
    content["personal"] = {"columns": [column for column in content["personal"]["columns"] if column in delivered]}
    return declaration.parse(name, content | {"sources": sources})


def in_database(server, tables: dict, found: dict) -> None:
    """Tables of the declared types, filled as text that the server casts."""
    server.run("drop schema if exists marketing cascade", "create schema marketing")
    for entity, table in tables.items():
        kinds = {name: kind.replace("timestamp", "timestamptz") for name, kind in table["columns"].items()}
        kinds = {name: {"string": "text", "double": "float8"}.get(kind, kind) for name, kind in kinds.items()}
        server.run(f"create table marketing.{entity} ({', '.join(f'{n} {k}' for n, k in kinds.items())})")
        for row in reversed(found[entity]):
            values = ", ".join("null" if value is None else f"'{value}'" for value in row.values())
            server.run(f"insert into marketing.{entity} ({', '.join(row)}) values ({values})")


def behind(tables: dict[str, dict], found: dict):
    """Answers as each declared interface would: its interval, its nesting, its pages."""
    by_path = {f"/v1/{table['path']}": (entity, table) for entity, table in tables.items()}

    def answer(asked) -> Answer:
        entity, table = by_path[asked.path]
        request = table["request"]
        delivered = [nested(row, request.get("fields", {})) for row in found[entity] if wanted(row, table, asked.query)]
        paging, body = request["paging"], {}
        at = int(asked.query.get(paging.get("parameter"), 0)) * (2 if paging["by"] == "page" else 1)
        at = int(asked.query.get("offset", at)) - (2 if paging["by"] == "page" else 0)
        size = 2 if paging["by"] == "page" else 7
        put(body, request["records"], delivered[at : at + size])
        if "total" in request:
            put(body, request["total"], len(delivered))
        if paging["by"] != "page" and at + size < len(delivered):
            link = f"{table['path']}?offset={at + size}&" + "&".join(
                f"{k}={v}" for k, v in asked.query.items() if k != "offset"
            )
            put(body, paging["next"], link if paging["by"] == "link" else at + size)
        return Answer(body)

    return answer


def wanted(row: dict, table: dict, query: dict) -> bool:
    interval = table["request"].get("interval")
    if not interval:
        return True
    value, low, high = row[table["arrival"]["column"]], query[interval["from"]], query[interval["until"]]
    if interval["as"] == "date":
        return low <= value <= high
    read = (
        (lambda text: datetime.fromtimestamp(int(text), UTC))
        if interval["as"] == "epoch_seconds"
        else datetime.fromisoformat
    )
    return read(low) <= datetime.fromisoformat(value) < read(high)


def nested(row: dict, fields: dict) -> dict:
    record: dict = {}
    for name, value in row.items():
        put(record, fields.get(name, name), value)
    return record


def put(record: dict, path: str, value) -> None:
    *above, last = path.split(".")
    for step in above:
        record = record.setdefault(step, {})
    record[last] = value


@pytest.mark.slow
def test_a_database_and_interfaces_give_the_numbers_of_files(postgres, monkeypatch, raw, tmp_path):
    catalogue_folder = tmp_path / "catalogue"
    catalogue_folder.mkdir()
    found = rows()
    database, interfaces = declared("postgres")["sources"], declared("http")["sources"]
    database["database"]["tables"] = {e: t for e, t in database["database"]["tables"].items() if e != "users"}
    database["database"]["connection"] = "our_database"
    in_database(postgres, database["database"]["tables"], found | {"items": found["items"][:4]})
    (catalogue_folder / "items.csv").write_text("item_id,category\n" + "i4,c0\ni5,c1\ni6,c0\n")
    server = Interface()
    server.answer = behind({e: t for source in interfaces.values() for e, t in source["tables"].items()}, found)
    for source in interfaces.values():
        monkeypatch.setenv(f"AIRFLOW_CONN_{source['connection'].upper()}", server.connection())
        source["parameters"] = {"requests_per_second": 1000}
        for table in source["tables"].values():
            if table["request"]["paging"]["by"] == "page":
                table["request"]["paging"]["size"] = 2
    catalogue = {
        "kind": "files",
        "layout": "canonical",
        "location": str(catalogue_folder),
        "tables": {"items": CATALOGUE},
    }
    live = as_shop("live", database | interfaces | {"catalogue": catalogue})

    files = declared("files")["sources"]
    files["files"]["location"] = str(raw)
    for entity, given in found.items():
        columns = [name for name in files["files"]["tables"][entity]["columns"] if any(name in row for row in given)]
        if given:
            with open(raw / f"{entity}.csv", "w", newline="", encoding="utf-8") as handle:
                writer = csv.DictWriter(handle, columns, extrasaction="ignore")
                writer.writeheader()
                writer.writerows(given)
    delivered = as_shop("delivered", files)

    for shop in (live, delivered):
        for source in shop.sources:
            for table in source.tables:
                for day in DAYS:
                    ingest(shop, source.name, table.name, day, day + timedelta(days=1))
        dbt.build(shop, AS_OF, "features")
    server.shutdown()
    server.server_close()

    different = {}
    for table in COMPARED:
        ours, theirs = content(live, table), content(delivered, table)
        assert ours, f"{table} is empty"
        if ours != theirs:
            different[table] = len(ours), len(theirs), [pair for pair in zip(ours, theirs) if pair[0] != pair[1]][:2]
    assert not different
    by_source = "select distinct source from staging.stg_canonical__{} order by 1"
    with duckdb.connect(str(paths.of("live").warehouse), read_only=True) as connection:
        entities = ("orders", "spend", "users", "items")
        lines = connection.execute(
            "select count(*), sum(quantity) from intermediate.int_order_lines_accepted"
        ).fetchone()
        named = {entity: connection.execute(by_source.format(entity)).fetchall() for entity in entities}
    assert lines == (16, 32)  # of 20 orders four were cancelled
    assert named == {
        "orders": [("database",)],
        "spend": [("ads",)],
        "users": [("crm",)],
        "items": [("catalogue",), ("database",)],
    }


def content(shop: declaration.Shop, table: str) -> list[str]:
    """Rows as text, sorted, without their source, and with own ids for pseudonyms, of which each shop has others."""
    own = {pseudonym.pseudonym(pseudonym.key(shop), f"u{n}"): f"u{n}" for n in range(100)}
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        relation = connection.execute(f"select columns(lambda c: c != 'source') from {table}")
        return sorted(json.dumps([own.get(value, value) for value in row], default=str) for row in relation.fetchall())
