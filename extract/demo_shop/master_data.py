"""The tables that orders and events refer to: users, items, suppliers, exchange rates, promotions.

In: the world. Out: whole tables as codes, each row with the day on which it arrives (the first day for what existed
before), and those codes as delivered text. A row never changes after it has arrived.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from extract.demo_shop import columns as as_text
from extract.demo_shop import faults
from extract.demo_shop.campaigns import ALWAYS_ON
from extract.demo_shop.catalogue import CATEGORIES, PARTS
from extract.demo_shop.columns import Rows
from extract.demo_shop.customers import ACQUISITION, COUNTRIES
from extract.demo_shop.randomness import normal, uniform
from extract.demo_shop.world import CURRENCIES, World


class City(NamedTuple):
    name: str
    region: str
    latitude: float
    longitude: float
    postal_prefix: str
    timezone: str


CITIES = (  # three per country, in the order of COUNTRIES
    City("Berlin", "Berlin", 52.52, 13.40, "10", "Europe/Berlin"),
    City("Munich", "Bavaria", 48.14, 11.58, "80", "Europe/Berlin"),
    City("Hamburg", "Hamburg", 53.55, 9.99, "20", "Europe/Berlin"),
    City("Paris", "Île-de-France", 48.86, 2.35, "75", "Europe/Paris"),
    City("Lyon", "Auvergne-Rhône-Alpes", 45.76, 4.84, "69", "Europe/Paris"),
    City("Bordeaux", "Nouvelle-Aquitaine", 44.84, -0.58, "33", "Europe/Paris"),
    City("London", "England", 51.51, -0.13, "E1", "Europe/London"),
    City("Glasgow", "Scotland", 55.86, -4.25, "G1", "Europe/London"),
    City("Cardiff", "Wales", 51.48, -3.18, "CF", "Europe/London"),
    City("New York", "New York", 40.71, -74.01, "100", "America/New_York"),
    City("Chicago", "Illinois", 41.88, -87.63, "606", "America/Chicago"),
    City("Seattle", "Washington", 47.61, -122.33, "981", "America/Los_Angeles"),
    City("Warsaw", "Masovia", 52.23, 21.01, "00", "Europe/Warsaw"),
    City("Krakow", "Lesser Poland", 50.06, 19.94, "30", "Europe/Warsaw"),
    City("Gdansk", "Pomerania", 54.35, 18.65, "80", "Europe/Warsaw"),
)
AGES = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
GENDERS = ("female", "male", "other")
INCOMES = ("under 25k", "25k-45k", "45k-75k", "over 75k")
HOUSEHOLDS = ("1", "2", "3", "4+")


def users(shop: World) -> Rows:
    number = np.arange(shop.parameters.users)
    rows = {"number": number, "user": number, "arrival": np.maximum(shop.customers.joined, 0)}
    return faults.plant(shop, "users", 0, rows, "number")


def users_text(shop: World, rows: Rows) -> pd.DataFrame:
    people, user = shop.customers, rows["user"]
    place = people.country[user] * 3 + people.city[user]
    latitude = np.array([city.latitude for city in CITIES])[place] + 0.08 * normal(shop.seed, "latitude", user)
    longitude = np.array([city.longitude for city in CITIES])[place] + 0.12 * normal(shop.seed, "longitude", user)
    came_by = people.acquisition[user]
    return pd.DataFrame(
        {
            "user_id": as_text.label("u", user, 6),
            "email": as_text.joined(as_text.label("user", user), ["@example.com"] * len(user)),
            "registered_date": as_text.dates(shop.parameters.start, people.joined[user]),
            "gender": as_text.named(GENDERS, people.gender[user]),
            "age_band": as_text.named(AGES, people.age[user]),
            "country": as_text.named(COUNTRIES, people.country[user]),
            "region": as_text.named([city.region for city in CITIES], place),
            "city": as_text.named([city.name for city in CITIES], place),
            "postal_prefix": as_text.named([city.postal_prefix for city in CITIES], place),
            "latitude": np.round(latitude, 4),
            "longitude": np.round(longitude, 4),
            "income_band": as_text.named(INCOMES, people.income[user]),
            "household_size": as_text.named(HOUSEHOLDS, people.household[user]),
            "acquisition_channel": as_text.named(ACQUISITION, came_by),
            "acquisition_campaign_id": as_text.label("c", np.where(came_by < len(ALWAYS_ON), came_by, -1), 3),
            "consent_email": as_text.booleans(people.consent[user, 0]),
            "consent_social": as_text.booleans(people.consent[user, 1]),
            "consent_push": as_text.booleans(people.consent[user, 2]),
            "user_timezone": as_text.named([city.timezone for city in CITIES], place),
        }
    )


def items(shop: World) -> Rows:
    number = np.arange(shop.parameters.items)
    rows = {"number": number, "item": number, "arrival": np.maximum(shop.catalogue.launched, 0)}
    return faults.plant(shop, "items", 0, rows, "number")


def items_text(shop: World, rows: Rows) -> pd.DataFrame:
    goods, item = shop.catalogue, rows["item"]
    category = goods.category[item]
    part = as_text.named(PARTS, np.where(goods.cycle[item] > 0, 4, goods.subcategory[item]))
    brand = as_text.label("brand ", goods.brand[item], 2)
    number = as_text.label(" no. ", rows["number"])
    return pd.DataFrame(
        {
            "item_id": as_text.label("i", rows["number"], 4),
            "item_name": as_text.joined(
                brand, as_text.named([f" {name} " for name in CATEGORIES], category), part, number
            ),
            "category": as_text.named(CATEGORIES, category),
            "subcategory": as_text.joined(as_text.named([f"{name} " for name in CATEGORIES], category), part),
            "brand": brand,
            "supplier_id": as_text.label("s", goods.supplier[item], 2),
            "list_price": as_text.money(goods.list_cents[item]),
            "currency": as_text.named(CURRENCIES, np.zeros(len(item), dtype=np.int64)),
            "launched_date": as_text.dates(shop.parameters.start, goods.launched[item]),
        }
    )


def suppliers(shop: World) -> Rows:
    number = np.arange(shop.parameters.suppliers)
    return {"number": number, "arrival": np.zeros(len(number), dtype=np.int64)}


def suppliers_text(shop: World, rows: Rows) -> pd.DataFrame:
    number = rows["number"]
    country = shop.catalogue.supplier_country[number]
    place = country * 3 + np.floor(3 * uniform(shop.seed, "supplier city", number)).astype(np.int64)
    return pd.DataFrame(
        {
            "supplier_id": as_text.label("s", number, 2),
            "supplier_name": as_text.label("Supplier ", number, 2),
            "country": as_text.named(COUNTRIES, country),
            "region": as_text.named([city.region for city in CITIES], place),
            "latitude": np.array([city.latitude for city in CITIES])[place],
            "longitude": np.array([city.longitude for city in CITIES])[place],
        }
    )


def rates_of(shop: World, day: int) -> Rows:
    """Every currency, every day, weekends included."""
    number = np.arange(len(CURRENCIES))
    return {"number": number, "day": np.full(len(number), day), "arrival": np.full(len(number), day)}


def rates_text(shop: World, rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rate_date": as_text.dates(shop.parameters.start, rows["day"]),
            "currency": as_text.named(CURRENCIES, rows["number"]),
            "rate": as_text.fixed(shop.drivers.rates[rows["number"], rows["day"]], 8),
        }
    )


def exposures_of(shop: World, day: int) -> Rows:
    """A week's promotions, delivered on its Monday (the first week's on the first day)."""
    number = shop.week_number(day)
    due = day == max(shop.week_start(number), 0)
    promotions = shop.promotions(number)
    item = np.flatnonzero(promotions.depth) if due else np.zeros(0, dtype=np.int64)
    return {
        "item": item,
        "week_start": np.full(len(item), shop.week_start(number)),
        "displayed": promotions.displayed[item].astype(np.int64),
        "mailed": promotions.mailed[item].astype(np.int64),
        "arrival": np.full(len(item), day),
    }


def exposures_text(shop: World, rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item_id": as_text.label("i", rows["item"], 4),
            "store_id": as_text.named(["web"], np.zeros(len(rows["item"]), dtype=np.int64)),
            "week_start_date": as_text.dates(shop.parameters.start, rows["week_start"]),
            "is_displayed": as_text.booleans(rows["displayed"]),
            "is_mailed": as_text.booleans(rows["mailed"]),
        }
    )
