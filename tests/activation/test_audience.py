"""From strategies to an audience, over random histories: nobody is treated against whom anything speaks."""

from dataclasses import replace
from datetime import date
from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from activation import arms, campaign_plan, suppression
from activation.audience import HELD_BACK, Known, campaign_id, plan
from shops.declaration import Activation, Channel

AS_OF = date(2026, 3, 29)
CHANNELS = ("email", "push", "social")
STRATEGIES = ("win_back", "cross_sell")
ACTIVATION = Activation(
    channels={name: Channel(contact_cost_amount=cost) for name, cost in zip(CHANNELS, (0.01, 0.02, 0.1), strict=True)},
    control_share=0.3,
)
CAMPAIGNS = [campaign_id(strategy, channel, AS_OF) for strategy in STRATEGIES for channel in CHANNELS]


def customer(user_id: str, random: Random) -> dict:
    """One customer with everything that may speak for or against a contact."""
    one_of = random.choice
    return {
        "user_id": user_id,
        "strategy": one_of(STRATEGIES),
        "segment_name": one_of(["lapsing", "new", None]),
        "vip_tier": one_of(["gold", None]),
        "discount_rate": one_of([0.0, 0.1]),
        "buying_anyway_probability": one_of([0.0, 0.4, None]),
        "expected_response_rate": one_of([-0.01, 0.0, 0.05, 0.1]),
        "expected_order_amount": one_of([50.0, 20.0, None]),
        "margin_rate": 0.3,
        "user_timezone": one_of(["Europe/Berlin", "Pacific/Kiritimati", "Mars/Base", None]),
        **{f"consent_{name}": one_of([True, True, False, None]) for name in CHANNELS},
        "contacts": one_of([0, 0, 1, 2, 3]),
        "running": one_of([None, None, *STRATEGIES]),
        "recorded": one_of([None] * 6 + CAMPAIGNS),
        "was_control": one_of([True, False]),
        "is_unsubscribed": random.random() < 0.1,
        "is_listed": random.random() < 0.1,
        "clicks": random.randrange(5),
    }


@st.composite
def histories(draw) -> list[dict]:
    """Up to 150 customers; drawn from one seed, as a draw of its own for each of their traits takes a second."""
    random = Random(draw(st.integers(0, 2**32)))
    return [customer(f"u{n:03d}", random) for n in range(draw(st.integers(1, 150)))]


def known(people: list[dict]) -> Known:
    """The histories in the frames that planning reads."""
    rows = pd.DataFrame(people)
    customers = rows.drop(columns=["contacts", "running", "recorded", "was_control", "is_unsubscribed", "is_listed"])
    numbers = ["buying_anyway_probability", "expected_order_amount"]
    customers = customers.astype(dict.fromkeys(numbers, "float64")).drop(columns="clicks")
    fixed = {"item_id": None, "payment_method": None, "message_template": "x", "orders": 1, "amount": 5.0}
    given = rows[rows["recorded"].notna()]
    return Known(
        customers=customers.assign(**fixed, recency_days=9.0),
        history=rows.assign(channel="push", sent=4, responded=rows["clicks"])[
            ["user_id", "channel", "sent", "responded"]
        ],
        recent=rows[rows["contacts"] > 0][["user_id", "contacts"]],
        running=rows[rows["running"].notna()][["user_id", "running"]].rename(columns={"running": "strategy"}),
        recorded=given[["user_id", "recorded", "was_control"]].set_axis(
            ["user_id", "campaign_id", "is_control"], axis=1
        ),
        unsubscribed=frozenset(rows.loc[rows["is_unsubscribed"], "user_id"]),
        listed=frozenset(rows.loc[rows["is_listed"], "user_id"]),
    )


