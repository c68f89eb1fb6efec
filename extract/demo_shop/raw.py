"""Which function tells each raw table, and how late its rows may come.

In: a table's name and days since the start. Out: its rows as codes (with the faults' codes), and as delivered.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from extract.demo_shop import clickstream, devices, faults, marketing, master_data, orders, survey, voices
from extract.demo_shop.columns import Rows, arriving, pick
from extract.demo_shop.world import World


class Teller(NamedTuple):
    rows: Callable  # (world, day) -> rows of that day; (world) -> all rows, where `whole`
    text: Callable  # (world, rows) -> frame
    latest: int = 0  # days by which a true row may arrive after the day that tells it
    whole: bool = False


TELLERS = {
    "events": Teller(clickstream.events_of, clickstream.events_text),
    "orders": Teller(orders.orders_of, orders.orders_text),
    "order_lines": Teller(orders.lines_of, orders.lines_text, orders.LONGEST_RETURN),
    "items": Teller(master_data.items, master_data.items_text, whole=True),
    "item_review_stats": Teller(voices.review_stats_of, voices.review_stats_text),
    "reviews": Teller(voices.reviews_of, voices.reviews_text, voices.LONGEST_REVIEW),
    "users": Teller(master_data.users, master_data.users_text, whole=True),
    "campaigns": Teller(marketing.campaigns_of, marketing.campaigns_text),
    "contacts": Teller(marketing.contacts_of, marketing.contacts_text),
    "spend": Teller(marketing.spend_of, marketing.spend_text),
    "feedback": Teller(voices.feedback_of, voices.feedback_text),
    "survey_responses": Teller(survey.survey_of, survey.survey_text),
    "social_posts": Teller(voices.social_posts_of, voices.social_posts_text),
    "device_readings": Teller(devices.readings_of, devices.readings_text),
    "suppliers": Teller(master_data.suppliers, master_data.suppliers_text, whole=True),
    "fx_rates": Teller(master_data.rates_of, master_data.rates_text),
    "item_exposures": Teller(master_data.exposures_of, master_data.exposures_text),
}


def codes(shop: World, table: str, first: int, last: int) -> Rows:
    """Rows that arrive on the days [first, last), in a fixed order, with the code of their fault."""
    teller = TELLERS[table]
    if teller.whole:
        rows = teller.rows(shop)
        keep = np.flatnonzero((rows["arrival"] >= first) & (rows["arrival"] < last))
        rows = pick(rows, keep[np.argsort(rows["arrival"][keep], kind="stable")])
    else:
        rows = arriving(first, last, teller.latest + faults.reach(table), lambda day: teller.rows(shop, day))
    return rows if "fault" in rows else rows | {"fault": np.zeros(len(rows["arrival"]), dtype=np.int64)}


def delivered(shop: World, table: str, rows: Rows) -> pd.DataFrame:
    """The rows as the source would deliver them, and the day on which each arrives."""
    arrival = np.datetime64(shop.parameters.start, "us") + rows["arrival"] * np.timedelta64(1, "D")
    frame = faults.spoil(table, TELLERS[table].text(shop, rows), rows["fault"])
    return frame.assign(arrival_date=arrival)
