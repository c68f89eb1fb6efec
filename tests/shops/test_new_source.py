"""What is inferred from a sample is what was written into it; what cannot be known is asked, not guessed."""

import csv
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shops.cell_formats import reading
from shops.new_source import cells, tables
from shops.new_source.answers import Answers, mapped
from shops.new_source.meanings import behaviours, simple
from shops.new_source.plan import plan
from shops.new_source.refusal import Refused, Undecided
from shops.new_source.sample import read
from shops.new_source.windows import windows
from shops.new_source.write import texts, write

FIXTURES = Path(__file__).parent.parent / "fixtures" / "new_source"


def read_back(written: cells.Writing, kind: str, texts: list[str]) -> list:
    """What landing reads from cells of this format."""
    sql = reading("cell", kind, written.written) if written.written else "cell"
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select try_cast({sql} as {kind}) from (select unnest(?) as cell)", [texts]
        ).fetchall()
    return [row[0] for row in rows]


@pytest.mark.parametrize("group, mark, before, after", [
    ("", ".", "", ""), (",", ".", "$", ""), (".", ",", "", " €"), ("", ",", "", ""), (" ", ",", "", "kr"),
    ("'", ".", "CHF", ""),
])  # fmt: skip
@settings(max_examples=5, deadline=None)
@given(amounts=st.lists(st.integers(-(10**9), 10**9), min_size=3, max_size=30))
def test_amounts_are_read_as_written_whatever_the_signs(group, mark, before, after, amounts):
    amounts = [Decimal(cents) / 100 for cents in (*amounts, 150, 123456789)]
    written = [
        ("-" if amount < 0 else "")
        + before
        + f"{abs(amount):,.2f}".replace(",", "\0").replace(".", mark).replace("\0", group)
        + after
        for amount in amounts
    ]
    found = cells.writing(written)
    assert found.is_number
    assert read_back(found, "decimal(18,2)", written) == amounts


FORMATS = ["%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y %H:%M", "%Y%m%d", "%d %b %Y", "%m/%d/%Y %I:%M %p", "%Y-%m-%d"]


@pytest.mark.parametrize("written_as", FORMATS)
@settings(max_examples=4, deadline=None)
@given(
    moments=st.lists(
        st.datetimes(datetime(1995, 1, 1), datetime(2040, 1, 1)).map(lambda m: m.replace(second=0, microsecond=0)),
        min_size=1,
        max_size=20,
    )
)
def test_days_are_read_as_written_or_the_order_is_asked(written_as, moments):
    moments = [*moments, datetime(2024, 12, 25, 15, 30)]  # the 25th is no month
    written = [moment.strftime(written_as) for moment in moments]
    found = cells.writing(written)
    assert not found.rivals
    kind = "timestamp" if "%M" in written_as else "date"
    assert found.kind == kind
    expected = moments if kind == "timestamp" else [moment.date() for moment in moments]
    assert read_back(found, kind, written) == expected


def test_days_of_which_none_is_after_the_twelfth_have_a_rival_unless_points_part_them():
    assert cells.writing(["05/06/2024", "07/06/2024"]).rivals == ("%m/%d/%Y",)
    assert cells.writing(["05.06.2024", "07.06.2024"]).rivals == ()


@pytest.mark.parametrize("written, factor", [("epoch_seconds", 1), ("epoch_milliseconds", 1000)])
def test_counted_instants_are_instants(written, factor):
    texts = [str((1_433_221_332 + n) * factor) for n in range(5)]
    found = cells.writing(texts)
    assert (found.kind, found.written, found.zoned) == ("timestamp", written, True)
    assert read_back(found, "timestamp", texts)[0] == datetime(2015, 6, 2, 5, 2, 12)


@pytest.mark.parametrize("texts, kind", [
    (["00123", "10115"], "code"),
    (["17850.0", "13047.0"], "whole"),
    (["9007199254740993123"], "code"),
    (["2019-10-01 00:00:00 UTC"], "timestamp"),
    (["10:06:37", "9:00"], "time"),
    (["", "NULL"], "empty"),
    (["1e-5", "2.5"], "double"),
    (["NA", "DE", "NULL"], "text"),
])  # fmt: skip
def test_kinds_of_cells(texts, kind):
    assert cells.writing(texts).kind == kind


def test_words_for_nothing_are_named_and_do_not_spoil_a_number():
    found = cells.writing(["1.50", "NULL", "-", "2.25"] * 3)
    assert (found.kind, found.nulls, found.filled) == ("decimal", ("-", "NULL"), 0.5)


@pytest.mark.parametrize("name, expected", [
    ("Bestell-Nr.", "bestell_nr"), ("InvoiceNo", "invoice_no"), ("Prix unitaire (€)", "prix_unitaire"),
    ("Größe", "grosse"), ("customerID", "customer_id"), ("CÓDIGO", "codigo"),
])  # fmt: skip
def test_names_are_compared_plainly(name, expected):
    assert simple(name) == expected


def test_a_log_that_adds_to_carts_does_not_count_looking_at_one():
    assert behaviours(["cart", "add_to_cart", "purchase", "home"]) == {"purchase": "buy", "add_to_cart": "cart"}
    assert behaviours(["cart", "view"]) == {"cart": "cart", "view": "view"}


def rows(folder: Path, name: str, header: str, lines: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join([*([header] if header else []), *lines]) + "\n", encoding="utf-8")
    return path


SALES = "order_id,customer_id,sku,qty,unit_price,order_date"
LINES = [f"{n},{n % 7},A{n % 3},{n % 4 + 1},{n}.50,2024-01-{n % 28 + 1:02d}" for n in range(1, 60)]


