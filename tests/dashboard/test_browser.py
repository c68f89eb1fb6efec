"""Every page in a real browser, behind Airflow's own login: on the demo shop and on one that lacks most inputs."""

import json
import shutil
import socket
import threading
import time
import urllib.request
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from dashboard.pages import PAGES
from tests.dashboard import browser as browsers
from tests.dashboard.conftest import republish
from warehouse import paths

pytestmark = pytest.mark.slow
SHOPS = ("demo_shop", "complete_journey")
SCREENSHOTS = paths.REPOSITORY / "data" / "screenshots"


@pytest.fixture(scope="module")
def server(published_home, tiny_home, tmp_path_factory):
    """Airflow's API server with the front door, as `make dashboard` starts it: (address, password, PRECISION_HOME)."""
    from dags import environment

    home = tmp_path_factory.mktemp("served")
    for shop in SHOPS:
        (home / shop).symlink_to(published_home / shop)
    shutil.copytree(tiny_home / "tiny", home / "tiny", symlinks=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with pytest.MonkeyPatch.context() as patch, open(home / "server.log", "w") as log:
        patch.setenv("PRECISION_HOME", str(home))
        patch.setenv("AIRFLOW__API__PORT", str(port))
        patch.setenv("AIRFLOW__API__BASE_URL", address)
        environment.prepare()
        with environment.running(environment.settings(), log, parts=("api-server",)) as (process,):
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"{address}/api/v2/version", timeout=2)
                    break
                except OSError:
                    assert process.poll() is None, (home / "server.log").read_text()[-3000:]
                    time.sleep(0.5)
            yield address, json.loads(environment.password_file().read_text())["admin"], home


@pytest.fixture(scope="module")
def chromium():
    with browsers.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def logged_in(server, chromium):
    """State of a browser that logged in through Airflow's form."""
    address, password, _ = server
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{address}/marketing/overview", timeout=browsers.WAIT_MS)
    page.fill("input[name=username]", "admin", timeout=browsers.WAIT_MS)
    page.fill("input[type=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-version]", timeout=browsers.WAIT_MS)  # back where one wanted to go
    assert "/marketing/overview" in page.url
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(server, chromium, logged_in):
    """`open_page(width, scheme)` → (page, watch) of a browser that is logged in."""
    contexts = []

    def open_one(width: int = 1280, scheme: str = "light"):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, storage_state=logged_in
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(browsers.WAIT_MS)
        return page, browsers.Watch(page, server[0])

    yield open_one
    for context in contexts:
        context.close()


def drawn(page) -> str:
    """Wait until the page and its charts are there; its text."""
    page.wait_for_selector("[data-version]")
    expect(page.locator(".graph:not(:has(.main-svg))")).to_have_count(0, timeout=browsers.WAIT_MS)
    # of a single month there is a dot and no line
    without_line = page.locator(".trend-line:not(:has(path.recharts-line-curve, .recharts-dot))")
    expect(without_line).to_have_count(0, timeout=browsers.WAIT_MS)
    return page.inner_text("#page")


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("width,scheme", browsers.LOOKS)
def test_every_page(server, open_page, shop, width, scheme):
    address = server[0]
    page, watch = open_page(width, scheme)
    faults = {}
    folder = SCREENSHOTS / shop
    folder.mkdir(parents=True, exist_ok=True)
    for name, module in PAGES.items():
        page.goto(f"{address}/marketing/{name}?shop={shop}")
        text = drawn(page)
        found = watch.take()
        if module.TITLE not in text or "could not be drawn" in text:
            found.append("not drawn")
        if not page.query_selector("#page .graph, #page .trend-line, #page table, #page .missing"):
            found.append("neither content nor a stated reason")
        for section in page.query_selector_all("#page .section"):
            if not section.query_selector(".graph, .trend-line, table, .missing, .figure-card, li, p, a"):
                found.append(f"empty section: {section.inner_text()[:60]}")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append("wider than the screen")
        found += browsers.violations(page)
        page.screenshot(path=folder / f"{name}_{width}_{scheme}.png", full_page=True)
        if found:
            faults[name] = found
    assert not faults, json.dumps(faults, indent=1)


