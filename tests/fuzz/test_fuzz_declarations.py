"""Strange declarations: refused by name, or a shop whose tables land."""

from hypothesis import given, settings

from tests.fuzz import strange
from tests.fuzz.conftest import SAME_EACH_TIME
from tests.fuzz.declared import WHOLE


def test_a_declaration_is_read_or_refused_by_name(target):
    judged = target("declaration")

    @settings(SAME_EACH_TIME, max_examples=300)
    @given(strange.declarations(WHOLE))
    def holds(data):
        judged(data)

    assert judged(WHOLE) == "a shop"
    holds()


def test_a_declaration_that_is_taken_can_be_landed(target):
    judged = target("declaration_landed")

    @settings(SAME_EACH_TIME, max_examples=150)
    @given(strange.declarations(WHOLE))
    def holds(data):
        judged(data)

    assert judged(WHOLE) == "landed"
    holds()
