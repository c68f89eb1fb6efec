"""Suites are data that prove something: complete, explained, about columns that exist."""

import re

import pytest
import yaml

from expectations import suites
from expectations.suites import SuiteError
from warehouse.paths import REPOSITORY

MARTS = sorted(path.stem for path in (REPOSITORY / "dbt_project" / "models" / "marts").rglob("*.sql"))
GOOD = {
    "dataset": "marts.t",
    "grain": ["a"],
    "columns": ["a", "b"],
    "expectations": [
        {"check": check, "expect": "expect_column_values_to_be_between", "kwargs": {"column": figure, "min_value": 0},
         "severity": "block", "reason": "because"}
        for check, figure in (("rows", "rows"), ("key", "key.nulls"), ("grain", "duplicates"), ("finite", "non_finite"))
    ] + [{"check": "columns", "expect": suites.COLUMN_SET, "kwargs": {"column_set": "$columns", "exact_match": True},
          "severity": "block", "reason": "because"}],
}  # fmt: skip
STRAY = {**GOOD["expectations"][0], "check": "stray", "kwargs": {"column": "c.min"}}


@pytest.mark.parametrize("stage", suites.STAGES)
def test_every_suite_of_a_stage_loads(stage):
    assert suites.load(stage)


@pytest.mark.parametrize("mart", MARTS)
def test_every_mart_has_an_audit_suite(mart):
    assert f"marts.{mart}" in {suite.dataset for suite in suites.load("audit")}


def contracts() -> dict[str, set[str]]:
    found = {}
    for path in (REPOSITORY / "dbt_project" / "models").rglob("*.yml"):
        for model in (yaml.safe_load(path.read_text()) or {}).get("models") or []:
            found[model["name"]] = {column["name"] for column in model.get("columns", [])}
    return found


@pytest.mark.parametrize("stage", ["features", "audit"])
def test_suites_and_dbt_contracts_name_the_same_columns(stage):
    declared = contracts()
    different = {
        suite.dataset: set(suite.columns) ^ declared[suite.dataset.split(".")[1]]
        for suite in suites.load(stage)
        if set(suite.columns) != declared[suite.dataset.split(".")[1]]
    }
    assert not different


def test_reasons_are_sentences():
    for stage in suites.STAGES:
        for suite in suites.load(stage):
            for expectation in suite.expectations:
                assert re.match(r"[A-Z].{15,}\.$", expectation.reason), (suite.name, expectation.check)


def without(check):
    return {**GOOD, "expectations": [each for each in GOOD["expectations"] if each["check"] != check]}


def with_last(**changes):
    return {**GOOD, "expectations": [*GOOD["expectations"][:-1], {**GOOD["expectations"][-1], **changes}]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({**GOOD, "expectations": []}, "no expectations"),
        ({**GOOD, "expectation": []}, "unknown entries"),
        (without("rows"), "does not judge rows"),
        (without("key"), "does not judge key.nulls"),
        (without("grain"), "does not judge duplicates"),
        (without("finite"), "does not judge non_finite"),
        (without("columns"), "the exact column set"),
        (with_last(severity="error"), "neither block nor warn"),
        (with_last(reason=" "), "a reason is needed"),
        (with_last(check="rows"), "named twice"),
        ({**GOOD, "expectations": [*GOOD["expectations"], STRAY]}, "nobody computes the figure 'c.min'"),
    ],
)
def test_a_suite_that_proves_nothing_is_refused(content, said):
    with pytest.raises(SuiteError, match=re.escape(said)):
        suites.parse("t", content)


def test_the_template_of_those_is_accepted():
    assert suites.parse("t", GOOD).key == ("a",)


def test_a_stage_without_suites_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(suites, "FOLDER", tmp_path)
    suites.load.cache_clear()
    with pytest.raises(SuiteError, match="would judge nothing"):
        suites.load("audit")
    suites.load.cache_clear()
