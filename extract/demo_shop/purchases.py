"""Who buys what on a day: the one plan from which orders, buy events, reviews, refunds and credits are all told.

In: the world and a day. Out: `Purchases`, order-level and line-level arrays. One order per user and day.
"""

from dataclasses import dataclass

import numpy as np

from extract.demo_shop.campaigns import attributed, extra_buyers
from extract.demo_shop.catalogue import CATEGORIES, PAIR_STRENGTH, choose
from extract.demo_shop.customers import due
from extract.demo_shop.habits import CHEAP, CYCLIC, per_user
from extract.demo_shop.randomness import uniform
from extract.demo_shop.world import World, remembered, second_of_day

TRIAL_SHARE = 0.04  # of free choices that try an item others repurchase
COUPONS = np.array([10, 15, 20])  # percent off the whole order
CANCELLED = 0.015
SHIPPING_CENTS, FREE_FROM_CENTS = 490, 5000  # in the order's own currency


@dataclass(frozen=True, eq=False)
class Purchases:
    day: int
    # per order
    number: np.ndarray
    user: np.ndarray
    instant: np.ndarray  # UTC second
    campaign: np.ndarray
    coupon: np.ndarray  # percent, 0 = none
    channel: np.ndarray
    payment: np.ndarray
    cancelled: np.ndarray
    promised: np.ndarray  # day
    delivered: np.ndarray  # day
    amount: np.ndarray  # cents in the own currency, net
    discount: np.ndarray
    shipping: np.ndarray
    # per line
    line: np.ndarray  # number
    order: np.ndarray  # position of its order above
    item: np.ndarray
    quantity: np.ndarray
    unit_cents: np.ndarray
    unit_gross_cents: np.ndarray
    unit_cost_cents: np.ndarray
    repurchase: np.ndarray  # true when a cycle brought it about


def lines_of(shop: World, day: int, rng, user, repurchases: tuple[np.ndarray, np.ndarray], free: np.ndarray):
    """Order position, item and cause of each line: repurchased items, then free choices, then their companions."""
    goods, people = shop.catalogue, shop.customers
    owner, repurchased = repurchases
    # days of strong demand bring fuller baskets, too
    count = free + rng.poisson(per_user("extra_lines", people.segment[user]) * shop.drivers.demand[day])
    position = np.repeat(np.arange(len(user)), count)
    buyer = user[position]
    segment = people.segment[buyer]
    at_home = rng.random(len(buyer)) < per_user("favourite_share", segment)
    category = np.where(at_home, people.favourite[buyer], rng.integers(0, len(CATEGORIES), len(buyer)))
    tier = np.where(rng.random(len(buyer)) < TRIAL_SHARE, CYCLIC, per_user("tier", segment))
    promotions = shop.promotions(shop.week_number(day))
    item = choose(goods, promotions, tier, category, rng.random(len(buyer)))
    # somebody who repurchases an item at regular gaps does not also pick it by chance
    regular = np.sort(shop.streams.user * len(goods.cycle) + shop.streams.item)
    item = np.where(np.isin(buyer * len(goods.cycle) + item, regular), -1, item)
    position, item = position[item >= 0], item[item >= 0]
    thrifty = per_user("tier", people.segment[user[position]]) == CHEAP  # buys no companion on top
    drawn = (rng.random((len(goods.pairs), len(item))) < PAIR_STRENGTH) & ~thrifty
    followers = [np.flatnonzero((item == first) & drawn[k]) for k, (first, _) in enumerate(goods.pairs)]
    companion = np.repeat(goods.pairs[:, 1], [len(found) for found in followers])
    follows = np.concatenate(followers)
    order = np.concatenate([np.searchsorted(user, owner), position, position[follows]])
    item = np.concatenate([repurchased, item, companion])
    # an item stands once in an order; the first cause given above wins
    _, kept = np.unique(order * len(goods.cycle) + item, return_index=True)
    return order[kept], item[kept], kept < len(owner)


@remembered(rows=lambda plan: len(plan.line))
def purchases(shop: World, day: int) -> Purchases:
    goods, people, seed = shop.catalogue, shop.customers, shop.seed
    rng = shop.rng("purchases", day)
    found = due(shop.parameters, shop.streams, shop.drivers, day)
    extra = extra_buyers(shop, day)
    cyclic = found[shop.streams.item[found] >= 0]
    free_buyer = np.concatenate([shop.streams.user[found[shop.streams.item[found] < 0]], extra])
    user = np.unique(np.concatenate([shop.streams.user[cyclic], free_buyer]))
    free = np.isin(user, free_buyer).astype(np.int64)
    causes = (shop.streams.user[cyclic], shop.streams.item[cyclic])
    order, item, repurchase = lines_of(shop, day, rng, user, causes, free)
    present, order = np.unique(order, return_inverse=True)  # an order that lost its only line is none
    user = user[present]

    segment, currency = people.segment[user], shop.currency(user)
    campaign = attributed(shop, day, user)
    uses_coupon = rng.random(len(user)) < np.maximum(per_user("coupon_share", segment), np.isin(user, extra))
    coupon = np.where(uses_coupon, COUPONS[rng.integers(0, 3, len(user))], 0)
    depth = shop.promotions(shop.week_number(day)).depth[item]
    gross = shop.local_cents(goods.list_cents[item] * shop.drivers.price_level[day], currency[order])
    unit = np.maximum(np.round(gross * (1 - depth / 100) * (1 - coupon[order] / 100)), 1).astype(np.int64)
    cost = shop.local_cents(goods.list_cents[item] * goods.cost_ratio[item], currency[order])
    quantity = 1 + (rng.random(len(item)) < 0.12).astype(np.int64) + (rng.random(len(item)) < 0.02)
    amount = np.bincount(order, unit * quantity, len(user)).astype(np.int64)

    promised = day + 2 + people.country[user] % 3 + rng.integers(0, 2, len(user))
    late_line = rng.random(len(item)) > goods.on_time[goods.supplier[item]]
    late = np.bincount(order, late_line, len(user)) > 0  # the slowest supplier decides
    delivered = np.where(late, promised + 1 + rng.poisson(1.8, len(user)), promised - rng.integers(0, 2, len(user)))
    chance = uniform(seed, "order second", day, user)
    usual = rng.random(len(user)) < 0.8
    number = (1_000 + day) * 1_000_000 + np.arange(len(user))
    in_order = np.arange(len(order)) - np.searchsorted(order, order)
    return Purchases(
        day=day,
        number=number,
        user=user,
        instant=shop.drivers.midnight[day] + second_of_day(shop, day, chance, people.hour_shift[user]),
        campaign=campaign,
        coupon=coupon,
        channel=np.where(usual, people.channel[user], rng.integers(0, 3, len(user))),
        payment=np.where(rng.random(len(user)) < 0.85, people.payment[user], rng.integers(0, 4, len(user))),
        cancelled=rng.random(len(user)) < CANCELLED,
        promised=promised,
        delivered=np.minimum(delivered, promised + 8),
        amount=amount,
        discount=np.bincount(order, (gross - unit) * quantity, len(user)).astype(np.int64),
        shipping=np.where(amount >= FREE_FROM_CENTS, 0, SHIPPING_CENTS),
        line=number[order] * 100 + in_order,
        order=order,
        item=item,
        quantity=quantity,
        unit_cents=unit,
        unit_gross_cents=gross,
        unit_cost_cents=cost,
        repurchase=repurchase,
    )
