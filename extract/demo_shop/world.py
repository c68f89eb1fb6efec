"""Everything about the shop that no day changes, computed once from the parameters.

In: the parameters. Out: `World`; and a memory for what is computed per day, bounded by rows so that a large shop does
not fill the machine.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps

import numpy as np

from extract.demo_shop import catalogue as goods
from extract.demo_shop import customers as people
from extract.demo_shop.drivers import CURRENCIES, Drivers, drivers
from extract.demo_shop.parameters import DemoShop
from extract.demo_shop.randomness import generator

ROWS_KEPT = 2_000_000  # about 200 MB of plans at most


@dataclass(frozen=True, eq=False)
class World:
    parameters: DemoShop
    drivers: Drivers
    catalogue: goods.Catalogue
    customers: people.Customers
    streams: people.Streams

    def rng(self, table: str, day: int = 0) -> np.random.Generator:
        return generator(self.parameters.seed, table, day)

    @property
    def seed(self) -> int:
        return self.parameters.seed

    def week_number(self, day: int) -> int:
        return (day + self.parameters.start.weekday()) // 7

    def week_start(self, number: int) -> int:
        """Its Monday, in days since the start; the first week may begin before it."""
        return 7 * number - self.parameters.start.weekday()

    def promotions(self, number: int) -> goods.Week:
        return promotions(self, number)

    def currency(self, user: np.ndarray) -> np.ndarray:
        return people.COUNTRY_CURRENCY[self.customers.country[user]]

    def local_cents(self, euro_cents: np.ndarray, currency: np.ndarray) -> np.ndarray:
        """Price lists abroad were converted once, at the first day's rate."""
        return np.round(euro_cents / self.drivers.rates[currency, 0]).astype(np.int64)

    def day_of(self, second: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.drivers.midnight, second, side="right") - 1


@lru_cache(maxsize=4)
def world(parameters: DemoShop) -> World:
    items, forces = goods.catalogue(parameters), drivers(parameters)
    users, repurchased = people.customers(parameters, items)
    plans = people.streams(parameters, users, repurchased, forces, items)
    return World(parameters, forces, items, users, plans)


@lru_cache(maxsize=256)
def promotions(shop: World, number: int) -> goods.Week:
    return goods.week(shop.parameters, shop.catalogue, number, shop.week_start(number))


def remembered(rows: Callable[[object], int], budget: int = ROWS_KEPT) -> Callable:
    """Keep the results of f(shop, day) for the latest days, up to a budget of rows as counted by `rows`."""

    def decorate(compute):
        kept: OrderedDict = OrderedDict()
        held = 0

        @wraps(compute)
        def recall(shop: World, day: int):
            nonlocal held
            key = (shop.parameters, day)
            if key not in kept:
                kept[key] = compute(shop, day)
                held += rows(kept[key])
                while held > budget and len(kept) > 1:
                    held -= rows(kept.popitem(last=False)[1])
            return kept[key]

        return recall

    return decorate


HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 9, 10, 9, 8, 8, 9, 10, 12, 14, 15, 13, 9, 5], dtype=float)
HOURS_PASSED = np.concatenate([[0], np.cumsum(HOURS / HOURS.sum())])


def second_of_day(shop: World, day: int, chance: np.ndarray, shift=0) -> np.ndarray:
    """Seconds since local midnight at which people shop; a 23-hour day is squeezed, a 25-hour day stretched."""
    hour = (np.interp(chance, HOURS_PASSED, np.arange(25.0)) + shift) % 24
    length = shop.drivers.midnight[day + 1] - shop.drivers.midnight[day]
    return np.floor(hour / 24 * length).astype(np.int64)


__all__ = ["CURRENCIES", "World", "remembered", "second_of_day", "world"]
