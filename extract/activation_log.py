"""What this project itself did, as a source: who was assigned to which campaign, and who was really written to.

In: the ledgers of activation (`<shop>/activation/ledger/<campaign>.jsonl`). Out: raw relations of the tables
`campaigns` and `contacts` in the canonical layout. A row arrives on the local day on which the ledger noted it, also
where a message turned out later to have been sent earlier, so no day that has landed already gains a row.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from activation import ledger
from activation.ledger import ASSIGNED, SENT
from extract.errors import UnknownTable
from shops.declaration import Shop, Source, Table

TIME = pa.timestamp("us")
FIELDS = {
    "campaigns": [
        ("campaign_id", pa.string()),
        ("campaign_name", pa.string()),
        ("campaign_type", pa.string()),
        ("channel", pa.string()),
        ("strategy", pa.string()),
        ("start_date", pa.date32()),
        ("end_date", pa.date32()),
    ],
    "contacts": [
        ("contact_id", pa.string()),
        ("campaign_id", pa.string()),
        ("user_id", pa.string()),
        ("channel", pa.string()),
        ("contact_type", pa.string()),
        ("is_control", pa.bool_()),
        ("contact_ts", TIME),
    ],
}
OWN_FIELDS = [
    ("__file", pa.string()),
    ("__line", pa.int64()),
    ("__file_day", pa.date32()),
    ("__fault", pa.string()),
    ("__cells", pa.string()),
]


def read(connection, shop: Shop, source: Source, table: Table, start: date, end: date) -> Iterator[str]:
    """Raw rows noted on a local day of [start, end), one relation per campaign. Raises UnknownTable, LedgerDamaged."""
    if table.name not in FIELDS:
        raise UnknownTable(f"{source.name}.{table.name}: activation keeps {' and '.join(FIELDS)}, nothing else")
    schema = pa.schema([*FIELDS[table.name], *OWN_FIELDS])
    for path in sorted(ledger.folder(shop).glob("*.jsonl")):
        rows = [row for row in _rows(shop, path, table.name) if start <= row[-3] < end]
        if rows:
            columns = [pa.array(list(values), field.type) for values, field in zip(zip(*rows), schema)]
            connection.register("activation_rows", pa.table(columns, schema=schema))
            yield "select * from activation_rows"


def _rows(shop: Shop, path: Path, table: str) -> Iterator[tuple]:
    zone, campaign_id, channel = ZoneInfo(shop.timezone), path.stem, None
    for number, entry in enumerate(ledger.read(path), 1):
        at = datetime.fromisoformat(entry["at"])
        day, event = at.astimezone(zone).date(), entry["event"]
        own = (f"activation/{path.name}", number, day, None, None)
        if event == "campaign":
            channel, words = entry["channel"], entry["strategy"].replace("_", " ")
            if table == "campaigns":
                last = day + timedelta(days=shop.activation.response_days - 1)
                name = f"{words} by {channel}, {day}"
                yield (campaign_id, name, "activation", channel, entry["strategy"], day, last, *own)
        elif table == "contacts" and event in (ASSIGNED, SENT):
            moment = datetime.fromisoformat(entry.get("sent_at", entry["at"])).astimezone(UTC).replace(tzinfo=None)
            user, is_control = entry["user_id"], entry.get("arm") == "control"
            yield (f"{campaign_id}:{user}:{event}", campaign_id, user, channel, event, is_control, moment, *own)
