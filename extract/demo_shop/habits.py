"""The kinds of customers the shop is known to have, and what sets each apart.

In: nothing. Out: `HABITS`. The five segments differ in what improved RFM measures (mean interval, orders, amount,
length of the relationship, purchases in the top category); visitors look and never buy.
"""

from dataclasses import dataclass

import numpy as np

CYCLES = (14, 21, 30, 45, 60)  # days between repurchases of an item with stable interest
TRICKLE_ENDS = 0.55  # of the stated span: later would make an occasional customer look like a new one
CHEAP, ANY, PREMIUM, BROWSE, CYCLIC = range(5)  # the item tables that choices are made from


@dataclass(frozen=True)
class Habit:
    name: str
    share: float  # of all users
    joined: tuple[float, float]  # registration, as a fraction of the stated span after its start
    trickle: float  # of them, those who join at any time up to TRICKLE_ENDS, so that every month has new customers
    lifetime: tuple[float, float] | None  # active span after joining, same unit; None = never stops
    gap_days: float  # between orders that follow no repurchase cycle; 0 = never buys
    extra_lines: float  # mean number of further lines in a basket
    subscriptions: tuple[float, float]  # probability of one, of a second repurchased item
    cycles: tuple[int, ...]  # which cycles those items may have
    tier: int  # price tier that items are chosen from
    coupon_share: float  # of orders that use a coupon
    favourite_share: float  # of free choices that fall in the favourite category
    visits: float  # sessions a day that lead to nothing


HABITS = (
    Habit("high-frequency", 0.09, (-1.0, 0.04), 0.05, None, 45, 1.9, (1.0, 0.5), CYCLES, ANY, 0.08, 0.65, 0.22),
    Habit("occasional", 0.27, (-1.0, 0.06), 0.20, None, 85, 1.8, (0.0, 0.0), (), PREMIUM, 0.08, 0.45, 0.10),
    Habit("new", 0.13, (0.84, 0.91), 0.0, None, 12, 1.5, (0.0, 0.0), (), ANY, 0.15, 0.55, 0.20),
    Habit("price-sensitive", 0.15, (-1.0, 0.06), 0.15, None, 60, 1.3, (1.0, 0.0), (45, 60), CHEAP, 0.85, 0.25, 0.22),
    Habit("lapsing", 0.12, (-0.5, 0.06), 0.0, (0.28, 0.38), 24, 1.8, (1.0, 0.0), (14, 21), ANY, 0.10, 0.60, 0.12),
    Habit("visitor", 0.24, (-0.5, 0.95), 0.0, None, 0, 0.0, (0.0, 0.0), (), ANY, 0.0, 0.5, 0.06),
)
SEGMENTS = tuple(habit.name for habit in HABITS)
VISITOR = SEGMENTS.index("visitor")
NEW = SEGMENTS.index("new")


def per_user(attribute: str, segment):
    """The habit's attribute for each user's segment."""
    return np.array([getattr(habit, attribute) for habit in HABITS])[segment]
