"""Nothing without a login, nothing from elsewhere, nothing but what was published, one version a request."""

import pytest

from dashboard.pages import PAGES
from tests.dashboard.conftest import LOGIN, republish
from warehouse import paths, published


def test_the_page_may_load_nothing_from_elsewhere(door):
    door.cookies.update(LOGIN)
    answer = door.get("/marketing/overview")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "http" not in policy and "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert 'src="http' not in answer.text and 'src="//' not in answer.text and 'href="http' not in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


def ask(door, page: str = "overview", search: str = "?shop=tiny") -> dict:
    """What the browser asks for when an address is opened: the answer of the only callback that draws."""
    outputs = [{"id": name, "property": "children"} for name in ("shop-switch", "pages", "page")]
    answer = door.post(
        "/marketing/_dash-update-component",
        json={
            "output": "..shop-switch.children...pages.children...page.children..",
            "outputs": outputs,
            "inputs": [
                {"id": "address", "property": "pathname", "value": f"/marketing/{page}"},
                {"id": "address", "property": "search", "value": search},
            ],
            "changedPropIds": ["address.pathname"],
            "state": [],
        },
        cookies=LOGIN,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["response"]


def texts(component) -> list[str]:
    """Every text of a drawn page, in order."""
    if isinstance(component, dict):
        return texts(component.get("props", component).get("children"))
    if isinstance(component, list):
        return [text for child in component for text in texts(child)]
    return [] if component is None else [str(component)]


def page_of(answer: dict) -> dict:
    return answer["page"]["children"]["props"]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_drawn_of_the_version_served(door, page):
    drawn = page_of(ask(door, page))
    assert drawn["data-version"] == published.current("tiny") and drawn["data-page"] == page
    said = " ".join(texts(drawn["children"]))
    assert PAGES[page].TITLE in said and "could not be drawn" not in said


@pytest.mark.parametrize("page", PAGES)
def test_every_table_downloads(door, page):
    for table in PAGES[page].TABLES:
        answer = door.get(f"/marketing/csv/{page}/{table}?shop=tiny", cookies=LOGIN)
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv"), table
        assert answer.text.splitlines()[0], table


def test_nothing_published_is_said(door, home):
    (paths.of("tiny").published / "current").unlink()
    said = " ".join(texts(ask(door)["page"]["children"]))
    assert "nothing is published yet" in said


def shown(said: list[str], *revenues: int) -> set[int]:
    """Which of these revenues a page shows."""
    return {revenue for revenue in revenues if any(text.startswith(f"{revenue:,}") for text in said)}


def test_a_version_from_before_a_page_says_so(door, home, monkeypatch):
    from dashboard import app

    page = PAGES["overview"]
    monkeypatch.setattr(page, "render", lambda seen: seen.frame("select * from marts.mart_of_tomorrow"))
    _, _, drawn = app.draw("overview", "?shop=tiny")
    assert "published before" in str(drawn) and "mart_of_tomorrow" not in str(drawn)


def test_a_new_version_is_seen_at_once(door):
    republish(2001)
    assert shown(texts(ask(door)["page"]["children"]), 2001, 2002) == {2001}
    version = republish(2002)
    assert page_of(ask(door))["data-version"] == version
    assert shown(texts(ask(door)["page"]["children"]), 2001, 2002) == {2002}
