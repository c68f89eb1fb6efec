import shutil

import pytest

from tests.warehouse import hand_built


@pytest.fixture(scope="session")
def audited_home(tmp_path_factory):
    """A home whose tiny shop is built and audited, to be copied."""
    home = tmp_path_factory.mktemp("audited")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(home))
        hand_built.build()
        hand_built.pass_audit()
    return home


@pytest.fixture
def audited(audited_home, tmp_path, monkeypatch):
    """The folder of an audited shop of one's own, nothing published yet."""
    shutil.copytree(audited_home, tmp_path / "home")
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "tiny"
