"""Why a customer is not contacted whom a strategy would: the reasons, in the order in which they are asked.

In: the shop's do-not-contact list (a file that people and the erasure of a customer add to) and, per candidate, what is
known of consent and earlier contacts. Out: the first reason that holds, or none. The sender asks the list once more.
"""

import csv
from dataclasses import dataclass

import pandas as pd

from privacy.pseudonym import known_as
from shops.declaration import Shop
from warehouse import paths

FILE = "do_not_contact.csv"
COLUMNS = ("user_id", "reason", "since_date")

LISTED = "on the do-not-contact list"
UNSUBSCRIBED = "unsubscribed"
NO_CONSENT_RECORDED = "no consent recorded"
NO_CONSENT = "no consent to any channel"
OTHER_CAMPAIGN = "assigned to another campaign of this day"
RUNNING = "in a running campaign of this strategy"
OVER_CAP = "frequency cap"
NOTHING_TO_GAIN = "nothing to gain"
BEYOND_BUDGET = "beyond the budget"
ORDER = (
    LISTED, UNSUBSCRIBED, NO_CONSENT_RECORDED, NO_CONSENT, OTHER_CAMPAIGN, RUNNING, OVER_CAP, NOTHING_TO_GAIN,
    BEYOND_BUDGET,
)  # fmt: skip


class SuppressionError(ValueError):
    """A do-not-contact list that cannot be read: nobody may be contacted until it can."""


@dataclass(frozen=True)
class Facts:
    """What holds of each candidate, boolean Series of one index; the fields in the order in which they are asked."""

    listed: pd.Series
    unsubscribed: pd.Series
    consent_not_recorded: pd.Series  # for any channel of the shop
    no_consent: pd.Series
    other_campaign: pd.Series
    running: pd.Series
    over_cap: pd.Series


def listed(shop: Shop) -> set[str]:
    """Customers on `<shop>/activation/do_not_contact.csv`, whatever the date: who is on it has never been wanted.

    The list names them as the shop does; returned is every word that a table may have for them. No file: nobody is.
    Raises SuppressionError for a list without its columns or a row without a customer.
    """
    path = paths.of(shop.name).activation / FILE
    if not path.exists():
        return set()
    with open(path, encoding="utf-8-sig", newline="") as handle:
        rows = csv.DictReader(handle, strict=True)
        try:
            missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
            found = [] if missing else [(row["user_id"] or "").strip() for row in rows]
        except (csv.Error, UnicodeDecodeError) as error:
            raise SuppressionError(f"{path} cannot be read ({error}); mend it before anybody is contacted") from error
    if missing:
        raise SuppressionError(f"{path} has no column {', '.join(missing)}; its first line is {','.join(COLUMNS)}")
    if "" in found:
        raise SuppressionError(f"{path}, entry {found.index('') + 1}: no user_id; name the customer or delete the line")
    return set(known_as(shop, *found))


def reason(facts: Facts) -> pd.Series:
    """The first of `ORDER` that holds of each candidate; null where none does."""
    asked = zip(vars(facts).values(), ORDER, strict=False)
    found = pd.Series(None, index=facts.listed.index, dtype="object")
    for holds, why in asked:
        found = found.where(found.notna() | ~holds, why)
    return found
