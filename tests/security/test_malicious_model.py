"""A model file is data: what is in it is never executed, and one that another program wrote is not used."""

import json
import pickle

import pytest
import skops.io

from ml.prediction import model_store
from ml.prediction.model_store import ModelRefused, load, read_card
from tests.ml.prediction import test_model_store

pytestmark = pytest.mark.fault(33)
stored = test_model_store.stored


def sign(folder, content: bytes, **changes):
    """Write content as the model, with a card that vouches for it: what someone with write access would do."""
    (folder / model_store.MODEL_FILE).write_bytes(content)
    card = read_card(folder) | {"sha256": model_store.hashlib.sha256(content).hexdigest()} | changes
    (folder / model_store.CARD_FILE).write_text(json.dumps(card))


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
