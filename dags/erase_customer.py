"""`erase_customer_<shop>`: whoever asked to be forgotten is taken out, marts are published anew, and it is proven."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, get_current_context, task

from dags.failure import bad_input_fails_at_once
from shops.declaration import Shop, load, names

ON_CALL = """
**What** Erases the customers of {title} who were handed over with `precision erase --shop {name} --hand-over`: out of
landing, quarantine, vault, warehouse, every published version, models, activation, logs, and Airflow's own tables.
Then `marketing_{name}` publishes the newest moment again, so that models are fitted without them, and `check` searches
every byte. There is no parameter: Airflow would keep the id. Results are counts.

**When** By hand, after somebody was handed over. `marketing_{name}` must not be paused. Nobody waiting: skipped.

**When it fails** Clear the task: whoever was begun with is finished. `check` names the places where the customer still
stands; most often a run was under way meanwhile, so run the DAG again. What cannot be undone is not asked twice:
see docs/erase_a_customer.md first.
"""


def erase_customer(shop: Shop) -> DAG:
    """The DAG of one shop."""
    with DAG(
        dag_id=f"erase_customer_{shop.name}",
        schedule=None,
        start_date=datetime.combine(shop.history_from, datetime.min.time(), ZoneInfo(shop.timezone)),
        catchup=False,
        max_active_runs=1,
        default_args={"retries": 1, "retry_delay": timedelta(minutes=2), "execution_timeout": timedelta(hours=4)},
        doc_md=ON_CALL.format(title=shop.title, name=shop.name),
        tags=[shop.name],
    ) as dag:

        @task(pool="warehouse")
        def erase() -> dict:
            from airflow.sdk.exceptions import AirflowSkipException

            from privacy.erase import erase as erase_one
            from privacy.erase import newest_moment, waiting

            with bad_input_fails_at_once():
                customers = waiting(load(shop.name))
                if not customers:
                    raise AirflowSkipException("nobody was handed over")
                counts = [erase_one(load(shop.name), customer) for customer in customers]
                return {"counts": counts, "as_of": newest_moment(load(shop.name))}

        @task.short_circuit(ignore_downstream_trigger_rules=False)
        def is_published() -> bool:
            return bool(get_current_context()["ti"].xcom_pull(task_ids="erase")["as_of"])

        publish_again = TriggerDagRunOperator(
            task_id="publish_again",
            trigger_dag_id=f"marketing_{shop.name}",
            conf={"as_of": "{{ ti.xcom_pull(task_ids='erase')['as_of'] }}"},
            wait_for_completion=True,
            poke_interval=30,
        )

        @task(trigger_rule="none_failed", pool="warehouse")
        def check(erased: dict) -> dict:
            """Counts alone: how many customers, and in how many files each was sought."""
            from privacy.erase import prove, to_be_proven

            with bad_input_fails_at_once():
                searched = [prove(load(shop.name), customer) for customer in to_be_proven(load(shop.name))]
                return {"customers": len(searched), "places_searched": searched, "erased": erased["counts"]}

        erased = erase()
        erased >> is_published() >> publish_again >> check(erased)
    return dag


for name in names():
    globals()[f"erase_customer_{name}"] = erase_customer(load(name))
