"""Every path of the dashboard, its downloads and its documents asks for the login, also one that does not exist."""

import pytest

from tests.dashboard import conftest as dashboard

pytestmark = pytest.mark.fault(37)
tiny_home, home, door = dashboard.tiny_home, dashboard.home, dashboard.door
PATHS = (
    "", "overview", "no_such_page", "_dash-layout", "_dash-dependencies", "_dash-update-component", "_reload-hash",
    "assets/look.css", "_dash-component-suites/dash/deps/polyfill@7.min.js", "csv/overview/key_figures?shop=tiny",
    "dbt_docs?shop=tiny", "data_quality_report?shop=tiny", "docs", "openapi.json", "static/..%2F..%2Fetc%2Fpasswd",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.mark.parametrize("path", PATHS)
def test_every_route_asks_for_a_login(door, path):
    for method in METHODS:
        answer = door.request(method, f"/marketing/{path}")
        assert answer.status_code == 401, (method, path)
        assert "tiny" not in answer.text


def test_a_browser_is_sent_to_the_login_and_back(door):
    answer = door.get("/marketing/overview?shop=tiny", headers={"accept": "text/html"})
    assert answer.status_code == 303
    where, back = answer.headers["location"].split("?next=")
    assert where == "/auth/login" and back.endswith("%2Fmarketing%2Foverview%3Fshop%3Dtiny")
