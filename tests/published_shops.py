"""A declared shop, or a slice of one, taken all the way to published marts, by the steps of the DAG in their order.

In: a shop that is landed and whose features are built (`built_shop`, `whole_demo_shop`). Out: its published version.
Learning finds little in a slice, and says so; that is what makes it a test of marts with missing parts too.
"""

from datetime import date
from importlib import import_module

from shops.declaration import Shop


def publish_whole(shop: Shop, as_of: date) -> str:
    """Learn, build the rest, plan, audit and publish; returns the version."""
    from activation import plan
    from expectations.gate import check
    from ml.steps import ORDER
    from warehouse import dbt
    from warehouse.publish import publish

    for stage in ("landing", "features"):
        check(shop, as_of, stage)
    for step in ORDER:
        import_module(f"ml.steps.{step}").run(shop, as_of)
    dbt.build(shop, as_of, "outcomes")
    plan.run(shop, as_of)
    dbt.build(shop, as_of, "plans")
    check(shop, as_of, "audit")
    return publish(shop.name, as_of)
