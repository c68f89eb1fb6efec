"""From where to where an order went, again in Python from the tables that the sources fill."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from ml.places.sphere import haversine_km
from warehouse import paths

SHIPMENTS = """
    select shipment.*, users.latitude, users.longitude, suppliers.latitude as from_latitude,
        suppliers.longitude as from_longitude, orders.order_date, orders.delivered_date,
        (select count(distinct supplier_id) from intermediate.int_order_lines_accepted as line
         where line.order_id = shipment.order_id and line.arrival_date < shipment.as_of
           and line.line_type = 'sale') as suppliers
    from intermediate.int_shipments as shipment
    inner join intermediate.int_orders_accepted as orders using (order_id)
    left join intermediate.int_users_current as users on orders.user_id = users.user_id
    left join intermediate.int_suppliers_current as suppliers using (supplier_id)
"""


def read(shop, query: str) -> pd.DataFrame:
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        return connection.execute(query).df()


@pytest.mark.parametrize("name", ["olist", "demo_shop"])
def test_distances_and_days_agree_with_the_raw_places(built_shop, name):
    shipments = read(built_shop(name), SHIPMENTS)
    assert len(shipments) > 100
    away = haversine_km(*(shipments[column] for column in ("from_latitude", "from_longitude", "latitude", "longitude")))
    assert np.allclose(shipments["distance_km"].astype(float), away, atol=0.051, equal_nan=True)
    days = (pd.to_datetime(shipments["delivered_date"]) - pd.to_datetime(shipments["order_date"])).dt.days
    known = (shipments["suppliers"] == 1) & (pd.to_datetime(shipments["delivered_date"]) < shipments["as_of"])
    assert known.sum() > 30
    assert np.allclose(shipments["delivery_days"].astype(float), days.where(known), equal_nan=True)


def test_no_coordinate_gives_no_distance(built_shop):
    shipments = read(built_shop("olist"), SHIPMENTS)
    unknown = shipments[["latitude", "longitude", "from_latitude", "from_longitude"]].isna().any(axis=1)
    assert shipments.loc[unknown, "distance_km"].isna().all()
    assert shipments["distance_km"].astype(float).max() < 4500  # the length of Brazil


@pytest.mark.parametrize("name", ["olist", "demo_shop", "online_retail"])
def test_orders_are_all_placed_once(built_shop, name):
    shop = built_shop(name)
    placed = read(shop, "select * from intermediate.int_order_places")
    lines = read(shop, "select * from intermediate.int_order_lines_counted")
    day, arrived = pd.to_datetime(lines["order_date"]), pd.to_datetime(lines["arrival_date"])
    as_of = pd.Timestamp(shop.as_of)
    in_period = day >= as_of - pd.Timedelta(days=shop.windows.reference_days)
    lines = lines[(day < as_of) & (arrived < as_of) & in_period]
    assert not placed.duplicated(["as_of", "order_id"]).any()
    assert placed["order_id"].nunique() == lines["order_id"].nunique()
    assert placed["amount"].astype(float).sum() == pytest.approx(lines["amount"].astype(float).sum())


def test_a_shop_that_knows_no_place_has_no_placed_order(built_shop):
    shop = built_shop("jdata")
    assert len(read(shop, "select * from intermediate.int_order_places")) == 0
    assert len(read(shop, "select * from intermediate.int_shipments")) == 0
