"""One project, two engines: what dbt builds on Spark is what it builds on DuckDB, mart by mart."""

import shutil
import subprocess
import sys
from datetime import date
from importlib import import_module

import numpy as np
import pytest

from activation import plan
from extract.ingest import ingest
from ml.steps import ORDER
from shops.declaration import parse
from warehouse import dbt
from warehouse.engine import open_warehouse

START, AS_OF = date(2025, 1, 1), date(2025, 2, 20)

pytestmark = pytest.mark.slow

ON_SPARK = """
import sys
from pathlib import Path
from tests.warehouse.test_spark import small_shop
from warehouse import dbt, spark

folder, as_ofs, as_of = Path(sys.argv[1]), sys.argv[2].split(","), sys.argv[3]
shop = small_shop()
session = spark.session(folder / "spark")
spark.register_landing(session, shop)
for parquet in sorted((folder / "tables").glob("*.parquet")):
    spark.load_table(session, parquet.stem, parquet)
from datetime import date
from importlib import import_module
days = [date.fromisoformat(day) for day in as_ofs]
moment = date.fromisoformat(as_of)
values = dbt.variables(shop, moment, days, moment, dbt.LONG_AGO)
spark.dbt(shop, ["seed"], values)
for stage in ("features", "outcomes", "plans"):
    spark.dbt(shop, ["run", "--select", f"tag:{stage}"], values)
for row in session.sql("show tables in marts").collect():
    session.table(f"marts.{row.tableName}").coalesce(1).write.parquet(str(folder / "out" / row.tableName))
session.stop()
"""


def small_shop():
    """The demo shop, small enough for a laptop's Spark."""
    import yaml

    from shops import declaration

    content = yaml.safe_load((declaration.FOLDER / "demo_shop.yml").read_text())
    content["as_of"] = str(AS_OF)
    content["windows"] |= {"training_dates": 1}
    content["sources"]["demo_shop"]["parameters"] = {"seed": 7, "users": 120, "items": 60, "days": 60}
    return parse("demo_shop", content)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Folder of the small shop built on DuckDB (warehouse) and on Spark (out/<mart>)."""
    if not shutil.which("java"):
        pytest.skip("no Java on this machine; Spark needs Java 17")
    pytest.importorskip("pyspark", reason="the spark extra is not installed")
    folder = tmp_path_factory.mktemp("engines")
    patch = pytest.MonkeyPatch()
    patch.setenv("PRECISION_HOME", str(folder))
    shop = small_shop()
    for source in shop.sources:
        for table in source.tables:
            ingest(shop, source.name, table.name, START, AS_OF)
    dbt.build(shop, AS_OF, "features")
    for step in ORDER:
        import_module(f"ml.steps.{step}").run(shop, AS_OF)
    dbt.build(shop, AS_OF, "outcomes")
    plan.run(shop, AS_OF)
    dbt.build(shop, AS_OF, "plans")
    (folder / "tables").mkdir()
    with open_warehouse(shop.name) as connection:
        described = connection.execute("select distinct as_of from marts.fct_user_features").fetchall()
        learned = """
            select table_schema || '.' || table_name
            from information_schema.tables
            where table_schema in ('ml', 'activation')"""
        for (name,) in connection.execute(f"{learned} union all select 'ops.data_quality'").fetchall():
            connection.execute(f"copy (from {name}) to '{folder}/tables/{name}.parquet'")
    as_ofs = ",".join(sorted(str(day) for (day,) in described))
    command = [sys.executable, "-c", ON_SPARK, str(folder), as_ofs, str(AS_OF)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    yield shop, folder
    patch.undo()


def test_every_mart_is_equal_on_both_engines(both):
    shop, folder = both
    different = {}
    with open_warehouse(shop.name) as connection:
        names = "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
        marts = [row[0] for row in connection.execute(names).fetchall()]
        assert len(marts) >= 13
        for mart in marts:
            different[mart] = difference(connection, f"marts.{mart}", f"read_parquet('{folder}/out/{mart}/*.parquet')")
    assert not {mart: what for mart, what in different.items() if what}


def difference(connection, ours: str, theirs: str) -> str:
    """'' when both have the same rows: doubles to nine digits, everything else exactly."""
    columns = connection.execute(f"describe {ours}").fetchall()
    doubles = [name for name, kind, *_ in columns if kind == "DOUBLE"]
    exact = [name for name, *_ in columns if name not in doubles]
    selected = ", ".join([*(f"cast({name} as varchar) as {name}" for name in exact), *doubles])
    order = ", ".join([*exact, *(f"round({name}, 6)" for name in doubles)])
    query = "select {} from {} order by {}"
    one, other = (connection.execute(query.format(selected, table, order)).df() for table in (ours, theirs))
    if len(one) != len(other) or not one[exact].equals(other[exact]):
        return f"{len(one)} rows against {len(other)} on Spark, or other keys"
    far = [name for name in doubles if not np.allclose(one[name], other[name], rtol=1e-9, atol=1e-12, equal_nan=True)]
    return f"values differ: {far}" if far else ""
