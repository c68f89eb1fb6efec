"""Key figures are declared once: the declaration is checked, and the mart has just the measures that it names."""

import copy

import pytest
import yaml

from warehouse import metrics

CELL = metrics.PROJECT / "models" / "marts" / "kpi" / "mart_kpi_cell.yml"
KEYS = {"as_of", "period", "period_start", "dimension_type", "dimension_value", "reason"}


@pytest.fixture
def declaration(tmp_path, monkeypatch):
    """`declaration(change)`: the project's own files, changed, read again."""

    def read(change):
        for path in metrics.FOLDER.glob("*.yml"):
            content = copy.deepcopy(yaml.safe_load(path.read_text(encoding="utf-8")))
            change(content)
            (tmp_path / path.name).write_text(yaml.safe_dump(content), encoding="utf-8")
        monkeypatch.setattr(metrics, "FOLDER", tmp_path)
        metrics.declared.cache_clear()
        try:
            return metrics.declared()
        finally:
            metrics.declared.cache_clear()

    return read


def metric(content: dict, name: str) -> dict:
    return next((each for each in content.get("metrics", []) if each["name"] == name), {})


def test_measures_are_the_columns_of_the_cells_and_described_alike():
    columns = yaml.safe_load(CELL.read_text(encoding="utf-8"))["models"][0]["columns"]
    described = {column["name"]: column["description"] for column in columns if column["name"] not in KEYS}
    assert described == {name: measure["description"] for name, measure in metrics.declared()["measures"].items()}


def test_every_measure_is_used_and_every_kpi_of_the_specification_is_there():
    found = metrics.declared()
    text = str(found["metrics"])
    assert [name for name in found["measures"] if f"'{name}'" not in text] == []
    kpis = {name for name, each in found["metrics"].items() if each.get("meta")}
    assert {"cac", "clv_observed", "clv_predicted", "roi", "click_through_rate", "conversion_rate"} < kpis
    assert {"repeat_purchase_rate", "csi", "nps", "cac_payback_months", "observed_clv_to_cac"} < kpis
    assert {"platform_conversions", "attributed_conversions", "incremental_revenue", "strategy_coverage"} < kpis


def test_an_unchanged_declaration_reads_the_same(declaration):
    expected = metrics.declared()
    assert declaration(lambda content: None) == expected


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: metric(c, "cac").get("config", {}).get("meta", {}).pop("unit", None), "cac: 'unit' is a required"),
        (lambda c: metric(c, "nps").update(type="cumulative"), "nps: 'cumulative' is not one of"),
        (lambda c: metric(c, "csi").update(colour="red"), "csi: Additional properties are not allowed"),
        (
            lambda c: metric(c, "cac").update(type_params={"numerator": "spent", "denominator": "orders"}),
            "metric spent",
        ),
        (lambda c: metric(c, "orders").update(type_params={"measure": "order"}), "orders is made of measure order"),
    ],
)
def test_a_declaration_that_no_figure_can_be_made_of_is_refused_by_name(declaration, change, said):
    def of_its_own(content):
        if content.get("metrics"):
            before = copy.deepcopy(content)
            change(content)
            assert before.keys() == content.keys()

    with pytest.raises(metrics.MetricError, match=said):
        declaration(of_its_own)
