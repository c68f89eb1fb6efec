"""Who the shop's users are: segment, home, preferences, and the streams of orders that their habits give.

In: the parameters, the catalogue, the drivers. Out: `Customers` (one element per user) and `Streams` (one element per
reason to buy again and again). A stream's k-th order lies at phase + (k + jitter) x gap, so any day can be computed
without the days before it.
"""

from dataclasses import dataclass

import numpy as np

from extract.demo_shop.catalogue import CATEGORIES, Catalogue
from extract.demo_shop.drivers import Drivers
from extract.demo_shop.habits import HABITS, NEW, TRICKLE_ENDS, VISITOR, per_user
from extract.demo_shop.parameters import DemoShop
from extract.demo_shop.randomness import generator, uniform

NEVER = 10**6  # a day after the end of all days
CYCLE_JITTER = 0.035  # of the cycle, to either side: two neighbours and rounding to days stay within 15 %
FREE_JITTER = 0.45
COUNTRIES = ("DE", "FR", "GB", "US", "PL")
COUNTRY_SHARE = (0.40, 0.20, 0.15, 0.15, 0.10)
COUNTRY_CURRENCY = np.array([0, 0, 1, 2, 3])  # EUR EUR GBP USD PLN
ACQUISITION = ("search", "social", "email", "referral", "direct")


@dataclass(frozen=True, eq=False)
class Customers:
    segment: np.ndarray
    joined: np.ndarray  # registration, days since the start (negative: before it)
    first_day: np.ndarray  # habits begin
    last_day: np.ndarray  # habits end (NEVER if they do not)
    country: np.ndarray
    city: np.ndarray  # 0 to 2 within the country
    favourite: np.ndarray  # category
    gap_days: np.ndarray
    visits: np.ndarray  # sessions a day that lead to nothing
    acquisition: np.ndarray
    channel: np.ndarray  # web, app, marketplace
    device: np.ndarray
    payment: np.ndarray
    hour_shift: np.ndarray
    language: np.ndarray  # en, de, pt
    consent: np.ndarray  # email, push, social: one column each
    age: np.ndarray
    gender: np.ndarray
    income: np.ndarray
    household: np.ndarray


@dataclass(frozen=True, eq=False)
class Streams:
    user: np.ndarray
    item: np.ndarray  # -1: a free order, not a repurchase
    gap: np.ndarray
    phase: np.ndarray
    jitter: np.ndarray
    last_day: np.ndarray


