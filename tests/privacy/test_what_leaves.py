"""Inside everybody is a pseudonym; what leaves carries the shop's own id and address, after a new key too."""

import csv
import json
import shutil
from dataclasses import replace
from datetime import date, timedelta

import pytest

from activation import ledger, signing, suppression
from activation.deliver import deliver
from activation.explain import NothingKnown, explain
from activation.ledger import IN_DOUBT, Ledger
from activation.preview import preview
from activation.send_webhook import body
from activation.settle import settle_by_hand
from extract.ingest import ingest
from privacy.pseudonym import key_path, known_as
from privacy.rotate import rename_in_ledgers
from shops.personal import Personal
from tests.activation import tiny_plan
from tests.activation.tiny_plan import ADDRESS, AS_OF, CAMPAIGN, NOON, contact
from tests.privacy.bytes_searched import places
from warehouse import paths

DAY = AS_OF - timedelta(days=1)
PEOPLE = "user_id,email\nK-4711,ida@mail.example\nK-4712,bo@mail.example\nK-4713,\nK-4714,eva@mail.example\n"
OWN = ("K-4711", "K-4712", "K-4713", "K-4714")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Landed for real; two can be reached, one has no address, one is control."""
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PRECISION_RAW", raising=False)
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    plain = tiny_plan.shop()
    sources = tuple(
        replace(s, location=str(tmp_path), tables=tuple(replace(t, path="people.csv") for t in s.tables))
        if s.name == "crm"
        else s
        for s in plain.sources
    )
    shop = replace(plain, sources=sources, personal=Personal(columns=("user_id", "email")))
    land_and_publish(shop)
    return shop


def land_and_publish(shop) -> None:
    ingest(shop, "crm", "people", DAY, AS_OF)
    ida, bo, nobody, eva = names(shop)
    tiny_plan.publish(shop, [contact(ida), contact(bo), contact(nobody), contact(eva, "control")])


def names(shop) -> list[str]:
    return [known_as(shop, own)[1] for own in OWN]


def audience(shop) -> list[dict]:
    path = paths.of(shop.name).activation / "outbox" / CAMPAIGN / "audience.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_an_audience_file_has_own_ids_and_addresses_and_nothing_else_has(shop):
    found = deliver(shop, AS_OF, clock=lambda: NOON)["campaigns"][CAMPAIGN]
    assert (found["sent"], found["skipped"]) == (2, {"no address": 1})
    rows = sorted(audience(shop), key=lambda row: row["user_id"])
    assert [(row["user_id"], row["address"]) for row in rows] == [
        ("K-4711", "ida@mail.example"),
        ("K-4712", "bo@mail.example"),
    ]
    token = rows[0]["unsubscribe_link"].rpartition("=")[2]
    assert signing.unsubscribed(signing.key(shop), shop.name, token) == "K-4711"  # who follows the link is known by it
    written = places(paths.of(shop.name).root, [*OWN, "@mail.example"], without=("vault", "activation/outbox"))
    assert written == []


def test_a_preview_shows_own_ids_and_no_address(shop):
    folder = preview(shop, AS_OF)["folder"]
    text = (paths.home() / folder / CAMPAIGN / "messages.csv").read_text(encoding="utf-8")
    assert "K-4711" in text and "K-4712" in text and "@mail.example" not in text
    assert not [name for name in names(shop) if name in text]


def test_what_is_posted_and_mailed_names_the_customer_as_the_shop_does(shop, monkeypatch):
    """The parcels that reach a sender, whatever way it sends."""
    from activation import deliver as delivering
    from activation.handover import Outcome

    posted = []

    class Receiver:
        limits = object()

        def __init__(self, *_):
            pass

        def send(self, parcel, announce):
            announce()
            posted.append((json.loads(body(parcel)), parcel.address))
            return Outcome("sent", "200")

        def close(self):
            pass

    monkeypatch.setitem(delivering.SENDERS, "webhook", Receiver)
    monkeypatch.setattr(delivering, "connection", lambda name: None)
    channel = replace(shop.activation.channels["email"], via="webhook", connection="there", address=ADDRESS)
    sending = replace(shop, activation=replace(shop.activation, send=True, channels={"email": channel}))
    monkeypatch.setattr(delivering.planned, "read", reading_for(sending, delivering.planned.read))
    deliver(sending, AS_OF, clock=lambda: NOON)
    assert sorted((content["user_id"], address) for content, address in posted) == [
        ("K-4711", "ida@mail.example"),
        ("K-4712", "bo@mail.example"),
    ]
    state = ledger.fold(ledger.read(ledger.folder(shop) / f"{CAMPAIGN}.jsonl"))
    assert set(state.arms) == set(names(shop))


def reading_for(shop, read):
    return lambda _, as_of, version=None: read(shop, as_of, version)


def test_who_is_kept_no_longer_is_not_written_to(shop):
    """Out of the vault by erasure or retention, but still in a published plan."""
    shutil.rmtree(paths.of(shop.name).vault / "crm")
    found = deliver(shop, AS_OF, clock=lambda: NOON)["campaigns"][CAMPAIGN]
    assert (found["sent"], found["skipped"]) == (0, {"own id not kept": 3})


def test_the_do_not_contact_list_is_written_in_the_shops_own_words(shop):
    path = paths.of(shop.name).activation / suppression.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("user_id,reason,since_date\nK-4711,asked,2026-01-01\n", encoding="utf-8")
    assert deliver(shop, AS_OF, clock=lambda: NOON)["campaigns"][CAMPAIGN]["skipped"] == {
        suppression.LISTED: 1,
        "no address": 1,
    }
    assert [row["user_id"] for row in audience(shop)] == ["K-4712"]


@pytest.mark.parametrize("word", [0, 1], ids=["own id", "pseudonym"])
def test_a_message_in_doubt_is_settled_by_either_name(shop, word):
    given = known_as(shop, "K-4711")[word]
    with Ledger(shop, CAMPAIGN) as book:
        book.append(NOON, IN_DOUBT, names(shop)[0], via="smtp", message_id="<1@x>")
    settle_by_hand(shop, CAMPAIGN, given, True, NOON)
    assert ledger.fold(ledger.read(ledger.folder(shop) / f"{CAMPAIGN}.jsonl")).of(names(shop)[0]) == "sent"


def test_a_decision_is_explained_by_either_name(shop):
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.dim_customer_history (user_id varchar, as_of date)")
        connection.execute("insert into marts.dim_customer_history values (?, ?)", [names(shop)[0], date(2026, 1, 5)])
        for given in known_as(shop, "K-4711"):
            assert explain(connection, given, names=known_as(shop, given))["user_id"] == names(shop)[0]
        with pytest.raises(NothingKnown, match="K-9999"):
            explain(connection, "K-9999", names=known_as(shop, "K-9999"))


def test_after_a_new_key_nobody_is_written_to_twice(shop, tmp_path):
    """The procedure of docs/privacy.md, on a shop whose campaign has gone out."""
    deliver(shop, AS_OF, clock=lambda: NOON)
    sent = sorted(map(str, audience(shop)))
    before, where = names(shop), paths.of(shop.name)
    aside = tmp_path / "aside"
    aside.mkdir()
    for folder in (where.vault, where.landing):
        shutil.move(folder, aside)
    shutil.move(key_path(shop), aside)
    assert rename_in_ledgers(shop, aside / "vault") == {CAMPAIGN: 6}
    assert rename_in_ledgers(shop, aside / "vault") == {CAMPAIGN: 0}
    shutil.rmtree(where.published)
    land_and_publish(shop)
    assert not set(names(shop)) & set(before)
    shutil.rmtree(aside)
    again = deliver(shop, AS_OF, clock=lambda: NOON + timedelta(hours=1))["campaigns"][CAMPAIGN]
    assert (again["sent_now"], again["sent"], again["control"]) == (0, 2, 1)
    assert sorted(map(str, audience(shop))) == sent  # the same message keys and links: they go by the own id
    assert places(where.root, before) == []  # nothing is called as the old key called it
