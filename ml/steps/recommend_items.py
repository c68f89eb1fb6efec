"""Four-quadrant recommendations in both modes, what rules and likeness add below them, and how good all of it would
have been on the last evaluation period."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from ml.recommendation import candidate_evaluation, content_similarity, cross_sell, extra_candidates, recommend
from ml.recommendation.association_rules import KEY, RuleParameters, mine
from ml.recommendation.popularity import pushed_items
from ml.recommendation.purchase_matrix import PurchaseLines, naive_utc, read_purchases
from ml.recommendation.recommendation_evaluation import evaluate, local_midnight_utc
from ml.steps.record import note, note_refusal, save, unless_refused
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

MOST_LINES = 20_000  # of one user, the newest: three times those of the busiest of 2,500 grocery households
NEWEST_LINES = f"""
    qualify user_id = 'unknown' or {MOST_LINES}
        >= row_number() over (partition by user_id order by order_ts desc, order_id desc, line_id desc)
"""
PURCHASES = f"""
    select user_id, item_id, order_id, order_ts, order_date, quantity, cast(amount_reporting as double) as amount
    from intermediate.int_order_lines_accepted
    where line_type = 'sale' and user_id <> 'unknown' and arrival_date < $as_of and order_date < $as_of
    {NEWEST_LINES}
    order by order_ts, order_id, line_id
"""

# Whoever did anything lately or ever bought. 'unknown' stands for everybody else: the list for a stranger.
USERS = """
    select user_id from marts.fct_user_features where as_of = $as_of
    union select user_id from marts.fct_customer_rfm where as_of = $as_of
    union select 'unknown'
    order by user_id
"""

# The catalogue as known at as_of: of every item the newest snapshot, and since when it has been in it.
CATALOGUE = """
    select item_id, item_name, category, subcategory, brand, supplier_id, cast(list_price as double) as list_price,
        currency, launched_date, coalesce(launched_date, first_arrival) as known_since
    from (
        select *, min(arrival_date) over (partition by item_id) as first_arrival,
            row_number() over (partition by item_id order by arrival_date desc, source) as nth_newest
        from intermediate.int_items_unioned
        where arrival_date < $as_of and item_id <> 'unknown' and (launched_date is null or launched_date < $as_of)
    ) as known
    where nth_newest = 1
    order by item_id
"""

RULES = """
    select antecedent_1, antecedent_2, consequent, confidence, lift_given_size
    from ml.association_rules where as_of = $as_of and level = 'item'
    order by antecedent_1, antecedent_2 nulls first, consequent
