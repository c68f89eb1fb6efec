"""No row, one class, one positive: refused by name; the model in use scores on, what is popular is recommended."""

from datetime import timedelta
from functools import partial

import numpy as np
import pytest

from ml.prediction import propensity
from ml.prediction.labelled_frame import NotEnoughData
from ml.prediction.propensity import PropensityParameters, train
from ml.prediction.stacking import StackingParameters
from ml.recommendation.recommend import MODES, RecommendationParameters, recommend
from ml.steps import train_propensity
from shops import declaration
from tests.ml.prediction.purchase_frames import NEWEST, weekly_frame
from tests.ml.recommendation.purchase_cases import AS_OF, catalogue, life_cycles, random_shop
from warehouse.engine import open_warehouse

pytestmark = pytest.mark.fault(28)
SMALL = PropensityParameters(stacking=StackingParameters(trees=15, boosting_rounds=20, leaf_rows=10, folds=3))


@pytest.fixture(scope="module")
def frame():
    return weekly_frame()


def zero_rows(frame):
    return frame.assign(label=np.nan)


def one_class(frame):
    return frame.assign(label=frame["label"].where(frame["label"].isna(), 0.0))


def one_positive(frame):
    labelled = one_class(frame)
    labelled.loc[labelled["label"].first_valid_index(), "label"] = 1.0
    return labelled


@pytest.mark.parametrize(
    "fault, says",
    [(zero_rows, "0 labelled rows"), (one_class, "0 users who buy"), (one_positive, "1 users who buy")],
)
def test_too_little_to_learn_from_is_refused_by_name(frame, fault, says):
    with pytest.raises(NotEnoughData, match=says) as refusal:
        train(fault(frame), NEWEST, SMALL)
    assert "2024-03-18" in str(refusal.value) and "land a longer history" in str(refusal.value)


def test_no_rows_at_all_is_refused_by_name(frame):
    with pytest.raises(NotEnoughData, match="0 labelled rows"):
        train(frame.iloc[:0], NEWEST, SMALL)


@pytest.mark.parametrize("fault", [zero_rows, one_class, one_positive])
def test_the_model_in_use_goes_on_scoring(home, monkeypatch, frame, fault):
    """The step itself: a good moment, then one that cannot be learned from."""
    monkeypatch.setattr(propensity, "PropensityParameters", partial(PropensityParameters, stacking=SMALL.stacking))
    shop, later = declaration.load("demo_shop"), NEWEST + timedelta(days=7)
    monkeypatch.setattr(train_propensity, "labelled_moments", lambda *given: frame)
    assert not train_propensity.run(shop, NEWEST).get("refused")
    moved = frame.assign(as_of=[moment + timedelta(days=7) for moment in frame["as_of"]])
    monkeypatch.setattr(train_propensity, "labelled_moments", lambda *given: fault(moved))
    assert "labelled rows" in (refused := train_propensity.run(shop, later)["refused"]) or "who buy" in refused
    with open_warehouse(shop.name) as connection:
        models = connection.execute("select as_of, model_id, is_serving from ml.model_run").fetchall()
        scored = connection.execute(
            "select count(*), min(model_id), max(model_id), bool_and(isfinite(probability)) "
            "from ml.purchase_propensity where as_of = ?", [later],
        ).fetchall()  # fmt: skip
        told = connection.execute(
            "select status, observed from ops.data_quality where as_of = ? and dataset = 'ml.purchase_propensity'",
            [later],
        ).fetchall()
        compared = connection.execute("select count(*) from ml.drift where as_of = ?", [later]).fetchall()
    assert len(models) == 1 and models[0][0] == NEWEST and models[0][2]
    assert scored == [(240, models[0][1], models[0][1], True)]
    assert told == [("failed", refused)]
    assert compared[0][0] > 1  # and it is told how far these customers are from those that it learned from


@pytest.mark.parametrize("mode", MODES)
def test_popularity_serves_where_nothing_can_be_learned(mode):
    few = random_shop(users=5, orders=12)
    items = catalogue(random_shop())
    found = recommend(few, life_cycles(few), items, ["stranger"], AS_OF, mode, RecommendationParameters(k=8))
    assert found["quadrant"].tolist() == ["cold"] * 8 and np.isfinite(found["score"]).all()
    assert found["item_id"].is_unique and found["item_id"].iloc[0] in set(few["item_id"])
