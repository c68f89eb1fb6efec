"""Strange addresses: a page or a refusal, never an error, never another shop's or another customer's data."""

from hypothesis import given, settings

from tests.fuzz import strange
from tests.fuzz.conftest import SAME_EACH_TIME


def test_any_address_is_a_page_of_what_it_names(target):
    judged = target("dashboard")

    @settings(SAME_EACH_TIME, max_examples=60)
    @given(strange.addresses())
    def holds(data):
        judged(data)

    assert judged(b"customer?shop=veiled&user=ann") == "a page"
    holds()
