"""Rows that arrive in another order, in their file and across files of a table, give the same bytes of every mart."""

import hashlib
import random

import pytest

from tests.faults import day_files

pytestmark = pytest.mark.fault(13)
SEEDS = range(20)


def bytes_of_marts(connection, folder) -> dict[str, str]:
    """{mart: hash of its Parquet}, in the order that publishing gives to rows."""
    folder.mkdir()
    found = {}
    for mart in day_files.MARTS:
        path = folder / f"{mart}.parquet"
        connection.execute(f"copy (from marts.{mart} order by all) to '{path}' (format parquet, compression zstd)")
        found[mart] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def test_twenty_orders_of_arrival_give_the_bytes_of_one(home, raw, tmp_path, deliveries, compiled):
    """Landed once; what staging reads is then shuffled, which is what files in another order come to."""
    for table in ("events", "orders", "order_lines"):  # what a rule must settle: keys twice on one day
        for day in deliveries[table]:
            deliveries[table][day] = deliveries[table][day] + [
                row.replace("i1", "i2").replace("u1", "u2") for row in deliveries[table][day]
            ]
    day_files.deliver(raw, deliveries)
    shop = day_files.declared(raw)
    day_files.land(shop)
    views = [f"landing.files__{table.name}" for table in shop.sources[0].tables]
    connection = day_files.replayed(shop, [])
    connection.execute("set threads = 1; set preserve_insertion_order = true")
    for view in views:
        connection.execute(f"create table {view}_landed as from {view}; drop view {view}")
    seen = []
    for seed in SEEDS:
        for view in views:
            landed = connection.execute(f"from {view}_landed order by all").fetchall()
            random.Random(seed).shuffle(landed)
            connection.execute(f"create or replace table {view} as from {view}_landed limit 0")
            if landed:
                places = ", ".join("?" * len(landed[0]))
                connection.executemany(f"insert into {view} values ({places})", landed)
        for relation, sql in compiled.models:
            connection.execute(f"create or replace table {relation} as {sql}")
        seen.append(bytes_of_marts(connection, tmp_path / str(seed)))
    connection.close()
    assert all(each == seen[0] for each in seen), [seed for seed in SEEDS if seen[seed] != seen[0]]
    assert len(set(seen[0].values())) == len(day_files.MARTS)


@pytest.mark.parametrize("seed", SEEDS)
def test_shuffled_lines_of_a_file_land_as_the_same_rows(desk, raw, seed):
    lines = [f"{number if number % 50 else ''},a,{number}.50" for number in range(200)]
    whole = sorted(lines)
    random.Random(seed).shuffle(lines)
    (raw / "a.csv").write_text("\n".join(["order_id,note,price", *lines]) + "\n")
    desk.land()
    landed = [f"{order},{note},{price}" for order, note, price in desk.rows()]
    assert sorted(landed) == [line for line in whole if not line.startswith(",")]
    assert [reason for _, reason in desk.rejects()] == ["order_id is missing"] * 4