def test_delimiter_header_and_byte_order_mark(tmp_path):
    for delimiter in ",;\t|":
        path = tmp_path / "x.csv"
        path.write_text("\ufeff" + "\n".join([SALES, *LINES]).replace(",", delimiter), encoding="utf-8")
        sample = read(path)
        assert (sample.delimiter, sample.header, sample.columns[0]) == (delimiter, True, "order_id")
        assert len(sample.rows) == len(LINES)
    assert not read(rows(tmp_path, "bare.csv", "", LINES)).header


def test_every_meaning_found_is_one_that_was_there(tmp_path):
    (table,) = tables.raw_tables([rows(tmp_path, "sales.csv", SALES, LINES)], {}, "")
    assert table.kind == tables.LINES
    assert table.columns == {
        "order": "order_id", "customer": "customer_id", "item": "sku", "quantity": "qty", "price": "unit_price",
        "date": "order_date",
    }  # fmt: skip


REFUSALS = {
    "no currency": ({}, "nothing says in which currency unit_price is"),
    "no such meaning": ({"meanings": {"sku": "thing"}}, "there is no meaning 'thing'"),
    "no such column": ({"meanings": {"colour": "item"}}, "no file has a column colour"),
    "one meaning twice": ({"meanings": {"sku": "item", "qty": "item"}}, "cannot both be the item"),
    "no zone": ({"currency": "EUR", "timezone": "Mars/Base"}, "is no IANA zone name"),
    "no code": ({"currency": "euro"}, "ISO code"),
    "nobody buys": ({"currency": "EUR", "meanings": {"customer_id": "ignore"}}, "who bought"),
    "never": ({"currency": "EUR", "meanings": {"order_date": "ignore"}}, "when it happened"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_become_a_shop_is_refused_with_what_to_give(tmp_path, case):
    said, message = REFUSALS[case]
    with pytest.raises(Refused, match=message):
        plan("laden", [rows(tmp_path, "sales.csv", SALES, LINES)], Answers(**said))


def test_two_columns_for_who_bought_are_asked_about(tmp_path):
    path = rows(tmp_path, "sales.csv", SALES + ",client_id", [f"{line},{n}" for n, line in enumerate(LINES)])
    with pytest.raises(Undecided) as undecided:
        plan("laden", [path], Answers(currency="EUR"))
    (question,) = undecided.value.questions
    assert set(question.answers) == {"customer_id", "client_id"}
    answered = Answers(currency="EUR").and_also(question.answers["client_id"])
    assert plan("laden", [path], answered).sales.columns["customer"] == "client_id"


@pytest.mark.parametrize("content, message", [
    (b"PK\x03\x04rest", "Excel workbook"), (b'{"a": 1}', "JSON"), (b"", "empty"),
    (b"one\ntwo\nthree\n", "no delimiter"), (b"a,a\n1,2\n", "two columns are named a"),
])  # fmt: skip
def test_files_that_are_no_delimited_text_are_named(tmp_path, content, message):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(Refused, match=message):
        read(path)


def test_nothing_that_exists_is_overwritten_unless_asked(tmp_path):
    planned = plan("laden", [rows(tmp_path, "sales.csv", SALES, LINES)], Answers(currency="EUR"))
    found = texts(planned, tmp_path / "shops", tmp_path / "staging")
    write(found, force=False)
    changed = next(path for path in found if path.suffix == ".sql")
    changed.write_text("select 1", encoding="utf-8")
    with pytest.raises(Refused, match="--force"):
        write(found, force=False)
    assert changed.read_text(encoding="utf-8") == "select 1"
    write(found, force=True)
    assert changed.read_text(encoding="utf-8") == found[changed]


def test_a_template_in_the_data_does_not_reach_the_models(tmp_path):
    path = rows(
        tmp_path, "sales.csv", SALES + ",status", [f"{line},cancelled {{{{ env_var('HOME') }}}}" for line in LINES]
    )
    found = texts(plan("laden", [path], Answers(currency="EUR")), tmp_path / "shops", tmp_path / "staging")
    assert not any("env_var" in text for text in found.values())


def test_windows_follow_how_often_customers_come_back():
    start = date(2020, 1, 1)
    weekly = windows({"a": {start + timedelta(days=7 * n) for n in range(100)}})
    yearly = windows({"a": {start + timedelta(days=180 * n) for n in range(6)}})
    short = windows({"a": {start, start + timedelta(days=1)}})
    assert (weekly.horizon_days, yearly.horizon_days, short.horizon_days) == (7, 91, 1)
    assert min(short.observation_days, short.training_dates, short.evaluation_days) >= 1


def test_mapping_is_written_column_equals_meaning():
    assert mapped(["a=b=customer", "x.y=item"]) == {"a=b": "customer", "x.y": "item"}
    with pytest.raises(Refused, match="column=meaning"):
        mapped(["customer"])


def test_the_awkward_sample_is_understood():
    planned = plan("laden", sorted(FIXTURES.glob("*.csv")), Answers())
    sales, customers = planned.sales, planned.roles[tables.CUSTOMERS]
    assert (sales.first.encoding, sales.first.delimiter, planned.currency) == ("cp1252", ";", "EUR")
    assert sales.writing("price").written == "1.234,56€"
    assert sales.writing("date").written == "%d.%m.%Y"
    assert planned.cancelled == ("storniert",)
    assert customers.columns == {"customer": "Kundennummer", "postal": "PLZ", "city": "Ort"}
    with (FIXTURES / "positionen.csv").open(encoding="cp1252") as handle:
        assert sales.rows == len(list(csv.reader(handle))) - 1
