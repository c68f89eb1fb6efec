"""SQL in what a source delivers, in a cell, a name or an answer, is text: it lands as it is and is never run."""

import csv
import io
from datetime import date

import pytest

from tests.extract import test_http
from tests.extract.http_server import Answer
from tests.landing_desk import ORDERS
from tests.security.test_sql_in_a_filter import INJECTED

pytestmark = pytest.mark.fault(35)
interface = test_http.interface


@pytest.mark.parametrize("value", INJECTED)
def test_sql_in_a_delivered_cell_and_in_a_file_s_name_is_text(desk, value):
    name = value.replace("/", "")
    (desk.folder / f"{name}.csv").write_text(f'order_id,note,price\n1,"{value}",2.50\n2,plain,1.00\n')
    desk.land()
    assert desk.rows("order_id, note") == [(1, value), (2, "plain")]


@pytest.mark.parametrize("value", INJECTED)
def test_sql_in_a_delivered_parquet_file_and_its_name_is_text(desk, value):
    import pandas as pd

    pd.DataFrame({"order_id": [1], "note": [value], "price": ["2.50"]}).to_parquet(desk.folder / f"{value}.parquet")
    desk.land(desk.shop({"path": "*.parquet"}))
    assert desk.rows("order_id, note") == [(1, value)]


@pytest.mark.parametrize("value", INJECTED)
def test_a_column_named_by_sql_is_a_column(desk, value):
    column = value.strip()
    header = io.StringIO()
    csv.writer(header).writerow(["order_id", column])
    (desk.folder / "orders.csv").write_text(f"{header.getvalue().strip()}\n1,one\n", encoding="utf-8")
    desk.land(desk.shop({"columns": {"order_id": "bigint", column: "string"}, "key": ORDERS["key"]}))
    quoted = column.replace('"', '""')
    assert desk.rows(f'order_id, "{quoted}"') == [(1, "one")]


@pytest.mark.parametrize("value", [*INJECTED, "1&admin=true", "../../v2/users?all=1", "#"])
def test_what_an_interface_answers_is_a_value_in_the_next_question(desk, interface, value):
    """The cursor that it gives, and what it says of a post."""

    def answer(asked) -> Answer:
        first = "after" not in asked.query
        posts = [{**test_http.post(1), "post_id": value}] if first else [test_http.post(2)]
        return Answer({"data": posts, "paging": {"after": value if first else None}})

    interface.answer = answer
    desk.land(test_http.shop({}), date(2024, 3, 31))
    assert [(asked.path, asked.query) for asked in interface.asked] == [
        ("/v1/posts", {}),
        ("/v1/posts", {"after": value}),
    ]
    assert (value,) in desk.rows("post_id") and len(desk.rows("post_id")) == 2


@pytest.mark.parametrize("value", INJECTED)
def test_parameters_of_a_source_are_values_of_the_question(desk, interface, value):
    interface.answer = lambda asked: Answer({"data": [test_http.post(1)], "paging": {}})
    desk.land(test_http.shop(request={"parameters": {"kind": value}}), test_http.DAY)
    assert interface.asked[0].query == {"kind": value}
