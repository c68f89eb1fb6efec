"""What the shop sells and who supplies it, with the truth about each item.

In: the parameters. Out: `Catalogue` (items, suppliers, pairs bought together) and, per week, which items are promoted
and how choices fall on items. Items lie sorted by category, so a category is a slice.
"""

from dataclasses import dataclass

import numpy as np

from extract.demo_shop.habits import ANY, BROWSE, CHEAP, CYCLES, CYCLIC, PREMIUM
from extract.demo_shop.parameters import DemoShop
from extract.demo_shop.randomness import generator, integers, uniform

CATEGORIES = ("beauty", "coffee", "electronics", "fashion", "home", "pet care", "sports", "toys")
PRICE_LEVEL = np.array([14.0, 11.0, 38.0, 30.0, 22.0, 16.0, 26.0, 18.0])  # typical list price in euro
PARTS = ("basics", "care", "classics", "extras", "refills", "sets")
CYCLIC_SHARE = 0.12  # of the items, those that their buyers come back for at regular gaps
DEVICE_SHARE = 1 / 3  # of those, the ones that a connected device uses up
DEPTHS = np.array([10, 15, 20, 30])  # percent off while an item is promoted
PAIRS = 6  # pairs of items of which the first draws the second into the basket
PAIR_STRENGTH = 0.5


@dataclass(frozen=True, eq=False)
class Catalogue:
    category: np.ndarray
    subcategory: np.ndarray
    brand: np.ndarray
    supplier: np.ndarray
    list_cents: np.ndarray
    cost_ratio: np.ndarray
    launched: np.ndarray  # day since the start
    popularity: np.ndarray
    quality: np.ndarray  # -1 to 1: decides what reviews say about the product
    cycle: np.ndarray  # days; 0 = interest is random
    device_linked: np.ndarray
    base_comments: np.ndarray  # reviews older than the shop's data
    base_bad: np.ndarray
    pairs: np.ndarray  # first item, second item
    on_time: np.ndarray  # per supplier: probability of delivering by the promised day
    return_rate: np.ndarray
    supplier_quality: np.ndarray
    supplier_country: np.ndarray


def catalogue(parameters: DemoShop) -> Catalogue:
    rng, count, suppliers = generator(parameters.seed, "catalogue"), parameters.items, parameters.suppliers
    item = np.arange(count)
    category = item * len(CATEGORIES) // count
    # One scale of reliability per supplier, three imperfect views of it: the best and the worst can be told apart.
    reliability = rng.permutation(np.linspace(-1, 1, suppliers))
    on_time = np.clip(0.84 + 0.12 * reliability + rng.normal(0, 0.015, suppliers), 0.6, 0.99)
    return_rate = np.clip(0.06 - 0.045 * reliability + rng.normal(0, 0.006, suppliers), 0.005, 0.15)
    supplier_quality = np.clip(0.6 * reliability + rng.normal(0, 0.12, suppliers), -1, 1)
    supplier = rng.permutation(item % suppliers)
    cycle = np.zeros(count, dtype=np.int64)
    within = item - np.searchsorted(category, category)  # rank of an item in its category
    cyclic = np.flatnonzero(within < np.maximum(1, np.round(CYCLIC_SHARE * count / len(CATEGORIES))))
    cycle[cyclic] = np.array(CYCLES)[np.arange(len(cyclic)) % len(CYCLES)]
    quality = np.clip(supplier_quality[supplier] + rng.normal(0, 0.35, count), -1, 1)
    base_comments = np.round(rng.lognormal(3.0, 1.0, count)).astype(np.int64)
    launched = np.where(rng.random(count) < 0.08, rng.uniform(0.1, 0.8, count) * parameters.days, -1)
    launched = np.where((launched < 0) | (cycle > 0), -rng.integers(30, 900, count), launched).astype(np.int64)
    popularity = rng.permutation(1 / (1 + np.arange(count)) ** 0.7)
    # refills are cheap, the rest spreads widely: price tiers matter
    euros = PRICE_LEVEL[category] * rng.lognormal(0, 0.55, count) * np.where(cycle > 0, 0.6, 1.0)
    free = np.flatnonzero((cycle == 0) & (launched < 0))
    best = free[np.argsort(-popularity[free], kind="stable")]
    ranked = [best[category[best] == number] for number in range(len(CATEGORIES))]
    # the most popular item of a category draws the runner-up of the next, so no item is in two pairs
    pairs = [(ranked[k][0], ranked[k + 1][min(1, len(ranked[k + 1]) - 1)]) for k in range(PAIRS)]
    return Catalogue(
        category=category,
        subcategory=rng.integers(0, 3, count),
        brand=category * 3 + rng.integers(0, 3, count),
        supplier=supplier,
        list_cents=np.round(euros).astype(np.int64) * 100 + 99,
        cost_ratio=rng.uniform(0.45, 0.7, count),
        launched=launched,
        popularity=popularity,
        quality=quality,
        cycle=cycle,
        device_linked=(cycle > 0) & (uniform(parameters.seed, "device", item) < DEVICE_SHARE),
        base_comments=base_comments,
        base_bad=np.round(base_comments * np.clip(0.16 - 0.12 * quality, 0, 1)).astype(np.int64),
        pairs=np.array(pairs),
        on_time=on_time,
        return_rate=return_rate,
        supplier_quality=supplier_quality,
        supplier_country=rng.integers(0, 5, suppliers),
    )


