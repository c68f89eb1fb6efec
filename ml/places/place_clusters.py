"""Places where customers live close together, whatever region or country they belong to.

In: one row per customer: `user_id`, `latitude`, `longitude` (degrees, rounded as marts publish them), `city`, `orders`,
`amount_cents`. Out: clusters and who lives in them.

DBSCAN (Ester et al. 1996) because it needs no number of clusters, follows the shape of a valley or a coast, and leaves
those who live apart alone. It runs over distinct tenths of a degree weighted by their customers, so that its memory
grows with the land and not with the customers. Nothing that comes out stands for fewer than `min_customers`.
"""

import json
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import ConvexHull
from sklearn.cluster import DBSCAN

from ml.places.sphere import EARTH_KM, haversine_km, mean_place

APART = -1
CLUSTER_COLUMNS = (
    "cluster_id",
    "place_name",
    "customers",
    "customer_share",
    "orders",
    "amount",
    "centre_latitude",
    "centre_longitude",
    "radius_km",
    "hull",
    "reason",
)


class TooFewPlaces(ValueError):
    """Too few customers have coordinates: says how many, and how many are needed."""


@dataclass(frozen=True)
class PlaceParameters:
    eps_km: float = 25.0  # what one courier round, poster or event covers; must exceed the 11 km of a tenth of a degree
    min_share: float = 0.01  # of the customers within eps_km: below one in a hundred no campaign is worth its set-up
    min_customers: int = 10  # k of k-anonymity: no cluster, city name or corner of an outline stands for fewer
    radius_share: float = 0.9  # of a cluster's customers within its radius: the farthest would set the extreme
    least_customers: int = 50  # with coordinates; of fewer, chance makes the clusters
    place_decimals: int = 1  # a tenth of a degree, as dim_customer has it
    centre_decimals: int = 2  # about a kilometre, of a mean of min_customers or more


def find_place_clusters(
    customers: pd.DataFrame, params: PlaceParameters = PlaceParameters()
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(clusters, members): CLUSTER_COLUMNS, one row per cluster, most customers first; `user_id`, `cluster_id`.

    cluster_id counts from 1; -1 = lives apart. Raises TooFewPlaces.
    """
    located = customers[customers["latitude"].between(-90, 90) & customers["longitude"].between(-180, 180)]
    if len(located) < params.least_customers:
        raise TooFewPlaces(
            f"{len(located)} of {len(customers)} customers have coordinates, {params.least_customers} are needed: "
            "let a source of the entity users fill latitude and longitude"
        )
    located = located.sort_values("user_id").assign(
        latitude=lambda frame: frame["latitude"].round(params.place_decimals) + 0.0,
        longitude=lambda frame: frame["longitude"].round(params.place_decimals) + 0.0,
    )
    places = located.groupby(["latitude", "longitude"], as_index=False).agg(customers=("user_id", "size"))
    places["label"] = _labels(places, max(params.min_customers, math.ceil(params.min_share * len(located))), params)
    numbered = _numbered(places, params.min_customers)
    placed = located.merge(numbered, on=["latitude", "longitude"], validate="m:1")
    rows = [
        _describe(cluster, numbered[numbered["cluster_id"] == cluster], members, len(located), params)
        for cluster, members in placed[placed["cluster_id"] != APART].groupby("cluster_id")
    ]
    members = placed[["user_id", "cluster_id"]].sort_values("user_id", ignore_index=True)
    return pd.DataFrame(rows, columns=list(CLUSTER_COLUMNS)), members


def _labels(places: pd.DataFrame, min_weight: int, params: PlaceParameters) -> np.ndarray:
    points = np.radians(places[["latitude", "longitude"]].to_numpy())
    model = DBSCAN(eps=params.eps_km / EARTH_KM, min_samples=min_weight, metric="haversine", algorithm="ball_tree")
    return model.fit_predict(points, sample_weight=places["customers"].to_numpy())


def _numbered(places: pd.DataFrame, min_customers: int) -> pd.DataFrame:
    """Clusters by number of customers, then from the south-west: the same number from run to run."""
    found = places[places["label"] >= 0].groupby("label", as_index=False)
    sizes = found.agg(customers=("customers", "sum"), latitude=("latitude", "min"), longitude=("longitude", "min"))
    sizes = sizes[sizes["customers"] >= min_customers]  # border places may have gone to a neighbouring cluster
    order = sizes.sort_values(["customers", "latitude", "longitude"], ascending=[False, True, True])["label"]
    number = {label: position for position, label in enumerate(order, start=1)}
    ids = places["label"].map(number).fillna(APART).astype("int64")
    return places.assign(cluster_id=ids)[["latitude", "longitude", "customers", "cluster_id"]].rename(
        columns={"customers": "weight"}
    )


def _describe(cluster: int, places: pd.DataFrame, members: pd.DataFrame, all_customers: int, params) -> dict:
    latitude, longitude, weight = (places[name].to_numpy() for name in ("latitude", "longitude", "weight"))
    centre = mean_place(latitude, longitude, weight)
    distance = haversine_km(latitude, longitude, *centre)
    nearest = np.argsort(distance, kind="stable")
    within = np.cumsum(weight[nearest]) >= params.radius_share * weight.sum()
    cities = members["city"].value_counts().rename_axis("city").reset_index(name="customers")
    cities = cities.sort_values(["customers", "city"], ascending=[False, True])
    named = len(cities) and cities["customers"].iloc[0] >= params.min_customers
    hull = _hull(places[places["weight"] >= params.min_customers], centre[1])
    return {
        "cluster_id": cluster,
        "place_name": cities["city"].iloc[0] if named else None,
        "customers": len(members),
        "customer_share": len(members) / all_customers,
        "orders": int(members["orders"].sum()),
        "amount": int(members["amount_cents"].sum()) / 100,
        "centre_latitude": round(centre[0], params.centre_decimals),
        "centre_longitude": round(centre[1], params.centre_decimals),
        "radius_km": round(float(distance[nearest][within.argmax()]), 1),
        "hull": hull,
        "reason": None
        if hull
        else f"fewer than three corners with {params.min_customers} customers each: draw the radius",
    }


def _hull(places: pd.DataFrame, centre_longitude: float) -> str | None:
    """Convex outline as a GeoJSON polygon, anti-clockwise from its westernmost corner; None for a point or a line."""
    east = (places["longitude"].to_numpy() - centre_longitude + 180) % 360 - 180  # whole across the date line
    points = np.column_stack([east, places["latitude"].to_numpy()])
    if len(points) < 3 or np.linalg.matrix_rank(points - points[0], tol=1e-6) < 2:
        return None
    corners = points[ConvexHull(points).vertices]
    start = np.lexsort((corners[:, 1], corners[:, 0]))[0]
    ring = np.roll(corners, -start, axis=0)
    ring[:, 0] = (ring[:, 0] + centre_longitude + 180) % 360 - 180
    closed = [[round(float(x), 1) + 0.0, round(float(y), 1) + 0.0] for x, y in [*ring, ring[0]]]
    return json.dumps({"type": "Polygon", "coordinates": [closed]})
