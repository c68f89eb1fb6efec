"""A tiny shop, published and republished, and the front door in front of it with a login of the test's own."""

import shutil

import pytest
from fastapi import FastAPI, HTTPException, Request
from starlette.testclient import TestClient

from dashboard.front_door import front_door
from tests.warehouse import hand_built
from warehouse import publish
from warehouse.engine import open_warehouse

LOGIN = {"who": "a person"}


@pytest.fixture(scope="session")
def tiny_home(tmp_path_factory):
    """A home whose tiny shop is built, audited and published once, to be copied."""
    home = tmp_path_factory.mktemp("tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(home))
        hand_built.build()
        hand_built.pass_audit()
        publish.publish("tiny", hand_built.AS_OF)
    return home


@pytest.fixture
def home(tiny_home, tmp_path, monkeypatch):
    """A home of one's own with the tiny shop published; PRECISION_HOME points there."""
    shutil.copytree(tiny_home, tmp_path / "home", symlinks=True)
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def republish(revenue: int) -> str:
    """Publish the tiny shop anew with another revenue; the new version."""
    with open_warehouse("tiny") as connection:
        connection.execute(
            "update marts.mart_kpi set value = ?, unit = 'EUR', reason = null, dimension_value = 'all' "
            "where kpi = 'revenue' and dimension_type = 'total'",
            [float(revenue)],
        )
    hand_built.pass_audit()
    return publish.publish("tiny", hand_built.AS_OF)


@pytest.fixture
def door(home):
    """Requests through the front door, without a login unless `cookies=LOGIN`."""

    def login(request: Request):
        if request.cookies.get("who") != "a person":
            raise HTTPException(401, "Not authenticated")

    app = FastAPI()
    app.mount("/marketing", front_door(login, "/marketing/", "/auth/login"))
    with TestClient(app, follow_redirects=False) as client:
        yield client
