"""The lineage graph that the dbt docs show runs unbroken from raw tables, through what Python learned, to the KPIs."""

import json

import pytest

from shops.declaration import load
from warehouse import dbt, paths


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """dbt's own manifest of the demo shop, which fills every entity."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(tmp_path_factory.mktemp("home")))
        shop = load("demo_shop")
        values = dbt.variables(shop, shop.as_of, [shop.as_of], shop.as_of, shop.as_of)
        dbt.invoke(shop, ["parse", "--vars", json.dumps(values)])
        return json.loads((paths.of(shop.name).dbt / "target" / "manifest.json").read_text())


def ancestors(manifest, node: str) -> set[str]:
    found, waiting = set(), [node]
    while waiting:
        for parent in manifest["parent_map"].get(waiting.pop(), []):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def test_from_every_raw_table_through_learning_to_the_kpis(manifest):
    above = ancestors(manifest, "model.precision_marketing.mart_kpi")
    for table in ("events", "orders", "order_lines", "users", "items", "spend", "contacts", "feedback", "fx_rates"):
        assert f"source.precision_marketing.canonical.{table}" in above
    for learned in ("fct_purchase_propensity", "mart_recommendation_evaluation"):
        table = f"model.precision_marketing.{learned}"
        assert table in above
        assert any(parent.startswith("source.precision_marketing.canonical.") for parent in ancestors(manifest, table))


def test_every_published_mart_exists_with_contract_and_described_columns(manifest):
    marts = {node["name"]: node for node in manifest["nodes"].values() if node.get("schema") == "marts"}
    marts = {name: node for name, node in marts.items() if node["resource_type"] == "model"}
    assert len(marts) >= 14
    for mart, node in marts.items():
        assert node["config"]["contract"]["enforced"], mart
        assert node["description"].lower().startswith(("one row per", "grain")), node["description"][:60]
        assert all(column["description"] for column in node["columns"].values()), mart


def test_every_model_says_what_a_row_is(manifest):
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert len(models) >= 80
    assert not [node["name"] for node in models if not node["description"].lower().startswith("one row")]
