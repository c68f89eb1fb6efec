"""A declared shop, or a slice of one, taken all the way to published marts, by the steps of the DAGs in their order.

In: a shop and an interval. Out: its published version. Learning finds little in a slice, and says so; that is what
makes it a test of marts with missing parts too.
"""

from collections.abc import Callable
from datetime import date
from importlib import import_module

from shops.declaration import Shop


def steps(shop: Shop, first: date, as_of: date) -> dict[str, Callable[[], object]]:
    """{task: its call} of both DAGs in their order: land [first, as_of), then publish as of `as_of`."""
    from activation import plan
    from expectations.gate import check
    from extract.ingest import ingest
    from ml.steps import ORDER
    from warehouse import dbt
    from warehouse.publish import publish

    tables = [(source.name, table.name) for source in shop.sources for table in source.tables]
    return {
        "land": lambda: [ingest(shop, source, table, first, as_of) for source, table in tables],
        "gate_landing": lambda: check(shop, as_of, "landing"),
        "build_features": lambda: dbt.build(shop, as_of, "features"),
        "gate_features": lambda: check(shop, as_of, "features"),
        **{step: lambda step=step: import_module(f"ml.steps.{step}").run(shop, as_of) for step in ORDER},
        "build_marts": lambda: dbt.build(shop, as_of, "outcomes"),
        "plan_audiences": lambda: plan.run(shop, as_of),
        "build_plans": lambda: dbt.build(shop, as_of, "plans"),
        "audit": lambda: check(shop, as_of, "audit"),
        "publish": lambda: publish(shop.name, as_of),
    }


def publish_whole(shop: Shop, as_of: date) -> str:
    """From landed days and built features on: learn, build the rest, plan, audit and publish; returns the version."""
    todo = steps(shop, shop.history_from, as_of)
    done = {name: step() for name, step in todo.items() if name not in ("land", "build_features")}
    return done["publish"]
