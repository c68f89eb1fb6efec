"""The learning steps of the `marketing` DAG, each with three rooms: load from the warehouse, process, save.


In: the shop and the moment. Out: rows of that moment in the tables of `ml.tables`, replaced whole, so that a re-run
changes nothing. What the methods refuse (no rows, one class) leaves the moment without rows and says why in the log
and in `mart_data_quality`; the model that serves stays.
"""

import json
import logging
from dataclasses import asdict
from datetime import date, timedelta

import pandas as pd

from expectations import gate
from ml import tables
from shops.declaration import Shop
from warehouse import paths
from warehouse.engine import open_warehouse, replace_rows

log = logging.getLogger(__name__)

KEYS = {"as_of", "user_id", "label"}
NOT_FEATURES = KEYS | {"first_order_date", "last_order_date"}


def select_features(shop: Shop, as_of: date) -> dict:
    """SVM-RFE over the 51 behaviour features (Eq. 1-4): the whole history of the elimination."""
    from ml import feature_selection

    with open_warehouse(shop.name) as connection:
        frame = labelled_moments(connection, shop, as_of, with_orders=False)
    features = [column for column in frame.columns if column not in NOT_FEATURES]
    history, refused = _unless_refused(lambda: feature_selection.select_features(frame, features))
    with open_warehouse(shop.name) as connection:
        _save(connection, "ml.feature_selection", tables.FEATURE_SELECTION, history, as_of)
        _note_refusal(connection, as_of, "ml.feature_selection", refused)
    return {"refused": refused} if refused else feature_selection.overlap_with_seed(history)


def train_propensity(shop: Shop, as_of: date) -> dict:
    """Stacking: train, test on a time split, decide which model serves, and score everyone with that one."""
    from ml import model_store, propensity

    with open_warehouse(shop.name) as connection:
        frame = labelled_moments(connection, shop, as_of)
        in_use = _model_in_use(connection, as_of)
    models = paths.of(shop.name).models
    serving, not_loaded = _unless_refused(lambda: model_store.load(models / in_use)[0] if in_use else None)
    params = propensity.PropensityParameters(horizon_days=shop.windows.horizon_days)
    trained, refused = _unless_refused(lambda: propensity.train(frame, as_of, params, serving))
    evaluation = run = None
    if trained:
        model, evaluation, record = trained
        card = {"shop": shop.name, "as_of": as_of, "parameters": asdict(params), **record}
        model_store.save(model, card, models / record["model_id"])
        evaluation = evaluation.assign(model_id=record["model_id"], test_as_of=record["test_as_of"])
        run = pd.DataFrame([{name: _text(record[name]) for name in tables.MODEL_RUN if name != "as_of"}])
        if record["is_serving"]:
            serving, in_use = model, record["model_id"]
    scores = None
    if serving:
        scores = propensity.score(serving, frame[frame["as_of"] == as_of]).assign(model_id=in_use)
    with open_warehouse(shop.name) as connection:
        _save(connection, "ml.purchase_propensity", tables.PURCHASE_PROPENSITY, scores, as_of)
        _save(connection, "ml.model_evaluation", tables.MODEL_EVALUATION, evaluation, as_of)
        _save(connection, "ml.model_run", tables.MODEL_RUN, run, as_of)
        _note_refusal(connection, as_of, "ml.purchase_propensity", refused or not_loaded)
    return {"refused": refused} if refused else {"auc": record["auc"], "decision": record["decision"]}


