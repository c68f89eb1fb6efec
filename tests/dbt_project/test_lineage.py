"""The lineage graph that the dbt docs show runs unbroken from raw tables, through what Python learned, to the KPIs."""


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
