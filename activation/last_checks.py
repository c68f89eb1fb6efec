"""The last look before a message leaves: what may have changed since the plan was made.

In: the do-not-contact list as it is now, and what this shop's ledgers say of the last days. Out: why a customer gets no
message after all, or nothing. The plan has checked consent, cap and much more; between plan and sending lie hours.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from activation import ledger, suppression
from activation.ledger import IN_DOUBT, SENT
from activation.planned import Contact, Plan
from shops.declaration import Shop
from warehouse import paths


class LastChecks:
    """Made once per run; `refusal` is asked per message."""

    def __init__(self, plan: Plan):
        """Raises LedgerDamaged, SuppressionError."""
        self._shop, self._listed_version = plan.shop, None
        self._messages: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
        self.confirmed: set[str] = set()  # Message-IDs that a server has confirmed in the last days
        activation = plan.shop.activation
        since = plan.valid_from - timedelta(days=activation.cap_days + activation.valid_days)
        for path in sorted(ledger.folder(plan.shop).glob("*.jsonl")):
            if path.stem[-8:] >= f"{since:%Y%m%d}":
                for entry in ledger.fold(ledger.read(path)).last.values():
                    if entry["event"] in (SENT, IN_DOUBT):
                        moment = datetime.fromisoformat(entry.get("sent_at", entry["at"]))
                        self._messages[entry["user_id"]].append((path.stem, moment))
                    if entry["event"] == SENT:
                        self.confirmed.add(entry.get("message_id", ""))
        self._read_list()

    def refusal(self, contact: Contact, moment: datetime) -> str | None:
        """Why this customer is not written to at `moment`: on the list by now, or too many messages by now."""
        self._read_list()
        if contact.user_id in self._listed:
            return suppression.LISTED
        return suppression.OVER_CAP if self._is_over_cap(contact, moment, self._shop) else None

    def _is_over_cap(self, contact: Contact, moment: datetime, shop: Shop) -> bool:
        since = moment - timedelta(days=shop.activation.cap_days)
        others = [
            at
            for campaign, at in self._messages.get(contact.user_id, ())
            if campaign != contact.campaign_id and since < at <= moment
        ]
        return len(others) >= shop.activation.cap_contacts

    def _read_list(self) -> None:
        """Again whenever the file has changed."""
        path = paths.of(self._shop.name).activation / suppression.FILE
        state = path.stat() if path.exists() else None
        version = (state.st_mtime_ns, state.st_size, state.st_ino) if state else ()
        if version != self._listed_version:
            self._listed, self._listed_version = suppression.listed(self._shop), version
