"""A published shop made by hand, cheap enough for every test of the command line."""

import pytest
from typer.testing import CliRunner

import precision
from tests.activation import tiny_plan
from tests.activation.tiny_plan import contact


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A PRECISION_HOME of one's own, nothing in it."""
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PRECISION_RAW", "set, so that what --raw sets is taken back afterwards")
    monkeypatch.delenv("PRECISION_RAW")
    return tmp_path / "home"


@pytest.fixture
def versions(home) -> list[str]:
    """Two published versions of the shop `tiny`, the older one first; the newer one is served."""
    shop = tiny_plan.shop()
    days = [tiny_plan.AS_OF.replace(day=day) for day in (4, 5)]
    return [tiny_plan.publish(shop, [contact("u1", as_of=day), contact("u2", as_of=day)]) for day in days]


@pytest.fixture
def call():
    """`call("versions", ...)`: the command as a person types it; gives exit_code, stdout and stderr."""

    def run(*arguments: str, **more):
        return CliRunner().invoke(precision.app, list(arguments), **more)

    return run
