"""A small shop, generated once per table for all tests here."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pandas as pd
import pytest

from extract.demo_shop import DemoShop, generate
from extract.demo_shop.truth import frames, truth
from extract.demo_shop.world import world

SMALL = DemoShop(seed=3, users=320, items=80, suppliers=8, start=date(2025, 1, 1), days=330, dirt=3.0)


@cache
def _delivered(table: str, parameters: DemoShop) -> pd.DataFrame:
    return generate(table, parameters.start, parameters.start + timedelta(days=parameters.days), parameters)


@pytest.fixture(scope="session")
def small() -> DemoShop:
    return SMALL


@pytest.fixture(scope="session")
def delivered():
    """delivered(table) gives all raw rows of the small shop."""
    return lambda table, parameters=SMALL: _delivered(table, parameters)


@pytest.fixture(scope="session")
def clean():
    """clean(table) gives the same true rows without any dirt."""
    return lambda table: _delivered(table, replace(SMALL, dirt=0.0))


@pytest.fixture(scope="session")
def planted() -> dict:
    return truth(SMALL)


@pytest.fixture(scope="session")
def known() -> dict[str, pd.DataFrame]:
    return frames(world(SMALL))
