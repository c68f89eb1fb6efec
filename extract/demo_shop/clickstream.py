"""The six behaviours: what leads up to each purchase, what leads to none, and the purchases themselves.

In: the world and a local day. Out: that day's events as codes, in order of time. Because shoppers look at an item in
the days before they buy it, recent behaviour predicts purchases, though idle visits blur it.
"""

import numpy as np
import pandas as pd

from extract.demo_shop import columns as as_text
from extract.demo_shop import faults
from extract.demo_shop.catalogue import CATEGORIES, choose
from extract.demo_shop.columns import Rows, pick, stack
from extract.demo_shop.customers import COUNTRIES
from extract.demo_shop.habits import ANY, BROWSE, CYCLIC
from extract.demo_shop.orders import CHANNELS
from extract.demo_shop.purchases import purchases
from extract.demo_shop.randomness import normal
from extract.demo_shop.world import World, remembered, second_of_day

VIEW, CLICK, COLLECT, CART, UNCART, BUY = range(6)
BEHAVIOURS = ("view", "click", "collect", "cart", "uncart", "buy")
DEVICES = ("mobile", "desktop", "tablet")
LONGEST_LEAD = 6  # days from the first look to the purchase, at most
CLICK_SHARE = 0.72  # of views that are followed by a click
# Per order the defaults give 43 views and clicks, 2.6 carts, 1.3 collections, and 0.4 removals per cart.
LEAD_VIEWS, LEAD_MEAN_DAYS, LEAD_ALTERNATIVES = 2.0, 1.3, 0.4
LEAD_CART, LEAD_COLLECT = 0.5, 0.15
IDLE_SCALE, IDLE_VIEWS, IDLE_CART, IDLE_UNCART, IDLE_COLLECT = 1.0, 2.0, 0.24, 0.8, 0.17
AFTER_LEAVING = 0.5  # a customer who stopped buying still looks, half as often


def rows_of(user, item, behaviour: int, instant, device) -> Rows:
    return {
        "user": user,
        "item": item,
        "behaviour": np.full(len(user), behaviour),
        "instant": instant,
        "device": device,
    }


def clicks_after(rng, views: Rows) -> Rows:
    """Clicks on some of the views, seconds later."""
    chosen = np.flatnonzero(rng.random(len(views["user"])) < CLICK_SHARE)
    later = pick(views, chosen)
    return later | {
        "behaviour": np.full(len(chosen), CLICK),
        "instant": later["instant"] + rng.integers(2, 60, len(chosen)),
    }


@remembered(rows=lambda rows: len(rows["user"]), budget=500_000)
def lead_up(shop: World, day: int) -> Rows:
    """Events of the days up to `day` that end in its purchases."""
    plan, people, goods = purchases(shop, day), shop.customers, shop.catalogue
    rng = shop.rng("lead", day)
    midnight = shop.drivers.midnight

    def moments(order: np.ndarray, lag: np.ndarray, minutes: float) -> np.ndarray:
        """Shortly before the order on its own day, at the shopper's usual hours on the days before."""
        before = plan.instant[order] - 30 - (60 * rng.exponential(minutes, len(order))).astype(np.int64)
        earlier = np.zeros(len(order), dtype=np.int64)
        chance = rng.random(len(order))
        for days in range(1, LONGEST_LEAD + 1):
            mine = np.flatnonzero(lag == days)
            if len(mine) and day >= days:
                shift = people.hour_shift[plan.user[order[mine]]]
                earlier[mine] = midnight[day - days] + second_of_day(shop, day - days, chance[mine], shift)
        return np.where(lag > 0, earlier, np.maximum(before, midnight[day]))

    looks = 1 + rng.poisson(LEAD_VIEWS, len(plan.item))
    line = np.repeat(np.arange(len(plan.item)), looks)
    order, first = plan.order[line], np.concatenate([[True], line[1:] != line[:-1]])[: len(line)]
    lag = np.minimum(np.floor(rng.exponential(LEAD_MEAN_DAYS, len(line))), LONGEST_LEAD).astype(np.int64)
    promotions = shop.promotions(shop.week_number(day))
    similar = choose(goods, promotions, BROWSE, goods.category[plan.item[line]], rng.random(len(line)))
    item = np.where(~first & (rng.random(len(line)) < LEAD_ALTERNATIVES), similar, plan.item[line])
    views = rows_of(plan.user[order], item, VIEW, moments(order, lag, 40), people.device[plan.user[order]])
    parts = [views, clicks_after(rng, views)]
    for behaviour, share, longest in ((CART, LEAD_CART, 1), (COLLECT, LEAD_COLLECT, 3)):
        chosen = np.flatnonzero(rng.random(len(plan.item)) < share)
        order = plan.order[chosen]
        lag = np.maximum(rng.integers(-2, longest + 1, len(chosen)), 0)
        user = plan.user[order]
        parts.append(rows_of(user, plan.item[chosen], behaviour, moments(order, lag, 5), people.device[user]))
    rows = stack(parts)
    # nobody looks before the shop opened, before registering, or at what is not on sale yet
    earliest = np.maximum(np.maximum(people.first_day[rows["user"]], goods.launched[rows["item"]]), 0)
    return pick(rows, np.flatnonzero(rows["instant"] >= midnight[earliest]))


