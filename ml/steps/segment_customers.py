"""Segments by rule and clusters by K-means and DBSCAN, of this moment and of earlier ones a comparison apart."""

from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd

from ml.segmentation import centroid_groups, density_groups, group_numbers, named_segments, rfm_space
from ml.steps.record import note_refusal, save, unless_refused
from shops.declaration import Shop
from warehouse.engine import open_warehouse

CUSTOMER_SEGMENT = {
    "as_of": "date",
    "user_id": "varchar",
    "segment_id": "bigint",
    "segment_name": "varchar",
    "segment_reason": "varchar",
    "cluster_id": "bigint",
    "dbscan_id": "bigint",
}
SEGMENT_SELECTION = {
    "as_of": "date",
    "algorithm": "varchar",
    "trial": "bigint",
    "k": "bigint",
    "eps": "double",
    "min_samples": "bigint",
    "clusters": "bigint",
    "noise_share": "double",
    "silhouette": "double",
    "stability_ari": "double",
    "is_chosen": "boolean",
    "measures": "varchar",
    "reason": "varchar",
}
SEGMENT_CLUSTER = {
    "as_of": "date",
    "algorithm": "varchar",
    "cluster_id": "bigint",
    "users": "bigint",
    "share": "double",
    **{measure: "double" for measure in rfm_space.MEASURES},
    "main_segment_name": "varchar",
    "main_segment_share": "double",
}

CUSTOMERS = """
    select
        rfm.as_of, rfm.user_id, rfm.r1_mean_interval_days, rfm.f1_orders,
        cast(rfm.m1_amount as double) as m1_amount, rfm.s_relationship_days, rfm.p_category_purchases,
        rfm.recency_days, rfm.first_order_date, rhythm.median_gap_days, rhythm.max_gap_days,
        habits.lines, habits.discount_lines, habits.listed_lines, habits.below_list_lines,
        cast(habits.paid_amount as double) as paid_amount, cast(habits.discount_amount as double) as discount_amount,
        cast(habits.paid_listed_amount as double) as paid_listed_amount,
        cast(habits.list_amount as double) as list_amount
    from marts.fct_customer_rfm as rfm
    left join intermediate.int_purchase_rhythm as rhythm using (as_of, user_id)
    left join intermediate.int_discount_habits as habits using (as_of, user_id)
    where list_contains($moments, rfm.as_of)
    order by rfm.as_of, rfm.user_id
"""
RECORDS_FROM = """
    select min(order_date) from intermediate.int_orders_accepted where order_date < $as_of and arrival_date < $as_of
"""
ALGORITHMS = {
    "kmeans": ("cluster_id", centroid_groups.choose, centroid_groups.CentroidParameters),
    "dbscan": ("dbscan_id", density_groups.groups_by_density, density_groups.DensityParameters),
}
DECIMALS = 6  # of what is stored: the last digits of a sum depend on the machine


def run(shop: Shop, as_of: date) -> dict:
    """Segment this moment, and earlier ones so that movement can be seen after the first run."""
    days = moments(shop, as_of)
    with open_warehouse(shop.name) as connection:
        customers = connection.execute(CUSTOMERS, {"moments": days}).df()
        known_from = {day: connection.execute(RECORDS_FROM, {"as_of": day}).fetchone()[0] for day in days}
        before = _earlier_clusters(connection, days)
    customers["as_of"] = pd.to_datetime(customers["as_of"]).dt.date
    numeric = customers.columns.difference(["as_of", "user_id", "first_order_date"])
    customers[numeric] = customers[numeric].astype("float64")
    found = {}
    for day in days:
        now = customers[customers["as_of"] == day].reset_index(drop=True)
        found[day] = segment(now, day, known_from[day], before, shop)
        before = pd.concat([before, found[day]["clusters"].assign(as_of=day)], ignore_index=True)
    with open_warehouse(shop.name) as connection:
        for day, tables in found.items():
            save(connection, "ml.customer_segment", CUSTOMER_SEGMENT, tables["segments"], day)
            save(connection, "ml.segment_selection", SEGMENT_SELECTION, tables["selection"], day)
            save(connection, "ml.segment_cluster", SEGMENT_CLUSTER, tables["clusters"], day)
        nobody = "" if len(found[as_of]["segments"]) else _why_nobody(shop)
        note_refusal(connection, as_of, "ml.customer_segment", nobody)
        note_refusal(connection, as_of, "ml.segment_selection", nobody or found[as_of]["refused"])
        note_refusal(connection, as_of, "ml.segment_cluster", nobody or found[as_of]["refused"])
    names = found[as_of]["segments"]["segment_name"].value_counts().sort_index()
    return {"refused": nobody or found[as_of]["refused"], **{name: int(n) for name, n in names.items()}}


