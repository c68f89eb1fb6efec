"""Audience files: who is in them, whatever happened before; the same bytes on a re-run; nothing a spreadsheet runs."""

import csv
import os
import stat
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activation import ledger, planned
from activation.deliver import PlanTooOld, deliver
from activation.preview import preview
from activation.settle import settle_by_hand
from activation.suppression import SuppressionError
from tests.activation import tiny_plan
from tests.activation.tiny_plan import AS_OF, CAMPAIGN, NOON, contact
from warehouse import paths
from warehouse.spreadsheet import cell


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def shop(home):
    """Three treated (one without an address), one control, one held back."""
    shop = tiny_plan.shop()
    rows = [contact("u1"), contact("u2"), contact("u3"), contact("c1", "control"), contact("h1", "held_back")]
    tiny_plan.publish(shop, rows)
    tiny_plan.land_addresses(shop, {**tiny_plan.mails(["u1", "u2", "c1", "h1"]), "u3": None})
    return shop


def at_noon():
    return NOON


def audience(shop, campaign=CAMPAIGN) -> list[dict]:
    with open(paths.of(shop.name).activation / "outbox" / campaign / "audience.csv", newline="") as file:
        return list(csv.DictReader(file))


def do_not_contact(shop, *user_ids):
    path = paths.of(shop.name).activation / "do_not_contact.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("user_id,reason,since_date\n" + "".join(f"{user},erased,2026-01-05\n" for user in user_ids))


def test_the_file_holds_the_treated_who_can_be_reached_and_the_summary_says_the_rest(shop):
    done = deliver(shop, AS_OF, clock=at_noon)["campaigns"][CAMPAIGN]
    assert [row["user_id"] for row in audience(shop)] == ["u1", "u2"]
    assert (done["via"], done["treated"], done["control"], done["sent"], done["sent_now"]) == ("file", 3, 1, 2, 2)
    assert done["skipped"] == {"no address": 1}
    first = audience(shop)[0]
    assert first["address"] == "u1@example.com"
    assert first["items"] == "Green tea | Tea pot"
    assert first["subject"] == "We have missed you: 10 % off your next order"
    assert first["send_after_ts"] == "2026-01-05T09:00:00Z"


def test_only_its_owner_can_read_the_file(shop):
    deliver(shop, AS_OF, clock=at_noon)
    mode = stat.S_IMODE(os.stat(paths.of(shop.name).activation / "outbox" / CAMPAIGN / "audience.csv").st_mode)
    assert mode == 0o600
    assert stat.S_IMODE(os.stat(paths.of(shop.name).activation / "signing.key").st_mode) == 0o600


def test_a_second_run_writes_the_same_bytes_and_no_entry_more(shop):
    deliver(shop, AS_OF, clock=at_noon)
    before = content(shop)
    done = deliver(shop, AS_OF, clock=lambda: NOON + timedelta(hours=5))
    assert content(shop) == before
    assert done["campaigns"][CAMPAIGN]["sent_now"] == 0
    assert done["open"] is False


def content(shop) -> dict:
    root = paths.of(shop.name).activation
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()
            and path.name != "activation.lock"}  # fmt: skip


def test_a_plan_of_the_past_is_rehearsed_at_its_own_time(shop):
    deliver(shop, AS_OF, clock=lambda: NOON + timedelta(days=300))
    entries = ledger.read(ledger.folder(shop) / f"{CAMPAIGN}.jsonl")
    assert {entry["at"] for entry in entries if entry["event"] != "sent"} == {"2026-01-05T00:00:00+00:00"}
    assert {entry["at"] for entry in entries if entry["event"] == "sent"} == {"2026-01-05T09:00:00+00:00"}


def test_whoever_is_on_the_list_by_now_leaves_the_file(shop):
    deliver(shop, AS_OF, clock=at_noon)
    do_not_contact(shop, "u1")
    done = deliver(shop, AS_OF, clock=at_noon)["campaigns"][CAMPAIGN]
    assert [row["user_id"] for row in audience(shop)] == ["u2"]
    assert done["skipped"] == {"no address": 1, "on the do-not-contact list": 1}


def test_a_list_that_cannot_be_read_stops_everything(shop):
    path = paths.of(shop.name).activation / "do_not_contact.csv"
    path.parent.mkdir(parents=True)
    path.write_text("nobody knows what this is\n")
    with pytest.raises(SuppressionError):
        deliver(shop, AS_OF, clock=at_noon)
    assert not (paths.of(shop.name).activation / "outbox").exists()


def test_the_newest_landed_row_is_the_address_and_taking_it_back_counts(shop):
    tiny_plan.land_addresses(shop, {"u1": None, "u2": "new@example.com"}, day="2026-01-03")
    deliver(shop, AS_OF, clock=at_noon)
    assert [(row["user_id"], row["address"]) for row in audience(shop)] == [("u2", "new@example.com")]


def test_a_newer_plan_moves_nobody_out_of_the_control_group(shop):
    deliver(shop, AS_OF, clock=at_noon)
    tiny_plan.publish(shop, [contact("u1", "control"), contact("u2"), contact("c1")])
    done = deliver(shop, AS_OF, clock=at_noon)["campaigns"][CAMPAIGN]
    assert [row["user_id"] for row in audience(shop)] == ["u2"]
    assert done["control"] == 1  # c1 still; u1 was treated and stays so, but is not written to again


