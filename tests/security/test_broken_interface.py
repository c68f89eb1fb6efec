"""An interface that is slow, overloaded, broken or short of rows is given its time, and a bounded number of attempts.

What cannot succeed fails at once; what it announces and what it gives must agree, or nothing lands.
"""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from extract.errors import ExtractError, IncompleteSource, LostSource
from tests.extract import test_http
from tests.extract.http_server import Answer
from tests.extract.test_http import CURSOR, DAY, NUMBERED, cursors, numbers, post, shop

pytestmark = pytest.mark.fault(34)
interface = test_http.interface


@pytest.mark.parametrize("said", ["1", "date"])
def test_retry_after_is_honoured_in_seconds_and_as_a_date(desk, interface, said):
    now = datetime.now(UTC)
    wait = format_datetime((now + timedelta(seconds=2)).replace(microsecond=0), usegmt=True) if said == "date" else said
    interface.first = [Answer("slow down", 429, {"Retry-After": wait})]
    began = time.monotonic()
    desk.land(shop(), DAY)
    assert 0.9 <= time.monotonic() - began < 60
    assert len(desk.rows("post_id")) == 35


def test_a_wait_that_is_too_long_ends_the_task_and_not_the_patience_of_the_interface(desk, interface):
    interface.first = [Answer("", 503, {"Retry-After": "86400"})]
    with pytest.raises(LostSource, match="left alone for 86400 seconds"):
        desk.land(shop(), DAY)
    assert len(interface.asked) == 1


@pytest.mark.parametrize(
    "failure",
    [
        Answer("", 500), Answer("", 502), Answer("", 408), Answer("", 429), Answer('{"data": [', 200),
        Answer("<html>", 200), Answer({"data": []}, cut=50),
    ],
)  # fmt: skip
def test_what_may_pass_is_asked_again(desk, interface, failure):
    interface.first = [failure, failure]
    desk.land(shop({"timeout_seconds": 1}), DAY)
    assert len(desk.rows("post_id")) == 35 and len(interface.asked) == 6


def test_a_silent_interface_is_given_up_after_a_bounded_number_of_attempts(desk, interface):
    interface.answer = lambda asked: time.sleep(0.5) or Answer({"data": []})
    with pytest.raises(LostSource, match="failed 4 times, last: ReadTimeout") as caught:
        desk.land(shop({"timeout_seconds": 0.05}), DAY)
    assert len(interface.asked) == 4 and not isinstance(caught.value, ValueError)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 301])
def test_a_refusal_fails_at_once_naming_the_request_without_secrets(desk, interface, status):
    interface.answer = lambda asked: Answer({"error": f"bad {asked.headers['Authorization']}"}, status)
    with pytest.raises(ExtractError, match=f"GET http://127.0.0.1:.*/v1/posts.*answered {status}") as caught:
        desk.land(shop(request={"parameters": {"access_token": "canary-2", "kind": "a"}}), DAY)
    assert len(interface.asked) == 1
    assert "canary" not in str(caught.value) and "kind=a" in str(caught.value)


def test_a_total_that_does_not_agree_is_asked_again_once_then_refused(desk, interface):
    good = cursors([post(n) for n in range(25)])
    wrong_answers = [3]

    def answer(asked):
        found = good(asked)
        wrong_answers[0] -= 1
        return Answer({**found.body, "data": found.body["data"][:-1]}) if wrong_answers[0] >= 0 else found

    interface.answer = answer
    declared = shop(request={"total": "total"})
    assert desk.land(declared, DAY)["rows_landed"] == 25
    before = desk.hashes()
    wrong_answers[0] = 1000
    with pytest.raises(IncompleteSource, match="25 records announced, 22 different ones received"):
        desk.land(declared, DAY)
    assert desk.hashes() == before


def test_records_delivered_twice_by_moving_pages_do_not_hide_a_missing_one(desk, interface):
    rows = [post(n) for n in range(30)]
    interface.answer = numbers([*rows[:10], *rows[9:29]], 30)
    with pytest.raises(IncompleteSource, match="30 records announced, 29 different"):
        desk.land(shop(request={"paging": NUMBERED, "total": "total"}), DAY)


def test_a_short_page_in_the_middle_is_noticed_without_a_total(desk, interface):
    good = numbers([post(n) for n in range(35)])

    def short(asked) -> Answer:
        found = good(asked).body["data"]
        return Answer({"data": found[:-3] if asked.query["page"] == "2" else found})

    interface.answer = short
    with pytest.raises(IncompleteSource, match="page 2 was short, yet there are more"):
        desk.land(shop(request={"paging": NUMBERED}), DAY)
    answers = iter([short] * 3 + [good] * 10)
    interface.answer = lambda asked: next(answers)(asked)
    assert desk.land(shop(request={"paging": NUMBERED}), DAY)["rows_landed"] == 35


@pytest.mark.parametrize("paging", [CURSOR, NUMBERED])
def test_an_interface_that_does_not_turn_pages_is_no_endless_loop(desk, interface, paging):
    interface.answer = lambda asked: Answer({"data": [post(n) for n in range(10)], "paging": {"after": "same"}})
    with pytest.raises(ExtractError, match="does not turn pages"):
        desk.land(shop(request={"paging": paging}), DAY)
