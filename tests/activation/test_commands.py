"""`precision activate` and `settle`: nothing leaves without a yes, and a wrong call says what is wrong."""

import pytest
from typer.testing import CliRunner

import precision
from activation.ledger import IN_DOUBT, Ledger
from shops import declaration
from tests.activation import tiny_plan
from tests.activation.tiny_plan import CAMPAIGN, NOON, contact
from warehouse import paths


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Two treated and one control, published; the command line finds no other shop."""
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    shop = tiny_plan.shop()
    tiny_plan.publish(shop, [contact("u1"), contact("u2"), contact("c1", "control")])
    tiny_plan.land_addresses(shop, tiny_plan.mails(["u1", "u2", "c1"]))
    monkeypatch.setattr(declaration, "load", {"tiny": shop}.__getitem__)
    return shop


def call(*arguments: str):
    return CliRunner().invoke(precision.app, [*arguments, "--shop", "tiny"])


def outbox(shop) -> list[str]:
    return sorted(path.name for path in (paths.of(shop.name).activation / "outbox").glob("*"))


def test_a_dry_run_shows_the_messages_and_sends_none(shop):
    done = call("activate", "--dry-run")
    assert done.exit_code == 0
    assert CAMPAIGN in done.output and "2 messages" in done.output
    assert outbox(shop) == []


def test_without_a_yes_nothing_leaves(shop):
    done = call("activate")
    assert done.exit_code == 1
    assert "nothing has left" in done.output
    assert outbox(shop) == []


def test_an_approved_plan_is_carried_out_and_again_changes_nothing(shop):
    assert call("activate", "--approve").exit_code == 0
    assert outbox(shop) == [CAMPAIGN]
    file = paths.of(shop.name).activation / "outbox" / CAMPAIGN / "audience.csv"
    before = file.read_bytes()
    assert b"u1@example.com" in before and b"c1@example.com" not in before
    assert call("activate", "--approve").exit_code == 0
    assert file.read_bytes() == before


def test_a_day_that_is_not_published_yet_is_named(shop):
    done = call("activate", "--as-of", "2026-01-06", "--dry-run")
    assert done.exit_code == 1
    assert "publish as of 2026-01-06 first" in done.output


@pytest.mark.parametrize(("said", "state"), [("--sent", "sent"), ("--not-sent", "deferred")])
def test_a_message_in_doubt_is_settled_by_a_person(shop, said, state):
    with Ledger(shop, CAMPAIGN) as book:
        book.append(NOON, IN_DOUBT, "u1", via="smtp", message_id="<1@shop.example>")
    assert call("settle", "--campaign", CAMPAIGN, "--user", "u1", said).exit_code == 0
    with Ledger(shop, CAMPAIGN) as book:
        assert book.state.of("u1") == state


def test_what_is_not_in_doubt_cannot_be_settled(shop):
    done = call("settle", "--campaign", CAMPAIGN, "--user", "u1", "--sent")
    assert done.exit_code == 1
    assert "not in doubt" in done.output
