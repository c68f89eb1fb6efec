"""Campaigns as experiments: who is in the audience, who is the randomised control group, who reacts and how.

In: the world and a campaign's number. Out: `Campaign`, with the extra orders that contacting people truly causes.
Two advertising campaigns are always on (codes 0 and 1); dated campaign k has code k + 2.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from extract.demo_shop.habits import VISITOR
from extract.demo_shop.randomness import integers, uniform
from extract.demo_shop.world import World

FIRST, EVERY, LENGTH = 25, 45, 14  # days: the first start, from start to start, duration
ALWAYS_ON = (("Always-on search", "search"), ("Always-on social", "social"))
CHANNELS = ("email", "social", "push", "search")
EMAIL, SOCIAL, PUSH, SEARCH = range(4)
AUDIENCE_SHARE = 0.9
FUNNEL = {"delivered": 0.97, "opened": 0.42, "clicked": 0.30}  # each of the step before
UNSUBSCRIBED = 0.012  # of those who opened


@dataclass(frozen=True)
class Design:
    name: str
    channel: int
    strategy: str
    audience: str  # customers: active buyers; dormant: everybody else
    response: float  # share of the contacted that place one order more because of it
    role: str = ""  # planted_effect and planted_null are what an analysis must tell apart


DESIGNS = (
    Design("New year offer", EMAIL, "timed promotion", "customers", 0.08),
    Design("Come back", EMAIL, "win-back", "dormant", 0.0),
    Design("App days", PUSH, "timed promotion", "customers", 0.10),
    Design("Summer cross-sell", SOCIAL, "cross-sell", "customers", 0.05),
    Design("Member week", EMAIL, "member discount", "customers", 0.08),
    Design("Brand story", SOCIAL, "awareness", "customers", 0.0, "planted_null"),
    Design("Autumn thank-you", EMAIL, "member discount", "customers", 0.40, "planted_effect"),
    Design("Gift finder", PUSH, "cross-sell", "customers", 0.06),
)


@dataclass(frozen=True, eq=False)
class Campaign:
    number: int
    design: Design
    start: int
    end: int  # the day after the last
    user: np.ndarray
    is_control: np.ndarray
    sent: np.ndarray  # UTC second; -1 = never, like the following
    delivered: np.ndarray
    opened: np.ndarray
    clicked: np.ndarray
    unsubscribed: np.ndarray
    extra_day: np.ndarray  # day of the order caused by the contact, -1 = none

    @property
    def code(self) -> int:
        return self.number + len(ALWAYS_ON)


def begins(number: int) -> int:
    return FIRST + EVERY * number


def active(day: int) -> range:
    """Numbers of the dated campaigns that run on a day (one at most, as they do not overlap)."""
    number = (day - FIRST) // EVERY
    return range(number, number + (number >= 0 and day < begins(number) + LENGTH))


@lru_cache(maxsize=256)
def campaign(shop: World, number: int) -> Campaign:
    people, seed, start = shop.customers, shop.seed, begins(number)
    design = DESIGNS[number % len(DESIGNS)]
    everybody = np.arange(shop.parameters.users)
    buys = (people.segment != VISITOR) & (people.first_day + 14 <= start) & (people.last_day > start + LENGTH)
    known = people.joined < start
    reachable = people.consent[:, design.channel]
    drawn = uniform(seed, "audience", number, everybody) < AUDIENCE_SHARE
    chosen = known & reachable & drawn & (buys if design.audience == "customers" else ~buys)
    user = np.flatnonzero(chosen)
    # the salt is the campaign: being in one control group says nothing about the next
    is_control = uniform(seed, "arm", number, user) < shop.parameters.control_share
    responds = ~is_control & (uniform(seed, "responds", number, user) < design.response)

    def reaches(step: str) -> np.ndarray:
        return responds | (uniform(seed, step, number, user) < FUNNEL[step])

    delivered = ~is_control & reaches("delivered")
    opened = delivered & reaches("opened")
    clicked = opened & reaches("clicked")
    leaves = opened & ~responds & (uniform(seed, "leaves", number, user) < UNSUBSCRIBED)
    sent = shop.drivers.midnight[start + integers(0, 1, seed, "sent day", number, user)]
    sent = sent + integers(9 * 3600, 11 * 3600, seed, "sent second", number, user)
    minutes = {
        step: np.minimum(-np.log(1 - uniform(seed, step + " delay", number, user)) * mean, 15 * 60)
        for step, mean in (("delivered", 2), ("opened", 240), ("clicked", 10))
    }
    at_delivered = sent + 1 + (60 * minutes["delivered"]).astype(np.int64)
    at_opened = at_delivered + 1 + (60 * minutes["opened"]).astype(np.int64)
    at_clicked = at_opened + 1 + (60 * minutes["clicked"]).astype(np.int64)
    extra_day = integers(start + 3, start + LENGTH - 1, seed, "extra day", number, user)
    return Campaign(
        number,
        design,
        start,
        start + LENGTH,
        user,
        is_control,
        sent=np.where(is_control, -1, sent),
        delivered=np.where(delivered, at_delivered, -1),
        opened=np.where(opened, at_opened, -1),
        clicked=np.where(clicked, at_clicked, -1),
        unsubscribed=np.where(leaves, at_opened + 45, -1),
        extra_day=np.where(responds, extra_day, -1),
    )


def extra_buyers(shop: World, day: int) -> np.ndarray:
    """Users who order on a day because a campaign reached them."""
    found = [campaign(shop, k).user[campaign(shop, k).extra_day == day] for k in active(day)]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def attributed(shop: World, day: int, user: np.ndarray) -> np.ndarray:
    """The campaign code that each of a day's orders is credited to, -1 = none.

    Credit is not cause: a share of the clickers would have ordered anyway.
    """
    code = np.full(len(user), -1)
    ads = 0.16 * np.exp(0.3 * shop.drivers.advertising[day])
    chance = uniform(shop.seed, "ad", day, user)
    code[chance < ads] = (chance[chance < ads] > ads / 2).astype(np.int64)
    for number in active(day):
        run = campaign(shop, number)
        if day >= run.start + 3:
            clicked = np.isin(user, run.user[run.clicked >= 0])
            code[clicked & (uniform(shop.seed, "credit", number, day, user) < 0.7)] = run.code
            code[np.isin(user, run.user[run.extra_day == day])] = run.code
    return code