def recommend_items(shop: Shop, as_of: date) -> dict:
    """Four-quadrant recommendations in both modes, and how good they would have been on the last evaluation period."""
    from ml import recommend, recommendation_evaluation
    from ml.recommendation_evaluation import local_midnight_utc

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
        made, refused = _unless_refused(
            lambda mode=mode: recommend.recommend(purchases, life_cycles, items, users, moment, mode, params)
        )
        lists.append(made)
    evaluation, not_measured = _unless_refused(
        lambda: recommendation_evaluation.evaluate(purchases, split, items=items, timezone=shop.timezone)
    )
    recommendations = pd.concat([made for made in lists if made is not None]) if not refused else None
    with open_warehouse(shop.name) as connection:
        _save(connection, "ml.recommendation", tables.RECOMMENDATION, recommendations, as_of)
        _save(connection, "ml.recommendation_evaluation", tables.RECOMMENDATION_EVALUATION, evaluation, as_of)
        _note_refusal(connection, as_of, "ml.recommendation", refused)
        _note_refusal(connection, as_of, "ml.recommendation_evaluation", not_measured)
    return {"refused": refused or not_measured, "users": len(users)}


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


def labelled_moments(connection, shop: Shop, as_of: date, with_orders: bool = True) -> pd.DataFrame:
    """One row per (as_of, user): features, what they knew of orders, and the label where its window had ended."""
    moments = [*shop.training_as_ofs(as_of), as_of]
    orders = ", rfm.* exclude (as_of, user_id), rhythm.* exclude (as_of, user_id)" if with_orders else ""
    frame = connection.execute(
        f"""
        select features.*{orders}, labels.label
        from marts.fct_user_features as features
        left join marts.fct_customer_rfm as rfm using (as_of, user_id)
        left join intermediate.int_purchase_rhythm as rhythm using (as_of, user_id)
        left join intermediate.int_purchase_labels as labels using (as_of, user_id)
        where list_contains($moments, features.as_of)
        order by features.as_of, features.user_id
        """,
        {"moments": moments},
    ).df()
    frame["as_of"] = pd.to_datetime(frame["as_of"]).dt.date
    ended = as_of - timedelta(days=shop.windows.horizon_days)
    frame.loc[frame["as_of"] > ended, "label"] = pd.NA  # a backfill must not learn from what came after it
    for column in frame.columns.difference(list(NOT_FEATURES)):
        frame[column] = pd.to_numeric(frame[column]).astype("float64")
    return frame


def _model_in_use(connection, as_of: date) -> str | None:
    """The newest model that an earlier moment let serve."""
    exists = "from information_schema.tables where table_schema = 'ml' and table_name = 'model_run'"
    if not connection.execute(exists).fetchall():
        return None
    query = "select model_id from ml.model_run where is_serving and as_of < ? order by as_of desc limit 1"
    found = connection.execute(query, [as_of]).fetchone()
    return found[0] if found else None


def _text(value):
    """Lists and mappings as JSON, anything else as it is."""
    return json.dumps(value, sort_keys=True) if isinstance(value, list | dict | tuple) else value


def _unless_refused(method):
    """(result, '') or (None, why): a method that finds too little to learn from must not stop the rest."""
    try:
        return method(), ""
    except ValueError as refusal:
        log.warning("refused: %s", refusal)
        return None, str(refusal)


def _save(connection, table: str, columns: dict[str, str], frame: pd.DataFrame | None, as_of: date) -> None:
    rows = pd.DataFrame(columns=list(columns)) if frame is None else frame.assign(as_of=as_of)[list(columns)]
    replace_rows(connection, table, columns, rows, {"as_of": as_of})


def _note_refusal(connection, as_of: date, dataset: str, refused: str) -> None:
    """A refusal is a fact about the data: it stands in `mart_data_quality`."""
    row = {
        "as_of": as_of,
        "stage": "learning",
        "dataset": dataset,
        "check_name": "enough_to_learn_from",
        "severity": "warn",
        "status": "failed" if refused else "passed",
        "observed": refused or "enough",
        "expected": "enough",
        "reason": "Too little to learn from gives no number, not a bad one.",
    }
    keys = {"as_of": as_of, "stage": "learning", "dataset": dataset}
    replace_rows(connection, gate.TABLE, gate.COLUMNS, pd.DataFrame([row]), keys)
