"""Is a source there? A real server and a real interface, in order, refusing and gone; no secret is ever said."""

import time

import pytest

from extract.errors import ExtractError, LostSource, MissingSource
from extract.reachable import HOW, reachable
from extract.sources import READERS
from shops.declaration import ShopError, load, parse
from tests.extract import postgres_server
from tests.extract.http_server import TOKEN, Answer, Interface

SOURCE = {"layout": "canonical", "tables": {"items": {"columns": {"item_id": "string"}, "arrival": {"by": "snapshot"}}}}


def shop(kind: str):
    source = {**SOURCE, "kind": kind, "connection": "our_database"}
    if kind == "http":
        source["tables"]["items"]["request"] = {"records": "data", "fields": {"item_id": "id"}}
    return parse(
        "test",
        {"title": "Test", "timezone": "UTC", "reporting_currency": "EUR", "history_from": "2024-01-01",
         "behaviours": ["buy"], "sources": {"shop": source}},
    )  # fmt: skip


def asked(shop) -> str:
    return reachable(shop, shop.sources[0])


def test_every_kind_of_source_can_be_asked():
    assert HOW.keys() == READERS.keys()


def test_shops_that_need_nothing_are_there():
    assert asked(load("demo_shop")) == "generated here"
    assert asked(load("complete_journey")).startswith("8 tables")


def test_a_database_says_its_version(postgres):
    assert asked(shop("postgres")).startswith("PostgreSQL 1")


def test_a_database_that_refuses_or_is_gone_is_named_without_its_password(postgres, monkeypatch):
    wrong = "canary wrong/word"
    monkeypatch.setenv("AIRFLOW_CONN_OUR_DATABASE", postgres.connection(password=wrong))
    with pytest.raises(ExtractError, match="password authentication failed") as refused:
        asked(shop("postgres"))
    gone = postgres.connection().replace(str(postgres.port), "1")
    monkeypatch.setenv("AIRFLOW_CONN_OUR_DATABASE", gone)
    began = time.monotonic()
    with pytest.raises(LostSource) as lost:
        asked(shop("postgres"))
    assert time.monotonic() - began < 10  # asked once
    assert all("canary" not in str(error.value) for error in (refused, lost))
    assert "canary" in wrong and "canary" in postgres_server.PASSWORD


@pytest.fixture
def interface(monkeypatch):
    server = Interface()
    monkeypatch.setenv("AIRFLOW_CONN_OUR_DATABASE", server.connection())
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "error"), [(200, None), (404, None), (401, ExtractError), (403, ExtractError), (503, LostSource)]
)
def test_an_interface_is_asked_once_with_its_token(interface, status, error):
    interface.answer = lambda asked: Answer(f"echo {TOKEN}", status=status)
    if error:
        with pytest.raises(error, match=str(status)) as said:
            asked(shop("http"))
        assert TOKEN not in str(said.value)
    else:
        assert asked(shop("http")) == "127.0.0.1 answers"
    assert len(interface.asked) == 1 and interface.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_an_interface_that_is_gone(interface):
    interface.shutdown()
    interface.server_close()
    with pytest.raises(LostSource) as lost:
        asked(shop("http"))
    assert TOKEN not in str(lost.value)


def test_a_connection_that_nobody_made(monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_OUR_DATABASE", raising=False)
    with pytest.raises((ShopError, MissingSource), match="our_database"):
        asked(shop("http"))
