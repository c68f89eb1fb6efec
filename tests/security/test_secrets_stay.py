"""Addresses, passwords and keys reach the server they are meant for: no log, no error, no ledger, no published file."""

import json
import logging
import os
import traceback

import pytest

from activation import signing
from activation.deliver import DeliveryParameters, deliver
from activation.preview import preview
from activation.summary import of_delivery, of_preview
from extract.errors import ExtractError, LostSource
from tests.activation import tiny_plan
from tests.activation.mail_servers import ScriptedMailbox, serving
from tests.activation.test_webhook import receiver
from tests.activation.tiny_plan import ADDRESS, AS_OF, NOON, contact
from tests.extract import test_http, test_postgres
from tests.extract.http_server import Answer, Interface
from tests.security.planted import forms, found_below
from tests.warehouse import hand_built
from warehouse import paths, publish

pytestmark = pytest.mark.fault(40)
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


@pytest.fixture
def token() -> str:
    """A secret with what an address, JSON and SQL write differently."""
    return f"canary {os.urandom(6).hex()}/+&='\"%ü"


def everything(caplog, capfd, error: Exception) -> str:
    """What was logged at any level by any library, printed, and what a log shows of an error and its causes."""
    return "".join([caplog.text, *capfd.readouterr(), *traceback.format_exception(error), repr(error)])


@pytest.mark.parametrize("trouble", ["refused", "broken", "gone", "moved", "next page elsewhere"])
def test_the_token_of_an_interface_stays_however_it_fails(desk, home, monkeypatch, caplog, capfd, token, trouble):
    """It is in a header, in the address, and in what the interface answers."""
    caplog.set_level(logging.DEBUG)
    plain = token.encode("ascii", "ignore").decode()
    server = Interface()
    kept = {"conn_type": "http", "host": f"{server.address}/v1", "password": plain, "extra": {"X-Api-Key": plain[::-1]}}
    monkeypatch.setenv("AIRFLOW_CONN_OUR_INTERFACE", json.dumps(kept))
    echoed = {"data": [], "error": f"bad {plain} {plain[::-1]}", "paging": {"after": None}}
    answers = {
        "refused": Answer(echoed, 403), "broken": Answer(echoed, 500),
        "moved": Answer(echoed, 302, {"Location": "http://127.0.0.1:9/"}),
        "next page elsewhere": Answer({**echoed, "next": "http://127.0.0.1:9/next?page=2"}),
    }  # fmt: skip
    server.answer = lambda asked: answers[trouble]
    if trouble == "gone":
        server.shutdown()
        server.server_close()
    request = {"parameters": {"access_token": plain}}
    if trouble == "next page elsewhere":
        request["paging"] = {"by": "link", "next": "next"}
    with pytest.raises((ExtractError, LostSource)) as caught:
        desk.land(test_http.shop({"attempts": 2}, request=request), test_http.DAY)
    if trouble != "gone":
        assert server.asked[0].query["access_token"] == plain and server.asked[0].headers["X-Api-Key"] == plain[::-1]
        server.shutdown()
        server.server_close()
    said = everything(caplog, capfd, caught.value)
    assert [form for form in forms(plain) | forms(plain[::-1]) if form in said] == []
    assert found_below(home, [plain, plain[::-1]]) == {}


@pytest.mark.parametrize("trouble", ["wrong password", "gone", "no such host"])
def test_the_password_of_a_database_stays_however_it_fails(
    desk, home, postgres, monkeypatch, caplog, capfd, token, trouble
):
    caplog.set_level(logging.DEBUG)
    kept = json.loads(postgres.connection(password=token))
    kept |= {"gone": {"port": 1}, "no such host": {"host": "nowhere.invalid"}}.get(trouble, {})
    monkeypatch.setenv("AIRFLOW_CONN_OUR_DATABASE", json.dumps(kept))
    with pytest.raises((ExtractError, LostSource)) as caught:
        desk.land(test_postgres.shop(parameters={"attempts": 1}), test_postgres.DAY)
    said = everything(caplog, capfd, caught.value)
    assert [form for form in forms(token) if form in said] == []
    assert found_below(home, [token]) == {}


def test_what_is_published_holds_no_secret_of_the_process_that_published_it(tmp_path, monkeypatch, token):
    """Marts, Parquet, manifest, quality report and dbt docs, every byte of them, unpacked."""
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    for name in ("AIRFLOW_CONN_SHOP_DATABASE", "AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET"):
        monkeypatch.setenv(name, token)
    (tmp_path / "key").write_bytes(token.encode() * 3)
    monkeypatch.setenv("PRECISION_PSEUDONYM_KEY_FILE", str(tmp_path / "key"))
    tiny = hand_built.build()
    secrets = [token, signing.key(tiny).hex()]
    hand_built.pass_audit()
    version = paths.of("tiny").published / publish.publish("tiny", hand_built.AS_OF)
    assert {"marts.duckdb", "manifest.json", "data_quality.html", "dbt_docs.html"} <= {
        f.name for f in version.iterdir()
    }
    assert found_below(tmp_path / "home", secrets) == {}
    (version / "planted.txt").write_text(f"left by mistake: {signing.key(tiny).hex()}")
    assert list(found_below(version, secrets)) == [version / "planted.txt"]  # so it would be seen
