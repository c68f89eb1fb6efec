"""The dbt docs of a version: one page that asks for nothing, opens on our overview and tells nothing of the machine."""

import copy
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from warehouse import dbt_docs, example_queries, paths

AS_OF = date(2026, 1, 1)
MARTS = {"mart_kpi": {"rows": 23464, "columns": {"as_of": "DATE", "value": "DOUBLE"}}}
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"


@pytest.fixture(scope="module")
def page(manifest) -> str:
    return dbt_docs.page(manifest, AS_OF, MARTS)


@pytest.fixture(scope="module")
def browser_page(page, tmp_path_factory):
    """The page in Chromium, with what it asked for and what it complained about."""
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    file = tmp_path_factory.mktemp("page") / "dbt_docs.html"
    file.write_text(page, encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET.split())
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        asked, said = [], []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.goto(file.as_uri())
        tab.get_by_text("Where to start").wait_for(timeout=60_000)
        yield tab, file.as_uri(), asked, said
        browser.close()


def test_it_opens_on_our_overview_and_asks_for_nothing(browser_page):
    tab, address, asked, said = browser_page
    text = tab.inner_text("body")
    assert "Where the formulas come from" in text and "Eq. 8-20" in text
    assert [url for url in asked if not url.startswith("data:")] == [address]
    assert not said


def test_a_mart_shows_rows_owner_types_and_whence_it_comes(browser_page):
    tab, address, _, said = browser_page
    tab.goto(f"{address}#!/model/model.precision_marketing.mart_kpi")
    tab.get_by_text("One row per as_of, period, dimension and KPI").first.wait_for(timeout=30_000)
    text = tab.inner_text("body")
    assert "23,464" in text and "Marketing controlling" in text and "DOUBLE" in text
    tab.goto(f"{address}#!/model/model.precision_marketing.mart_kpi?g_v=1&g_i=%2Bmart_kpi")
    tab.reload()
    tab.locator("canvas").first.wait_for(timeout=30_000)
    assert not said


def test_an_example_query_stands_there_ready_to_run(browser_page):
    tab, address, _, said = browser_page
    name = "clv_to_cac_by_channel"
    tab.goto("about:blank")  # the lineage drawn before lies above the page
    tab.goto(f"{address}#!/analysis/analysis.precision_marketing.{name}")
    tab.get_by_text("Compiled", exact=True).first.click()
    tab.get_by_text("from marts.mart_clv_cohort").first.wait_for(timeout=30_000)
    assert not said


def test_every_example_query_is_in_the_page_as_it_runs(manifest):
    nodes = dbt_docs.trimmed(manifest, AS_OF)["nodes"]
    queries = example_queries.load()
    assert len(queries) >= 12
    for name, query in queries.items():
        assert nodes[f"analysis.precision_marketing.{name}"]["compiled_code"] == query.sql


def test_it_tells_nothing_of_the_machine_and_holds_no_data(page, manifest, shared_folder):
    assert str(paths.REPOSITORY) in str(manifest)  # from where it could leak
    for place in (paths.REPOSITORY, shared_folder, Path.home()):
        assert f"{place}/" not in page
    assert "cloudfront" not in page
    assert not re.search(r'"(root_path|compiled_path|invocation_id|created_at)":', page)
    assert not re.search(r'"user_id":"', page)  # dbt's, of whoever built; a column of that name has an object there
    small = dbt_docs.trimmed(manifest, AS_OF)
    assert len(small["unit_tests"]) > 20
    assert not [test for test in small["unit_tests"].values() if test["given"] or test["expect"]["rows"]]
    assert {node["package_name"] for node in small["macros"].values()} == {"precision_marketing"}
    assert not [key for key in small["sources"] if ".jdata." in key or ".olist." in key]
    assert len(page) < 4_500_000


def test_it_is_the_same_on_another_machine_and_another_day(page, manifest):
    other = copy.deepcopy(manifest)
    other["metadata"] |= {"generated_at": "2031-01-01T00:00:00Z", "invocation_id": "x", "user_id": "somebody"}
    for node in other["nodes"].values():
        node |= {"created_at": 1.0, "root_path": "/home/somebody", "compiled_path": "/home/somebody/x.sql"}
        for found in (node.get("sources", []), node["depends_on"].get("nodes", [])):
            found.reverse()  # dbt takes them from a set, in another order in every process
    for direction in ("parent_map", "child_map"):
        for found in other[direction].values():
            found.reverse()
    assert dbt_docs.page(other, AS_OF, MARTS) == page


def test_no_text_of_a_description_can_end_the_script(manifest):
    other = copy.deepcopy(manifest)
    evil = "</script><script>alert(1)</script><!--"
    other["nodes"]["model.precision_marketing.mart_kpi"]["description"] = evil
    written = dbt_docs.page(other, AS_OF, MARTS)
    for opening in ("</script", "<!--"):
        assert written.count(opening) == dbt_docs.page(manifest, AS_OF, MARTS).count(opening)
    assert "alert(1)" in written
