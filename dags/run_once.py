"""Run `ingest` and `marketing` of one shop in Airflow, in this process: python -m dags.run_once SHOP START AS_OF.

What `precision run` and `precision backfill` start; with START = AS_OF nothing is landed. The DAGs are the scheduled
ones; only the scheduler is left out, so that one run of a laptop does not wait for it. Two such runs of a shop, as of
two backfills, come one after the other: a run between the steps of another would change what that one has audited.
Exit code 1 when a task failed, or when the other run did not end.
"""

import json
import sys

from dags.failure import MARK
from warehouse import lock, paths

WAIT_SECONDS = 600  # for another run of the shop: ten minutes are a whole run of most


def main(shop: str, start: str, as_of: str) -> int:
    """Land [start, as_of) and publish as of `as_of`."""
    try:
        with lock.exclusive(paths.of(shop).root / "run.lock", WAIT_SECONDS):
            return _run(shop, start, as_of)
    except lock.Locked as locked:
        print(MARK + json.dumps(f"Locked: {locked}"), flush=True)
        return 1


def _run(shop: str, start: str, as_of: str) -> int:
    import dags.ingest
    import dags.marketing

    for dag, conf in (
        (getattr(dags.ingest, f"ingest_{shop}"), {"start": start, "end": as_of}),
        (getattr(dags.marketing, f"marketing_{shop}"), {"as_of": as_of}),
    ):
        if conf.get("start") == as_of:
            continue
        dag.default_args = {}
        for task in dag.tasks:
            task.retries = 0  # a person is waiting and sees the error; the schedule retries
        if dag.test(logical_date=None, run_conf=conf).state != "success":
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
