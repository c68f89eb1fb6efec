"""A full disk: landing, the warehouse and publishing fail and say so, and what was there before stays whole.

A child process may write no file beyond a limit (RLIMIT_FSIZE), which is what a full disk looks like to it.
"""

import os
import subprocess
import sys

import duckdb
import pytest

from tests.warehouse import hand_built
from tests.warehouse.hand_built import AS_OF
from warehouse import paths, publish

pytestmark = pytest.mark.fault(6)
LIMITED = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
LAND = """
from pathlib import Path
from tests.landing_desk import Desk
Desk(Path({folder!r})).land()
"""
FILL = """
import pandas
from warehouse.engine import open_warehouse, replace_rows
frame = pandas.DataFrame({{"n": range(500_000)}})
frame["text"] = pandas.util.hash_pandas_object(frame["n"]).astype(str)
with open_warehouse("tiny") as connection:
    replace_rows(connection, "ml.kept", {{"n": "bigint", "text": "varchar"}}, frame, {{}})
"""
PUBLISH = """
from datetime import date
from warehouse.publish import publish
publish("tiny", date({day}))
"""


def limited(program: str) -> subprocess.CompletedProcess:
    """Without bytecode: Python keeps the half that it could write, and would read it the next time."""
    return subprocess.run(
        [sys.executable, "-c", LIMITED + program],
        cwd=paths.REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(paths.REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )


def said(done: subprocess.CompletedProcess) -> str:
    assert done.returncode != 0, "a full disk must not go unnoticed"
    return done.stderr


def test_landing_leaves_the_day_as_it_was_and_no_debris(desk, raw):
    (raw / "a.csv").write_text("order_id,note,price\n1,before,1\n")
    desk.land()
    before = desk.hashes()
    lines = "".join(f"{n},{hash(str(n))},1\n" for n in range(60_000))
    (raw / "a.csv").write_text("order_id,note,price\n" + lines)
    assert "File too large" in said(limited(LAND.format(folder=str(raw))))
    assert desk.hashes() == before
    assert not list(paths.of("test").root.rglob(".incoming/*"))
    desk.land()
    assert desk.rows("count(*)") == [(60_000,)]


def test_the_warehouse_keeps_the_rows_that_a_step_could_not_replace(audited):
    hand_built.change("create table ml.kept as select 1::bigint as n, 'before' as text")
    said(limited(FILL.format()))
    assert hand_built.ask("from ml.kept") == [(1, "before")]
    assert hand_built.ask("select count(*) from marts.dim_item") == [(3,)]


def test_publishing_leaves_the_old_version_served_and_no_debris(audited):
    old = publish.publish("tiny", AS_OF)
    hand_built.change(
        "create or replace table marts.dim_item as "
        "select dim_item.* replace ('i' || n as item_id, hash(n) as item_name) "
        "from marts.dim_item, range(20000) as t(n) where item_id = 'i0'"
    )
    hand_built.pass_audit()
    day = f"{AS_OF.year}, {AS_OF.month}, {AS_OF.day}"
    assert "File too large" in said(limited(PUBLISH.format(day=day)))
    assert publish.current("tiny") == old
    publish.verify(audited / "published" / old)
    with publish.open_published("tiny") as served:
        assert served.execute("select count(*) from marts.dim_item").fetchall() == [(3,)]
    assert not list((audited / "published").glob(".tmp*"))
    assert publish.publish("tiny", AS_OF) != old


def test_an_old_file_is_never_opened_for_writing(audited, tmp_path):
    """What `to_parquet` onto the served file would do: it is gone before the first byte of the new one is written."""
    version = audited / "published" / publish.publish("tiny", AS_OF)
    inodes = {path.name: path.stat().st_ino for path in version.iterdir()}
    hand_built.change("update marts.fct_recommendation set score = 7")
    hand_built.pass_audit()
    publish.publish("tiny", AS_OF)
    assert {path.name: path.stat().st_ino for path in version.iterdir()} == inodes
    assert duckdb.sql(f"select count(*) from '{version}/fct_recommendation.parquet'").fetchall()
    publish.verify(version)
