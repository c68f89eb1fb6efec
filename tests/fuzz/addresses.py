"""Any address of the dashboard: a page or a refusal, of the shop and the customer that it names, and text alone.

In: the bytes of an address: page, `?`, query. Out: what was shown, in a word. Raises AssertionError for a broken
promise and lets any error through. Two shops are published that are alike but for a mark in every text, so that
whatever reaches the other one shows.
"""

import logging
import os
import shutil
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from dashboard.app import draw
from dashboard.downloads import NoSuchTable, download
from dashboard.pages import PAGES
from dashboard.view import asked
from warehouse.published import NotPublished, PublishedDamaged

SHOPS = ("tiny", "veiled")  # the first by name is shown where none is asked for
MARK = "mark-of-the-other-shop"
CUSTOMERS = ("ann", "ben", "cat")
OF_ONE = ("portrait", "history", "products", "said")  # the tables of the page that are of the customer asked for
NOBODY = "nobody-of-that-name"
SAFE_LINKS = ("csv/", "data_quality_report?", "dbt_docs?", "?", "data:image/svg+xml;base64,", *PAGES)
NOT_TEXT = ("dangerouslySetInnerHTML", "dangerously_allow_html", "srcDoc", "DangerouslySetInnerHTML")


def published(home: Path) -> None:
    """Publish the two shops below an empty PRECISION_HOME."""
    from tests.warehouse import hand_built
    from warehouse import publish

    os.environ["PRECISION_HOME"] = str(home)
    for name in SHOPS:
        hand_built.build(name)
        if name == SHOPS[1]:
            _marked(name)
        hand_built.pass_audit(name)
        publish.publish(name, hand_built.AS_OF)
        shutil.rmtree(home / name / "dbt", ignore_errors=True)


def _marked(name: str) -> None:
    from tests.warehouse import hand_built

    for dataset, column in (
        ("marts.dim_customer_history", "favourite_brand"),
        ("marts.fct_customer_segment", "segment_reason"),
        ("marts.fct_recommendation", "reason"),
        ("marts.mart_kpi", "dimension_value"),
        ("marts.fct_customer_strategy", "reason"),
    ):
        hand_built.change(f"update {dataset} set {column} = '{MARK}' where {column} is not null", name)


class Desk:
    """Draws pages. PRECISION_HOME must be as `published` leaves it."""

    def __init__(self):
        self.errors = _Errors()
        logging.getLogger("dashboard.app").addHandler(self.errors)
        logging.getLogger("dashboard.app").propagate = False
        self.of_nobody: dict[tuple, list] = {}

    def see(self, data: bytes) -> str:
        """One address, as page and, where it names a table, as CSV."""
        page, _, search = data.decode("utf-8", "replace").partition("?")
        page = page.lstrip("/")
        shown = self._drawn(page, search)
        given = asked(search)
        if given.get("shop") not in SHOPS[1:]:
            assert MARK not in "".join(shown), f"{page}: another shop's data"
        if page == "customer":
            self._only_who_was_asked_for(given, shown)
        tables = (*PAGES[page].TABLES, "no_table") if page in PAGES else ("no_table",)
        self._downloaded(page, tables[len(data) % len(tables)], search, given)
        return "a page" if page in PAGES else "no page"

    def _drawn(self, page: str, search: str) -> list[str]:
        self.errors.found.clear()
        parts = draw(page, f"?{search}")
        assert not self.errors.found, f"{page}?{search}: {self.errors.found}"
        shown = [text for part in parts[1:] for text in _texts(part)]
        "".join(shown).encode("utf-8", "surrogatepass")
        return shown

    def _downloaded(self, page: str, table: str, search: str, given: dict) -> None:
        try:
            name, text = download(page, table, search)
        except (NoSuchTable, NotPublished, PublishedDamaged):
            return
        assert name.isascii() and not set(name) & set('/\\"\r\n'), f"{name!r} is no name of a file"
        assert given.get("shop") == SHOPS[1] or MARK not in text, f"{page}/{table}: another shop's data"
        user = given.get("user", "").strip()
        if page == "customer" and table in OF_ONE and user and user not in CUSTOMERS:
            assert len(text.splitlines()) == 1, f"customer/{table} of user={user!r}: {text[:200]}"
        for line in text.splitlines():
            assert not line.startswith(("=", "+", "@")), f"{page}/{table}: a formula: {line[:80]}"

    def _only_who_was_asked_for(self, given: dict, shown: list[str]) -> None:
        """The page of whoever is not a customer is that of nobody: not a word more."""
        user = given.get("user", "").strip()
        if not user or user in CUSTOMERS or given.get("version"):
            return
        rest = tuple(sorted((name, value) for name, value in given.items() if name in ("shop", "as_of")))
        if rest not in self.of_nobody:
            if len(self.of_nobody) > 50:
                self.of_nobody.clear()
            self.of_nobody[rest] = self._drawn("customer", urlencode({**dict(rest), "user": NOBODY}))
        expected = [text for text in self.of_nobody[rest] if NOBODY not in text]
        unexplained = [text for text in shown if text not in expected and not _repeats(text, given)]
        assert not unexplained, f"user={user!r} shows {unexplained[:3]}"


class _Errors(logging.Handler):
    """What the page only says it could not draw."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(f"{record.getMessage()}: {record.exc_info and record.exc_info[1]!r}")


def _texts(part) -> list[str]:
    """Every text of a component, wherever it stands; whatever would be taken for more than text is refused."""
    if part is None or isinstance(part, bool | int | float | date):
        return []
    if isinstance(part, str):
        return [part]
    if isinstance(part, dict):
        return [text for value in part.values() for text in _texts(value)]
    if isinstance(part, list | tuple):
        return [text for each in part for text in _texts(each)]
    if not hasattr(part, "to_plotly_json"):
        return []
    found = part.to_plotly_json()
    if found.get("type") in ("Graph",):
        return []
    props = found.get("props", {})
    assert not set(props) & set(NOT_TEXT), f"{found.get('type')}: {sorted(set(props) & set(NOT_TEXT))}"
    assert found.get("type") not in ("Markdown", "Iframe", "Script", "Embed", "Object"), found.get("type")
    for name in ("href", "src"):
        link = props.get(name)
        assert link is None or str(link).startswith(SAFE_LINKS), f"a link to {link}"
    return [text for value in props.values() for text in _texts(value)]


def _repeats(text: str, given: dict) -> bool:
    """Does a text only say again what was asked, as in a link or 'no customer named …'?"""
    said = (*given.values(), *(urlencode({"": value})[1:] for value in given.values()))
    return any(value in text for value in said)
