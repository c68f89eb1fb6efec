"""Carry out a published plan: write its audience files or send its messages, each (campaign, customer) once.

In: a plan (activation/planned.py), the shop's channels, the ledger. Out: files or messages, ledger entries, a summary.
This is where the clock is asked: what may go now, and when it went. Whatever stops a run (a crash, a server, quiet
hours), the next one goes on where the ledger ends.

Nothing but files leaves unless `activation.send` is true and the channel has a connection. Where real messages go out,
the plan has to be of these days (`valid_days`). A plan of the past that goes to files only is a rehearsal on old data:
its entries carry the times that it planned, so they do not depend on the day of the rehearsal.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from activation import audience_files, planned, render, signing
from activation.addresses import addresses, own_ids
from activation.handover import ChannelFailed, Outcome, Parcel
from activation.last_checks import LastChecks
from activation.ledger import ASSIGNED, DEFERRED, IN_DOUBT, REFUSED, SENT, Ledger
from activation.planned import Contact, Plan
from activation.quiet_hours import next_allowed
from activation.send_smtp import SmtpSender, message_id
from activation.send_webhook import WebhookSender
from activation.settle import settle
from shops.connections import connection
from shops.declaration import Shop, ShopError
from warehouse import lock, paths

TREATED, CONTROL = "treated", "control"
NO_ADDRESS, NOT_KEPT = "no address", "own id not kept"
NOT_DUE, QUIET, NOT_TAKEN = "not due yet", "quiet hours", "not taken for now"
SENDERS = {"smtp": SmtpSender, "webhook": WebhookSender}


@dataclass(frozen=True)
class DeliveryParameters:
    """How hard one run tries."""

    attempts: int = 3  # at a message that was deferred; then it waits for the next run
    first_wait_seconds: float = 2.0  # between attempts; doubles from one to the next


class PlanTooOld(ValueError):
    """A plan whose days are over: what it promised may no longer hold."""


@dataclass
class Run:
    """What one run works with."""

    plan: Plan
    key: bytes
    clock: Callable[[], datetime]
    params: DeliveryParameters
    checks: LastChecks
    senders: dict[str, object]  # by channel, of those that really send
    addresses: dict[str, dict[str, str]]  # by channel
    own_ids: dict[str, str]  # {customer as in the plan: as the shop writes it}
    failed: dict[str, str]  # channel: why it takes nothing now

    def moment(self, contact: Contact | None = None) -> datetime:
        """When something written to a file happens: now, or as planned where the plan's days are over."""
        now = self.clock()
        start = self.plan.valid_from if now >= self.plan.valid_until else max(now, self.plan.valid_from)
        return max(start, contact.send_after) if contact else start


def utc_now() -> datetime:
    return datetime.now(UTC)


def via(shop: Shop, channel_name: str) -> str:
    """How messages of a channel leave: file, smtp or webhook."""
    channel = shop.activation.channels[channel_name]
    return channel.via if shop.activation.send and channel.connection else "file"


def deliver(shop: Shop, as_of: date, version: str | None = None, clock=utc_now, params=None) -> dict:
    """Carry out the plan of `as_of` as far as it can be now.

    Returns {shop, as_of, version, campaigns: {campaign: counts}, failed: {channel: why}, open: bool}; open: a later run
    has something to do. Raises NoPlan, PlanTooOld, ShopError, SuppressionError, LedgerDamaged, NotPublished before
    anything has left.
    """
    plan = planned.read(shop, as_of, version)
    refuse_what_cannot_be(plan, clock())
    with lock.exclusive(paths.of(shop.name).activation / "activation.lock"):
        run = _prepared(plan, clock, params or DeliveryParameters())
        try:
            campaigns = {name: _campaign(run, name, contacts) for name, contacts in plan.campaigns().items()}
        finally:
            for sender in run.senders.values():
                sender.close()
    return {
        "shop": shop.name,
        "as_of": as_of.isoformat(),
        "version": plan.version,
        "campaigns": campaigns,
        "failed": run.failed,
        "open": any(each["queued"] for each in campaigns.values()),
    }


