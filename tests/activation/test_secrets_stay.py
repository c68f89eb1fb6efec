"""Addresses, passwords and keys reach the server they are meant for: no log, no error, no ledger, no summary."""

import json
import logging

import pytest

from activation import signing
from activation.deliver import DeliveryParameters, deliver
from activation.preview import preview
from activation.summary import of_delivery, of_preview
from tests.activation import tiny_plan
from tests.activation.mail_servers import ScriptedMailbox, serving
from tests.activation.test_webhook import receiver
from tests.activation.tiny_plan import ADDRESS, AS_OF, NOON, contact
from warehouse import paths

CANARIES = ("canary-address", "canary-password", "canary-signing", "canary-path")
QUICK = DeliveryParameters(attempts=2, first_wait_seconds=0.01)


def silent(_record) -> bool:
    return False


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    email = {"via": "smtp", "connection": "mail", "sender": "shop@shop.example", "address": ADDRESS}
    shop = tiny_plan.shop(send=True, email=email, push={"via": "webhook", "connection": "hook", "address": ADDRESS})
    rows = [contact(user, channel=channel) for channel in ("email", "push") for user in (f"{channel}1", f"{channel}2")]
    tiny_plan.publish(shop, rows)
    people = {row["user_id"]: f"canary-address-{row['user_id']}@example.com" for row in rows}
    tiny_plan.land_addresses(shop, people)
    return shop


@pytest.mark.parametrize("trouble", ["none", "refused", "down"])
def test_nothing_of_it_is_said_anywhere(shop, tmp_path, monkeypatch, caplog, capfd, trouble):
    caplog.set_level(logging.DEBUG)
    for name in ("mail.log", "mail.debug", "mail.error"):  # what the server says is its own business
        logging.getLogger(name).addFilter(silent)
    bad = "canary-address-email1@example.com"
    script = {"recipients": {bad: [f"550 5.1.1 <{bad}> is unknown"]}} if trouble == "refused" else {}
    answers = {"push1": [(400, {}), (500, {})]} if trouble == "refused" else {}
    with serving(ScriptedMailbox(tmp_path / "box", **script)) as mail_port, receiver(answers) as (hook_port, posts):
        if trouble == "down":
            mail_port = hook_port = 9  # nobody listens
        extra = {"connect_attempts": 1, "timeout_seconds": 5}
        mail = {"conn_type": "smtp", "host": "127.0.0.1", "port": mail_port, "extra": extra}
        if trouble == "down":
            mail |= {"login": "me", "password": "canary-password"}
        hook = {"conn_type": "http", "host": "127.0.0.1", "port": hook_port, "password": "canary-password"}
        hook["extra"] = {"path": "/canary-path", "signing_key": "canary-signing"}
        monkeypatch.setenv("AIRFLOW_CONN_MAIL", json.dumps(mail))
        monkeypatch.setenv("AIRFLOW_CONN_HOOK", json.dumps(hook))
        shown = preview(shop, AS_OF)
        done = deliver(shop, AS_OF, clock=lambda: NOON, params=QUICK)
    if trouble != "down":
        assert any(b"canary-address" in post[3] for post in posts)  # it did go out
    said = caplog.text + "".join(capfd.readouterr())
    said += of_preview(shown) + of_delivery(done) + json.dumps([shown, done])
    activation = paths.of(shop.name).activation
    for path in activation.rglob("*"):
        if path.is_file() and "outbox" not in path.parts:
            said += path.read_bytes().decode("utf-8", "replace") if path.name != "signing.key" else ""
    found = [said[max(0, said.find(canary) - 150) :][:300] for canary in CANARIES if canary in said]
    assert found == []
    assert signing.key(shop).hex() not in said
