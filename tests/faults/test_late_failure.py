"""dbt or an expectation fails late in a run: what was served is served on, and the reason is kept where people look."""

import json
import shutil

import pytest

from dags.failure import MARK, bad_input_fails_at_once
from expectations import gate
from tests.faults.everything_kept import everything
from tests.warehouse import hand_built
from tests.warehouse.hand_built import AS_OF
from warehouse import dbt, publish
from warehouse.publish import NotAudited

pytestmark = pytest.mark.fault(5)

LATE = """{{ config(materialized='table', post_hook="select error('the last statement went wrong')") }}
select as_of, mode, user_id, rank, item_id, score + 1 as score from marts.fct_recommendation
"""


@pytest.fixture
def served(audited):
    """The folder `published/` with one version in it."""
    publish.publish("tiny", AS_OF)
    return audited / "published"


def test_a_failing_post_hook_of_dbt(served, tmp_path, monkeypatch, capsys):
    """A project of one model, built as the stage `plans` is, whose last statement fails."""
    project = tmp_path / "project"
    (project / "models" / "marts").mkdir(parents=True)
    shutil.copy(dbt.PROJECT / "profiles.yml", project)
    (project / "dbt_project.yml").write_text("name: late\nprofile: precision\nmodels:\n  late:\n    +tags: [plans]\n")
    (project / "models" / "marts" / "mart_late.sql").write_text(LATE)
    monkeypatch.setattr(dbt, "PROJECT", project)
    before = everything(served)
    with pytest.raises(dbt.DbtError) as failure, bad_input_fails_at_once():
        dbt.build(hand_built.shop(), AS_OF, "plans")
    assert "mart_late" in str(failure.value) and "the last statement went wrong" in str(failure.value)
    said = next(line for line in capsys.readouterr().out.splitlines() if line.startswith(MARK))
    assert "the last statement went wrong" in json.loads(said.removeprefix(MARK))  # what `precision run` ends with
    log = served.parent / "dbt" / "logs" / "dbt.log"
    assert "the last statement went wrong" in log.read_text() and str(log) in str(failure.value)
    assert everything(served) == before


def test_a_failing_expectation_of_the_audit(served, one_judge):
    hand_built.change("update marts.fct_purchase_propensity set probability = 1.5 where user_id = 'ann'")
    before = everything(served)
    with pytest.raises(gate.GateFailed, match=r"probability_to.*1\.5"):
        gate.check(hand_built.shop(), AS_OF, "audit")
    with pytest.raises(NotAudited, match="probability_to: failed"):
        publish.publish("tiny", AS_OF)
    assert everything(served) == before
    kept = hand_built.ask(
        "select observed, reason from ops.data_quality where check_name = 'probability_to' and status = 'failed'"
    )
    assert len(kept) == 1 and "1.5" in kept[0][0] and len(kept[0][1]) > 20
    pages = list((served.parent / "reports").rglob("data_quality.html"))
    assert len(pages) == 1 and kept[0][1] in pages[0].read_text()
