"""Killing the sender: SIGKILL at 20 random points of its work, started again until done; the server tells what came."""

import multiprocessing
import os
import random
import signal
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from activation import ledger
from tests.activation import tiny_plan
from tests.activation.mail_servers import ScriptedMailbox, received, serving
from tests.activation.tiny_plan import ADDRESS, contact
from warehouse import paths

KILLS = 20
CUSTOMERS = 60
STEPS = 3000  # until it is killed, at most; a message takes about 1,400
IN_DOUBT_STEPS = (1, 2, 3, 20, 40, 60)  # kills more, just before the dot leaves and while the reply is awaited
JOURNAL_SECONDS = 2


def send(environment: dict, shop, as_of, kill_at: int | None, in_doubt: bool) -> None:
    """What the child process does: deliver, and die at its `kill_at`-th step (a call or return, in our code or
    smtplib, also of the operating system's functions that they use: so before and after every write and send), counted
    from the first message on, or from the moment at which one gets into doubt."""
    os.environ.update(environment)
    from activation import deliver

    steps = 0

    def count(frame, event, _argument):
        nonlocal steps
        where = frame.f_code.co_filename
        if "/activation/" in where or where.endswith("smtplib.py"):
            steps += 1
            if steps == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    once = deliver.SmtpSender.send

    def then_count(sender, parcel, announce):
        def announced():
            announce()
            sys.setprofile(count)

        if kill_at and not in_doubt and not sys.getprofile():
            sys.setprofile(count)
        return once(sender, parcel, announced if in_doubt else announce)

    deliver.SmtpSender.send = then_count
    done = deliver.deliver(shop, as_of)
    if any(each["queued"] or each["in_doubt"] for each in done["campaigns"].values()):
        sys.exit(3)


@pytest.mark.slow
def test_killed_at_20_random_points_each_customer_gets_exactly_one_message(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    as_of = datetime.now(UTC).date() - timedelta(days=1)
    email = {"via": "smtp", "connection": "mail", "sender": "shop@shop.example", "journal": "box", "address": ADDRESS}
    shop = tiny_plan.shop(send=True, email=email)
    treated, control, listed = tiny_plan.users(CUSTOMERS), ["c1", "c2", "c3"], ["x1", "x2"]
    rows = [contact(user, as_of=as_of) for user in treated + listed]
    tiny_plan.publish(shop, rows + [contact(user, "control", as_of=as_of) for user in control])
    tiny_plan.land_addresses(shop, tiny_plan.mails(treated + control + listed))
    do_not_contact = paths.of(shop.name).activation / "do_not_contact.csv"
    do_not_contact.parent.mkdir(parents=True)
    do_not_contact.write_text("user_id,reason,since_date\n" + "".join(f"{u},erased,2026-01-05\n" for u in listed))

    processes = multiprocessing.get_context("forkserver")  # forked from a process that has only imported
    processes.set_forkserver_preload(["activation.deliver", "airflow.sdk", "tests.activation.test_smtp_killed"])
    points = random.Random(20)
    with serving(ScriptedMailbox(tmp_path / "box")) as port:
        environment = {
            "PRECISION_HOME": str(tmp_path),
            "AIRFLOW_CONN_MAIL": f'{{"conn_type": "smtp", "host": "127.0.0.1", "port": {port}, '
            f'"extra": {{"journal_seconds": {JOURNAL_SECONDS}, "timeout_seconds": 20}}}}',
        }

        def run(kill_at: int | None = None, in_doubt=False) -> int:
            child = processes.Process(target=send, args=(environment, shop, as_of, kill_at, in_doubt))
            child.start()
            child.join(120)
            return child.exitcode

        died = Counter(run(points.randint(1, STEPS)) for _ in range(KILLS))
        died += Counter(run(step, in_doubt=True) for step in IN_DOUBT_STEPS)
        assert died == {-signal.SIGKILL: KILLS + len(IN_DOUBT_STEPS)}
        assert run() == 0
        assert run() == 0
    assert received(tmp_path / "box") == {address: 1 for address in tiny_plan.mails(treated).values()}
    entries = ledger.read(next(ledger.folder(shop).glob("*.jsonl")))
    settled = Counter(entry.get("reason") for entry in entries)
    assert settled["found in the journal"] > 0 and settled["not in the journal"] > 0  # some died while in doubt
    state = ledger.fold(entries)
    assert {user for user, entry in state.last.items() if entry["event"] == "sent"} == set(treated)
