"""`retention_<shop>`: what is kept longer than the shop declares is deleted, every day."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, CronPartitionTimetable, Param, get_current_context, task

from dags.failure import bad_input_fails_at_once
from dags.interval import moment
from privacy.keep_days import keep_days
from shops.declaration import Shop, load, names

ON_CALL = """
**What** Deletes of {title} what is older than `personal.keep_days` in shops/{name}.yml says: {periods}. Days are
counted back from the run's own day, and each thing is dated by the day in its name; the version served stays.

**When** Every midnight, for the day that ended; by hand with the parameter `as_of`. The same by hand:
`precision retention --shop {name}`, with `--dry-run` to see what would go.

**When it fails** Clear the task: whatever is gone is gone, the rest follows. It waits for a run that is under way.
"""


def retention(shop: Shop) -> DAG:
    """The DAG of one shop: one task."""
    zone = ZoneInfo(shop.timezone)
    periods = keep_days(shop)
    with DAG(
        dag_id=f"retention_{shop.name}",
        schedule=CronPartitionTimetable("0 0 * * *", timezone=shop.timezone, run_offset=-1, key_format="%Y-%m-%d"),
        start_date=datetime.combine(shop.history_from + timedelta(days=1), datetime.min.time(), zone),
        end_date=datetime.combine(shop.as_of, datetime.min.time(), zone) if shop.as_of else None,
        catchup=False,  # the newest run deletes what all before it would have
        max_active_runs=1,
        default_args={"retries": 2, "retry_delay": timedelta(minutes=5), "pool": "warehouse"},
        params={"as_of": Param(None, type=["null", "string"], format="date")},
        doc_md=ON_CALL.format(
            title=shop.title, name=shop.name, periods=", ".join(f"{kind} {days} days" for kind, days in periods.items())
        ),
        tags=[shop.name],
    ) as dag:

        @task
        def delete_what_is_old() -> dict:
            from privacy.retention import enforce

            with bad_input_fails_at_once():
                return enforce(load(shop.name), date.fromisoformat(moment(get_current_context())))

        delete_what_is_old()
    return dag


for name in names():
    globals()[f"retention_{name}"] = retention(load(name))