@given(people=histories(), budget=st.sampled_from([None, 0.0, 0.3]))
@settings(max_examples=40, deadline=None)
def test_nobody_is_reached_against_whom_anything_speaks(people, budget):
    planned = plan(known(people), replace(ACTIVATION, budget_amount=budget), "shop", "UTC", AS_OF)
    assert planned["user_id"].tolist() == sorted(each["user_id"] for each in people)
    assert ((planned["arm"] == HELD_BACK) == planned["held_back_reason"].notna()).all()
    facts = {each["user_id"]: each for each in people}
    for row in planned[planned["arm"] != HELD_BACK].itertuples():
        person = facts[row.user_id]
        assert person[f"consent_{row.channel}"] is True
        assert not (person["is_listed"] or person["is_unsubscribed"])
        assert person["contacts"] < ACTIVATION.cap_contacts
        assert person["running"] != row.strategy
        assert person["recorded"] in (None, row.campaign_id)
        if person["recorded"] is None:
            assert not row.expected_gain_amount <= 0
        else:
            assert row.arm == (arms.CONTROL if person["was_control"] else arms.TREATED)
        assert row.campaign_id == f"{person['strategy']}-{row.channel}-20260329"
        assert row.send_after_ts < row.send_until_ts
    treated = planned[planned["arm"] == arms.TREATED]
    is_new = treated["user_id"].map(lambda user: facts[user]["recorded"] is None)
    assert budget is None or treated.loc[is_new, "contact_cost_amount"].sum() <= budget + 1e-9


def test_random_histories_hold_every_arm_and_every_reason():
    people = [customer(f"u{n:03d}", Random(n)) for n in range(400)]
    planned = plan(known(people), replace(ACTIVATION, budget_amount=0.3), "shop", "UTC", AS_OF)
    assert set(planned["arm"]) == {arms.TREATED, arms.CONTROL, HELD_BACK}
    assert set(planned["held_back_reason"].dropna()) == set(suppression.ORDER)


