"""Four-quadrant recommendations in both modes, and how good they would have been on the last evaluation period."""

from datetime import date, timedelta

import pandas as pd

from ml.recommendation import recommend, recommendation_evaluation
from ml.recommendation.recommendation_evaluation import local_midnight_utc
from ml.steps.record import note_refusal, save, unless_refused
from shops.declaration import Shop
from warehouse.engine import open_warehouse

RECOMMENDATION = {
    "as_of": "date",
    "mode": "varchar",
    "user_id": "varchar",
    "rank": "bigint",
    "item_id": "varchar",
    "quadrant": "varchar",
    "score": "double",
    "quadrant_score": "double",
    "reason": "varchar",
}
RECOMMENDATION_EVALUATION = {
    "as_of": "date",
    "split_date": "date",
    "model": "varchar",
    "quadrant": "varchar",
    "k": "bigint",
    "users": "bigint",
    "precision": "double",
    "recall": "double",
    "ndcg": "double",
    "mrr": "double",
    "coverage": "double",
    "novelty": "double",
}

PURCHASES = """
    select user_id, item_id, order_id, order_ts, order_date, quantity, cast(amount_reporting as double) as amount
    from intermediate.int_order_lines_accepted
    where line_type = 'sale' and user_id <> 'unknown' and arrival_date < $as_of and order_date < $as_of
    order by order_ts, order_id, line_id
"""

# Whoever did anything lately or ever bought. 'unknown' stands for everybody else: the list for a stranger.
USERS = """
    select user_id from marts.fct_user_features where as_of = $as_of
    union select user_id from marts.fct_customer_rfm where as_of = $as_of
    union select 'unknown'
    order by user_id
"""


def run(shop: Shop, as_of: date) -> dict:
    """Recommend to everybody, and measure on a split before the moment."""
    with open_warehouse(shop.name) as connection:
        purchases = connection.execute(PURCHASES, {"as_of": as_of}).df()
        items = connection.execute("select item_id, category from marts.dim_item order by item_id").df()
        life_cycles = connection.execute(
            "select item_id, life_cycle_days from marts.dim_item_lifecycle where as_of = ? order by item_id", [as_of]
        ).df()
        users = connection.execute(USERS, {"as_of": as_of}).df()["user_id"]
    split = as_of - timedelta(days=shop.windows.evaluation_days)
    moment = local_midnight_utc(as_of, shop.timezone)
    params = recommend.RecommendationParameters()
    lists, refused = [], ""
    for mode in recommend.MODES:
        made, refused = unless_refused(
            lambda mode=mode: recommend.recommend(purchases, life_cycles, items, users, moment, mode, params)
        )
        lists.append(made)
    evaluation, not_measured = unless_refused(
        lambda: recommendation_evaluation.evaluate(purchases, split, items=items, timezone=shop.timezone)
    )
    recommendations = pd.concat([made for made in lists if made is not None]) if not refused else None
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.recommendation", RECOMMENDATION, recommendations, as_of)
        save(connection, "ml.recommendation_evaluation", RECOMMENDATION_EVALUATION, evaluation, as_of)
        note_refusal(connection, as_of, "ml.recommendation", refused)
        note_refusal(connection, as_of, "ml.recommendation_evaluation", not_measured)
    return {"refused": refused or not_measured, "users": len(users)}
