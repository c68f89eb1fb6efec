"""How every learning step writes: its rows of the moment, and, where it had too little to learn from, the reason."""

import json
import logging
from collections.abc import Callable
from datetime import date

import pandas as pd

from expectations import gate
from warehouse.engine import replace_rows

log = logging.getLogger(__name__)


def unless_refused(method: Callable):
    """(result, '') or (None, why): a method that finds too little to learn from must not stop the rest."""
    try:
        return method(), ""
    except ValueError as refusal:
        log.warning("refused: %s", refusal)
        return None, str(refusal)


def save(connection, table: str, columns: dict[str, str], frame: pd.DataFrame | None, as_of: date) -> None:
    """Replace the moment's rows of `table` (name → column types) by those of `frame`; None: by nothing."""
    rows = pd.DataFrame(columns=list(columns)) if frame is None else frame.assign(as_of=as_of)[list(columns)]
    replace_rows(connection, table, columns, rows, {"as_of": as_of})


def note_refusal(connection, as_of: date, dataset: str, refused: str) -> None:
    """A refusal is a fact about the data: it stands in `mart_data_quality`, '' as a pass."""
    reason = "Too little to learn from gives no number, not a bad one."
    note(connection, as_of, dataset, "enough_to_learn_from", refused, "enough", reason)


def note(connection, as_of: date, dataset: str, check: str, found: str, expected: str, reason: str) -> None:
    """What learning found about `dataset`, for `mart_data_quality`: one row a moment and dataset; '' is a pass."""
    row = {
        "as_of": as_of,
        "stage": "learning",
        "dataset": dataset,
        "check_name": check,
        "severity": "warn",
        "status": "failed" if found else "passed",
        "observed": found or expected,
        "expected": expected,
        "reason": reason,
    }
    keys = {"as_of": as_of, "stage": "learning", "dataset": dataset}
    replace_rows(connection, gate.TABLE, gate.COLUMNS, pd.DataFrame([row]), keys)


def as_text(value):
    """Lists and mappings as JSON, anything else as it is."""
    return json.dumps(value, sort_keys=True) if isinstance(value, list | dict | tuple) else value
