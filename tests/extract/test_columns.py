"""What columns may differ in without being another table: their order, cells that do not fit, keys that are missing."""


def test_other_order_of_columns_is_no_change(desk, raw):
    (raw / "a.csv").write_text("price,order_id,note\n1.50,1,a\n")
    desk.land()
    assert desk.rows("order_id, note") == [(1, "a")]


def test_whole_numbers_are_not_rounded(desk):
    desk.fixture("float_like_id.csv")
    assert desk.rows("order_id") == [(17850,), (3,)]
    assert desk.rejects() == [(2, "order_id is no bigint")]


def test_key_must_be_there_and_checks_hold(desk, raw):
    (raw / "a.csv").write_text("order_id,note,price\n,a,1\n2,b,-1\n3,,\n")
    desk.land(desk.shop({"checks": {"negative price": "price >= 0"}}))
    assert desk.rejects() == [(2, "order_id is missing"), (3, "negative price")]
    assert desk.rows("order_id, note, price") == [(3, None, None)]
