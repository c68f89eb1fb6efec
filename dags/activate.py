"""`activate_<shop>`: a published plan is shown to a person and, if approved, carried out."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, Asset, Param, PartitionedAssetTimetable, PokeReturnValue, get_current_context, task

from dags.failure import bad_input_fails_at_once
from dags.interval import moment
from shops.declaration import Shop, load, names

ON_CALL = """
**What** Carries out the published plan of {title} for one day: `prepare` renders every message into a preview,
`approve` asks a person (Airflow, Required Actions), `deliver` writes the audience files or, where the shop has switched
it on, sends, `summary` says what happened. Nothing leaves without an approval; no answer in {valid_days} days is a no.

**When** After each published day (`marketing_{name}`); by hand with the parameter `as_of`.

**When it fails** Clear the task: every (campaign, customer) is done once, whatever was killed when; the ledger in
`activation/ledger` knows. `deliver` waits (state up_for_reschedule) while messages are in quiet hours, and fails when a
channel takes nothing: mend its connection and clear it. `summary` names messages in doubt and the command that settles
each. A plan older than {valid_days} days is refused: approve a newer one.
"""
POKE = timedelta(minutes=10)  # how long after the quiet hours of a customer the message may leave


def as_of() -> date:
    """The moment that the running task is for."""
    return date.fromisoformat(moment(get_current_context()))


def activate(shop: Shop) -> DAG:
    """The DAG of one shop."""
    valid = timedelta(days=shop.activation.valid_days)
    with DAG(
        dag_id=f"activate_{shop.name}",
        schedule=PartitionedAssetTimetable(assets=Asset(f"marts_{shop.name}", uri=f"precision://{shop.name}/marts")),
        start_date=datetime.combine(shop.history_from, datetime.min.time(), ZoneInfo(shop.timezone)),
        catchup=False,
        default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
        params={"as_of": Param(None, type=["null", "string"], format="date")},
        doc_md=ON_CALL.format(title=shop.title, name=shop.name, valid_days=shop.activation.valid_days),
        tags=[shop.name],
    ) as dag:

        @task
        def prepare() -> dict:
            from airflow.sdk.exceptions import AirflowSkipException

            from activation.preview import preview
            from activation.summary import of_preview

            with bad_input_fails_at_once():
                found = preview(load(shop.name), as_of())
            if not found["campaigns"]:
                raise AirflowSkipException(f"the plan of {found['as_of']} contacts nobody")
            return {"version": found["version"], "text": of_preview(found)}

        approve = ApprovalOperator(
            task_id="approve",
            subject=f"{shop.title}: may these messages leave?",
            body="{{ ti.xcom_pull(task_ids='prepare')['text'] }}",
            defaults=ApprovalOperator.REJECT,  # taken when nobody answers
            response_timeout=valid,
        )

        @task.sensor(mode="reschedule", poke_interval=POKE.total_seconds(), timeout=valid.total_seconds())
        def deliver(prepared: dict) -> PokeReturnValue:
            from activation.deliver import deliver as carry_out
            from activation.summary import of_delivery

            with bad_input_fails_at_once():
                done = carry_out(load(shop.name), as_of(), version=prepared["version"])
            print(of_delivery(done))
            if done["failed"]:
                raise RuntimeError(f"channels take nothing now: {done['failed']}")
            return PokeReturnValue(is_done=not done["open"], xcom_value=done)

        @task(trigger_rule="none_failed")
        def summary(done: dict | None) -> str:
            from activation.summary import of_delivery

            text = of_delivery(done) if done else "Not approved, or nobody to contact: nothing has left."
            print(text)
            return text

        prepared = prepare()
        prepared >> approve
        delivered = deliver(prepared)
        approve >> delivered
        summary(delivered)
    return dag


for name in names():
    globals()[f"activate_{name}"] = activate(load(name))