@dataclass(frozen=True, eq=False)
class Week:
    """One calendar week's promotions, and the cumulative weights that choices are drawn from."""

    depth: np.ndarray  # percent off per item, 0 = not promoted
    displayed: np.ndarray
    mailed: np.ndarray
    tables: tuple[np.ndarray, ...]  # per item table: cumulative weight, preceded by 0


def week(parameters: DemoShop, goods: Catalogue, number: int, first_day: int) -> Week:
    seed, item = parameters.seed, np.arange(len(goods.cycle))
    promoted = (uniform(seed, "promoted", item, number) < 0.10) & (goods.launched <= first_day)
    displayed = promoted & (uniform(seed, "displayed", item, number) < 0.7)
    mailed = promoted & (~displayed | (uniform(seed, "mailed", item, number) < 0.5))
    depth = np.where(promoted, DEPTHS[integers(0, 3, seed, "depth", item, number)], 0)
    weight = goods.popularity * (goods.launched <= first_day) * np.where(promoted, 2.0, 1.0)
    random = weight * (goods.cycle == 0)
    typical = PRICE_LEVEL[goods.category] * 100
    few = 1e-6 * random  # keeps every category choosable in a small shop
    tables = {
        CHEAP: random * (goods.list_cents < 0.5 * typical) + few,
        ANY: random,
        PREMIUM: random * (goods.list_cents > 1.3 * typical) + few,
        BROWSE: weight,
        CYCLIC: weight * (goods.cycle > 0),
    }
    return Week(depth, displayed, mailed, tuple(np.concatenate([[0], np.cumsum(tables[t])]) for t in sorted(tables)))


def choose(goods: Catalogue, promotions: Week, tier, category, chance) -> np.ndarray:
    """An item of each category by the weights of each tier's table."""
    edges = np.searchsorted(goods.category, np.arange(len(CATEGORIES) + 1))
    tier = np.broadcast_to(tier, category.shape)
    item = np.zeros(category.shape, dtype=np.int64)
    for number, table in enumerate(promotions.tables):
        mine = np.flatnonzero(tier == number)
        if len(mine):
            low, high = table[edges[category[mine]]], table[edges[category[mine] + 1]]
            item[mine] = np.searchsorted(table, low + chance[mine] * (high - low), side="right") - 1
    return np.minimum(item, edges[category + 1] - 1)
