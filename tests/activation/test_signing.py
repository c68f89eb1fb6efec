"""Unsubscribe tokens and message keys: nobody without the key can make one, and no two customers share one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation import signing
from activation.signing import SigningError, message_key, unsubscribe_token, unsubscribed
from tests.activation import tiny_plan

KEY = b"k" * 32


@given(st.text(min_size=1))
def test_a_token_gives_its_customer_back_and_only_under_its_key_and_shop(user_id):
    token = unsubscribe_token(KEY, "tiny", user_id)
    assert unsubscribed(KEY, "tiny", token) == user_id
    for key, shop in ((b"x" * 32, "tiny"), (KEY, "other")):
        with pytest.raises(SigningError):
            unsubscribed(key, shop, token)


@pytest.mark.parametrize("token", ["", ".", "a.b", "dTE", "dTE.", "dTE.AAAA", "é.é", "dTE.A.A"])
def test_forged_and_broken_tokens_are_refused(token):
    with pytest.raises(SigningError, match="not issued by this shop"):
        unsubscribed(KEY, "tiny", token)


def test_parts_cannot_flow_into_one_another():
    assert message_key(KEY, "ab", "c") != message_key(KEY, "a", "bc")


def test_the_key_is_made_once_and_a_short_one_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    shop = tiny_plan.shop()
    assert signing.key(shop) == signing.key(shop)
    (tmp_path / "tiny" / "activation" / "signing.key").write_bytes(b"short")
    with pytest.raises(SigningError, match="holds 5 bytes"):
        signing.key(shop)
