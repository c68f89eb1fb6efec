"""What the audit does about drift: it warns of what moved and stops what is broken."""

import pytest

from expectations import gate
from tests.expectations.test_gate import only, results
from tests.warehouse.hand_built import AS_OF, change


def test_drifted_inputs_and_chances_warn_by_name(tiny, monkeypatch):
    only(monkeypatch, "marts.mart_drift")
    assert gate.check(tiny, AS_OF, "audit")["warned"] == 0
    change("update marts.mart_drift set psi = 0.4, verdict = 'drifted'")
    assert gate.check(tiny, AS_OF, "audit")["warned"] == 2
    assert "name1 0.4, name2 0.4" in results("audit")["marts.mart_drift", "inputs_drifted"][1]
    assert "PSI 0.4" in results("audit")["marts.mart_drift", "predictions_drifted"][1]


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        ("missing_reference = 0, missing_now = 1, rows = 900 where name = 'name1'", "inputs_lost"),
        ("psi = 1.5, psi_by_chance = 0.02 where kind = 'prediction'", "predictions_upset"),
    ],
)
def test_a_lost_input_and_upset_chances_block(tiny, monkeypatch, broken, check):
    only(monkeypatch, "marts.mart_drift")
    change(f"update marts.mart_drift set {broken}")
    with pytest.raises(gate.GateFailed, match=f"{check}: observed 1"):
        gate.check(tiny, AS_OF, "audit")
