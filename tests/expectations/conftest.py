import shutil

import pytest

from expectations import gate
from expectations.judgement import Judge
from tests.warehouse import hand_built


@pytest.fixture(scope="session")
def judge():
    """Great Expectations, imported once."""
    return Judge()


@pytest.fixture(scope="session")
def built_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(home))
        hand_built.build()
    return home


@pytest.fixture
def tiny(built_home, tmp_path, monkeypatch, judge):
    """A good tiny shop of one's own."""
    shutil.copytree(built_home, tmp_path / "home")
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(gate, "Judge", lambda: judge)
    return hand_built.shop()