def idle(shop: World, day: int) -> Rows:
    """Visits that lead to no purchase; their intensity changes from week to week and person to person."""
    people, rng = shop.customers, shop.rng("idle", day)
    everybody = np.arange(len(people.segment))
    mood = np.exp(0.7 * normal(shop.seed, "mood", everybody, shop.week_number(day)) - 0.245)
    left = np.where(day >= people.last_day, AFTER_LEAVING, 1.0)
    sessions = rng.poisson(IDLE_SCALE * people.visits * mood * left * (people.first_day <= day))
    visitor = np.repeat(everybody, sessions)
    home = np.where(rng.random(len(visitor)) < 0.6, people.favourite[visitor], -1)
    home = np.where(home < 0, rng.integers(0, len(CATEGORIES), len(visitor)), home)
    begins = second_of_day(shop, day, rng.random(len(visitor)), people.hour_shift[visitor])
    looks = 1 + rng.poisson(IDLE_VIEWS, len(visitor))
    session = np.repeat(np.arange(len(visitor)), looks)
    user = visitor[session]
    promotions = shop.promotions(shop.week_number(day))
    tier = np.where(rng.random(len(user)) < 0.1, CYCLIC, ANY)
    item = choose(shop.catalogue, promotions, tier, home[session], rng.random(len(user)))
    instant = shop.drivers.midnight[day] + begins[session] + rng.integers(0, 900, len(user))
    views = rows_of(user, item, VIEW, instant, people.device[user])
    parts = [views, clicks_after(rng, views)]
    first = np.flatnonzero(np.concatenate([[True], session[1:] != session[:-1]])[: len(session)])
    carted = first[rng.random(len(first)) < IDLE_CART]
    removed = carted[rng.random(len(carted)) < IDLE_UNCART]
    collected = first[rng.random(len(first)) < IDLE_COLLECT]
    for behaviour, chosen, delay in ((CART, carted, 70), (UNCART, removed, 1000), (COLLECT, collected, 65)):
        parts.append(pick(views, chosen))
        parts[-1] |= {"behaviour": np.full(len(chosen), behaviour), "instant": instant[chosen] + delay}
    return stack(parts)


def bought(shop: World, day: int) -> Rows:
    plan, people = purchases(shop, day), shop.customers
    user = plan.user[plan.order]
    return rows_of(user, plan.item, BUY, plan.instant[plan.order], people.device[user])


@remembered(rows=lambda rows: len(rows["user"]), budget=1_000_000)
def events(shop: World, day: int) -> Rows:
    """All true events of a local day, numbered in order of time."""
    begin, end = shop.drivers.midnight[day : day + 2]
    parts = [bought(shop, day), idle(shop, day)]
    for later in range(day, day + LONGEST_LEAD + 1):
        rows = lead_up(shop, later)
        parts.append(pick(rows, np.flatnonzero((rows["instant"] >= begin) & (rows["instant"] < end))))
    rows = stack(parts)
    rows["instant"] = np.minimum(rows["instant"], end - 1)
    rows = pick(rows, np.lexsort((rows["behaviour"], rows["item"], rows["user"], rows["instant"])))
    size = len(rows["user"])
    return rows | {
        "number": (1_000 + day) * 10_000_000 + np.arange(size),
        "channel": shop.customers.channel[rows["user"]],
        "arrival": np.full(size, day),
    }


def events_of(shop: World, day: int) -> Rows:
    """The day's events with its faults; extra bad rows are made of views only, so purchases stay countable."""
    rows = events(shop, day)
    return faults.plant(shop, "events", day, rows, "number", plain=rows["behaviour"] == VIEW)


def events_text(shop: World, rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "event_id": as_text.label("e", rows["number"]),
            "user_id": as_text.label("u", rows["user"], 6),
            "item_id": as_text.label("i", rows["item"], 4),
            "behaviour": as_text.named(BEHAVIOURS, rows["behaviour"]),
            "event_ts": as_text.instants(rows["instant"]),
            "channel": as_text.named(CHANNELS, rows["channel"]),
            "device": as_text.named(DEVICES, rows["device"]),
            "country": as_text.named(COUNTRIES, shop.customers.country[rows["user"]]),
        }
    )
