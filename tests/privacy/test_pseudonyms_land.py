"""Nobody is named by what lands, joins hold all the same, and one key always gives the same bytes."""

import json
import stat
from datetime import date

import duckdb
import pytest

from extract.errors import ChangedColumns
from extract.ingest import ingest
from privacy import vault
from privacy.key_file import KeyFileError
from privacy.pseudonym import KEY_FILE, KeyLost, key, key_path, known_as, plain, pseudonym
from shops import declaration
from tests.landing_desk import Desk
from tests.privacy.bytes_searched import places
from warehouse import paths

FIRST, END = date(2024, 1, 30), date(2024, 2, 1)
PEOPLE = """buyer,email,phone,full_name,city
K-4711,ida.lindqvist@mail.example,+46 70 123 45 67,Ida Lindqvist,Lund
 K-4712 ,,,,Kiel
"""
REVIEWS = """review_id,buyer,rating,review_text,day,phone
r1,K-4711,5,"Call me: 0049 30 1234567, or write to bo@post.example!",2024-01-30,+46 70 123 45 67
r2,K-4712,4,"Paid 1.234,56 on 2024-01-12, order 12345678",2024-01-31,
r3,K-4711,best,I am ida.lindqvist@mail.example,2024-01-31,+46 70 123 45 67
r4,unknown,1,,2024-01-31,
"""
PLANTED = ("ida.lindqvist@mail.example", "+46 70 123 45 67", "Lindqvist", "K-471", "0049 30 1234567", "bo@post.example")
SHOP = {
    "title": "Test",
    "timezone": "UTC",
    "reporting_currency": "EUR",
    "history_from": "2024-01-01",
    "behaviours": ["buy"],
    "personal": {"columns": ["buyer", "email", "phone", "full_name"], "customer": ["buyer"]},
}
TABLES = {
    "people": {
        "path": "people.csv",
        "columns": {name: "string" for name in ("buyer", "email", "phone", "full_name", "city")},
        "arrival": {"by": "snapshot"},
    },
    "reviews": {
        "path": "reviews.csv",
        "columns": {
            "review_id": "string", "buyer": "string", "rating": "bigint", "review_text": "string", "day": "date",
        },
        "arrival": {"by": "column", "column": "day", "unit": "date"},
        "ignored_columns": ["phone"],
    },
}  # fmt: skip


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Two tables about the same people, delivered."""
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PRECISION_RAW", raising=False)
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (raw / "reviews.csv").write_text(REVIEWS, encoding="utf-8")
    return Desk(raw)


def declared(desk, name="test", **changed):
    source = {"kind": "files", "location": str(desk.folder), "entities": ["reviews"], "tables": TABLES}
    return declaration.parse(name, {**SHOP, **changed, "sources": {"shop": source}})


def land(shop) -> dict:
    return {table: ingest(shop, "shop", table, FIRST, END) for table in TABLES}


def test_nobody_is_named_and_joins_hold(desk, tmp_path):
    shop = declared(desk)
    landed = land(shop)
    assert {table: (each["rows_landed"], each["rows_quarantined"]) for table, each in landed.items()} == {
        "people": (2, 0),
        "reviews": (3, 1),
    }
    assert places(paths.of("test").root, PLANTED, without=("vault",)) == []
    assert {word for word in PLANTED for place in places(paths.of("test").vault, [word])} == set(PLANTED) - {
        "0049 30 1234567",
        "bo@post.example",
    }  # fmt: skip - the words of a text are masked for good
    roots = {table: f"{paths.of('test').landing}/shop/{table}/ds=*/part.parquet" for table in TABLES}
    joined = duckdb.execute(
        f"select review_id, city, review_text from read_parquet('{roots['reviews']}') "
        f"left join read_parquet('{roots['people']}') using (buyer) order by review_id"
    ).fetchall()
    assert joined == [
        ("r1", "Lund", "Call me: [phone], or write to [e-mail]!"),
        ("r2", "Kiel", "Paid 1.234,56 on 2024-01-12, order 12345678"),
        ("r4", None, None),
    ]
    assert desk.rows("buyer", table="reviews")[2] == ("unknown",)  # nobody, not a customer of that name


def test_a_rejected_row_keeps_its_fields_but_not_its_person(desk):
    shop = declared(desk)
    land(shop)
    kept = json.loads(desk.rejects("raw", table="reviews")[0][0])["row"]
    assert kept == {
        "review_id": "r3",
        "buyer": pseudonym(key(shop), "K-4711"),
        "rating": "best",
        "review_text": "I am [e-mail]",
        "day": "2024-01-31",
    }  # and nothing of a column that is declared as ignored


def test_a_refusal_names_nobody(desk):
    """A type that changed for most rows is refused with an example: without the person in it."""
    text = REVIEWS.replace(",5,", ",five,").replace(",4,", ",four,")
    (desk.folder / "reviews.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ChangedColumns, match="'rating' is declared bigint") as refused:
        land(declared(desk))
    assert not [word for word in PLANTED if word in str(refused.value)]


def test_again_gives_the_same_bytes_and_another_key_other_pseudonyms(desk, tmp_path, monkeypatch):
    shop = declared(desk)
    land(shop)
    first = desk.hashes()
    land(shop)
    assert desk.hashes() == first
    ingest(shop, "shop", "reviews", END.replace(month=1, day=31), END)  # a day alone
    assert desk.hashes() == first
    other_key = tmp_path / "another.key"
    other_key.write_bytes(bytes(range(32)))
    monkeypatch.setenv(KEY_FILE, str(other_key))
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "other"))
    land(shop)
    other = desk.hashes()
    assert other.keys() == first.keys() and not set(other.values()) & set(first.values())


def test_a_day_that_brings_nobody_any_more_empties_its_vault(desk):
    shop = declared(desk)
    land(shop)
    folder = paths.of("test").vault / "shop" / "reviews"
    assert sorted(each.name for each in folder.iterdir()) == ["ds=2024-01-30", "ds=2024-01-31"]
    (desk.folder / "reviews.csv").write_text(REVIEWS.replace("2024-01-30", "2024-01-31"), encoding="utf-8")
    land(shop)
    assert sorted(each.name for each in folder.iterdir()) == ["ds=2024-01-31"]


def test_keys_and_vault_are_the_owners_alone(desk):
    shop = declared(desk)
    land(shop)
    where = paths.of("test")
    modes = {path: stat.S_IMODE(path.stat().st_mode) for folder in (where.keys, where.vault)
             for path in (folder, *folder.rglob("*"))}  # fmt: skip
    assert modes[key_path(shop)] == 0o600
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}


def test_the_vault_knows_what_a_pseudonym_stands_for(desk):
    shop = declared(desk)
    land(shop)
    ida, bo = known_as(shop, "K-4711")[1], known_as(shop, "K-4712")[1]
    assert vault.values(shop, [ida, bo, "f" * 32]) == {ida: "K-4711", bo: "K-4712"}  # without the blanks around it


def test_a_key_that_is_gone_or_another_one_is_refused_before_anything_lands(desk, tmp_path, monkeypatch):
    shop = declared(desk)
    land(shop)
    before = desk.hashes()
    path = key_path(shop)
    right = path.read_bytes()
    path.unlink()
    with pytest.raises(KeyLost, match=r"pseudonym.key is missing.*Put the key back"):
        land(shop)
    assert not path.exists()  # none is made in its place
    path.write_bytes(right[::-1])
    with pytest.raises(KeyLost, match="is not the key with which test has landed"):
        land(shop)
    monkeypatch.setenv(KEY_FILE, str(tmp_path / "nowhere"))
    with pytest.raises(KeyLost, match="nowhere is missing"):
        land(shop)
    monkeypatch.delenv(KEY_FILE)
    path.write_bytes(right)
    land(shop)
    assert desk.hashes() == before


def test_a_key_of_the_environment_is_never_made(desk, tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_FILE, str(tmp_path / "secret"))
    with pytest.raises(KeyFileError, match="secret is missing"):
        land(declared(desk))
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(KeyFileError, match="a key has at least 32"):
        land(declared(desk))


def test_one_key_file_gives_each_shop_its_own_pseudonyms(desk, tmp_path, monkeypatch):
    (tmp_path / "secret").write_bytes(bytes(32))
    monkeypatch.setenv(KEY_FILE, str(tmp_path / "secret"))
    one, other = declared(desk, "one"), declared(desk, "other")
    assert pseudonym(key(one), "K-4711") != pseudonym(key(other), "K-4711")


@pytest.mark.parametrize("written, same", [(" u1\t", "u1"), ("17850.0", "17850"), ("1.50", "1.50"), ("00017", "00017")])
def test_what_the_way_here_added_makes_no_other_person(written, same):
    assert plain(written) == same


@pytest.mark.parametrize("personal, fault", [
    ({"columns": ["buyer", "fax"]}, "personal/columns: no table has a column fax"),
    ({"columns": ["rating"]}, "reviews/columns/rating: is bigint, but a pseudonym is text"),
])  # fmt: skip
def test_what_cannot_be_replaced_is_refused(desk, personal, fault):
    with pytest.raises(declaration.ShopError, match=fault):
        declared(desk, personal=personal)


@pytest.mark.parametrize("text, masked", [
    ("müller.ä@exämple.de", "[e-mail]"),
    ("(anna+x@mail.example.co.uk)", "([e-mail])"),
    ("+49 (0)30 123456-78, +1-202-555-0143 or 030/1234567", "[phone], [phone] or [phone]"),
    ("0151 23456789 or 0151 23456780", "[phone] or [phone]"),
    ("1.234,56 € on 2025-12-24, 5 of 5, order 12345678, size 42", None),
])  # fmt: skip
def test_texts_lose_addresses_and_numbers_and_nothing_else(desk, text, masked):
    (desk.folder / "reviews.csv").write_text(f'review_id,buyer,rating,review_text,day\nr1,u,1,"{text}",2024-01-30\n')
    ingest(declared(desk), "shop", "reviews", FIRST, END)
    assert desk.rows("review_text", table="reviews") == [(masked or text,)]
