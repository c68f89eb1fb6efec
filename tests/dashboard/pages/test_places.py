"""Places: the mart's figures, the map divided at oceans, ways of goods, and reasons where nothing is known."""

import pytest

from dashboard.pages import places
from tests.dashboard.pages import marts

REGION = {"customer_amount_index": 100.0, "order_amount_index": 100.0}


@pytest.fixture
def shop():
    connection = marts.empty()
    marts.put(
        connection, "mart_region",
        {**REGION, "country": "DE", "region": "Bavaria", "customers": 137, "orders": 1416,
         "customer_amount_index": 106.2, "mean_delivery_days": 3.14, "on_time_rate": 0.647},
        {**REGION, "country": "GB", "region": "Wales", "customers": 55, "orders": 489,
         "customer_amount_index": 84.6, "mean_delivery_days": 5.1, "on_time_rate": 0.676},
        {"country": "PL", "region": "unknown", "customers": 3, "orders": 4, "reason": "too few orders: 4 of 20"},
    )  # fmt: skip
    return connection


def test_regions_are_the_mart_s_and_one_with_too_few_orders_says_so(shop):
    text = marts.said(places.render(marts.view(shop, "places")))
    assert "Customers: Bavaria, DE 137; Wales, GB 55" in text
    assert "Spent per customer, all regions = 100: Bavaria, DE 106; Wales, GB 85." in text
    assert "Days to delivery: Wales, GB 5.1 days; Bavaria, DE 3.1 days" in text, "the slowest first"
    assert "Delivered on time: Wales, GB 67.6 %; Bavaria, DE 64.7 %." in text
    assert "too few orders: 4 of 20" in text


def test_a_country_chosen_filters_regions_and_ways_and_the_rest_says_that_it_is_of_all(shop):
    way = {"from_country": "DE", "from_region": "Hesse", "shipments": 12, "share_of_arrivals": 0.25}
    marts.put(
        shop, "mart_catchment",
        {**way, "to_country": "GB", "to_region": "Wales"},
        {**way, "to_country": "DE", "to_region": "Bavaria"},
    )  # fmt: skip
    marts.put(shop, "mart_place_cluster", place(1, "Cardiff", -3.2))
    seen = marts.view(shop, "places", country="GB")
    assert places.regions(seen)["region"].tolist() == ["Wales"]
    assert places.TABLES["ways"](seen)["to_region"].tolist() == ["Wales"]
    text = marts.said(places.render(seen))
    assert "Hesse, DE to Wales, GB 25.0 %" in text and "Bavaria" not in text
    assert "Of the whole shop." in text
    assert places.regions(marts.view(shop, "places", country="' or 1=1 --")).empty


def place(number: int, name: str | None, longitude: float) -> dict:
    return {
        "cluster_id": number, "place_name": name, "customers": 100 - number, "centre_latitude": 50.0,
        "centre_longitude": longitude, "radius_km": 17.5,
    }  # fmt: skip


def test_the_map_is_divided_where_an_ocean_lies_between_customers(shop):
    def maps():
        text = marts.said(places.render(marts.view(shop, "places")))
        return [part.split(".  ")[0] for part in text.split("degrees north and east: ")[1:]]

    marts.put(shop, "mart_place_cluster", place(1, "Cardiff", -3.2), place(2, None, 11.6))
    assert len(maps()) == 1
    marts.put(shop, "mart_place_cluster", place(3, "Chicago", -87.7))
    west, east = maps()
    assert "Chicago 97 at 50.0, -87.7" in west and "Cardiff" not in west
    assert "Cardiff 99" in east and "Place 2 98" in east, "a place without a name has a number"


def test_how_far_goods_travel_is_the_mart_s_or_why_not(shop):
    few = {"from_country": "PL", "from_region": "Masovia", "shipments": 2, "reason": "too few located shipments: 2"}
    marts.put(shop, "mart_catchment_radius", few)
    assert "Too few located shipments: 2" in marts.said(places.render(marts.view(shop, "places")))
    marts.put(
        shop, "mart_catchment_radius",
        {"from_country": "DE", "from_region": "Hesse", "shipments": 90, "radius_50_km": 656.6, "radius_80_km": 1374.8},
    )  # fmt: skip
    assert "Hesse, DE 657 and 1,375 km" in marts.said(places.render(marts.view(shop, "places")))


def test_one_region_is_no_comparison_and_what_is_not_recorded_is_said():
    connection = marts.empty()
    marts.put(
        connection, "mart_region",
        {**REGION, "country": "US", "region": "unknown", "customers": 30, "reason": "shipping is not recorded"},
    )  # fmt: skip
    marts.put(
        connection, "mart_data_quality",
        {"stage": "learning", "dataset": "ml.place_cluster", "check_name": "enough_to_learn_from",
         "severity": "warn", "status": "failed", "observed": "0 of 30 customers have coordinates"},
    )  # fmt: skip
    text = marts.said(places.render(marts.view(connection, "places")))
    assert "Everybody on record belongs to one region (US)" in text
    assert "No delivery of an order is on record." in text and "0 of 30 customers have coordinates" in text
    assert "No shipment has a supplier whose region is on record" in text


def test_empty_marts_give_empty_tables_and_say_so():
    seen = marts.view(marts.empty(), "places")
    assert set(marts.tables_run(places, seen).values()) == {0}
    assert "says where it went" in marts.said(places.render(seen))


def test_too_few_deliveries_are_said_in_the_mart_s_words():
    connection = marts.empty()
    row = {**REGION, "country": "US", "region": "Ohio", "customers": 30, "delivered_orders": 7}
    marts.put(connection, "mart_region", {**row, "reason": "too few deliveries: 7 of 20"})
    assert "Too few deliveries: 7 of 20" in marts.said(places.render(marts.view(connection, "places")))


def test_who_lives_apart_from_all_places_is_counted(shop):
    marts.put(shop, "mart_place_cluster", place(1, "Cardiff", -3.2))
    people = {"ann": 1, "ben": 1, "cat": -1}
    marts.put(shop, "fct_customer_place", *({"user_id": user, "cluster_id": number} for user, number in people.items()))
    assert "1 of 3 customers live apart from all of these." in marts.said(places.render(marts.view(shop, "places")))