def moments(shop: Shop, as_of: date) -> list[date]:
    """Oldest first: as_of and the training dates that lie a comparison (`evaluation_days`) apart, going back.

    Where none lies that far back, the oldest: a shop of a few days still shows its movement.
    """
    earlier, found = sorted(shop.training_as_ofs(as_of), reverse=True), [as_of]
    for day in earlier:
        if day <= found[-1] - timedelta(days=shop.windows.evaluation_days):
            found.append(day)
    return sorted(found if len(found) > 1 else {as_of, *earlier[-1:]})


def segment(customers: pd.DataFrame, as_of: date, records_from: date | None, before: pd.DataFrame, shop: Shop) -> dict:
    """The tables of one moment, and why there are no clusters where there are none.

    before: rows of SEGMENT_CLUSTER of other moments; clusters are matched to the newest that is earlier.
    """
    customers = customers.sort_values("user_id", ignore_index=True)
    rules = shop.parameters("segment_rules", named_segments.RuleParameters)
    names = named_segments.name_customers(customers, as_of, records_from, rules)
    segments = pd.concat([customers[["user_id"]], names], axis=1).assign(cluster_id=pd.NA, dbscan_id=pd.NA)
    selections, clusters, refusals = [], [], []
    measure = shop.parameters("segmentation_space", rfm_space.SpaceParameters)
    used, refused = unless_refused(lambda: rfm_space.space(customers, measure))
    for algorithm, (column, method, kind) in ALGORITHMS.items():
        made = None
        if used:
            made, refused = unless_refused(partial(method, used.points(customers), shop.parameters(algorithm, kind)))
        groups, scores = made or (None, pd.DataFrame([{"is_chosen": False, "reason": refused}]))
        selections.append(
            scores.assign(
                algorithm=algorithm,
                trial=range(1, len(scores) + 1),
                measures=rfm_space.described(used) if used else None,
            )
        )
        if groups is None:
            refusals.append(f"{algorithm}: {refused or 'no trial gave groups that are stable and large enough'}")
            continue
        number = group_numbers.numbers(groups.centres, used, _newest(before, algorithm, as_of))
        segments[column] = np.append(number, -1)[groups.label]
        clusters.append(_cluster_rows(segments, column, groups, used, number).assign(algorithm=algorithm))
    selection = pd.concat(selections).reindex(columns=list(SEGMENT_SELECTION)).round(DECIMALS)
    return {
        "segments": segments,
        "selection": selection if len(customers) else None,
        "clusters": pd.concat([pd.DataFrame(columns=list(SEGMENT_CLUSTER)), *clusters]),
        "refused": "; ".join(refusals),
    }


def _cluster_rows(segments, column, groups, used, number) -> pd.DataFrame:
    """Size, centre in the units of the measures, and the segment that most of the members are named."""
    rows = (used.measures(groups.centres).round(DECIMALS) + 0.0).assign(cluster_id=number).sort_values("cluster_id")
    counts = pd.crosstab(segments[column], segments["segment_name"]).reindex(rows["cluster_id"])
    return rows.assign(
        users=counts.sum(axis=1).to_numpy(),
        share=(counts.sum(axis=1) / len(segments)).round(DECIMALS).to_numpy(),
        main_segment_name=counts.idxmax(axis=1).to_numpy(),
        main_segment_share=(counts.max(axis=1) / counts.sum(axis=1)).round(DECIMALS).to_numpy(),
    )


def _newest(clusters: pd.DataFrame, algorithm: str, as_of: date) -> pd.DataFrame:
    """The clusters of the newest moment before this one: a backfill must not follow what came after it."""
    earlier = clusters[(clusters["algorithm"] == algorithm) & (clusters["as_of"] < as_of)]
    return earlier[earlier["as_of"] == earlier["as_of"].max()]


def _earlier_clusters(connection, days: list[date]) -> pd.DataFrame:
    """Where clusters lay at moments that other runs described: those of this run are made anew."""
    columns = list(SEGMENT_CLUSTER)
    exists = "from information_schema.tables where table_schema = 'ml' and table_name = 'segment_cluster'"
    if not connection.execute(f"select 1 {exists}").fetchall():
        return pd.DataFrame(columns=columns)
    query = "from ml.segment_cluster where not list_contains($days, as_of) order by as_of, algorithm, cluster_id"
    rows = connection.execute(f"select {', '.join(columns)} {query}", {"days": days}).df()
    return rows.assign(as_of=pd.to_datetime(rows["as_of"]).dt.date)


def _why_nobody(shop: Shop) -> str:
    if not shop.entity_sources().get("orders"):
        return "no orders: no source of this shop fills the entity"
    return "no known customer has an order in the reference period"
