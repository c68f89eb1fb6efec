import json
import pickle

import numpy as np
import pytest
import skops.io
from lightgbm import LGBMClassifier
from sklearn.linear_model import LogisticRegression

from ml.prediction import model_store
from ml.prediction.model_store import ModelRefused, load, model_id, read_card, save


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


def sign(folder, content: bytes, **changes):
    """Write content as the model, with a card that vouches for it: what someone with write access would do."""
    (folder / model_store.MODEL_FILE).write_bytes(content)
    card = read_card(folder) | {"sha256": model_store.hashlib.sha256(content).hexdigest()} | changes
    (folder / model_store.CARD_FILE).write_text(json.dumps(card))


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


def test_altered_file_is_refused(stored):
    folder = stored[2]
    content = bytearray((folder / model_store.MODEL_FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / model_store.MODEL_FILE).write_bytes(content)
    with pytest.raises(ModelRefused, match="altered or torn"):
        load(folder)


def test_card_of_another_model_is_refused(stored):
    folder = stored[2]
    card = read_card(folder) | {"sha256": "0" * 64}
    (folder / model_store.CARD_FILE).write_text(json.dumps(card))
    with pytest.raises(ModelRefused, match="altered or torn"):
        load(folder)


@pytest.mark.parametrize("missing", [model_store.MODEL_FILE, model_store.CARD_FILE])
def test_missing_half_is_refused(stored, missing):
    (stored[2] / missing).unlink()
    with pytest.raises(ModelRefused, match="train again"):
        load(stored[2])


@pytest.mark.parametrize("name", ["scikit-learn", "skops", "lightgbm"])
def test_foreign_minor_version_is_refused(stored, name):
    folder = stored[2]
    versions = read_card(folder)["package_versions"]
    major, minor, *_ = versions[name].split(".")
    sign(
        folder,
        (folder / model_store.MODEL_FILE).read_bytes(),
        package_versions=versions | {name: f"{major}.{int(minor) + 1}.0"},
    )
    with pytest.raises(ModelRefused, match=name):
        load(folder)


def test_another_patch_version_is_accepted(stored):
    folder = stored[2]
    versions = read_card(folder)["package_versions"]
    patched = ".".join([*versions["scikit-learn"].split(".")[:2], "99"])
    sign(
        folder,
        (folder / model_store.MODEL_FILE).read_bytes(),
        package_versions=versions | {"scikit-learn": patched},
    )
    load(folder)


class Canary:
    """Touches a file when unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_pickle_is_never_executed(stored, tmp_path):
    sign(stored[2], pickle.dumps(Canary(tmp_path / "executed")))
    with pytest.raises(ModelRefused):
        load(stored[2])
    assert not (tmp_path / "executed").exists()


class SetStateCanary:
    """Touches a file when skops builds it."""

    def __init__(self, path):
        self.path = str(path)

    def __setstate__(self, state):
        with open(state["path"], "w"):
            self.__dict__.update(state)


def test_skops_file_with_a_foreign_type_builds_nothing(stored, tmp_path):
    content = skops.io.dumps({"line": SetStateCanary(tmp_path / "executed")})
    skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))
    assert (tmp_path / "executed").exists()  # so it would, if it were trusted
    (tmp_path / "executed").unlink()
    sign(stored[2], content)
    with pytest.raises(ModelRefused, match="SetStateCanary"):
        load(stored[2])
    assert not (tmp_path / "executed").exists()


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
