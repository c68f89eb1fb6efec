"""Strange files and strange pages: every record lands or is quarantined, or the source is refused by name."""

import pytest
from hypothesis import given, settings

from tests.fuzz import strange
from tests.fuzz.conftest import SAME_EACH_TIME


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_every_record_is_read_or_said_to_be_broken(target, name):
    judged = target(name)

    @settings(SAME_EACH_TIME, max_examples=600)
    @given(strange.files())
    def holds(data):
        judged(data)

    holds()


@pytest.mark.parametrize("name", ["csv_landed", "jsonl_landed"])
def test_every_record_lands_or_is_quarantined(target, name):
    judged = target(name)

    @settings(SAME_EACH_TIME, max_examples=80)
    @given(strange.files())
    def holds(data):
        judged(data)

    holds()


def test_damaged_parquet_lands_whole_or_not_at_all(target):
    judged = target("parquet")

    @settings(SAME_EACH_TIME, max_examples=100)
    @given(strange.parquet())
    def holds(data):
        judged(data)

    holds()


def test_every_record_of_every_page_lands_or_is_quarantined(target):
    judged = target("http")

    @settings(SAME_EACH_TIME, max_examples=100)
    @given(strange.answers())
    def holds(data):
        judged(data)

    holds()