def refuse_what_cannot_be(plan: Plan, now: datetime) -> None:
    """Raises PlanTooOld or ShopError where real messages may not leave from this plan, or could not."""
    shop = plan.shop
    real = sorted({each.channel for each in plan.contacts if via(shop, each.channel) != "file"})
    if not real:
        return
    if now >= plan.valid_until:
        raise PlanTooOld(
            f"{shop.name}: the plan of {plan.as_of} was good until {plan.valid_until:%Y-%m-%d %H:%M} UTC "
            f"(valid_days: {shop.activation.valid_days}). Nothing is sent from it any more; publish a newer one"
        )
    if not shop.activation.unsubscribe_url:
        raise ShopError(f"shops/{shop.name}.yml: activation needs unsubscribe_url before {', '.join(real)} may be sent")
    for name in real:
        if via(shop, name) == "smtp" and not shop.activation.channels[name].address:
            raise ShopError(f"shops/{shop.name}.yml: activation/channels/{name} needs `address` to be sent by smtp")


def parcel(shop: Shop, contact: Contact, key: bytes, address: str, own_id: str) -> Parcel:
    """A contact ready to leave, under the id by which the shop itself knows the customer. Raises CannotRender."""
    contact = replace(contact, user_id=own_id)
    token = signing.unsubscribe_token(key, shop.name, contact.user_id)
    link = shop.activation.unsubscribe_url.replace("{token}", token)
    message = render.render(shop, contact, link)
    return Parcel(contact, message, address, signing.message_key(key, contact.campaign_id, contact.user_id), link)


def _prepared(plan: Plan, clock, params: DeliveryParameters) -> Run:
    shop = plan.shop
    names = sorted({each.channel for each in plan.contacts})
    channels = {name: shop.activation.channels[name] for name in names}
    found = {
        name: addresses(shop, name, (c.user_id for c in plan.contacts if c.channel == name and c.arm == TREATED))
        for name in names
    }
    checks, key = LastChecks(plan), signing.key(shop)
    senders = {
        name: SENDERS[via(shop, name)](connection(channel.connection), channel, clock)
        for name, channel in channels.items()
        if via(shop, name) != "file"
    }
    own = own_ids(shop, {each.user_id for each in plan.contacts if each.arm == TREATED})
    return Run(plan, key, clock, params, checks, senders, found, own, {})


def _campaign(run: Run, campaign_id: str, contacts: list[Contact]) -> dict:
    """Assign, then write or send; returns the campaign's counts."""
    channel_name = contacts[0].channel
    skipped: dict[str, str] = {}  # customer: why not
    queued: dict[str, str] = {}  # customer: why not yet
    with Ledger(run.plan.shop, campaign_id) as book:
        _assign(run, book, contacts)
        before = _sent(book)
        # a newer plan does not move anybody from one arm into the other
        treated = [each for each in contacts if (each.arm, book.state.arms[each.user_id]) == (TREATED, TREATED)]
        if channel_name in run.senders:
            _send(run, book, channel_name, treated, skipped, queued)
        else:
            _write(run, book, treated, skipped)
        last = book.state.last
        return {
            "strategy": contacts[0].strategy,
            "channel": channel_name,
            "via": via(run.plan.shop, channel_name),
            "treated": len(treated),
            "control": sum(arm == CONTROL for arm in book.state.arms.values()),
            "sent": _sent(book),
            "sent_now": _sent(book) - before,
            "queued": counted(queued.values()),
            "skipped": counted(skipped.values()),
            "refused": counted(e.get("reason", "") for e in last.values() if e["event"] == REFUSED),
            "in_doubt": book.state.in_doubt(),
        }


def _assign(run: Run, book: Ledger, contacts: list[Contact]) -> None:
    """Note who is in which arm before anything leaves; what was assigned once stays."""
    at, first = run.moment(), contacts[0]
    if book.is_new:
        book.append_all([(at, "campaign", {"strategy": first.strategy, "channel": first.channel})])
    new = [each for each in contacts if each.user_id not in book.state.arms]
    if new:
        book.append_all([(at, ASSIGNED, {"user_id": each.user_id, "arm": each.arm}) for each in new])