"""


def run(shop: Shop, as_of: date) -> dict:
    """Recommend to everybody, and measure on a split before the moment."""
    with open_warehouse(shop.name) as connection:
        purchases = connection.execute(PURCHASES, {"as_of": as_of}).df()
        items = connection.execute("select item_id, category from marts.dim_item order by item_id").df()
        catalogue = connection.execute(CATALOGUE, {"as_of": as_of}).df()
        rules = rules_of(connection, as_of)
        life_cycles = connection.execute(
            "select item_id, life_cycle_days from marts.dim_item_lifecycle where as_of = ? order by item_id", [as_of]
        ).df()
        users = connection.execute(USERS, {"as_of": as_of}).df()["user_id"]
    split = as_of - timedelta(days=shop.windows.evaluation_days)
    moment = local_midnight_utc(as_of, shop.timezone)
    lines = read_purchases(purchases, moment)
    params = recommend.RecommendationParameters()
    made = {}
    for mode in recommend.MODES:
        made[mode], refused = unless_refused(
            lambda mode=mode: recommend.recommend_from(lines, life_cycles, items, users, moment, mode, params)
        )
    nothing_new = refused
    if not refused:
        known = known_users(lines, made["tuned"])
        sold = cross_sold(shop, lines, known, rules, catalogue, items)
        like, nothing_new = unless_refused(lambda: likened(shop, lines, known, catalogue, as_of))
        made["tuned"] = extra_candidates.append(made["tuned"], sold, like)
    evaluation, not_measured = unless_refused(lambda: evaluate(purchases, split, items=items, timezone=shop.timezone))
    if not not_measured:
        evaluation = pd.concat(
            [evaluation, *evaluate_suggestions(shop, purchases, lines, catalogue, items, split, moment)]
        )
        evaluation = evaluation.assign(split_date=split)
    recommendations = pd.concat(made.values()) if not refused else None
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.recommendation", RECOMMENDATION, recommendations, as_of)
        save(connection, "ml.recommendation_evaluation", RECOMMENDATION_EVALUATION, evaluation, as_of)
        note_refusal(connection, as_of, "ml.recommendation", refused)
        note_refusal(connection, as_of, "ml.recommendation_evaluation", not_measured)
        note_refusal(connection, as_of, "ml.recommendation/content", nothing_new)
        note_pushed_items(connection, lines, as_of)
    return {"refused": refused or not_measured, "users": len(users)}


def rules_of(connection, as_of: date) -> pd.DataFrame:
    """The item rules of the moment; none where they were never mined."""
    exists = "select 1 from information_schema.tables where table_schema = 'ml' and table_name = 'association_rules'"
    if not connection.execute(exists).fetchall():
        return pd.DataFrame(columns=[*KEY, "confidence", "lift_given_size"])
    return connection.execute(RULES, {"as_of": as_of}).df()


def known_users(lines: PurchaseLines, lists: pd.DataFrame) -> np.ndarray:
    """The numbers of the customers with a list who ever bought."""
    found = pd.Index(lines.users).get_indexer(lists["user_id"].unique())
    return np.sort(found[found >= 0])


def cross_sold(
    shop: Shop,
    lines: PurchaseLines,
    users: np.ndarray,
    rules: pd.DataFrame,
    catalogue: pd.DataFrame,
    items: pd.DataFrame,
) -> pd.DataFrame:
    """What the rules suggest: user_id, item_id, quadrant_score, reason; the best first within a customer."""
    p = shop.parameters("cross_sell", cross_sell.CrossSellParameters)
    allowed = pd.Index(lines.items).isin(items["item_id"])
    found = cross_sell.suggestions(lines, rules, users, allowed, p.items, p)
    return found.assign(
        user_id=lines.users[found["user"].to_numpy(int)],
        item_id=lines.items[found["item"].to_numpy(int)],
        reason=extra_candidates.cross_sell_reasons(found, rules, catalogue.set_index("item_id")["item_name"]),
    )


def likened(shop: Shop, lines: PurchaseLines, users: np.ndarray, catalogue: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The same of new items like the customer's own purchases; ContentRefused where nothing is new or known."""
    p = shop.parameters("content_similarity", content_similarity.ContentParameters)
    candidates = content_similarity.new_items(lines, catalogue, p)
    words = content_similarity.attribute_matrix(catalogue, p)
    found = content_similarity.similar_new_items(lines, catalogue, words, candidates, users, p.items, p)
    buyers = pd.Series(lines.matrix().getnnz(axis=0), index=lines.items)
    by_id = catalogue.set_index("item_id")
    reason = extra_candidates.content_reasons(found, by_id, buyers, pd.Timestamp(as_of))
    return found.assign(user_id=lines.users[found["user"].to_numpy(int)], reason=reason)


def evaluate_suggestions(
    shop: Shop,
    purchases: pd.DataFrame,
    lines: PurchaseLines,
    catalogue: pd.DataFrame,
    items: pd.DataFrame,
    split: date,
    moment: pd.Timestamp,
) -> list[pd.DataFrame]:
    """Rows of the evaluation for rules mined before the split, and for likeness; none where there is nothing to ask."""
    split_ts = local_midnight_utc(split, shop.timezone)
    days, instants = (moment - split_ts) / pd.Timedelta(days=1), naive_utc(purchases["order_ts"])
    first = split_ts - pd.Timedelta(days=shop.windows.reference_days)
    before = purchases.loc[instants.lt(split_ts) & instants.ge(first), ["order_id", "order_ts", "user_id", "item_id"]]
    params = shop.parameters("association_rules", RuleParameters)
    rules, refused = unless_refused(lambda: mine(before.rename(columns={"item_id": "item"}), params))
    found = []
    if not refused and len(rules):
        p = shop.parameters("cross_sell", cross_sell.CrossSellParameters)
        rules = rules[[*KEY, "confidence", "lift_given_size"]]
        found.append(candidate_evaluation.evaluate_cross_sell(lines, days, rules, items["item_id"], p))
    p = shop.parameters("content_similarity", content_similarity.ContentParameters)
    return [*found, candidate_evaluation.evaluate_content(lines, days, catalogue, p)]


def note_pushed_items(connection, lines: PurchaseLines, as_of: date) -> None:
    """Popularity that a few hundred accounts made is told of; their votes are bounded in any case."""
    pushed = pushed_items(lines).sort_values(["newcomers", "buyers", "item_id"], ascending=[False, False, True])
    observed = "; ".join(
        f"{row.item_id}: {row.buyers} recent buyers, {row.newcomers} of them new or with hardly another purchase, "
        f"{row.buyers_before} in the weeks before"
        for row in pushed.head(10).itertuples()
    )
    note(
        connection,
        as_of,
        "ml.recommendation/popularity",
        "items_pushed",
        observed + (f"; and {len(pushed) - 10} more" if len(pushed) > 10 else ""),
        "no item whose recent buyers are mostly newcomers, or five times as many as before",
        "A popularity that came so suddenly may have been bought; look at the accounts before the item is promoted.",
    )
