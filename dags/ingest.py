"""`ingest_<shop>`: raw tables of every source, one interval at a time, into dated landing Parquet."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, Asset, CronPartitionTimetable, Param, get_current_context, task

from dags.failure import bad_input_fails_at_once
from dags.interval import landing_interval
from shops.declaration import Shop, load, names

ON_CALL = """
**What** Lands every raw table of {title} for one local day ({timezone}), or for the days given by `start` and `end`.
Rows that cannot be typed go to `quarantine/` with line and reason; nothing is dropped.

**When** Every midnight, for the day that ended. Catch-up is on: days missed while Airflow was down are made up.
History in one go: trigger with `start` and `end`; day by day: `airflow backfill create --dag-id {dag_id} …`.

**When it fails** The error names the source, the table, the file and what to do. Landed days are replaced whole or not
at all, so mend the source and clear the task: nothing is doubled. What is published stays as it was.
"""


def ingest(shop: Shop) -> DAG:
    """The DAG of one shop: one mapped task per raw table."""
    dag_id = f"ingest_{shop.name}"
    zone = ZoneInfo(shop.timezone)
    with DAG(
        dag_id=dag_id,
        schedule=CronPartitionTimetable("0 0 * * *", timezone=shop.timezone, run_offset=-1, key_format="%Y-%m-%d"),
        # a run at midnight lands the day before it
        start_date=datetime.combine(shop.history_from + timedelta(days=1), datetime.min.time(), zone),
        end_date=datetime.combine(shop.as_of, datetime.min.time(), zone) if shop.as_of else None,
        catchup=True,
        max_active_runs=2,
        default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "retry_exponential_backoff": True},
        params={name: Param(None, type=["null", "string"], format="date") for name in ("start", "end")},
        doc_md=ON_CALL.format(title=shop.title, timezone=shop.timezone, dag_id=dag_id),
        tags=[shop.name],
    ) as dag:
        landing = Asset(f"landing_{shop.name}", uri=f"precision://{shop.name}/landing")

        @task(map_index_template="{{ source_and_table }}")
        def land(table: str) -> dict:
            from datetime import date

            from extract.ingest import ingest as land_table

            context = get_current_context()
            context["source_and_table"] = table
            source_name, table_name = table.split(".")
            with bad_input_fails_at_once():
                start, end = map(date.fromisoformat, landing_interval(context))
                return land_table(load(shop.name), source_name, table_name, start, end)

        @task(outlets=[landing])
        def landed() -> str:
            """All tables of the day are there: whoever follows the landing may start."""
            return landing_interval(get_current_context())[1]

        tables = [f"{source.name}.{table.name}" for source in shop.sources for table in source.tables]
        land.expand(table=tables) >> landed()
    return dag


for name in names():
    globals()[f"ingest_{name}"] = ingest(load(name))
