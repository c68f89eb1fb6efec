"""The guide to reading the marts: its snippets run as they stand and agree; Parquet means the same to every reader."""

import re
import shutil

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.warehouse.hand_built import AS_OF, change, pass_audit
from warehouse import example_queries, paths, publish

GUIDE = paths.REPOSITORY / "docs" / "reading_the_marts.md"
ANSWER = [("repeat_purchase_rate", None, "x", "no order"), ("revenue", 30.0, "x", "reason0")]


@pytest.fixture
def version(audited):
    """A published version that holds a figure, one that is missing, and decimals, dates and instants."""
    change("update marts.mart_kpi set dimension_type = 'total', period = 'all', unit = 'x', reason = 'reason0'")
    change(
        "insert into marts.mart_kpi by name select * exclude (kpi, value, reason), 'repeat_purchase_rate' as kpi, "
        "null::double as value, 'no order' as reason from marts.mart_kpi limit 1"
    )
    change("delete from marts.mart_kpi where dimension_value <> (select min(dimension_value) from marts.mart_kpi)")
    pass_audit()
    return audited / "published" / publish.publish("tiny", AS_OF)


@pytest.fixture
def where_the_guide_reads(version, tmp_path, monkeypatch):
    """A folder in which data/demo_shop is the published shop."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "demo_shop").symlink_to(version.parent.parent)
    monkeypatch.chdir(tmp_path)


def snippet(language: str, word: str) -> str:
    found = [code for code in re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL) if word in code]
    assert len(found) == 1
    return found[0]


def answer_of(code: str) -> list[tuple]:
    names: dict = {}
    exec(compile(code, str(GUIDE), "exec"), names)
    return names["answer"]


def test_the_sql_of_the_guide(where_the_guide_reads):
    path = "data/demo_shop/published/current/marts.duckdb"
    with duckdb.connect(path, read_only=True) as connection:
        assert connection.execute(snippet("sql", "mart_kpi")).fetchall() == ANSWER


@pytest.mark.parametrize("library", ["import duckdb", "import pandas", "import polars"])
def test_the_snippets_of_the_guide_agree(where_the_guide_reads, library):
    assert answer_of(snippet("python", library)) == ANSWER


@pytest.mark.slow
def test_the_spark_snippet_of_the_guide_agrees_and_types_are_the_same(where_the_guide_reads, version):
    if not shutil.which("java"):
        pytest.skip("no Java on this machine; Spark needs Java 17")
    pytest.importorskip("pyspark", reason="the spark extra is not installed")
    from pyspark.sql import SparkSession

    assert answer_of(snippet("python", "pyspark")) == ANSWER
    spark = SparkSession.getActiveSession()
    try:
        for mart, columns in published_types(version).items():
            seen = {
                field.name: field.dataType.simpleString()
                for field in spark.read.parquet(f"{version}/{mart}.parquet").schema
            }
            assert seen == {name: SPARK[kind] if kind in SPARK else kind.lower() for name, kind in columns.items()}, (
                mart
            )
    finally:
        spark.stop()


SPARK = {"VARCHAR": "string", "TIMESTAMP": "timestamp_ntz", "INTEGER": "int"}
ARROW = {
    "VARCHAR": pa.types.is_string, "BIGINT": pa.types.is_int64, "DOUBLE": pa.types.is_float64,
    "BOOLEAN": pa.types.is_boolean, "DATE": pa.types.is_date, "DECIMAL": pa.types.is_decimal,
    "TIMESTAMP": lambda kind: pa.types.is_timestamp(kind) and kind.tz is None, "INTEGER": pa.types.is_int32,
}  # fmt: skip
POLARS = {
    "VARCHAR": pl.String, "BIGINT": pl.Int64, "DOUBLE": pl.Float64, "BOOLEAN": pl.Boolean, "DATE": pl.Date,
    "DECIMAL": pl.Decimal, "TIMESTAMP": pl.Datetime, "INTEGER": pl.Int32,
}  # fmt: skip


def published_types(version) -> dict[str, dict[str, str]]:
    files = publish.verify(version)["files"]
    return {
        name.removesuffix(".parquet"): entry["columns"] for name, entry in files.items() if name.endswith(".parquet")
    }


def test_every_file_has_the_same_rows_and_types_in_pandas_and_polars(version):
    types = published_types(version)
    kinds = {kind.split("(")[0] for columns in types.values() for kind in columns.values()}
    assert {"DECIMAL", "DATE", "TIMESTAMP"} <= kinds
    for mart, columns in types.items():
        path = str(version / f"{mart}.parquet")
        rows = duckdb.sql(f"from read_parquet('{path}')").fetchall()
        arrow, polars = pd.read_parquet(path, dtype_backend="pyarrow"), pl.read_parquet(path)
        for name, kind in columns.items():
            assert ARROW[kind.split("(")[0]](arrow[name].dtype.pyarrow_dtype), (mart, name)
            assert polars.schema[name].base_type() == POLARS[kind.split("(")[0]], (mart, name)
        in_pandas = [
            tuple(None if pd.isna(value) else value for value in row)
            for row in arrow.itertuples(index=False, name=None)
        ]
        assert in_pandas == rows and polars.rows() == rows, mart


def test_the_guide_lists_every_example_query_with_its_question():
    listed = dict(re.findall(r"^\| (.+\?) \| `([a-z_]+)` \|$", GUIDE.read_text(), re.MULTILINE))
    assert listed == {query.question: name for name, query in example_queries.load().items()}
