"""Places found among customers whose cities are known, and nothing told of few."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from ml.places.place_clusters import CLUSTER_COLUMNS, PlaceParameters, TooFewPlaces, find_place_clusters
from ml.places.sphere import haversine_km

CITIES = {"suva": (-18.1, 178.4, 60), "auckland": (-36.8, 174.8, 120), "apia": (-13.8, -171.8, 40)}


def customers(cities=CITIES, apart: int = 30) -> pd.DataFrame:
    """A city's customers within some ten kilometres of it, and some far from everybody."""
    rng = np.random.default_rng(3)
    rows = [
        (city, latitude + rng.normal(0, 0.07), longitude + rng.normal(0, 0.07))
        for city, (latitude, longitude, count) in cities.items()
        for _ in range(count)
    ]
    rows += [("nowhere", 2.0 * number, 20.0 + 3 * number) for number in range(apart)]
    frame = pd.DataFrame(rows, columns=["city", "latitude", "longitude"]).round(1)
    number = np.arange(len(frame))
    return frame.assign(user_id=[f"u{n:04d}" for n in number], orders=1 + number % 3, amount_cents=1050 + number)


def ring(hull: str) -> list:
    content = json.loads(hull)
    assert content["type"] == "Polygon"
    return content["coordinates"][0]


def test_finds_the_cities_and_leaves_the_others_apart():
    frame = customers()
    clusters, members = find_place_clusters(frame)
    assert list(clusters.columns) == list(CLUSTER_COLUMNS)
    assert clusters["place_name"].tolist() == ["auckland", "suva", "apia"]  # by number of customers
    assert clusters["cluster_id"].tolist() == [1, 2, 3]
    lives_in = members.merge(frame, on="user_id", validate="1:1")
    assert adjusted_rand_score(lives_in["city"], lives_in["cluster_id"]) > 0.95
    assert (lives_in.loc[lives_in["city"] == "nowhere", "cluster_id"] == -1).all()
    for row in clusters.itertuples():
        latitude, longitude, _ = CITIES[row.place_name]
        assert haversine_km(latitude, longitude, row.centre_latitude, row.centre_longitude) < 5
        mine = lives_in[lives_in["cluster_id"] == row.cluster_id]
        away = haversine_km(mine["latitude"], mine["longitude"], row.centre_latitude, row.centre_longitude)
        assert 0.88 <= (away <= row.radius_km + 1).mean() <= 1
        assert (row.customers, row.orders) == (len(mine), mine["orders"].sum())
        assert row.amount == pytest.approx(mine["amount_cents"].sum() / 100)
    assert clusters["customer_share"].sum() == pytest.approx((members["cluster_id"] > 0).mean())


def test_a_place_across_the_date_line_is_one():
    frame = customers({"taveuni": (-16.8, 180.0, 80)}, apart=0)
    frame["longitude"] = ((frame["longitude"] + 180) % 360 - 180).round(1)
    clusters, _ = find_place_clusters(frame)
    assert len(clusters) == 1
    assert haversine_km(-16.8, 180, clusters["centre_latitude"][0], clusters["centre_longitude"][0]) < 5
    assert clusters["radius_km"][0] < 30


def test_every_corner_stands_for_enough_customers():
    frame = customers({"auckland": (-36.8, 174.8, 600)})
    clusters, _ = find_place_clusters(frame)
    corners = ring(clusters["hull"][0])
    counts = frame.groupby(["longitude", "latitude"]).size()
    assert corners[0] == corners[-1]
    assert len(corners) >= 4
    assert min(counts[longitude, latitude] for longitude, latitude in corners) >= 10
    x, y = np.array(corners).T
    assert (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() > 0  # anti-clockwise, as GeoJSON asks
    dense = counts[counts >= 10].index
    assert all(x.min() <= longitude <= x.max() and y.min() <= latitude <= y.max() for longitude, latitude in dense)


def test_without_three_corners_there_is_a_reason_and_no_outline():
    line = pd.concat([customers({"a": (10.0, 10.0 + shift, 30)}, apart=0) for shift in (0, 0.1, 0.2)])
    line["latitude"] = 10.0
    line["user_id"] = [f"u{n}" for n in range(len(line))]
    clusters, _ = find_place_clusters(line)
    assert clusters["hull"].isna().all()
    assert clusters["reason"].str.contains("draw the radius").all()


def test_a_city_named_by_few_is_not_told():
    frame = customers({"auckland": (-36.8, 174.8, 60)}, apart=0)
    frame["city"] = [f"suburb {n % 8}" for n in range(len(frame))]
    clusters, _ = find_place_clusters(frame)
    assert clusters["place_name"].isna().all()


def test_shuffled_rows_change_nothing():
    frame = customers()
    clusters, members = find_place_clusters(frame)
    again, members_again = find_place_clusters(frame.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(clusters, again)
    pd.testing.assert_frame_equal(members, members_again)


def test_more_customers_in_the_same_places_need_no_more_places():
    frame = customers()
    many = pd.concat([frame.assign(user_id=frame["user_id"] + f"-{copy}") for copy in range(20)])
    clusters, _ = find_place_clusters(frame)
    copies, _ = find_place_clusters(many)
    assert copies["place_name"].tolist() == clusters["place_name"].tolist()
    assert copies["customers"].tolist() == (20 * clusters["customers"]).tolist()
    assert copies["radius_km"].tolist() == clusters["radius_km"].tolist()


def test_too_few_coordinates_are_refused_with_their_number():
    frame = customers()
    frame.loc[frame.index[40:], "latitude"] = np.nan
    with pytest.raises(TooFewPlaces, match="40 of 250 customers have coordinates"):
        find_place_clusters(frame)
    with pytest.raises(TooFewPlaces, match="0 of 0"):
        find_place_clusters(frame.iloc[:0])


def test_nobody_lives_close_enough():
    clusters, members = find_place_clusters(customers({}, apart=60).assign(latitude=lambda f: f["latitude"] % 80))
    assert clusters.empty
    assert (members["cluster_id"] == -1).all()


def test_parameters_decide():
    frame = customers()
    assert len(find_place_clusters(frame, PlaceParameters(min_share=0.2))[0]) == 2
    assert len(find_place_clusters(frame, PlaceParameters(eps_km=2500))[0]) < 3
