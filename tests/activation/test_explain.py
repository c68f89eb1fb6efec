"""One customer explained: from marts with rows made by hand, and through the command line from a published version."""

import json
from datetime import date

import duckdb
import pytest
from typer.testing import CliRunner

import precision
from activation.explain import NothingKnown, explain, in_words
from tests.warehouse import hand_built
from warehouse import publish
from warehouse.engine import quote

AS_OF = date(2024, 3, 1)
ROWS = {
    "dim_customer_history": [{"user_id": "ann"}, {"user_id": "ben"}, {"user_id": "cat"}],
    "fct_customer_segment": [{"user_id": "ann", "segment_name": "lapsing", "segment_reason": "last order 90 days ago"}],
    "fct_purchase_propensity": [
        {"user_id": "ann", "probability": 0.25, "threshold": 0.5, "decision": False, "reason": "was -9 points"}
    ],
    "fct_recommendation": [
        {"user_id": "ann", "mode": "tuned", "rank": 2, "item_id": "i2", "reason": "popular"},
        {"user_id": "ann", "mode": "tuned", "rank": 1, "item_id": "i1", "reason": "due again"},
        {"user_id": "ann", "mode": "paper", "rank": 1, "item_id": "i3", "reason": "of the other mode"},
        {"user_id": "ben", "mode": "tuned", "rank": 1, "item_id": "i9", "reason": "of somebody else"},
    ],
    "dim_item": [{"item_id": "i1", "item_name": "green tea"}, {"item_id": "i2"}],
    "fct_customer_strategy": [
        {
            "user_id": "ann", "strategy": "cross_sell", "is_contacted": True, "rule_id": "goes_with_it", "priority": 80,
            "reason": "goes with tea", "item_id": "i1", "discount_rate": 0, "passed_over": "win_back does not pay",
        },
        {
            "user_id": "ben", "strategy": "full_price", "is_contacted": False, "rule_id": "nothing_else",
            "priority": 1000, "reason": "no rule asks for more", "discount_rate": 0,
        },
    ],
    "mart_strategy_response": [
        {"strategy": "cross_sell", "segment_name": "all", "basis": "prior", "response_rate": 0.005,
         "response_low": -0.005, "response_high": 0.02},
        {"strategy": "cross_sell", "segment_name": "lapsing", "basis": "experiment", "response_rate": 0.03,
         "response_low": 0.01, "response_high": 0.05},
    ],
    "fct_audience": [
        {"user_id": "ann", "campaign_id": "cross_sell-email-20240301", "channel": "email", "arm": "treated",
         "message_template": "cross_sell", "send_after_ts": "2024-03-01 08:00:00", "item_id": "i1", "discount_rate": 0,
         "expected_gain_amount": 1.5},
    ],
}  # fmt: skip


@pytest.fixture
def marts():
    connection = duckdb.connect()
    connection.execute("create schema marts")
    for mart, rows in ROWS.items():
        connection.execute(hand_built.empty_sql(f"marts.{mart}"))
        for row in rows:
            row = row if mart == "dim_item" else row | {"as_of": AS_OF}
            names = ", ".join(quote(name) for name in row)
            connection.execute(
                f"insert into marts.{mart} ({names}) values ({', '.join('?' * len(row))})", list(row.values())
            )
    return connection


def test_every_question_has_its_answer(marts):
    words = dict(in_words(explain(marts, "ann")))
    assert words["Why this segment?"] == ["lapsing: last order 90 days ago"]
    assert words["Why this prediction?"][0].startswith("25.0% within the horizon, not expected to buy")
    assert words["Why this prediction?"][1] == "was -9 points"
    assert words["Why these products?"] == ["1. green tea: due again", "2. i2: popular"]
    assert words["Why this strategy?"] == [
        "cross_sell: goes with tea (rule goes_with_it, priority 80)",
        "offer: item i1",
        "passed over: win_back does not pay",
        "expected: 3.0% extra buyers per contacted customer (1.0% to 5.0%), basis experiment, lapsing customers",
    ]
    assert words["Why this message?"][0] == "cross_sell-email-20240301 by email"
    assert "expected gain of the contact: 1.50" in words["Why this message?"]


def test_what_is_not_there_is_said(marts):
    found = explain(marts, "ben", AS_OF)
    words = dict(in_words(found))
    assert words["Why this segment?"] == ["no segment: no order in the reference period"]
    assert words["Why this message?"][0].startswith("no message")
    assert "expected" not in found["strategy"]
    assert dict(in_words(explain(marts, "cat")))["Why this strategy?"] == ["no strategy was decided at this moment"]


def test_control_and_held_back_say_so(marts):
    marts.execute("update marts.fct_audience set arm = 'control'")
    assert "control group by lot" in dict(in_words(explain(marts, "ann")))["Why this message?"][1]
    marts.execute(
        "update marts.fct_audience set arm = 'held_back', held_back_reason = 'no consent', campaign_id = null"
    )
    assert dict(in_words(explain(marts, "ann")))["Why this message?"] == ["held back: no consent"]


def test_a_version_of_an_older_project_is_explained_as_far_as_it_goes(marts):
    marts.execute("alter table marts.fct_purchase_propensity drop column reason")
    for mart in ("fct_audience", "fct_customer_strategy", "mart_strategy_response"):
        marts.execute(f"drop table marts.{mart}")
    words = dict(in_words(explain(marts, "ann")))
    assert len(words["Why this prediction?"]) == 1
    assert words["Why this strategy?"] == ["fct_customer_strategy is not published"]


@pytest.mark.parametrize("user_id", ["nobody", "' or 1=1 --", "ann'; drop table marts.dim_item; --", ""])
def test_whoever_is_not_known_is_refused(marts, user_id):
    with pytest.raises(NothingKnown, match="no customer"):
        explain(marts, user_id)
    assert marts.execute("select count(*) from marts.dim_item").fetchall() == [(2,)]


def test_a_moment_that_is_not_described_is_refused(marts):
    with pytest.raises(NothingKnown, match="published moments: 2024-03-01"):
        explain(marts, "ann", date(2024, 2, 1))


@pytest.fixture
def published(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    hand_built.build()
    hand_built.pass_audit()
    publish.publish("tiny", hand_built.AS_OF)


def asked(*arguments: str):
    return CliRunner().invoke(precision.app, ["explain", *arguments, "--shop", "tiny"])


def test_the_command_line_reads_what_is_published(published):
    done = asked("ann")
    assert done.exit_code == 0, done.output
    assert "Why this segment?" in done.output and "occasional" in done.output
    as_json = json.loads(asked("ann", "--json").output)
    assert as_json["user_id"] == "ann" and as_json["prediction"]["probability"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody"], "no customer 'nobody' was known"),
        (["ann", "--as-of", "1999-01-01"], "1999-01-01 is not described"),
        (["ann", "--as-of", "today"], "is not a date"),
    ],
)
def test_one_message_and_exit_code_1(published, arguments, said):
    done = asked(*arguments)
    assert done.exit_code == 1
    assert said in " ".join(done.output.split())
