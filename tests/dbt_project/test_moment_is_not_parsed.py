"""Which moment is described changes nothing of what dbt parses: it is parsed once and used for every moment."""

import json
from datetime import date

from shops.declaration import load
from warehouse import dbt, parsed, paths

MOMENT, EARLIER = date(1987, 6, 5), date(1987, 5, 4)
OF_THE_RUN = ("created_at", "generated_at", "invocation_id", "invocation_started_at", "run_started_at")


def test_every_model_test_and_macro_is_the_same_at_another_moment(manifest, tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    shop = load("demo_shop")
    other = dbt.variables(shop, MOMENT, [EARLIER, MOMENT], MOMENT, dbt.LONG_AGO)
    usual = dbt.variables(shop, shop.as_of, [shop.as_of], shop.as_of, shop.as_of)
    assert {name for name in usual if usual[name] != other[name]} == {*parsed.MOMENT}
    dbt.invoke(shop, ["parse"], other)
    found = json.loads((paths.of(shop.name).dbt / "target" / "manifest.json").read_text())
    assert len(found["nodes"]) > 300
    for kind in found.keys() - {"metadata"}:
        assert without(found[kind]) == without(manifest[kind]), kind
    assert not {value for value in (str(MOMENT), str(EARLIER)) if value in json.dumps(without(found["nodes"]))}


def without(content):
    """Less the times of the run that wrote it, and sources in one order: dbt keeps them in that of a set."""
    if isinstance(content, dict):
        kept = {key: without(value) for key, value in content.items() if key not in OF_THE_RUN}
        return {
            key: sorted(value) if key in ("sources", "nodes") and isinstance(value, list) else value
            for key, value in kept.items()
        }
    return [without(value) for value in content] if isinstance(content, list) else content