def test_the_plan_that_was_approved_is_carried_out_whatever_is_published_since(shop):
    version = preview(shop, AS_OF)["version"]
    tiny_plan.publish(shop, [contact("late", as_of=AS_OF + timedelta(days=1))])
    deliver(shop, AS_OF, version=version, clock=at_noon)
    assert [row["user_id"] for row in audience(shop)] == ["u1", "u2"]


def test_a_plan_that_nobody_published_is_refused(shop):
    with pytest.raises(planned.NoPlan, match="publish as of 2026-02-01 first"):
        deliver(shop, AS_OF.replace(month=2, day=1), clock=at_noon)


def test_a_real_channel_refuses_an_old_plan_and_writes_nothing(home):
    shop = tiny_plan.shop(send=True, push={"via": "webhook", "connection": "nowhere"})
    tiny_plan.publish(shop, [contact("u1", channel="push")])
    with pytest.raises(PlanTooOld, match="was good until 2026-01-08 00:00 UTC"):
        deliver(shop, AS_OF, clock=lambda: NOON + timedelta(days=3))
    assert not ledger.folder(shop).exists()


@pytest.mark.parametrize("send,connection", [(False, "somewhere"), (True, "")])
def test_nothing_but_files_unless_switched_on_and_connected(home, send, connection):
    shop = tiny_plan.shop(send=send, push={"via": "webhook", "connection": connection})
    tiny_plan.publish(shop, [contact("u1", channel="push")])
    done = deliver(shop, AS_OF, clock=at_noon)["campaigns"]["win_back-push-20260105"]
    assert (done["via"], done["sent"]) == ("file", 1)


def test_the_dry_run_shows_everything_and_leaves_nothing_behind_but_itself(shop):
    found = preview(shop, AS_OF)
    one = found["campaigns"][CAMPAIGN]
    assert (one["treated"], one["going_out"], one["control"], one["skipped"]) == (3, 2, 1, {"no address": 1})
    assert "- Green tea" in one["sample_text"]
    activation = paths.of(shop.name).activation
    assert sorted(path.name for path in activation.iterdir()) == ["preview", "signing.key"]
    shown = b"".join(path.read_bytes() for path in (activation / "preview").rglob("*") if path.is_file())
    assert b"@example.com" not in shown
    before = content(shop)
    preview(shop, AS_OF)
    assert content(shop) == before


@pytest.mark.parametrize("value", ["=1+1", "+49 170", "-5", "@sum(a1)", "|calc", "%x", " =1+1", "\t=1", "\r=1", "\n=1"])
def test_no_cell_becomes_a_formula(value):
    assert cell(value).startswith("'")


def test_ordinary_cells_stay_as_they_are():
    assert [cell(v) for v in ("tea", "u1@example.com", None, 0.5, "a=b")] == ["tea", "u1@example.com", "", "0.5", "a=b"]


def test_settling_by_hand_what_is_not_in_doubt_is_refused(shop):
    deliver(shop, AS_OF, clock=at_noon)
    with pytest.raises(ValueError, match="is not in doubt"):
        settle_by_hand(shop, CAMPAIGN, "u1", True, NOON)


HISTORIES = st.fixed_dictionaries(
    {
        "arms": st.lists(st.sampled_from(["treated", "control", "held_back"]), min_size=1, max_size=12),
        "listed": st.sets(st.integers(0, 11)),
        "assigned_before": st.dictionaries(st.integers(0, 11), st.sampled_from(["treated", "control"])),
        "messages_before": st.dictionaries(st.integers(0, 11), st.lists(st.integers(0, 12), max_size=3)),
    }
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HISTORIES)
def test_control_listed_and_over_cap_never_appear_in_an_outgoing_file(tmp_path_factory, history):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(tmp_path_factory.mktemp("home")))
        shop = tiny_plan.shop()
        names = tiny_plan.users(len(history["arms"]))
        tiny_plan.publish(shop, [contact(user, arm) for user, arm in zip(names, history["arms"], strict=True)])
        tiny_plan.land_addresses(shop, tiny_plan.mails(names))
        do_not_contact(shop, *(names[n] for n in history["listed"] if n < len(names)))
        before = {names[n]: arm for n, arm in history["assigned_before"].items() if n < len(names)}
        with ledger.Ledger(shop, CAMPAIGN) as book:
            book.append_all([(NOON, "assigned", {"user_id": user, "arm": arm}) for user, arm in before.items()])
        earlier = {names[n]: days for n, days in history["messages_before"].items() if n < len(names)}
        for user, each in earlier.items():
            for n, days in enumerate(each):
                at = NOON - timedelta(days=days)
                with ledger.Ledger(shop, f"earlier_{n}-email-{at:%Y%m%d}") as book:
                    book.append(at, "sent", user, via="smtp")
        deliver(shop, AS_OF, clock=at_noon)
        planned_at_all = {"treated", "control"} & set(history["arms"])
        out = {row["user_id"] for row in audience(shop)} if planned_at_all else set()
    over_cap = {user for user, days in earlier.items() if sum(day < 7 for day in days) >= 2}
    expected = {
        user
        for n, (user, arm) in enumerate(zip(names, history["arms"], strict=True))
        if arm == "treated" and before.get(user) != "control" and n not in history["listed"] and user not in over_cap
    }
    assert out == expected
