"""Suites are data that prove something: complete, explained, about columns that exist."""

import re

import pytest
import yaml

from expectations import suites
from expectations.suites import SuiteError
from warehouse.paths import REPOSITORY

MARTS = sorted(path.stem for path in (REPOSITORY / "dbt_project" / "models" / "marts").rglob("*.sql"))
MARTS = [name for name in MARTS if not name.startswith("int_")]  # steps between, beside the mart that they serve
OWN = {"check": "own", "expect": "expect_column_values_to_be_between", "kwargs": {"column": "a.min", "min_value": 0},
       "severity": "block", "reason": "because"}  # fmt: skip
GOOD = {"dataset": "marts.t", "grain": ["a"], "columns": ["a", "b"], "expectations": [OWN]}


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


def with_own(**changes):
    """The good suite, its one expectation changed; under the name of a common check it takes that one's place."""
    return {**GOOD, "expectations": [{**OWN, **changes}]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"dataset": suites.ALL_TABLES[0], "expectations": []}, "no expectations"),
        ({**GOOD, "expectation": []}, "unknown entries"),
        (with_own(check="row_count"), "does not judge rows"),
        (with_own(check="key_not_null"), "does not judge key.nulls"),
        (with_own(check="grain_unique"), "does not judge duplicates"),
        (with_own(check="numbers_finite"), "does not judge non_finite"),
        (with_own(check="column_set"), "the exact column set"),
        (with_own(severity="error"), "neither block nor warn"),
        (with_own(reason=" "), "a reason is needed"),
        ({**GOOD, "expectations": [OWN, OWN]}, "named twice"),
        (with_own(kwargs={"column": "c.min"}), "nobody computes the figure 'c.min'"),
    ],
)
def test_a_suite_that_proves_nothing_is_refused(content, said):
    with pytest.raises(SuiteError, match=re.escape(said)):
        suites.parse("t", content)


def test_the_template_of_those_is_accepted_with_the_checks_of_every_table():
    suite = suites.parse("t", GOOD)
    assert suite.key == ("a",)
    checks = ["row_count", "column_set", "key_not_null", "grain_unique", "numbers_finite", "own"]
    assert [expectation.check for expectation in suite.expectations] == checks


def test_a_table_of_moments_may_not_know_the_future():
    suite = suites.parse("t", {**GOOD, "profile_by": "as_of"})
    assert suites.FUTURE in {expectation.check for expectation in suite.expectations}
    assert suite.measures["rows_after_newest_run"]


def test_a_suite_says_in_one_word_that_learning_may_have_refused():
    suite = suites.parse("t", {**GOOD, "may_be_empty": {"refused": "ml.t"}})
    assert "dataset = 'ml.t'" in suite.may_be_empty["when"]
    assert suite.may_be_empty["reason"]


def test_a_stage_without_suites_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(suites, "FOLDER", tmp_path)
    suites.load.cache_clear()
    with pytest.raises(SuiteError, match="would judge nothing"):
        suites.load("audit")
    suites.load.cache_clear()