@given(people=histories(), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_the_order_of_rows_changes_nothing(people, seed):
    found = known(people)
    names = ("customers", "history", "recent", "running", "recorded")
    shuffled = replace(found, **{name: getattr(found, name).sample(frac=1, random_state=seed) for name in names})
    first = plan(found, ACTIVATION, "shop", "UTC", AS_OF)
    second = plan(shuffled, ACTIVATION, "shop", "UTC", AS_OF)
    assert_frame_equal(first, second, check_exact=True)
    observed = pd.DataFrame(columns=["kind", "group", "users", "buyers"])
    described = [campaign_plan.describe(each, observed, 0.3, 14, AS_OF) for each in (first, second)]
    assert_frame_equal(*described, check_exact=True)
    counted = described[0]
    assert counted["users"].sum() == len(people)
    assert (counted["users"] == counted[["treated_users", "control_users", "held_back_users"]].sum(axis=1)).all()
    reasons = list(campaign_plan.REASON_COLUMNS.values())
    assert (counted["held_back_users"] == counted[reasons].sum(axis=1)).all()


def person(user_id: str, **given) -> dict:
    """A customer against whom nothing speaks."""
    plain = {
        "user_id": user_id, "strategy": "win_back", "segment_name": "lapsing", "vip_tier": None, "discount_rate": 0.0,
        "buying_anyway_probability": 0.1, "expected_response_rate": 0.05,
        "expected_order_amount": 50.0, "margin_rate": 0.3,
        "user_timezone": "Europe/Berlin", "consent_email": True, "consent_push": True, "consent_social": True,
        "contacts": 0, "running": None, "recorded": None, "was_control": False, "is_unsubscribed": False,
        "is_listed": False, "clicks": 0,
    }  # fmt: skip
    return plain | given


def test_each_reason_is_named():
    no_consent = dict.fromkeys(("consent_email", "consent_push", "consent_social"), False)
    people = [
        person("listed", is_listed=True, is_unsubscribed=True, contacts=9),
        person("unsubscribed", is_unsubscribed=True, contacts=9),
        person("not_recorded", **dict.fromkeys(no_consent)),
        person("refused", **no_consent),
        person("elsewhere", recorded=campaign_id("cross_sell", "push", AS_OF)),
        person("running", running="win_back", contacts=9),
        person("over_cap", contacts=2),
        person("no_gain", expected_response_rate=0.0),
        person("reached", running="cross_sell", contacts=1),
    ]
    planned = plan(known(people), ACTIVATION, "shop", "UTC", AS_OF).set_index("user_id")["held_back_reason"]
    assert {user: planned[user] for user in planned.index if user != "reached"} == {
        "listed": suppression.LISTED,
        "unsubscribed": suppression.UNSUBSCRIBED,
        "not_recorded": suppression.NO_CONSENT_RECORDED,
        "refused": suppression.NO_CONSENT,
        "elsewhere": suppression.OTHER_CAMPAIGN,
        "running": suppression.RUNNING,
        "over_cap": suppression.OVER_CAP,
        "no_gain": suppression.NOTHING_TO_GAIN,
    }
    assert pd.isna(planned["reached"])


def test_a_budget_goes_to_the_contacts_that_bring_most():
    people = [person(f"u{n}", expected_order_amount=10.0 * (n + 1), clicks=0) for n in range(10)]
    planned = plan(known(people), replace(ACTIVATION, budget_amount=0.035), "shop", "UTC", AS_OF)
    assert planned["channel"].unique().tolist() == ["email"]
    reached = planned[planned["arm"] != HELD_BACK]
    assert reached["user_id"].tolist() == ["u7", "u8", "u9"]
    assert set(planned.loc[planned["arm"] == HELD_BACK, "held_back_reason"]) == {suppression.BEYOND_BUDGET}


def test_words_and_baseline_of_a_campaign():
    people = [person(f"u{n:04d}", segment_name="lapsing" if n % 4 else "new") for n in range(1000)]
    planned = plan(known(people), ACTIVATION, "shop", "UTC", AS_OF)
    observed = pd.DataFrame(
        [("strategy", "win_back", 99, 9), ("segment", "lapsing", 400, 20), ("segment", "new", 200, 50)],
        columns=["kind", "group", "users", "buyers"],
    )
    row = campaign_plan.describe(planned, observed, 0.3, 14, AS_OF).iloc[0]
    assert row["baseline_rate"] == pytest.approx(
        0.75 * 0.05 + 0.25 * 0.25
    )  # too few of the strategy: the segments' mix
    assert row["baseline_basis"] == campaign_plan.SAME_SEGMENT
    assert (row["treated_users"], row["control_users"]) == (700, 300)
    assert row["is_powered"] == (row["power_at_expected_response"] >= 0.8)
    assert row["cost_amount"] == pytest.approx(7.0)
    more = pd.concat([observed, pd.DataFrame([("strategy", "win_back", 100, 12)], columns=observed.columns)]).tail(3)
    assert campaign_plan.describe(planned, more, 0.3, 14, AS_OF)["baseline_rate"][0] == pytest.approx(0.12)
    silent = plan(known([person("u", is_listed=True)]), ACTIVATION, "shop", "UTC", AS_OF)
    row = campaign_plan.describe(silent, observed, 0.3, 14, AS_OF).iloc[0]
    assert row["reason"] == "nobody is contacted: on the do-not-contact list (1)"
    assert pd.isna(row["minimum_detectable_lift"])


def test_a_zone_that_is_none_is_the_shops():
    people = [person("a", user_timezone="Mars/Base"), person("b", user_timezone=None), person("c")]
    planned = plan(known(people), replace(ACTIVATION, control_share=0.0), "shop", "Asia/Tokyo", AS_OF)
    assert planned["user_timezone"].tolist() == ["Asia/Tokyo", "Asia/Tokyo", "Europe/Berlin"]
    assert planned["send_after_ts"].astype(str).tolist() == ["2026-03-29 00:00:00"] * 2 + ["2026-03-29 07:00:00"]
