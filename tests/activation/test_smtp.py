"""E-mail through real servers: what a message looks like, and what happens when the server does not want it."""

import re
from email.utils import parseaddr

import pytest

from activation import ledger, signing
from activation.deliver import DeliveryParameters, deliver
from activation.settle import settle_by_hand
from shops.declaration import ShopError
from tests.activation import mail_servers, tiny_plan
from tests.activation.mail_servers import ScriptedMailbox, hanging_up, letters, received, serving
from tests.activation.tiny_plan import ADDRESS, AS_OF, CAMPAIGN, NOON, contact

QUICK = DeliveryParameters(first_wait_seconds=0.01)
LIMITS = (
    '"tls": "none", "timeout_seconds": 5, "connect_attempts": 2, "connect_wait_seconds": 0.01, "journal_seconds": 0'
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def connect(monkeypatch):
    """`connect(port)`: the connection `mail` leads there."""

    def to(port, extra=LIMITS, host="127.0.0.1", more=""):
        address = f'{{"conn_type": "smtp", "host": "{host}", "port": {port}, {more} "extra": {{{extra}}}}}'
        monkeypatch.setenv("AIRFLOW_CONN_MAIL", address)

    return to


def mail_shop(*user_ids, journal="", quiet=(0, 0), rows=None, addresses=None, timezones=None, **plan):
    email = {"via": "smtp", "connection": "mail", "sender": "shop@shop.example", "journal": str(journal)}
    shop = tiny_plan.shop(send=True, quiet=quiet, email={**email, "address": ADDRESS})
    tiny_plan.publish(shop, rows or [contact(user) for user in user_ids], timezones, **plan)
    tiny_plan.land_addresses(shop, addresses or tiny_plan.mails(list(user_ids)))
    return shop


def go(shop, at=NOON):
    return deliver(shop, AS_OF, clock=lambda: at, params=QUICK)["campaigns"][CAMPAIGN]


def test_a_message_as_the_customer_gets_it(folder, connect):
    box = folder / "box"
    with serving(ScriptedMailbox(box)) as port:
        connect(port)
        shop = mail_shop("u1", items={"i1": "Café <b>\r\nBcc: spy@x.example", "i2": ".dot first"})
        done = go(shop)
    assert (done["via"], done["sent"]) == ("smtp", 1)
    (mail,) = letters(box)
    assert mail["Subject"] == "We have missed you: 10 % off your next order"
    assert (mail["To"], mail["From"], mail["Bcc"]) == ("u1@example.com", "shop@shop.example", None)
    assert re.fullmatch(r"<[0-9a-f]{32}@shop\.example>", mail["Message-ID"])
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = re.fullmatch(r"<https://shop\.example/unsubscribe\?token=(.+)>", mail["List-Unsubscribe"])[1]
    assert signing.unsubscribed(signing.key(shop), "tiny", token) == "u1"
    text = mail.get_body(("plain",)).get_content()
    assert "- Café <b> Bcc: spy@x.example" in text
    assert "- .dot first" in text
    assert token in text
    assert "Café &lt;b&gt; Bcc" in mail.get_body(("html",)).get_content()
    assert mail["Date"] == "Mon, 05 Jan 2026 12:00:00 +0000"


def test_a_line_that_begins_with_a_dot_arrives_whole(folder, connect, monkeypatch):
    box = folder / "box"
    monkeypatch.setattr("activation.send_smtp.letter", lambda *_: b"To: u1@example.com\r\n\r\n.\r\n..\r\nend\r\n")
    with serving(ScriptedMailbox(box)) as port:
        connect(port)
        go(mail_shop("u1"))
    assert letters(box)[0].get_content() == ".\n..\nend\n"


def test_a_second_run_sends_nothing(folder, connect):
    box = folder / "box"
    with serving(ScriptedMailbox(box)) as port:
        connect(port)
        shop = mail_shop(*tiny_plan.users(5))
        assert go(shop)["sent_now"] == 5
        assert go(shop)["sent_now"] == 0
    assert received(box) == {f"u00{n}@example.com": 1 for n in range(5)}


def test_for_now_is_tried_again_and_for_good_is_not(folder, connect):
    box = folder / "box"
    later, full, gone, spam = (f"{name}@example.com" for name in ("later", "full", "gone", "spam"))
    script = {
        "recipients": {later: ["451 later"], gone: ["550 5.1.1 <gone@example.com> unknown"] * 9},
        "contents": {full: ["452 4.2.2 full"] * 9, spam: ["554 no"] * 9},
    }
    with serving(ScriptedMailbox(box, **script)) as port:
        connect(port)
        shop = mail_shop("later", "full", "gone", "spam", "well")
        done = go(shop)
        again = go(shop)
    assert received(box) == {later: 1, "well@example.com": 1}
    assert done["refused"] == again["refused"] == {"550 5.1.1": 1, "554": 1}
    assert done["queued"] == {"not taken for now": 1}
    assert done["in_doubt"] == []


def test_hung_up_mid_data_a_later_run_sends_once(folder, connect):
    box = folder / "box"
    with hanging_up("mid_data") as (port, times):
        connect(port)
        shop = mail_shop("u1", journal=mail_servers.empty_maildir(box))
        assert go(shop)["sent"] == 0
        assert times["mid_data"] >= 1
    with serving(ScriptedMailbox(box)) as port:
        connect(port)
        tiny_plan.land_addresses(shop, tiny_plan.mails(["u1", "u2"]), day="2026-01-02")
        tiny_plan.publish(shop, [contact("u1"), contact("u2")])
        assert go(shop)["sent"] == 2
    assert received(box) == {"u1@example.com": 1, "u2@example.com": 1}


def test_no_reply_after_the_dot_and_no_journal_is_never_sent_again_but_reported(folder, connect):
    box = folder / "box"
    with hanging_up("after_dot") as (port, times):
        connect(port)
        shop = mail_shop("u1")
        assert go(shop)["in_doubt"] == ["u1"]
        assert times["after_dot"] == 1
    with serving(ScriptedMailbox(box)) as port:
        connect(port)
        assert go(shop)["in_doubt"] == ["u1"]
        assert received(box) == {}
        settle_by_hand(shop, CAMPAIGN, "u1", was_sent=False, at=NOON)
        assert go(shop)["sent"] == 1
    assert received(box) == {"u1@example.com": 1}


def test_a_journal_that_has_never_shown_a_message_of_ours_proves_nothing(folder, connect):
    with hanging_up("after_dot") as (port, _):
        connect(port)
        shop = mail_shop("u1", journal=mail_servers.empty_maildir(folder / "not_the_journal"))
        assert go(shop)["in_doubt"] == ["u1"]
        assert go(shop)["in_doubt"] == ["u1"]


def test_what_the_journal_holds_was_sent(folder, connect):
    box = folder / "box"
    with serving(ScriptedMailbox(box)) as port:
        connect(port)
        shop = mail_shop("u1", journal=box)
        go(shop)
        path = ledger.folder(shop) / f"{CAMPAIGN}.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        assert b'"sent"' in lines[-1]
        path.write_bytes(b"".join(lines[:-1]) + lines[-1][:20])  # the process died while writing that it was sent
        done = go(shop)
    assert (done["sent"], done["in_doubt"]) == (1, [])
    assert received(box) == {"u1@example.com": 1}
    assert ledger.read(path)[-1]["reason"] == "found in the journal"


def test_no_server_leaves_everything_queued(folder, connect):
    connect(9)  # discard: nobody listens
    shop = mail_shop("u1", "u2")
    done = deliver(shop, AS_OF, clock=lambda: NOON, params=QUICK)
    assert done["open"] is True
    assert done["failed"] == {"email": "no mail server after 2 attempts (last: ConnectionRefusedError)"}
    assert done["campaigns"][CAMPAIGN]["queued"] == {"not taken for now": 2}


def test_a_server_without_the_promised_encryption_gets_nothing(folder, connect):
    box = folder / "box"
    with serving(ScriptedMailbox(box)) as port:
        connect(port, extra=LIMITS.replace('"none"', '"starttls"'))
        done = deliver(mail_shop("u1"), AS_OF, clock=lambda: NOON, params=QUICK)
    assert "email" in done["failed"]
    assert received(box) == {}


def test_a_password_does_not_travel_in_clear(folder, connect):
    connect(25, host="mail.example", more='"login": "me", "password": "canary-password",')
    with pytest.raises(ShopError, match="password unencrypted") as error:
        go(mail_shop("u1"))
    assert "canary-password" not in str(error.value)


def test_quiet_hours_and_send_after_are_kept_at_the_moment_of_sending(folder, connect):
    box = folder / "box"
    rows = [contact("berlin"), contact("tokyo"), contact("later", send_after_ts=NOON.replace(hour=15, tzinfo=None))]
    zones = {"berlin": "Europe/Berlin", "tokyo": "Asia/Tokyo", "later": "Europe/Berlin"}
    addresses = tiny_plan.mails(["berlin", "tokyo", "later"])
    with serving(ScriptedMailbox(box)) as port:
        connect(port)
        shop = mail_shop(rows=rows, addresses=addresses, timezones=zones, quiet=(21, 9))
        done = go(shop)  # noon UTC: 13 h in Berlin, 21 h in Tokyo
        assert (done["sent"], done["queued"]) == (1, {"not due yet": 1, "quiet hours": 1})
        done = go(shop, NOON.replace(hour=16))
        assert (done["sent"], done["queued"]) == (2, {"quiet hours": 1})
        assert go(shop, NOON.replace(day=6, hour=0, minute=30))["sent"] == 3  # 9:30 in Tokyo
    assert set(received(box).values()) == {1}


def test_addresses_that_are_none_are_refused_without_asking_the_server(folder, connect):
    box = folder / "box"
    odd = {"u1": "two@x.example, y@y.example", "u2": "a@b.example>\r\nRCPT TO:<spy@x.example", "u3": "ünï@x.example"}
    with serving(ScriptedMailbox(box)) as port:
        connect(port)
        done = go(mail_shop("u1", "u2", "u3", addresses=odd))
    assert done["refused"] == {"not an address that can be written to": 3}
    assert received(box) == {}


def test_control_and_suppressed_customers_have_no_message(folder, connect):
    box = folder / "box"
    rows = [contact("t1"), contact("c1", "control"), contact("h1", "held_back"), contact("x1")]
    with serving(ScriptedMailbox(box)) as port:
        connect(port)
        shop = mail_shop(rows=rows, addresses=tiny_plan.mails(["t1", "c1", "h1", "x1"]))
        listed = folder / "home" / "tiny" / "activation" / "do_not_contact.csv"
        listed.parent.mkdir(parents=True)
        listed.write_text("user_id,reason,since_date\nx1,erased,2026-01-05\n")
        go(shop)
    assert [parseaddr(str(mail["To"]))[1] for mail in letters(box)] == ["t1@example.com"]
