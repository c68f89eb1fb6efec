"""The site in a browser, opened from its folder: narrow and wide, light and dark, by keyboard, without a network."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium (Debian: chromium)")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def opened(browser, site):
    """`opened(width, scheme, page)`: the page, and a list that fills with whatever goes wrong."""
    contexts = []

    def open_page(width: int, scheme: str, name: str):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme))
        page, wrong = contexts[-1].new_page(), []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
        page.on("request", lambda request: None if _is_ours(request.url, site) else wrong.append(request.url))
        page.goto((site / name).as_uri())
        return page, wrong

    yield open_page
    for context in contexts:
        context.close()


def _is_ours(url: str, site) -> bool:
    return url.startswith((site.as_uri(), "data:", "blob:", "about:"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["index.html", "methods/kpis.html"])
def test_a_page_is_readable_and_complete(opened, name, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page, wrong = opened(width, scheme, name)
    page.wait_for_function("typeof __index === 'object'")  # the last thing that a page loads
    assert wrong == []  # axe itself asks for the styles once more, which a browser refuses to a page from a folder
    grave = [
        f"{each['id']}: {each['nodes'][0]['html'][:200]}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert grave == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    pictures = page.evaluate("[...document.images].map(image => image.complete && image.naturalWidth > 0)")
    assert all(pictures)


def test_search_finds_from_the_keyboard(opened):
    page, wrong = opened(1280, "light", "methods/kpis.html")
    page.wait_for_function("typeof __index === 'object'")
    page.keyboard.press("/")
    page.keyboard.type("quarantine")
    page.locator(".md-search-result__link").first.wait_for()
    assert any("operate.html" in link.get_attribute("href") for link in page.locator(".md-search-result__link").all())
    assert wrong == []
