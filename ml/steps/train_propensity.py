"""Stacking: train, test on a time split, decide which model serves, score everyone with that one and say why; and how
far inputs and probabilities of now are from those that it was trained and tested on."""

from dataclasses import asdict
from datetime import date

import pandas as pd

from ml.prediction import model_store, propensity, propensity_reasons
from ml.prediction.labelled_moments import labelled_moments
from ml.steps.record import as_text, note_refusal, save, unless_refused
from shops.declaration import Shop
from warehouse import paths
from warehouse.engine import open_warehouse

PURCHASE_PROPENSITY = {
    "as_of": "date",
    "user_id": "varchar",
    "model_id": "varchar",
    "probability": "double",
    "threshold": "double",
    "decision": "boolean",
    "reason": "varchar",
}
MODEL_EVALUATION = {
    "as_of": "date",
    "model_id": "varchar",
    "test_as_of": "date",
    "learner": "varchar",
    "part": "varchar",
    "metric": "varchar",
    "class_label": "varchar",
    "point": "bigint",
    "x": "double",
    "value": "double",
}
MODEL_RUN = {
    "as_of": "date",
    "model_id": "varchar",
    "first_training_as_of": "date",
    "last_training_as_of": "date",
    "rows": "bigint",
    "positives": "bigint",
    "features": "varchar",
    "learners": "varchar",
    "auc": "double",
    "average_precision": "double",
    "brier": "double",
    "accuracy": "double",
    "is_serving": "boolean",
    "decision": "varchar",
    "package_versions": "varchar",
}
DRIFT = {
    "as_of": "date",
    "kind": "varchar",
    "name": "varchar",
    "model_id": "varchar",
    "first_reference_as_of": "date",
    "last_reference_as_of": "date",
    "reference_rows": "bigint",
    "rows": "bigint",
    "psi": "double",
    "psi_by_chance": "double",
    "verdict": "varchar",
    "missing_reference": "double",
    "missing_now": "double",
    "mean_reference": "double",
    "mean_now": "double",
    "deviation_reference": "double",
    "moved": "double",
    "edges": "varchar",
    "shares_reference": "varchar",
    "shares_now": "varchar",
}


def run(shop: Shop, as_of: date) -> dict:
    """Train and score; where training is refused, the model in use still scores."""
    with open_warehouse(shop.name) as connection:
        frame = labelled_moments(connection, shop, as_of)
        in_use = _model_in_use(connection, as_of)
    models = paths.of(shop.name).models
    serving, not_loaded = unless_refused(lambda: model_store.load(models / in_use)[0] if in_use else None)
    params = propensity.PropensityParameters(horizon_days=shop.windows.horizon_days)
    trained, refused = unless_refused(lambda: propensity.train(frame, as_of, params, serving))
    evaluation = run = None
    if trained:
        model, evaluation, record = trained
        card = {"shop": shop.name, "as_of": as_of, "parameters": asdict(params), **record}
        model_store.save(model, card, models / record["model_id"])
        evaluation = evaluation.assign(model_id=record["model_id"], test_as_of=record["test_as_of"])
        run = pd.DataFrame([{name: as_text(record[name]) for name in MODEL_RUN if name != "as_of"}])
        if record["is_serving"]:
            serving, in_use = model, record["model_id"]
    scores, drift, not_compared = None, None, "no model serves yet, so none has values to compare with"
    if serving:
        today = frame[frame["as_of"] == as_of]
        why = shop.parameters("propensity_reasons", propensity_reasons.ReasonParameters)
        reasons = propensity_reasons.reasons(serving, today, why)
        scores = propensity.score(serving, today).assign(model_id=in_use).merge(reasons, on="user_id", validate="1:1")
        card = model_store.read_card(models / in_use)
        drift, not_compared = unless_refused(lambda: propensity.drifted(card, today, scores))
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.purchase_propensity", PURCHASE_PROPENSITY, scores, as_of)
        save(connection, "ml.model_evaluation", MODEL_EVALUATION, evaluation, as_of)
        save(connection, "ml.model_run", MODEL_RUN, run, as_of)
        save(connection, "ml.drift", DRIFT, drift, as_of)
        note_refusal(connection, as_of, "ml.purchase_propensity", refused or not_loaded)
        note_refusal(connection, as_of, "ml.drift", not_compared)
    return {"refused": refused} if refused else {"auc": record["auc"], "decision": record["decision"]}


def _model_in_use(connection, as_of: date) -> str | None:
    """The newest model that an earlier moment let serve."""
    exists = "from information_schema.tables where table_schema = 'ml' and table_name = 'model_run'"
    if not connection.execute(exists).fetchall():
        return None
    query = "select model_id from ml.model_run where is_serving and as_of < ? order by as_of desc limit 1"
    found = connection.execute(query, [as_of]).fetchone()
    return found[0] if found else None
