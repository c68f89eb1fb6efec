"""The step that maps places: finds the planted cities, tells no exact coordinate, and says why where it cannot."""

import duckdb
from sklearn.metrics import adjusted_rand_score

from extract.demo_shop.master_data import CITIES
from ml.places.sphere import haversine_km
from ml.steps import map_places
from warehouse import paths

PLACES = "select * from ml.place_cluster order by cluster_id"
MEMBERS = """
    select place.user_id, place.cluster_id, customer.city
    from ml.customer_place as place inner join marts.dim_customer as customer on place.user_id = customer.user_id
    order by place.user_id
"""
REASON = "select observed from ops.data_quality where dataset = ? and status = 'failed' and stage = 'learning'"


def read(shop, query: str, values=()):
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        return connection.execute(query, list(values)).df()


def test_every_planted_city_is_found_and_nothing_else(whole_demo_shop):
    shop = whole_demo_shop
    assert map_places.run(shop, shop.as_of) == {"places": len(CITIES)}
    places, members = read(shop, PLACES), read(shop, MEMBERS)
    assert set(places["place_name"]) == {city.name for city in CITIES}
    where = {city.name: city for city in CITIES}
    for place in places.itertuples():
        city = where[place.place_name]
        away = haversine_km(city.latitude, city.longitude, place.centre_latitude, place.centre_longitude)
        assert away < 6, place.place_name  # the mean of 27 or more, each some 12 km off
    assert adjusted_rand_score(members["city"], members["cluster_id"]) > 0.95
    assert places["customers"].min() >= 10
    assert (places["orders"].sum() - read(shop, "select sum(f1_orders) as n from marts.fct_customer_rfm")["n"][0]) <= 0
    map_places.run(shop, shop.as_of)
    assert read(shop, PLACES).equals(places)


def test_a_stricter_declaration_finds_fewer(whole_demo_shop, monkeypatch):
    shop = whole_demo_shop
    monkeypatch.setitem(shop.ml, "places", {"min_share": 0.1})
    assert map_places.run(shop, shop.as_of) == {"places": 3}
    monkeypatch.delitem(shop.ml, "places")
    assert map_places.run(shop, shop.as_of) == {"places": len(CITIES)}


def test_a_shop_without_coordinates_has_no_places_and_says_why(built_shop):
    shop = built_shop("online_retail")
    result = map_places.run(shop, shop.as_of)
    assert "customers have coordinates" in result["refused"]
    for table in ("ml.place_cluster", "ml.customer_place"):
        assert len(read(shop, f"select * from {table}")) == 0
        assert read(shop, REASON, [table])["observed"].str.contains("^0 of").all()
        assert len(read(shop, REASON, [table])) == 1
