"""Are the customers of today those that the model learned from? The population stability index (PSI) of its inputs and
of its probabilities.

In:  `reference` when a model is trained: bin edges and counts, which the model's card keeps, so that nothing that comes
     later moves them. Out: one row per input and for the probability, today beside then.

PSI = sum over bins of (now - then) ln(now / then), shares of customers (Lewis 1994; credit scoring reads .1 as moving
and .25 as drifted). Bins are the tenths of then, equal edges joined, and one for missing values. Half a customer is
added to each bin, so an empty one gives a large figure, not an infinite one. Where nothing has changed, PSI is about
(1/n + 1/m) times chi-squared with bins - 1 degrees of freedom (Yurdakul and Naranjo 2020): only what is above that
is called drift, or a small shop would drift every week.
"""

import json

import numpy as np
import pandas as pd
from scipy.stats import chi2

BINS = 10
MOVING, DRIFTED = 0.1, 0.25
CHANCE = 0.999  # of seventy inputs that do not change, one in fourteen weeks is called moving
COLUMNS = [
    "kind", "name", "reference_rows", "rows", "psi", "psi_by_chance", "verdict", "missing_reference", "missing_now",
    "mean_reference", "mean_now", "deviation_reference", "moved", "edges", "shares_reference", "shares_now",
]  # fmt: skip


def reference(values: np.ndarray) -> dict:
    """What is kept of one column (doubles, NaN for missing): edges, counts with the missing last, mean, deviation."""
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else np.empty(0)
    return {
        "edges": edges.tolist(),
        "counts": _counts(values, edges).tolist(),
        "mean": float(known.mean()) if len(known) else None,
        "deviation": float(known.std(ddof=1)) if len(known) > 1 else None,
    }


def compared(kind: str, references: dict[str, dict], today: dict[str, np.ndarray]) -> pd.DataFrame:
    """COLUMNS, one row per name of `references`; `today` holds the same columns as doubles."""
    return pd.DataFrame([_row(kind, name, then, today[name]) for name, then in references.items()], columns=COLUMNS)


def psi(then: np.ndarray, now: np.ndarray) -> tuple[float, float]:
    """(PSI of two rows of counts, what chance alone stays below)."""
    used = (then + now) > 0
    then, now = then[used] + 0.5, now[used] + 0.5
    then_share, now_share = then / then.sum(), now / now.sum()
    found = float(((now_share - then_share) * np.log(now_share / then_share)).sum())
    chance = (1 / then.sum() + 1 / now.sum()) * chi2.ppf(CHANCE, max(len(then) - 1, 1))
    return found, float(chance)


def _counts(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Values up to and including each edge, above the last, missing."""
    missing = np.isnan(values)
    bins = np.searchsorted(edges, values[~missing], side="left")
    return np.append(np.bincount(bins, minlength=len(edges) + 1), missing.sum())


def _row(kind: str, name: str, then: dict, values: np.ndarray) -> dict:
    counts_then, counts_now = np.array(then["counts"], float), _counts(values, np.array(then["edges"])).astype(float)
    found, chance = psi(counts_then, counts_now)
    known = values[~np.isnan(values)]
    mean, was, deviation = float(known.mean()) if len(known) else None, then["mean"], then["deviation"]
    total_then, total_now = max(counts_then.sum(), 1.0), max(counts_now.sum(), 1.0)
    steady = found <= max(MOVING, chance)
    return {
        "kind": kind,
        "name": name,
        "reference_rows": int(counts_then.sum()),
        "rows": int(counts_now.sum()),
        "psi": found,
        "psi_by_chance": chance,
        "verdict": "steady" if steady else "moving" if found <= DRIFTED else "drifted",
        "missing_reference": counts_then[-1] / total_then,
        "missing_now": counts_now[-1] / total_now,
        "mean_reference": was,
        "mean_now": mean,
        "deviation_reference": deviation,
        "moved": (mean - was) / deviation if mean is not None and deviation else None,
        "edges": json.dumps([round(edge, 9) for edge in then["edges"]]),
        "shares_reference": json.dumps(np.round(counts_then / total_then, 6).tolist()),
        "shares_now": json.dumps(np.round(counts_now / total_now, 6).tolist()),
    }
