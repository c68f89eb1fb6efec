"""The default way out: one CSV per campaign, for whoever uploads it to a mailing service, an ad platform or a CRM.

In: contacts to write, their addresses and messages. Out: `<shop>/activation/outbox/<campaign>/audience.csv`, readable
by its owner only, written aside and renamed, the same bytes whenever the contacts are the same. No cell can become a
formula in a spreadsheet. Quiet hours are given as `send_after_ts`: whoever uploads the file has to keep them.
"""

import csv
import os
from collections.abc import Iterable
from pathlib import Path

from activation.handover import Parcel
from activation.render import one_line
from shops.declaration import Shop
from warehouse import paths, spreadsheet

COLUMNS = (
    "campaign_id", "user_id", "address", "channel", "strategy", "send_after_ts", "subject", "items", "discount_rate",
    "payment_method", "unsubscribe_link", "message_key",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")


def write(shop: Shop, campaign_id: str, parcels: Iterable[Parcel]) -> Path:
    """The campaign's file with just these contacts, in their order. The file is replaced whole."""
    folder = paths.of(shop.name).activation / "outbox" / campaign_id
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return write_csv(folder / "audience.csv", COLUMNS, (row(parcel) for parcel in parcels))


def row(parcel: Parcel) -> tuple:
    """One contact as cells."""
    contact, message = parcel.contact, parcel.message
    return (
        contact.campaign_id, contact.user_id, parcel.address, contact.channel, contact.strategy,
        contact.send_after.strftime("%Y-%m-%dT%H:%M:%SZ"), message.subject, " | ".join(message.items),
        contact.discount_rate, contact.payment_method, parcel.unsubscribe_link, parcel.key,
    )  # fmt: skip


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[tuple]) -> Path:
    """UTF-8, mode 600, on disk and whole before it gets its name."""
    aside = path.with_name(f".{path.name}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(
            [spreadsheet.cell(value if value is None else one_line(str(value))) for value in each] for each in rows
        )
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    return path
