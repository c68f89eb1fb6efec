"""How many days a shop keeps what: its `personal.keep_days`, and what holds where it says nothing.

In: a declaration. Out: {kind: days}; a kind that is not in it is kept for good. The kinds are those of
shops/schema.json: landing, quarantine, vault, logs, ledger, outbox, published. Loads nothing, so that DAGs can show it.
"""

from shops.declaration import Shop

DEFAULT = {
    "quarantine": 90,  # a fault of a source that nobody mended in three months is not mended from here
    "logs": 90,  # of runs, and their reports: a quarter to find out why
    "outbox": 90,  # audience files and previews: whoever uploads them does so within days
}


def keep_days(shop: Shop) -> dict[str, int]:
    """{kind: days}. Nothing landed is deleted, nor what follows from it, unless the shop says so."""
    return {**DEFAULT, **shop.personal.keep_days}
