import numpy as np
import pytest
from lightgbm import LGBMClassifier
from sklearn.linear_model import LogisticRegression

from ml.prediction import model_store
from ml.prediction.model_store import ModelRefused, load, model_id, save


@pytest.fixture
def stored(tmp_path):
    rng = np.random.default_rng(0)
    values, label = rng.normal(size=(200, 3)), rng.integers(0, 2, 200)
    model = {
        "line": LogisticRegression().fit(values, label),
        "trees": LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1).fit(values, label),
        "weights": np.array([0.5, 0.5]),
        "features": ["a", "b", "c"],
    }
    return model, values, save(model, {"features": ["a", "b", "c"], "auc": 0.8}, tmp_path / "m")


def test_what_comes_back_predicts_the_same(stored):
    model, values, folder = stored
    back, card = load(folder)
    assert card["features"] == ["a", "b", "c"] and card["package_versions"]["skops"]
    for name in ("line", "trees"):
        assert np.array_equal(back[name].predict_proba(values), model[name].predict_proba(values))
    assert not list(folder.glob("*.tmp"))


def test_the_same_model_gives_the_same_bytes(stored, tmp_path):
    model, _, folder = stored
    again = save(model, {"features": ["a", "b", "c"], "auc": 0.8}, tmp_path / "again")
    for name in (model_store.MODEL_FILE, model_store.CARD_FILE):
        assert (folder / name).read_bytes() == (again / name).read_bytes()


@pytest.mark.parametrize("missing", [model_store.MODEL_FILE, model_store.CARD_FILE])
def test_missing_half_is_refused(stored, missing):
    (stored[2] / missing).unlink()
    with pytest.raises(ModelRefused, match="train again"):
        load(stored[2])


def test_a_model_of_own_classes_cannot_be_saved(tmp_path):
    with pytest.raises(ModelRefused, match="not on the list"):
        save({"own": Homemade()}, {}, tmp_path / "m")
    assert not (tmp_path / "m" / model_store.MODEL_FILE).exists()


class Homemade:
    def __init__(self):
        self.value = 1


def test_model_id_follows_content_and_day_only():
    assert model_id("2024-03-01", {"a": 1}) == model_id("2024-03-01", {"a": 1})
    assert model_id("2024-03-01", {"a": 1}).startswith("2024-03-01-")
    assert (
        len({model_id("2024-03-01", {"a": 1}), model_id("2024-03-01", {"a": 2}), model_id("2024-03-02", {"a": 1})}) == 3
    )
