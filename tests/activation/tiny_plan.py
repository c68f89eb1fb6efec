"""A published plan of a shop that is nothing but activation: made by hand, so that sending is tested by itself.

In: who is in which arm. Out: `<home>/<shop>/published/<version>` with the marts that sending reads, landed
addresses.
"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import yaml

from shops.declaration import Shop, parse
from warehouse import paths, published

AS_OF = date(2026, 1, 5)
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
CAMPAIGN = "win_back-email-20260105"
SHOP = """
title: Tiny & sons
timezone: UTC
reporting_currency: EUR
history_from: 2025-01-01
behaviours: [buy]
activation:
  send: {send}
  quiet_from_hour: {quiet_from}
  quiet_until_hour: {quiet_until}
  unsubscribe_url: "https://shop.example/unsubscribe?token={{token}}"
  channels: {channels}
sources:
  crm:
    kind: files
    entities: [users]
    tables:
      people:
        columns: {{user_id: string, email: string}}
        key: [user_id]
        arrival: {{by: snapshot}}
  activation: {activation}
"""
ADDRESS = {"source": "crm", "table": "people", "user": "user_id", "column": "email"}
FILE = {"via": "file", "address": ADDRESS}
COLUMNS = """
    as_of date, user_id varchar, campaign_id varchar, strategy varchar, channel varchar, arm varchar,
    held_back_reason varchar, send_after_ts timestamp, item_id varchar, discount_rate decimal(9,6),
    payment_method varchar, message_template varchar
"""


def shop(name="tiny", send=False, quiet=(0, 0), **channels) -> Shop:
    """email to a file by default; `shop(email={...}, push={...}, send=True)` for others."""
    declared = yaml.safe_load((paths.REPOSITORY / "shops" / "files.yml").read_text(encoding="utf-8"))
    filled = SHOP.format(
        send=str(send).lower(),
        quiet_from=quiet[0],
        quiet_until=quiet[1],
        channels=json.dumps(channels or {"email": FILE}),
        activation=json.dumps(declared["sources"]["activation"]),
    )
    return parse(name, yaml.safe_load(filled))


def delivering(name: str, folder: Path) -> Shop:
    """A declared shop whose files lie in `folder`."""
    content = yaml.safe_load((paths.REPOSITORY / "shops" / f"{name}.yml").read_text(encoding="utf-8"))
    shop = parse(name, content)
    return replace(shop, sources=tuple(replace(s, location=str(folder)) for s in shop.sources))


def contact(user_id: str, arm="treated", as_of=AS_OF, channel="email", strategy="win_back", **more) -> dict:
    """One row of the audience."""
    row = {
        "as_of": as_of,
        "user_id": user_id,
        "campaign_id": f"{strategy}-{channel}-{as_of:%Y%m%d}",
        "strategy": strategy,
        "channel": channel,
        "arm": arm,
        "held_back_reason": "no consent" if arm == "held_back" else None,
        "send_after_ts": datetime.combine(as_of, datetime.min.time()) + timedelta(hours=9),
        "item_id": None,
        "discount_rate": Decimal("0.1"),
        "payment_method": None,
        "message_template": strategy,
    }
    return row | more


def publish(shop: Shop, rows: list[dict], timezones: dict | None = None, items: dict | None = None) -> str:
    """Publish these contacts as the plan of the newest `as_of` among them; returns the version."""
    as_of = max(row["as_of"] for row in rows)
    version = f"{as_of}_{published.content_hash({})}"
    folder = paths.of(shop.name).published / version
    folder.mkdir(parents=True, exist_ok=True)
    (folder / published.DATABASE).unlink(missing_ok=True)
    with duckdb.connect(str(folder / published.DATABASE)) as connection:
        connection.execute(f"create table marts.fct_audience ({COLUMNS})")
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(f"insert into marts.fct_audience values ({marks})", [list(r.values()) for r in rows])
        connection.execute("create table marts.dim_customer (user_id varchar, user_timezone varchar)")
        for user_id, zone in (timezones or {}).items():
            connection.execute("insert into marts.dim_customer values (?, ?)", [user_id, zone])
        connection.execute("create table marts.dim_item (item_id varchar, item_name varchar)")
        for item_id, name in (items or {"i1": "Green tea", "i2": "Tea pot"}).items():
            connection.execute("insert into marts.dim_item values (?, ?)", [item_id, name])
        connection.execute(
            "create table marts.fct_recommendation as "
            "select as_of, 'tuned' as mode, user_id, rank::bigint as rank, 'i' || rank as item_id, 0.5 as score "
            "from marts.fct_audience, range(1, 3) as ranks(rank)"
        )
    content = (folder / published.DATABASE).read_bytes()
    files = {published.DATABASE: {"bytes": len(content), "sha256": published.sha256(folder / published.DATABASE)}}
    (folder / published.MANIFEST).write_text(json.dumps({"as_of": str(as_of), "files": files}), encoding="utf-8")
    link = paths.of(shop.name).current
    link.unlink(missing_ok=True)
    link.symlink_to(version)
    return version


def land_addresses(shop: Shop, addresses: dict[str, str | None], day: str = "2026-01-01") -> Path:
    """Land these addresses as the people table of one day."""
    folder = paths.of(shop.name).landing / "crm" / "people" / f"ds={day}"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("create table people (user_id varchar, email varchar)")
        for user_id, address in addresses.items():
            connection.execute("insert into people values (?, ?)", [user_id, address])
        connection.execute(f"copy people to '{folder / 'part.parquet'}' (format parquet)")
    return folder


def users(count: int) -> list[str]:
    return [f"u{n:03}" for n in range(count)]


def mails(user_ids: list[str]) -> dict[str, str]:
    return {user: f"{user}@example.com" for user in user_ids}