def customers(parameters: DemoShop, goods: Catalogue) -> tuple[Customers, np.ndarray]:
    """The users, and per user the two items they repurchase (-1 = none)."""
    rng, count, span = generator(parameters.seed, "customers"), parameters.users, parameters.days
    edges = np.round(np.cumsum([0] + [habit.share for habit in HABITS]) * count)
    segment = rng.permutation(np.searchsorted(edges, np.arange(count), side="right") - 1)
    trickles = rng.random(count) < per_user("trickle", segment)
    low, high = np.where(trickles, [[0.0], [TRICKLE_ENDS]], per_user("joined", segment).T)
    joined = np.floor((low + rng.random(count) * (high - low)) * span).astype(np.int64)
    shortest, longest = np.array([habit.lifetime or (0.0, 0.0) for habit in HABITS])[segment].T
    first_day = np.maximum(joined, 0)
    stops = first_day + np.floor((shortest + rng.random(count) * (longest - shortest)) * span).astype(np.int64)
    country = rng.choice(5, count, p=COUNTRY_SHARE)
    language = np.where((country == 0) & (rng.random(count) < 0.5), 1, np.where(rng.random(count) < 0.07, 2, 0))
    favourite = rng.integers(0, len(CATEGORIES), count)
    wanted = rng.random((count, 2)) < per_user("subscriptions", segment)
    repurchased = np.full((count, 2), -1)
    for number, habit in enumerate(HABITS):
        eligible = np.flatnonzero(np.isin(goods.cycle, habit.cycles) & (goods.cycle > 0))
        members = np.flatnonzero(segment == number)
        if not len(eligible) or not len(members):
            continue
        # every user walks to another place of a shuffled list, so items share their regulars evenly
        places = rng.permutation(len(members)) + rng.integers(len(eligible))
        shuffled = rng.permutation(eligible)
        pair = np.stack([shuffled[places % len(eligible)], shuffled[(places + 1) % len(eligible)]], axis=1)
        repurchased[members] = np.where(wanted[members], pair, -1)
    favourite = np.where(repurchased[:, 0] >= 0, goods.category[np.maximum(repurchased[:, 0], 0)], favourite)
    spread = rng.lognormal(0, 0.12, count)
    people = Customers(
        segment=segment,
        joined=joined,
        first_day=first_day,
        last_day=np.where(longest > 0, stops, NEVER),
        country=country,
        city=rng.integers(0, 3, count),
        favourite=favourite,
        gap_days=per_user("gap_days", segment) * spread,
        visits=per_user("visits", segment) * rng.gamma(2.0, 0.5, count),
        acquisition=rng.choice(5, count, p=(0.3, 0.25, 0.1, 0.15, 0.2)),
        channel=rng.choice(3, count, p=(0.5, 0.35, 0.15)),
        device=rng.choice(3, count, p=(0.55, 0.37, 0.08)),
        payment=rng.choice(4, count, p=(0.45, 0.3, 0.15, 0.1)),
        hour_shift=np.where(country == 3, 6, 0) + rng.choice([-2, 0, 0, 1], count),
        language=language,
        consent=rng.random((count, 3)) < (0.9, 0.75, 0.7),
        age=rng.choice(6, count, p=(0.1, 0.24, 0.24, 0.18, 0.14, 0.1)),
        gender=rng.choice(3, count, p=(0.52, 0.45, 0.03)),
        income=rng.choice(4, count, p=(0.25, 0.35, 0.25, 0.15)),
        household=rng.choice(4, count, p=(0.3, 0.33, 0.17, 0.2)),
    )
    return people, repurchased


def streams(parameters: DemoShop, people: Customers, repurchased: np.ndarray, forces: Drivers, goods) -> Streams:
    """Free orders run on the clock of demand, repurchases on the calendar."""
    seed = parameters.seed
    buyer = np.flatnonzero(people.segment != VISITOR)
    # new users order soon after registering, everybody else somewhere in their first gap
    eager = np.where(people.segment[buyer] == NEW, 0.4, 1.0)
    begin = forces.clock[people.first_day[buyer]]
    free_phase = begin + (0.5 + eager * uniform(seed, "phase", buyer)) * people.gap_days[buyer]
    parts = [(buyer, np.full(len(buyer), -1), people.gap_days[buyer], free_phase, np.full(len(buyer), FREE_JITTER))]
    for place in range(2):
        user = np.flatnonzero(repurchased[:, place] >= 0)
        item = repurchased[user, place]
        cycle = goods.cycle[item].astype(float)
        phase = people.first_day[user] + 1 + uniform(seed, "cycle phase", user, item) * cycle
        parts.append((user, item, cycle, phase, np.full(len(user), CYCLE_JITTER)))
    user, item, gap, phase, jitter = (np.concatenate(column) for column in zip(*parts))
    return Streams(user, item, gap, phase, jitter, people.last_day[user])


def due(parameters: DemoShop, plans: Streams, forces: Drivers, day: int) -> np.ndarray:
    """The streams that order on a day."""
    free = plans.item < 0
    low = np.where(free, forces.clock[day], day)
    high = np.where(free, forces.clock[day + 1], day + 1)
    first = np.ceil((low - plans.phase) / plans.gap - plans.jitter)
    found = np.zeros(len(low), dtype=bool)
    for turn in (first, first + 1):
        shift = plans.jitter * (2 * uniform(parameters.seed, "turn", plans.user, plans.item, turn) - 1)
        moment = plans.phase + (turn + shift) * plans.gap
        found |= (turn >= 0) & (moment >= low) & (moment < high)
    return np.flatnonzero(found & (day < plans.last_day))