@pytest.mark.parametrize("shop", SHOPS)
def test_documents_of_the_version(server, open_page, shop):
    """The dbt docs and the quality report open from the navigation and load nothing from elsewhere."""
    address = server[0]
    page, _ = open_page()
    page.goto(f"{address}/marketing/overview?shop={shop}")
    drawn(page)
    links = page.eval_on_selector_all("a.document", "found => found.map(a => a.href)")
    assert len(links) == 2
    for link in links:
        document, watch = open_page()
        document.goto(link)
        document.wait_for_selector("h1, h2, .app, table")
        assert not watch.take()
        assert len(document.inner_text("body")) > 200


def test_the_sidebar_of_airflow_opens_the_dashboard(server, open_page):
    address = server[0]
    page, watch = open_page(1400)
    page.goto(address)
    page.click("text=Marketing")
    frame = page.frame_locator("iframe")
    frame.locator("[data-version]").wait_for()
    assert "/plugin/marketing" in page.url and not watch.take()
    page.wait_for_timeout(500)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "airflow.png")


def test_shop_and_filters_are_in_the_address(server, open_page):
    address = server[0]
    page, watch = open_page()
    page.goto(f"{address}/marketing/overview?shop=demo_shop")
    drawn(page)
    whole = page.locator(".figure-card").first.text_content()
    page.click("input[id*='country']")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**country=**")
    expect(page.locator(".figure-card").first).not_to_have_text(whole, timeout=browsers.WAIT_MS)
    assert "shop=demo_shop" in page.url
    page.click("nav a:has-text('Segments')")
    page.wait_for_selector("[data-page=segments]")
    assert "shop=demo_shop" in page.url
    page.go_back()
    page.wait_for_selector("[data-page=overview]")
    assert not watch.take()


def test_by_keyboard_alone(server, open_page):
    """Tab reaches the shop switch, the pages and the tables; every stop can be seen."""
    address = server[0]
    page, _ = open_page()
    page.goto(f"{address}/marketing/overview?shop=demo_shop")
    drawn(page)
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(e => e.closest('nav') ? 'pages' : e.closest('header') ? 'header' : e.className || e.tagName)"
                "(document.activeElement)"
            )
        )
    assert {"pages", "header", "scroll", "csv"} <= reached


@pytest.mark.parametrize("value", ("' or 1=1 --", "../../etc/passwd"))
def test_a_crafted_address_changes_nothing(server, open_page, value):
    address = server[0]
    page, watch = open_page()
    page.goto(f"{address}/marketing/overview?shop=demo_shop")
    figures = [drawn(page), page.inner_text(".figure-card >> nth=0")]
    for name in ("country", "segment", "as_of", "shop", "version"):
        page.goto(f"{address}/marketing/overview?{urlencode({'shop': 'demo_shop', name: value})}")
        page.wait_for_selector("#page .missing, [data-version]")
        text = page.inner_text("#page")
        assert "root:" not in text and "could not be drawn" not in text
        if name in ("country", "segment", "as_of"):
            assert page.inner_text(".figure-card >> nth=0") == figures[1] and "left out" in text
    assert not watch.take()


def test_clicking_through_while_versions_are_published(server, open_page, monkeypatch):
    """Twelve versions are published while pages are opened: no error, and never a figure of another version."""
    address = server[0]
    revenues, stop = {}, threading.Event()
    monkeypatch.setenv("PRECISION_HOME", str(server[2]))
    revenues[republish(3000)] = 3000
    page, watch = open_page()

    def build():
        for turn in range(1, 12):
            revenues[republish(3000 + turn)] = 3000 + turn
        stop.set()

    builder = threading.Thread(target=build)
    builder.start()
    seen = []
    while not stop.is_set() or not seen:
        for name in ("overview", "funnel", "data_quality"):
            page.goto(f"{address}/marketing/{name}?shop=tiny")
            text = drawn(page)
            assert "could not be drawn" not in text
            if name == "overview":
                version = page.get_attribute("[data-version]", "data-version")
                seen.append((version, page.inner_text(".figure-card >> nth=0")))
    builder.join()
    left = [each for each in watch.take() if "ERR_ABORTED" not in each]  # a page that one leaves stops asking
    assert not left
    assert len({version for version, _ in seen}) > 1
    for version, card in seen:
        assert f"{revenues[version]:,}" in card
