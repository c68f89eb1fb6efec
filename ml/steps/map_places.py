"""Where customers live close together, and who lives in which of these places."""

from datetime import date

from ml.places.place_clusters import PlaceParameters, find_place_clusters
from ml.steps.record import note_refusal, save, unless_refused
from shops.declaration import Shop
from warehouse.engine import open_warehouse

PLACE_CLUSTER = {
    "as_of": "date",
    "cluster_id": "bigint",
    "place_name": "varchar",
    "customers": "bigint",
    "customer_share": "double",
    "orders": "bigint",
    "amount": "decimal(18,2)",
    "centre_latitude": "double",
    "centre_longitude": "double",
    "radius_km": "double",
    "hull": "varchar",
    "reason": "varchar",
}
CUSTOMER_PLACE = {"as_of": "date", "user_id": "varchar", "cluster_id": "bigint"}

# Coordinates as marts publish them: learning sees nothing more exact.
CUSTOMERS = """
    select
        rfm.user_id,
        customer.latitude,
        customer.longitude,
        customer.city,
        rfm.f1_orders as orders,
        cast(rfm.m1_amount * 100 as bigint) as amount_cents
    from marts.fct_customer_rfm as rfm
    inner join marts.dim_customer as customer on rfm.user_id = customer.user_id
    where rfm.as_of = $as_of
    order by rfm.user_id
"""


def run(shop: Shop, as_of: date) -> dict:
    """Cluster the customers of the reference period; returns how many places were found."""
    params = shop.parameters("places", PlaceParameters)
    with open_warehouse(shop.name) as connection:
        customers = connection.execute(CUSTOMERS, {"as_of": as_of}).df()
    found, refused = unless_refused(lambda: find_place_clusters(customers, params))
    clusters, members = found or (None, None)
    none_found = (
        f"nowhere do so many customers live within {params.eps_km:g} km of each other as a place needs"
        if clusters is not None and clusters.empty
        else ""
    )
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.place_cluster", PLACE_CLUSTER, clusters, as_of)
        save(connection, "ml.customer_place", CUSTOMER_PLACE, members, as_of)
        note_refusal(connection, as_of, "ml.place_cluster", refused or none_found)
        note_refusal(connection, as_of, "ml.customer_place", refused)
    return {"refused": refused} if refused else {"places": len(clusters)}
