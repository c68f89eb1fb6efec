"""Why: distances between customers mean something only when no measure drowns the others.
In: R1 F1 M1 S P per customer (fct_customer_rfm). Out: the same customers as points, and the way there and back.

A measure that is skewed to the right goes through log(1 + x); then each is centred and divided by its deviation.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import skew

MEASURES = ("r1_mean_interval_days", "f1_orders", "m1_amount", "s_relationship_days", "p_category_purchases")
LETTERS = dict(zip(MEASURES, ("R1", "F1", "M1", "S", "P")))


class NotSeparableError(ValueError):
    """Too few customers, or too much alike, to be grouped."""


@dataclass(frozen=True)
class SpaceParameters:
    skewness: float = 0.5  # from here on a distribution is commonly called moderately skewed
    min_users: int = 100  # below, five measures of a handful of customers make groups by chance


@dataclass(frozen=True, eq=False)
class RfmSpace:
    """Which measures are used, which of them as logarithms, their mean and deviation."""

    columns: tuple[str, ...]
    logged: np.ndarray
    centre: np.ndarray
    scale: np.ndarray

    def points(self, frame: pd.DataFrame) -> np.ndarray:
        """(customers, columns). A customer without a measure (no amount known) stands at its mean."""
        values = frame[list(self.columns)].to_numpy(np.float64, na_value=np.nan)
        return np.nan_to_num((np.where(self.logged, _log(values), values) - self.centre) / self.scale)

    def measures(self, points: np.ndarray) -> pd.DataFrame:
        """Points in the units of the measures; those left out are null."""
        values = points * self.scale + self.centre
        logs = values[:, self.logged]
        values[:, self.logged] = np.sign(logs) * np.expm1(np.abs(logs))
        return pd.DataFrame(values, columns=list(self.columns)).reindex(columns=list(MEASURES))


def space(frame: pd.DataFrame, p: SpaceParameters) -> RfmSpace:
    """The space of these customers. A measure that the shop never gives, or that never differs, is left out.

    Raises NotSeparableError for fewer than `min_users` customers or when fewer than two measures differ.
    """
    if len(frame) < p.min_users:
        raise NotSeparableError(
            f"{len(frame)} customers with an order in the reference period, fewer than {p.min_users}: "
            "no clusters; wait for more customers or lower ml/segmentation_space/min_users"
        )
    values = frame[list(MEASURES)].to_numpy(np.float64, na_value=np.nan)
    differs = [np.nanmax(v) > np.nanmin(v) if np.isfinite(v).any() else False for v in values.T]
    if sum(differs) < 2:
        raise NotSeparableError("fewer than two of R1 F1 M1 S P differ between customers: nothing to group by")
    values = values[:, differs]
    raw, as_log = (skew(v, nan_policy="omit") for v in (values, _log(values)))
    logged = (raw > p.skewness) & (np.abs(as_log) < np.abs(raw))
    values = np.where(logged, _log(values), values)
    columns = tuple(name for name, kept in zip(MEASURES, differs) if kept)
    return RfmSpace(columns, logged, np.nanmean(values, axis=0), np.nanstd(values, axis=0))


def described(used: RfmSpace) -> str:
    """Which measures the groups rest on, for a person to read."""
    names = [f"log {LETTERS[name]}" if log else LETTERS[name] for name, log in zip(used.columns, used.logged)]
    missing = [LETTERS[name] for name in MEASURES if name not in used.columns]
    return " ".join(names) + (f" (without {' '.join(missing)}: not given, or equal for all)" if missing else "")


def _log(values: np.ndarray) -> np.ndarray:
    """log(1 + x); an amount below zero (more refunded than bought) mirrors it."""
    return np.sign(values) * np.log1p(np.abs(values))
