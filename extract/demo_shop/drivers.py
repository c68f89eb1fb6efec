"""What moves the shop's daily sales: advertising up, dearer prices down, better service up; and the exchange rates.

In: the parameters. Out: `Drivers`, one value per local day since the start. Log demand = sum of EFFECTS x driver,
so advertising > price > service is the stated order of strength. Also where each local day begins in UTC.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from extract.demo_shop.parameters import LONGEST_DAYS, DemoShop
from extract.demo_shop.randomness import normal

EFFECTS = {"advertising": 0.40, "price": -0.28, "service": 0.20}  # change of log demand per standard deviation
PERSISTENCE = {"advertising": 0.6, "price": 0.8, "service": 0.7}  # autocorrelation from day to day
PRICE_STEP = 0.05  # a price driver of 1 means prices 5 % above list
SPEND_STEP = 0.35  # an advertising driver of 1 means exp(.35) times the usual spend
WEEKDAY = np.log([0.95, 0.93, 0.95, 0.97, 1.0, 1.1, 1.12])  # Monday first
BASE_RATES = {"EUR": 1.0, "GBP": 1.18, "USD": 0.92, "PLN": 0.233}  # euro per unit on the first day, roughly
CURRENCIES = tuple(BASE_RATES)


@dataclass(frozen=True, eq=False)
class Drivers:
    midnight: np.ndarray  # UTC second at which each local day begins (one more than there are days)
    advertising: np.ndarray
    price: np.ndarray
    service: np.ndarray
    demand: np.ndarray  # multiplier of the rate at which free orders come, 1 on average
    clock: np.ndarray  # cumulative demand at the beginning of each day: time as eager buyers feel it
    rates: np.ndarray  # currency x day: euro per unit

    @property
    def price_level(self) -> np.ndarray:
        return 1 + PRICE_STEP * self.price


def persistent(seed: int, name: str, persistence: float, terms: int) -> np.ndarray:
    """An autoregressive series of variance one, summed term by term so that its length changes no value."""
    shocks = normal(seed, name, np.arange(-terms, LONGEST_DAYS + 1))
    series = np.zeros(LONGEST_DAYS + 1)
    for lag in range(terms):
        series += persistence**lag * shocks[terms - lag : terms - lag + LONGEST_DAYS + 1]
    return series * np.sqrt(1 - persistence**2)


def drivers(parameters: DemoShop) -> Drivers:
    seed, zone = parameters.seed, ZoneInfo(parameters.timezone)
    first = datetime.combine(parameters.start, datetime.min.time(), tzinfo=zone)
    midnight = np.array([int((first + timedelta(days=day)).timestamp()) for day in range(LONGEST_DAYS + 2)])
    series = {name: persistent(seed, name, PERSISTENCE[name], 40) for name in EFFECTS}
    weekday = WEEKDAY[(np.arange(LONGEST_DAYS + 1) + parameters.start.weekday()) % 7]
    effect = sum(EFFECTS[name] * series[name] for name in EFFECTS)
    demand = np.exp(effect + weekday - sum(size**2 for size in EFFECTS.values()) / 2)
    walks = [
        np.full(LONGEST_DAYS + 1, 1.0)
        if currency == "EUR"
        else base * np.exp(0.03 * persistent(seed, currency, 0.985, 400))
        for currency, base in BASE_RATES.items()
    ]
    return Drivers(
        midnight=midnight,
        **series,
        demand=demand,
        clock=np.concatenate([[0.0], np.cumsum(demand)]),
        rates=np.round(np.array(walks), 8),
    )
