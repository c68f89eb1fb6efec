"""The model's page: figures of the model that scores, its decision, feature selection and drift."""

from datetime import date

import pytest

from dashboard.pages import model, model_inputs
from tests.dashboard.pages import marts

OLD = date(2024, 2, 1)


@pytest.fixture
def shop():
    connection = marts.empty()
    learned = {"first_training_as_of": date(2024, 1, 1), "last_training_as_of": date(2024, 2, 8), "rows": 100}
    marts.put(
        connection,
        "fct_model_run",
        {
            "model_id": "old",
            "as_of": OLD,
            "auc": 0.8,
            "brier": 0.2,
            "is_serving": True,
            "decision": "serves: first",
            "features": '["n_view", "f1_orders", "not_in_a_mart"]',
            **learned,
        },
        {
            "model_id": "new",
            "auc": 0.7,
            "brier": 0.3,
            "is_serving": False,
            "decision": "does not serve: AUC 0.7",
            "features": '["n_buy"]',
            **learned,
        },
    )
    for name, moment, auc in (("old", OLD, 0.8123), ("new", marts.AS_OF, 0.7)):
        row = {"model_id": name, "as_of": moment, "test_as_of": moment, "learner": "stacking"}
        summary = {
            "auc": auc,
            "average_precision": 0.6,
            "brier": 0.117,
            "accuracy": 0.83,
            "threshold": 0.25,
            "base_rate": 0.2,
            "rows": 1343,
        }
        marts.put(
            connection,
            "mart_model_evaluation",
            *({**row, "part": "summary", "metric": metric, "value": value} for metric, value in summary.items()),
            *(
                {**row, "part": "confusion", "metric": f"predicted_{said}", "class_label": label, "value": value}
                for label, said, value in (("0", 0, 931), ("0", 1, 136), ("1", 0, 40), ("1", 1, 236))
            ),
            *(
                {**row, "part": "class", "metric": metric, "class_label": "1", "value": 0.634}
                for metric in ("precision", "recall")
            ),
            *(
                {**row, "part": part, "metric": metric, "point": point, "x": x, "value": value}
                for part, metric in (
                    ("roc", "true_positive_rate"),
                    ("pr", "precision"),
                    ("calibration", "observed_rate"),
                    ("calibration", "rows"),
                )
                for point, x, value in ((0, 0.1, 0.2), (1, 0.6, 0.5))
            ),
        )
    marts.put(
        connection,
        "fct_purchase_propensity",
        *({"user_id": f"u{n}", "model_id": "old", "probability": p} for n, p in enumerate((0.05, 0.06, 1.0, 0.35))),
    )
    return connection


def test_the_figures_are_of_the_model_that_scores_not_of_the_newest(shop):
    text = marts.said(model.render(marts.view(shop, "model")))
    assert "0.812" in text and "1,343 customers of 2024-02-01" in text
    assert "does not serve: AUC 0.7" in text and "scores now" in text
    assert "236 were called buyers and 40 were not" in text


def test_chances_are_counted_in_tenths_and_a_whole_one_is_in_the_last(shop):
    found = model_inputs.chances(marts.view(shop, "model"))
    assert dict(zip(found["chance_from"], found["customers"])) == {0.0: 2, 0.3: 1, 0.9: 1}
    assert found["share"].sum() == pytest.approx(1)


def test_drift_is_read_the_prediction_first_and_told_in_words(shop):
    row = {"model_id": "old", "psi_by_chance": 0.01, "mean_reference": 15.0, "mean_now": 45.0, "moved": 4.2}
    marts.put(
        shop, "mart_drift",
        {**row, "kind": "input", "name": "n_buy", "psi": 0.02, "verdict": "steady"},
        {**row, "kind": "input", "name": "n_view", "psi": 0.62, "verdict": "drifted"},
        {**row, "kind": "prediction", "name": "probability", "psi": 0.05, "verdict": "steady"},
    )  # fmt: skip
    seen = marts.view(shop, "model")
    assert model_inputs.drift(seen)["feature"].tolist() == ["probability", "n_view", "n_buy"]
    assert marts.tables_run(model, seen)["drift"] == 3
    assert "inputs that drifted most" in marts.said(model_inputs.render(seen, model.runs(seen)))


def test_rounds_of_selection_say_what_leaves(shop):
    kept = {"selection_round": 1, "round_score": 0.73, "elimination_rank": 1, "is_selected": True, "is_in_seed": True}
    marts.put(
        shop, "mart_feature_selection",
        {"feature": "n_buy", "weight": 0.5, "is_eliminated": False, **kept},
        {"feature": "cvr_cart", "weight": 0.1, "is_eliminated": True, **kept, "elimination_rank": 2,
         "is_selected": False},
        {"feature": "n_buy", "weight": 0.7, "is_eliminated": True, **kept, "selection_round": 2, "round_score": 0.6},
    )  # fmt: skip
    seen = marts.view(shop, "model")
    assert model_inputs.rounds(seen)["leaves"].tolist() == ["cvr_cart", "n_buy"]
    assert model_inputs.features(seen)["weight"].tolist() == [0.7, 0.1]
    text = marts.said(model_inputs.render(seen, model.runs(seen)))
    assert "from 0.73 with 2 features to 0.6 with the 1 kept" in text and "Number of purchases" in text


def test_without_a_model_the_reason_of_learning_is_shown():
    connection = marts.empty()
    marts.put(
        connection, "mart_data_quality",
        {"stage": "learning", "dataset": "ml.purchase_propensity", "status": "failed", "observed": "no buyer at all"},
    )  # fmt: skip
    seen = marts.view(connection, "model")
    assert "No buyer at all" in marts.said(model.render(seen))
    assert set(marts.tables_run(model, seen).values()) == {0}
