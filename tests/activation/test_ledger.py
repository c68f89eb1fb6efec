"""The ledger: append-only, whole lines only, damage is never passed over."""

import pytest

from activation import ledger
from activation.ledger import Ledger, LedgerDamaged
from tests.activation import tiny_plan
from tests.activation.tiny_plan import CAMPAIGN, NOON


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    shop = tiny_plan.shop()
    with Ledger(shop, CAMPAIGN) as book:
        book.append_all([(NOON, "assigned", {"user_id": "u1", "arm": "treated"})])
        book.append(NOON, "handing_over", "u1", via="smtp", message_id="<1@x>")
        book.append(NOON, "sent", "u1", via="smtp", message_id="<1@x>")
    return shop


def path(shop):
    return ledger.folder(shop) / f"{CAMPAIGN}.jsonl"


def test_cut_at_every_byte_the_ledger_says_what_its_whole_lines_say(shop):
    whole = path(shop).read_bytes()
    ends = [0, *(n + 1 for n, byte in enumerate(whole) if byte == ord("\n"))]
    for cut in range(len(whole) + 1):
        path(shop).write_bytes(whole[:cut])
        lines = max(n for n, end in enumerate(ends) if end <= cut)
        assert len(ledger.read(path(shop))) == lines
        with Ledger(shop, CAMPAIGN) as book:
            assert book.state.of("u1") == ["", "", "handing_over", "sent"][lines]
            book.append(NOON, "deferred", "u1")
        assert len(ledger.read(path(shop))) == lines + 1


def test_a_damaged_line_in_the_middle_stops_everything(shop):
    lines = path(shop).read_bytes().splitlines(keepends=True)
    path(shop).write_bytes(lines[0] + lines[1][:-5] + b"\n" + lines[2])
    with pytest.raises(LedgerDamaged, match="line 2 is no entry"):
        Ledger(shop, CAMPAIGN)


def test_the_first_arm_stays(shop):
    with Ledger(shop, CAMPAIGN) as book:
        book.append_all([(NOON, "assigned", {"user_id": "u1", "arm": "control"})])
        assert book.state.arms == {"u1": "treated"}


@pytest.mark.parametrize("name", ["../../etc/passwd-email-20260105", "x", "a-b-c", "A-email-20260105"])
def test_names_that_point_elsewhere_are_refused(shop, name):
    with pytest.raises(ValueError, match="not the name of a campaign"):
        Ledger(shop, name)
