"""The documentation: every page is reached, every link leads somewhere, and nothing is asked of another host."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from warehouse.paths import REPOSITORY

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}
MACHINE_PATH = re.compile(r"(?<![\w$}.])/(?:work|tmp|home|root|Users|mnt|opt)/|file://")


class Page(HTMLParser):
    """What a page loads, where it leads, and which anchors it has."""

    def __init__(self, path: Path):
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}
        if found.get(LOADS.get(tag, "")):
            self.loads.append(found[LOADS[tag]])
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Page]:
    """{path: page}, the page for what is not found left out: it belongs to no folder."""
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if path.name != "404.html"}


def test_every_page_is_in_the_navigation(site, pages):
    written = {
        path.relative_to(REPOSITORY / "docs").with_suffix(".html") for path in (REPOSITORY / "docs").rglob("*.md")
    }
    # the front page of a folder of methods is its README
    expected = {site / path.with_name("index.html") if path.name == "README.html" else site / path for path in written}
    assert expected == set(pages)
    start = site / "index.html"
    assert {(start.parent / link).resolve() for link in pages[start].links if "#" not in link} >= {
        path.resolve() for path in expected
    }


def test_no_internal_link_is_dead(pages):
    dead = []
    for path, page in pages.items():
        for link in [*page.links, *page.loads]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            is_anchor_missing = (
                parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors
            )
            if not target.exists() or is_anchor_missing:
                dead.append(f"{path.name}: {link}")
    assert dead == []


def test_nothing_is_loaded_from_another_host(site, pages):
    assert [
        f"{path.name}: {load}" for path, page in pages.items() for load in page.loads if urlsplit(load).netloc
    ] == []
    styles = [path for pattern in ("*.css", "*.svg") for path in site.rglob(pattern)]
    assert styles
    for path in styles:
        assert not re.search(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""", path.read_text(encoding="utf-8")), path


def test_pages_name_no_place_on_somebodys_machine():
    written = [*(REPOSITORY / "docs").rglob("*.md"), REPOSITORY / "README.md", REPOSITORY / "mkdocs.yml"]
    assert [
        f"{path.name}:{number}: {line.strip()}"
        for path in written
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ] == []
