"""SQL where a value is expected finds nothing and changes nothing, whichever way it comes in."""

import csv
import io
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner

import precision
from dashboard.downloads import download
from dashboard.pages import PAGES
from tests.activation import tiny_plan
from tests.dashboard import conftest as dashboard
from tests.dashboard.conftest import LOGIN
from tests.dashboard.test_front_door import ask, page_of, texts
from warehouse import published

pytestmark = pytest.mark.fault(35)
tiny_home, home, door = dashboard.tiny_home, dashboard.home, dashboard.door
INJECTED = ("' or 1=1 --", "' union select 1 --", "x'; drop table marts.mart_kpi; --", "$user", "%", "\\' or ''='")
NOBODY = "a value that nothing has"
CRAFTED = (*INJECTED, "\x00", "<script>alert(1)</script>", "%27")


@pytest.mark.parametrize("page", PAGES)
def test_sql_in_any_filter_of_any_table_of_the_dashboard_gives_what_any_unknown_value_gives(
    published_home, monkeypatch, page
):
    monkeypatch.setenv("PRECISION_HOME", str(published_home))
    filters = set(PAGES[page].FILTERS) | {"as_of"}
    for table in PAGES[page].TABLES:
        for name in filters:
            _, unknown = download(page, table, urlencode({"shop": "demo_shop", name: NOBODY}))
            for value in INJECTED[:3]:
                _, found = download(page, table, urlencode({"shop": "demo_shop", name: value}))
                assert found.replace(value, NOBODY) == unknown, (table, name, value)


def test_a_customer_searched_for_by_sql_is_not_found(published_home, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(published_home))
    with published.open_published("demo_shop") as served:
        somebody = served.execute("select min(user_id) from marts.fct_customer_segment").fetchone()[0]

    def rows(user: str) -> int:
        _, table = download("customer", "history", urlencode({"shop": "demo_shop", "user": user}))
        return len(list(csv.reader(io.StringIO(table)))) - 1

    assert rows(somebody) > 0
    assert [rows(value) for value in INJECTED] == [0] * len(INJECTED)
    assert rows(f"{somebody}' or '1'='1") == 0


@pytest.mark.parametrize("value", CRAFTED)
@pytest.mark.parametrize("name", ("shop", "country", "segment", "as_of", "user", "campaign", "metric", "page", "x"))
def test_a_crafted_parameter_changes_no_page_and_no_download(door, name, value):
    asked = {"shop": "tiny", name: value}
    for page in ("overview", "customer", "campaigns"):
        drawn = page_of(ask(door, page, f"?{urlencode(asked)}"))
        assert drawn["data-shop"] == "tiny" and drawn["data-version"] == published.current("tiny")
        assert "could not be drawn" not in " ".join(texts(drawn["children"]))
    if name != "shop":
        whole = door.get("/marketing/csv/overview/key_figures?shop=tiny", cookies=LOGIN).text
        same = door.get(f"/marketing/csv/overview/key_figures?{urlencode(asked)}", cookies=LOGIN).text
        assert same == whole


@pytest.mark.parametrize("value", INJECTED)
def test_documents_of_a_shop_or_a_version_named_by_sql_are_not_there(door, value):
    for route in ("dbt_docs", "data_quality_report"):
        for asked in ({"shop": value}, {"shop": "tiny", "version": value}):
            assert door.get(f"/marketing/{route}?{urlencode(asked)}", cookies=LOGIN).status_code == 404
    assert door.get("/marketing/data_quality_report?shop=tiny", cookies=LOGIN).status_code == 200


@pytest.mark.parametrize("value", INJECTED)
def test_the_command_line_takes_sql_for_the_name_that_it_is_not(tmp_path, monkeypatch, value):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    tiny_plan.publish(tiny_plan.shop(), [tiny_plan.contact("u1")])
    before = {path: path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()}
    for command in (
        ["explain", value, "--shop", "tiny"],
        ["explain", "u1", "--shop", value],
        ["sql", "--shop", value, "--command", "select 1"],
        ["sql", "--shop", "tiny", "--version", value, "--command", "select 1"],
        ["versions", "--shop", value],
        ["rollback", value, "--shop", "tiny"],
        ["activate", "--shop", value, "--approve"],
        ["docs", "--shop", value],
        ["run", "--shop", value],
    ):
        done = CliRunner().invoke(precision.app, command)
        assert done.exit_code in (1, 2), (command, done.output)
        assert done.exception is None or isinstance(done.exception, SystemExit), (command, done.exception)
    assert {path: path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("value", INJECTED)
def test_explain_finds_a_customer_by_the_whole_name_alone(published_home, monkeypatch, value):
    monkeypatch.setenv("PRECISION_HOME", str(published_home))
    done = CliRunner().invoke(precision.app, ["explain", value, "--shop", "demo_shop", "--json"])
    assert done.exit_code == 1 and done.stdout == "" and "no customer" in done.stderr