def _write(run: Run, book: Ledger, treated: list[Contact], skipped: dict[str, str]) -> None:
    """The campaign's file: who was in it before and still may be, and who is new; then the ledger."""
    shop, ready = run.plan.shop, []
    for contact in treated:
        entry = book.state.last.get(contact.user_id, {})
        if entry.get("event") in (IN_DOUBT, REFUSED) or (entry.get("event") == SENT and entry.get("via") != "file"):
            continue  # left, or may have left, another way
        if why := run.checks.refusal(contact, run.moment(contact)) or _unreachable(run, contact):
            skipped[contact.user_id] = why
            continue
        ready.append(contact)
    found = run.addresses[treated[0].channel] if treated else {}
    parcels = (parcel(shop, each, run.key, found.get(each.user_id, ""), run.own_ids[each.user_id]) for each in ready)
    audience_files.write(shop, book.campaign_id, parcels)
    new = [each for each in ready if book.state.of(each.user_id) != SENT]
    if new:
        book.append_all([(run.moment(each), SENT, {"user_id": each.user_id, "via": "file"}) for each in new])


def _send(
    run: Run, book: Ledger, name: str, treated: list[Contact], skipped: dict[str, str], queued: dict[str, str]
) -> None:
    """Through the channel `name`, message by message, in a bounded number of rounds; every round begins with settling
    what is in doubt.
    """
    channel, sender = run.plan.shop.activation.channels[name], run.senders[name]
    journal_seconds = getattr(sender.limits, "journal_seconds", 0.0)
    for attempt in range(run.params.attempts + 1):
        settle(book, channel, run.clock, journal_seconds, run.checks.confirmed, wait=attempt > 0)
        todo = [c for c in treated if c.user_id not in skipped and book.state.of(c.user_id) in ("", DEFERRED)]
        queued.clear()
        queued.update({each.user_id: why for each in todo if (why := _not_now(run, each))})
        todo = [each for each in todo if each.user_id not in queued]
        if name in run.failed or attempt == run.params.attempts:
            queued.update({each.user_id: NOT_TAKEN for each in todo})
            return
        if not todo and not book.state.in_doubt():
            return
        if attempt and any(book.state.of(each.user_id) == DEFERRED for each in todo):
            time.sleep(run.params.first_wait_seconds * 2 ** (attempt - 1))
        _one_round(run, book, name, todo, skipped)


def _one_round(run: Run, book: Ledger, name: str, todo: list[Contact], skipped: dict[str, str]) -> None:
    sender, channel, how = run.senders[name], run.plan.shop.activation.channels[name], via(run.plan.shop, name)
    for contact in todo:
        user = contact.user_id
        if _not_now(run, contact):
            continue
        if why := run.checks.refusal(contact, run.clock()) or _unreachable(run, contact):
            skipped[user] = why
            continue
        ready = parcel(run.plan.shop, contact, run.key, run.addresses[name].get(user, ""), run.own_ids[user])
        same = {"via": how, "message_id": message_id(ready.key, channel) if how == "smtp" else ready.key}

        def announce(user=user, same=same) -> None:
            book.append(run.clock(), IN_DOUBT, user, **same)

        try:
            outcome = sender.send(ready, announce)
        except ChannelFailed as error:
            if book.state.of(user) == IN_DOUBT:
                book.append(run.clock(), DEFERRED, user, **same, reason="channel failed")
            run.failed[name] = str(error)
            return
        _note(run, book, user, same, outcome)
        if outcome.pause_seconds:
            time.sleep(outcome.pause_seconds)


def _note(run: Run, book: Ledger, user: str, same: dict, outcome: Outcome) -> None:
    if outcome.event != IN_DOUBT:  # that is what the ledger says already
        book.append(run.clock(), outcome.event, user, **same, reason=outcome.reason)


def _not_now(run: Run, contact: Contact) -> str | None:
    """Why a message has to wait: its time has not come, or the customer's quiet hours have begun (again)."""
    now, activation = run.clock(), run.plan.shop.activation
    if now < contact.send_after:
        return NOT_DUE
    naive = now.astimezone(UTC).replace(tzinfo=None)
    allowed = next_allowed(naive, contact.timezone, activation.quiet_from_hour, activation.quiet_until_hour)
    return QUIET if allowed > naive else None


def _unreachable(run: Run, contact: Contact) -> str | None:
    """An address is asked for where the channel says where they are; else the receiver knows the customer by the id."""
    if contact.user_id not in run.own_ids:
        return NOT_KEPT
    declared = run.plan.shop.activation.channels[contact.channel].address
    return NO_ADDRESS if declared and contact.user_id not in run.addresses[contact.channel] else None


def _sent(book: Ledger) -> int:
    return sum(entry["event"] == SENT for entry in book.state.last.values())


def counted(reasons) -> dict[str, int]:
    """{reason: how often}, in alphabetical order."""
    return dict(sorted(Counter(reasons).items()))
