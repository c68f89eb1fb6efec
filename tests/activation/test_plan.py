"""The planning step on a hand-made warehouse: what counts as known, what stays, and what leaves in a file at last."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from activation import deliver, plan, suppression
from tests.activation import tiny_plan
from tests.activation.planning_shop import build, chosen, contact, read, user
from tests.warehouse.hand_built import change
from warehouse import paths

AS_OF = tiny_plan.AS_OF
FILES = {"email": tiny_plan.FILE, "push": tiny_plan.FILE}


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    made = tiny_plan.shop(quiet=(21, 9), **FILES)
    return replace(made, activation=replace(made.activation, control_share=0.2))


def days_before(number: int) -> date:
    return AS_OF - timedelta(days=number)


def audience(shop, as_of=AS_OF) -> pd.DataFrame:
    rows = read(shop.name, f"select * from activation.audience where as_of = date '{as_of}' order by user_id")
    return rows.set_index("user_id", drop=False)


def plan_for(shop, users, as_of=AS_OF, people=None, **rows) -> pd.DataFrame:
    strategies = rows.pop("strategies", None) or [chosen(name, as_of) for name in users]
    build(shop.name, fct_customer_strategy=strategies, int_users_current=people or [user(n) for n in users], **rows)
    plan.run(shop, as_of)
    return audience(shop, as_of)


def test_a_rerun_gives_the_same_rows_and_other_moments_stay(shop):
    users = [f"u{n:03d}" for n in range(50)]
    first = plan_for(shop, users)
    plan_for(shop, users, as_of=AS_OF + timedelta(days=30))
    assert_frame_equal(plan_for(shop, users[::-1]), first)
    moments = read(shop.name, "select distinct as_of from activation.audience order by as_of")["as_of"].dt.date
    assert moments.tolist() == [AS_OF, AS_OF + timedelta(days=30)]
    assert first["arm"].value_counts().to_dict() == {"treated": 40, "control": 10}
    assert first["message_template"].unique().tolist() == ["win_back"]


def test_messages_sent_count_for_the_cap_and_only_those_known_at_the_time(shop):
    rows = [
        *[contact("two", days_before(n), campaign_id=f"c{n}") for n in (1, 7)],
        *[contact("one_is_old", days_before(n), campaign_id=f"c{n}") for n in (1, 8)],
        *[contact("not_known_yet", days_before(2), campaign_id=f"c{n}", arrival=AS_OF) for n in (1, 2)],
        *[contact("once_told_twice", days_before(2), kind) for kind in ("sent", "delivered")],
        *[contact("twice_in_one", days_before(n)) for n in (1, 2)],
        *[contact("control", days_before(2), "assigned", f"c{n}", is_control=True) for n in (1, 2)],
    ]
    users = sorted({row["user_id"] for row in rows})
    held_back = plan_for(shop, users, int_contacts_accepted=rows)["held_back_reason"]
    assert held_back[held_back.notna()].to_dict() == {"two": "frequency cap", "twice_in_one": "frequency cap"}


@pytest.mark.parametrize(("told", "until"), [(True, 4), (False, 10)])
def test_a_plan_counts_as_long_as_it_may_still_have_been_sent(shop, told, until):
    """valid_days 3, cap_days 7: with the ledger as a source 3 days and the one on which it arrives, else 3 + 7."""
    if not told:
        shop = replace(shop, sources=tuple(s for s in shop.sources if s.kind != "activation"))
    shop = replace(shop, activation=replace(shop.activation, cap_contacts=1, control_share=0.0, response_days=1))
    ages = {f"u{n:02d}": n for n in range(1, 15)}
    assert set(plan_for(shop, list(ages), as_of=days_before(1))["arm"]) == {"treated"}
    change(f"update activation.audience set as_of = date '{AS_OF}' - cast(user_id[2:] as integer)", shop.name)
    held_back = plan_for(shop, list(ages))["held_back_reason"] == suppression.OVER_CAP
    assert [ages[name] for name in held_back[held_back].index] == list(range(1, until + 1))


def test_neither_arm_is_assigned_again_while_the_campaign_is_given_credit(shop):
    users = [f"u{n:03d}" for n in range(40)]
    first = plan_for(shop, users, as_of=days_before(3))
    assert set(first["arm"]) == {"treated", "control"}
    again = plan_for(shop, users)
    assert set(again["held_back_reason"]) == {suppression.RUNNING}
    other = plan_for(shop, users, strategies=[chosen(name, AS_OF, "cross_sell") for name in users])
    assert set(other["arm"]) == {"treated", "control"}


def test_the_ledger_says_who_is_in_a_running_campaign(shop):
    campaigns = [{"campaign_id": "c1", "strategy": "win_back"}, {"campaign_id": "c2", "strategy": "cross_sell"}]
    rows = [
        contact("in_it", days_before(13), "assigned", "c1"),
        contact("control_of_it", days_before(13), "assigned", "c1", is_control=True),
        contact("over", days_before(14), "assigned", "c1"),
        contact("of_another", days_before(13), "assigned", "c2"),
    ]
    users = [row["user_id"] for row in rows]
    found = plan_for(shop, users, int_contacts_accepted=rows, int_campaigns_current=campaigns)["held_back_reason"]
    assert found[found.notna()].to_dict() == dict.fromkeys(("in_it", "control_of_it"), suppression.RUNNING)


def test_what_the_ledger_assigned_on_this_day_stays(shop):
    users = [f"u{n:03d}" for n in range(30)]
    first = plan_for(shop, users)
    swapped = {u: arm == "treated" for u, arm in first["arm"].items()}  # told otherwise than the lot says
    rows = [
        contact(u, AS_OF, "assigned", f"win_back-push-{AS_OF:%Y%m%d}", is_control=is_control)
        for u, is_control in swapped.items()
    ]
    again = plan_for(shop, users, int_contacts_accepted=rows)
    assert {u: arm == "control" for u, arm in again["arm"].items()} == swapped
    assert set(again["channel"]) == {"push"}
    changed = plan_for(
        shop, users, strategies=[chosen(u, AS_OF, "cross_sell") for u in users], int_contacts_accepted=rows
    )
    assert set(changed["held_back_reason"]) == {suppression.OTHER_CAMPAIGN}


def test_where_no_consent_is_recorded_nobody_is_contacted_and_quality_says_so(shop):
    users = ["a", "b"]
    people = [user(name, None, None, None) for name in users]
    assert set(plan_for(shop, users, people=people)["held_back_reason"]) == {suppression.NO_CONSENT_RECORDED}
    noted = read(shop.name, "select dataset, status, observed from ops.data_quality order by dataset")
    assert noted.to_numpy().tolist() == [
        ["activation.audience", "passed", "enough"],
        ["activation.consent", "failed", "2 of 2 customers to contact have no consent recorded"],
    ]
    campaigns = read(
        shop.name, "select campaign_id, channel, users, consent_not_recorded_users from activation.campaign_plan"
    )
    assert campaigns.astype(object).fillna("").to_numpy().tolist() == [["win_back-none-20260105", "", 2, 2]]


def test_nobody_to_contact_is_a_refusal_not_an_error(shop):
    result = plan_for(shop, ["a"], strategies=[chosen("a", AS_OF, "full_price")])
    assert result.empty
    noted = read(shop.name, "select status, observed from ops.data_quality where dataset = 'activation.audience'")
    assert noted.to_numpy().tolist() == [["failed", plan.NO_ADDRESSEE]]


def test_the_measured_response_of_the_segment_goes_before_that_of_all_and_the_prior(shop):
    strategies = [
        chosen("measured", AS_OF, segment_name="lapsing"),
        chosen("of_all", AS_OF, segment_name="new"),
        chosen("prior", AS_OF, "cross_sell"),
    ]
    responses = [
        {"as_of": AS_OF, "strategy": "win_back", "segment_name": "lapsing", "response_rate": 0.2},
        {"as_of": AS_OF, "strategy": "win_back", "segment_name": "all", "response_rate": 0.1},
        {"as_of": days_before(1), "strategy": "cross_sell", "segment_name": "all", "response_rate": 0.9},
    ]
    found = plan_for(shop, ["measured", "of_all", "prior"], strategies=strategies, mart_strategy_response=responses)
    assert found["expected_response_rate"].to_dict() == {"measured": 0.2, "of_all": 0.1, "prior": 0.005}
    assert found["expected_gain_amount"].to_dict() == pytest.approx({"measured": 10.0, "of_all": 5.0, "prior": 0.25})


def test_the_offered_item_goes_before_the_first_recommended_one(shop):
    recommended = [
        {"as_of": AS_OF, "mode": mode, "user_id": name, "rank": rank, "item_id": f"{mode}{rank}"}
        for mode, name in (("paper", "a"), ("tuned", "a"), ("tuned", "b"), ("paper", "c"))
        for rank in (1, 2)
    ]
    strategies = [chosen("a", AS_OF), chosen("b", AS_OF, item_id="offered"), chosen("c", AS_OF), chosen("d", AS_OF)]
    found = plan_for(shop, list("abcd"), strategies=strategies, fct_recommendation=recommended)["item_id"]
    assert found.fillna("").to_dict() == {"a": "tuned1", "b": "offered", "c": "paper1", "d": ""}


def test_baseline_is_what_such_customers_bought_in_the_window_that_followed(shop):
    earlier, others = [f"e{n:03d}" for n in range(120)], days_before(14)
    strategies = [chosen(name, others) for name in earlier] + [chosen("now", AS_OF)]
    orders = [
        *[{"user_id": name, "order_date": days_before(14), "arrival_date": days_before(13)} for name in earlier[:30]],
        *[{"user_id": name, "order_date": days_before(1), "arrival_date": days_before(1)} for name in earlier[:6]],
        *[{"user_id": name, "order_date": days_before(15), "arrival_date": days_before(1)} for name in earlier[30:60]],
        *[{"user_id": name, "order_date": days_before(1), "arrival_date": AS_OF} for name in earlier[60:90]],
    ]
    plan_for(shop, ["now"], strategies=strategies, int_orders_accepted=orders)
    row = read(shop.name, "select * from activation.campaign_plan").iloc[0]
    assert (row["baseline_rate"], row["baseline_users"]) == (0.25, 120)
    assert row["baseline_basis"].startswith("customers of the same strategy")


@given(seed=st.integers(0, 2**32))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_against_whom_anything_speaks_is_in_an_outgoing_file(shop, seed, tmp_path_factory):
    random = Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(tmp_path_factory.mktemp("home")))
        users = [f"u{n:03d}" for n in range(60)]
        people = [user(u, *(random.choice([True, True, False, None]) for _ in range(3))) for u in users]
        days = [days_before(random.randrange(20)) for _ in range(90)]
        kinds = ("sent", "delivered", "clicked", "unsubscribed", "sent", "sent", "sent", "sent")
        contacts = [
            contact(random.choice(users), day, random.choice(kinds), f"c{n}", day + timedelta(days=random.randrange(3)))
            for n, day in enumerate(days)
        ]
        listed = set(random.sample(users, 5))
        folder = paths.of(shop.name).activation
        folder.mkdir(parents=True)
        lines = [",".join(suppression.COLUMNS), *(f"{name},erased,2026-01-01" for name in sorted(listed))]
        (folder / suppression.FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
        planned = plan_for(shop, users, people=people, int_contacts_accepted=contacts)
        outgoing = files_of(shop, planned)
        control = set(planned.index[planned["arm"] == "control"])
        agreed = {u["user_id"]: {c for c in ("email", "push") if u[f"consent_{c}"]} for u in people}
        gone = {c["user_id"] for c in contacts if c["contact_type"] == "unsubscribed"}
        told = [c for c in contacts if c["arrival_date"] < AS_OF and days_before(7) <= c["contact_date"] < AS_OF]
        sent = [c["user_id"] for c in told if c["contact_type"] in ("sent", "delivered")]
        assert outgoing
        assert control
        for name, channel in outgoing:
            assert channel in agreed[name]
            assert name not in control | listed | gone
            assert sent.count(name) < shop.activation.cap_contacts
        assert len({name for name, _ in outgoing}) == len(outgoing)


def files_of(shop, planned: pd.DataFrame) -> list[tuple[str, str]]:
    """(customer, channel) of every line of every file that leaves for a plan."""
    rows = [
        {**tiny_plan.contact("u"), **{name: None if pd.isna(value) else value for name, value in row.items()}}
        for row in planned[list(tiny_plan.contact("u"))].assign(as_of=AS_OF).to_dict("records")
    ]
    tiny_plan.publish(shop, rows)
    tiny_plan.land_addresses(shop, tiny_plan.mails(list(planned.index)))
    deliver.deliver(shop, AS_OF, clock=lambda: datetime(2026, 1, 5, 12, tzinfo=UTC))
    found = []
    for path in sorted((paths.of(shop.name).activation / "outbox").rglob("*.csv")):
        with open(path, encoding="utf-8", newline="") as file:
            found += [(row["user_id"], row["channel"]) for row in csv.DictReader(file)]
    return found
