"""The same dbt project on Spark: for shops that outgrow one machine.

In: landed Parquet and the tables that learning wrote (Parquet too). Out: the same models as on DuckDB, as Spark tables.
A local session stands for the cluster in tests; on a cluster the session comes from `SPARK_REMOTE` or spark-submit.
Needs the `spark` extra and Java 17.
"""

import json
import os
from pathlib import Path

from shops.declaration import Shop
from warehouse import landing, parsed, paths
from warehouse.dbt import PROJECT, DbtError

SCHEMAS = ("landing", "staging", "intermediate", "ml", "activation", "ops", "seeds", "marts")


def session(folder: Path):
    """A local Spark session whose tables lie in `folder`: UTC, ANSI SQL, partitions overwritten one by one.

    Its catalog ends with it. A cluster has a metastore, large tables and long sessions; here compiling anything, be it
    an expression by Spark or a method by the JVM's second compiler, costs more than it saves.
    """
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[2]")
        .appName("precision")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.sql.warehouse.dir", str(folder / "tables"))
        .config(
            "spark.driver.extraJavaOptions",
            "-Duser.timezone=UTC -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m",
        )
        .config("spark.sql.legacy.createHiveTableByDefault", "false")
        .config("spark.sql.sources.partitionOverwriteMode", "dynamic")
        .config("spark.sql.shuffle.partitions", "2")  # two cores; a cluster sets its own
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.sources.parallelPartitionDiscovery.threshold", "10000")  # else listing days is a job
        .config("spark.driver.memory", "2g")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    for schema in SCHEMAS:
        spark.sql(f"create database if not exists {schema}")
    return spark


def register_landing(spark, shop: Shop) -> None:
    """One view per declared raw table, typed and empty where nothing landed; twin of `warehouse.landing.register`."""
    landed = {(p.source, p.table) for p in landing.partitions(shop)}
    for source in shop.sources:
        for table in source.tables:
            view = f"landing.{source.name}__{table.name}"
            folder = paths.of(shop.name).landing / source.name / table.name
            columns = [f"cast(`{name}` as {_spark_type(kind)}) as `{name}`" for name, kind in table.columns.items()]
            if (source.name, table.name) in landed:
                relation = f"select {', '.join(columns)}, cast(ds as date) as ds from parquet.`{folder}`"
            else:
                empty = [column.replace(f"`{name}` as", "null as", 1) for name, column in zip(table.columns, columns)]
                relation = f"select {', '.join(empty)}, cast(null as date) as ds where false"
            spark.sql(f"create or replace view {view} as {relation}")


def load_table(spark, name: str, parquet: Path) -> None:
    """A Parquet file as the Spark table `schema.table`."""
    spark.sql(f"drop table if exists {name}")
    spark.read.parquet(str(parquet)).write.mode("overwrite").saveAsTable(name)


def dbt(shop: Shop, arguments: list[str], variables: dict) -> None:
    """One dbt command against the Spark session of this process. Raises DbtError with the names of what failed."""
    from dbt.cli.main import dbtRunner

    os.environ.update(PRECISION_TARGET="spark", DBT_SEND_ANONYMOUS_USAGE_STATS="false")
    where = paths.of(shop.name).dbt
    target, key = where / "target_spark", parsed.key(PROJECT, "spark", variables)
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    folders += ["--target-path", str(target), "--log-path", str(where / "logs_spark")]
    manifest = parsed.recalled(target, key)
    try:
        outcome = dbtRunner(manifest=manifest).invoke(
            [*arguments, "--vars", json.dumps(variables), *folders, "--quiet", "--no-use-colors", "--no-version-check"]
        )
    finally:
        os.environ.pop("PRECISION_TARGET")
    if manifest is None:
        parsed.remember(target, key)
    if not outcome.success:
        results = getattr(outcome.result, "results", [])
        failed = [f"  {r.node.unique_id}: {r.message}" for r in results if r.status in ("error", "fail")]
        raise DbtError(f"dbt on Spark: {outcome.exception or ''}\n" + "\n".join(failed))


def _spark_type(kind: str) -> str:
    return {"varchar": "string", "text": "string", "integer": "int"}.get(kind.lower(), kind)
