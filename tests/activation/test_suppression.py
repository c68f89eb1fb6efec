"""Reasons against a contact: the first in order is named; a do-not-contact list that cannot be read stops all."""

import pandas as pd
import pytest

from activation import suppression
from activation.suppression import Facts, SuppressionError, listed, reason
from shops.declaration import load
from warehouse import paths


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    paths.of("demo_shop").activation.mkdir(parents=True)
    return load("demo_shop")


def write(content: str | bytes) -> None:
    path = paths.of("demo_shop").activation / suppression.FILE
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_the_first_reason_that_holds_is_named():
    names = list(Facts.__dataclass_fields__)
    triangle = {name: pd.Series([row <= n for row in range(len(names))]) for n, name in enumerate(names)}
    everything = reason(Facts(**{name: pd.Series([True] * 3) for name in names}))
    assert everything.tolist() == [suppression.LISTED] * 3
    assert reason(Facts(**triangle)).tolist() == list(suppression.ORDER[: len(names)])
    assert reason(Facts(**{name: pd.Series([False]) for name in names})).isna().all()


def test_no_list_lists_nobody(shop):
    assert listed(shop) == set()


def test_a_spreadsheets_list_with_byte_order_mark_and_more_columns(shop):
    write('\ufeffsince_date,user_id,reason,by\r\n2026-01-05,u1,erased,ann\r\n," u2 ","asked, twice",\r\n')
    assert listed(shop) == {"u1", "u2"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no column user_id, reason, since_date"),
        ("user,reason,since_date\nu1,erased,2026-01-05\n", "no column user_id"),
        ("user_id,reason,since_date\nu1,erased,2026-01-05\n,erased,2026-01-05\n", "entry 2: no user_id"),
        (b"user_id,reason,since_date\nu\xff1,erased,2026-01-05\n", "cannot be read"),
        ('user_id,reason,since_date\n"u1,erased,2026-01-05\n', "cannot be read"),
    ],
    ids=["empty_file", "other_columns", "nobody_named", "not_utf8", "quote_never_closed"],
)
def test_a_list_that_cannot_be_trusted_is_refused(shop, content, words):
    write(content)
    with pytest.raises(SuppressionError, match=words):
        listed(shop)
