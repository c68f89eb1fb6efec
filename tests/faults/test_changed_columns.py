"""A column that came, went or changed its type: the declaration decides, and nothing is taken or lost silently."""

from datetime import date

import duckdb
import pytest

from extract.errors import ChangedColumns
from warehouse import landing

PARQUET = {
    "new": ("select 1 order_id, 'a' note, 1.5 price, 'red' colour", r"not declared: \['colour'\]"),
    "missing": ("select 1 order_id, 1.5 price", r"Missing: \['note'\]"),
    "retyped": ("select range order_id, 'a' note, '7,50' price from range(3)", r"'price' is declared decimal.*7,50"),
}


@pytest.fixture
def landed(desk, raw):
    """A good day, which must stay as it is."""
    (raw / "good.csv").write_text("order_id,note,price\n1,good,1.50\n")
    desk.land(desk.shop({"path": "good.csv"}))
    before = desk.hashes()
    assert before
    yield
    assert desk.hashes() == before


@pytest.mark.fault(17)
def test_a_new_column_fails_and_is_named(desk, landed):
    with pytest.raises(ChangedColumns, match=r"new_column\.csv.*not declared: \['colour'\]"):
        desk.fixture("new_column.csv")


@pytest.mark.fault(17)
def test_a_new_column_that_is_declared_as_ignored_is_left_out(desk):
    desk.fixture("new_column.csv", ignored_columns=["colour"])
    assert desk.rows() == [(1, "good", desk.rows("price")[0][0])]


@pytest.mark.fault(17)
def test_a_new_key_in_json_lines_fails_at_its_line(desk, raw, landed):
    (raw / "a.jsonl").write_text('{"order_id": 1, "note": "", "price": 1}\n{"order_id": 2, "colour": "red"}\n')
    with pytest.raises(ChangedColumns, match=r"line 2.*colour"):
        desk.land(desk.shop({"path": "*.jsonl"}))


@pytest.mark.fault(17)
def test_a_column_twice_fails(desk, raw, landed):
    (raw / "a.csv").write_text("order_id,note,price,note\n1,a,1.50,b\n")
    with pytest.raises(ChangedColumns, match=r"twice: \['note'\]"):
        desk.land(desk.shop({"path": "a.csv"}))


@pytest.mark.fault(17)
def test_a_column_declared_since_asks_for_the_days_landed_before_it(desk, raw):
    """Reading old and new days as one would fill the column with nulls, or turn it into text."""
    for day, columns in (
        ("2024-01-01", "order_id,note,price\n1,a,1"),
        ("2024-01-02", "order_id,note,price,paid\n2,b,1,2"),
    ):
        (raw / f"{day}.csv").write_text(columns + "\n")
    old = {"path": "{ds}.csv", "arrival": {"by": "file_day"}}
    new = {**old, "columns": {"order_id": "bigint", "note": "string", "price": "decimal(18,2)", "paid": "double"}}
    desk.land(desk.shop(old), date(2024, 1, 1))
    desk.land(shop := desk.shop(new), date(2024, 1, 2))
    with duckdb.connect() as connection:
        connection.execute("create schema landing")
        with pytest.raises(landing.LandingError, match=r"1 landed days, first 2024-01-01, have other columns"):
            landing.register(connection, shop)


@pytest.mark.fault(18)
def test_a_missing_column_fails_and_is_named(desk, landed):
    with pytest.raises(ChangedColumns, match=r"missing_column\.csv.*Missing: \['note'\]"):
        desk.fixture("missing_column.csv")


@pytest.mark.fault(18)
def test_a_missing_column_that_is_declared_optional_is_null(desk):
    desk.fixture("missing_column.csv", optional_columns=["note"])
    assert desk.rows("order_id, note") == [(1, None)]


@pytest.mark.fault(18)
def test_a_key_that_no_line_has_any_more_fails(desk, raw, landed):
    (raw / "a.jsonl").write_text('{"order_id": 1, "price": 1}\n{"order_id": 2, "price": 1}\n')
    with pytest.raises(ChangedColumns, match=r"Missing: \['note'\]"):
        desk.land(desk.shop({"path": "*.jsonl"}))


@pytest.mark.fault(19)
def test_a_retyped_column_fails_with_an_example(desk, landed):
    with pytest.raises(ChangedColumns, match=r"'price' is declared decimal.*7,50"):
        desk.fixture("retyped_column.csv")


@pytest.mark.fault(19)
def test_one_odd_value_is_a_bad_row_and_no_change(desk, raw):
    (raw / "a.csv").write_text('order_id,note,price\n1,a,"7,50"\n2,b,1.50\n')
    desk.land()
    assert desk.rows("order_id") == [(2,)]
    assert desk.rejects() == [(2, "price is no decimal(18,2)")]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("new", marks=pytest.mark.fault(17)),
        pytest.param("missing", marks=pytest.mark.fault(18)),
        pytest.param("retyped", marks=pytest.mark.fault(19)),
    ],
)
def test_the_same_of_parquet_which_brings_types_of_its_own(desk, raw, landed, change):
    query, said = PARQUET[change]
    duckdb.execute(f"copy ({query}) to '{raw}/a.parquet'")
    with pytest.raises(ChangedColumns, match=said):
        desk.land(desk.shop({"path": "a.parquet"}))
