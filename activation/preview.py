"""The dry run: what would go out, for a person to look at before anything does.

In: a published plan. Out: `<shop>/activation/preview/<as_of>/` with, per campaign, every message as a row of
`messages.csv` and the first ones whole (`sample-1.eml`), and the same summary as delivering gives. No address is read
into it, no clock asked, nothing sent and nothing assigned: the same plan gives the same bytes.
"""

import os
import shutil
from datetime import date
from pathlib import Path

from activation import audience_files, ledger, planned, signing
from activation.addresses import addresses, own_ids
from activation.deliver import CONTROL, NO_ADDRESS, NOT_KEPT, TREATED, counted, parcel, via
from activation.handover import Parcel
from activation.last_checks import LastChecks
from activation.ledger import SENT
from activation.planned import Contact, Plan
from activation.send_smtp import letter
from shops.declaration import Channel, Shop
from warehouse import paths

SAMPLES = 3  # whole messages per campaign: enough to see the words with different items
NOBODY = "customer@preview.invalid"  # RFC 2606


def preview(shop: Shop, as_of: date, version: str | None = None) -> dict:
    """Render the whole plan. Returns {shop, as_of, version, folder, campaigns: {campaign: counts}}.

    Raises NoPlan, CannotRender, LedgerDamaged, SuppressionError, NotPublished: what would stop delivering.
    """
    plan = planned.read(shop, as_of, version)
    folder = paths.of(shop.name).activation / "preview" / as_of.isoformat()
    aside = folder.with_name(f".{folder.name}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True, mode=0o700)
    checks, key = LastChecks(plan), signing.key(shop)
    campaigns = {
        name: _campaign(plan, contacts, checks, key, aside / name) for name, contacts in plan.campaigns().items()
    }
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(aside, folder)
    return {
        "shop": shop.name,
        "as_of": as_of.isoformat(),
        "version": plan.version,
        "folder": str(folder),
        "campaigns": campaigns,
    }


def _campaign(plan: Plan, contacts: list[Contact], checks: LastChecks, key: bytes, folder: Path) -> dict:
    shop, first = plan.shop, contacts[0]
    channel = shop.activation.channels[first.channel]
    book = ledger.fold(ledger.read(ledger.folder(shop) / f"{first.campaign_id}.jsonl"))
    arms = {each.user_id: book.arms.get(each.user_id, each.arm) for each in contacts}
    treated = [each for each in contacts if (each.arm, arms[each.user_id]) == (TREATED, TREATED)]
    reachable = addresses(shop, first.channel, (each.user_id for each in treated))
    own = own_ids(shop, {each.user_id for each in treated})
    skipped, going = {}, []
    for contact in treated:
        if book.of(contact.user_id) == SENT:
            continue
        unreachable = NO_ADDRESS if channel.address and contact.user_id not in reachable else None
        unreachable = unreachable if contact.user_id in own else NOT_KEPT
        if why := checks.refusal(contact, max(plan.valid_from, contact.send_after)) or unreachable:
            skipped[contact.user_id] = why
        else:
            going.append(parcel(shop, contact, key, NOBODY, own[contact.user_id]))
    folder.mkdir(mode=0o700)
    audience_files.write_csv(folder / "messages.csv", audience_files.COLUMNS, map(audience_files.row, going))
    for number, each in enumerate(going[:SAMPLES], 1):
        (folder / f"sample-{number}.eml").write_bytes(_sample(each, channel))
    return {
        "strategy": first.strategy,
        "channel": first.channel,
        "via": via(shop, first.channel),
        "treated": len(treated),
        "control": sum(arm == CONTROL for arm in arms.values()),
        "sent": sum(book.of(each.user_id) == SENT for each in treated),
        "going_out": len(going),
        "skipped": counted(skipped.values()),
        "first_due": min((each.contact.send_after for each in going), default=plan.valid_from).isoformat(),
        "sample_subject": going[0].message.subject if going else "",
        "sample_text": going[0].message.text.replace(going[0].unsubscribe_link or "\0", "(link)") if going else "",
    }


def _sample(each: Parcel, channel: Channel) -> bytes:
    sender = channel if channel.sender else Channel(sender=NOBODY)
    return letter(each, sender, each.contact.send_after)
