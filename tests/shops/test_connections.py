"""Connections come from where Airflow keeps them; one that is missing is named with what to do."""

import pytest

from shops.connections import connection
from shops.declaration import ShopError


def test_a_connection_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_OUR_MAIL", "smtp://sender:canary-p%40ss@127.0.0.1:2525/?timeout=3")
    found = connection("our_mail")
    assert (found.host, found.port, found.login, found.password) == ("127.0.0.1", 2525, "sender", "canary-p@ss")
    assert found.extra_dejson == {"timeout": "3"}


def test_a_missing_connection_says_how_to_add_it():
    with pytest.raises(ShopError, match="AIRFLOW_CONN_NOT_THERE"):
        connection("not_there")
