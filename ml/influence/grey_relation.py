"""Why: which factors run alongside sales when there are few data and no distribution to assume (Deng's grey relation).
In: a reference sequence and factor sequences over the same points. Out: coefficients per point and degrees per factor.

T 4.1.2. A degree compares shapes after the scale is removed, nothing more: it needs a sensitivity analysis and a
comparison with chance beside it (grey_sensitivity.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import rankdata

TRANSFORMS = ("initial_value", "mean")
NOT_RECORDED = "not recorded"


class GreyRelationError(ValueError):
    """The sequences admit no degree at all: says which and why."""


@dataclass(frozen=True)
class GreyRelationParameters:
    """Choices of the method, each with its reason."""

    rho: float = 0.5  # distinguishing coefficient of T; the usual choice since Deng
    rho_grid: tuple = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # over which a ranking must hold to be believed
    least_points: int = 5  # the paper's own example has five; fewer points order nothing
    least_recorded: float = 0.8  # a factor recorded at a smaller share of the points would decide which points count
    shuffles: int = 999  # chance is told to a thousandth
    seed: int = 7
    longest_weeks: int = 156  # three years: what drove sales earlier need not drive them now
    least_group: int = 10  # customers behind one point; fewer make it noise
    supplier_weights: dict = field(default_factory=dict)  # indicator → weight; all alike unless stated

    def __post_init__(self):
        for rho in (self.rho, *self.rho_grid):
            if not 0 < rho <= 1:
                raise GreyRelationError(f"rho is {rho}; the distinguishing coefficient lies in (0, 1]")


@dataclass(frozen=True, eq=False)
class Sequences:
    """What a degree is computed from. `prepare(points)` makes the dimensionless reference (n) and factors (n x m) of
    some of the points; `order` says whether points follow each other in time."""

    points: pd.Index
    factors: pd.Index
    prepare: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    weights: np.ndarray
    is_ordered: bool
    refused: Mapping[str, str]  # factor → why it has no degree


def dimensionless(values: np.ndarray, transform: str, is_cost: np.ndarray) -> np.ndarray:
    """Columns of `values` (n x m) without their units, T step 2: x / x(1), or x / mean(x).

    A cost (less is better, so it should run against the reference) enters as its reciprocal, which, unlike 1 - x,
    leaves both transforms free of scale.
    """
    values = np.where(is_cost, 1 / np.where(is_cost, values, 1.0), values)
    base = values[0] if transform == "initial_value" else np.nanmean(values, axis=0)
    return values / base


def extremes(reference: np.ndarray, factors: np.ndarray) -> tuple[float, float]:
    """d_min and d_max over all factors and points, so that a degree depends on what else is in the set."""
    difference = distance(reference, factors)
    return np.nanmin(difference), np.nanmax(difference)


def distance(reference: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """d_i(k) = |x'_0(k) - x'_i(k)|, to twelve digits: beyond is the noise of floating point."""
    return np.round(np.abs(reference[:, None] - factors), 12)


def coefficients(
    reference: np.ndarray, factors: np.ndarray, rho: float, scale: tuple[float, float] | None = None
) -> np.ndarray:
    """xi_i(k) (n x m), T step 3, of dimensionless sequences: in (0, 1], 1 where a factor equals the reference, missing
    where the factor is. `scale`: extremes to use instead of the sequences' own.
    """
    difference = distance(reference, factors)
    smallest, largest = scale or extremes(reference, factors)
    if largest == 0:
        return difference + 1
    return (smallest + rho * largest) / (difference + rho * largest)


def weighted_mean(xi: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """r_i per column, T step 4, over the points at which the factor is recorded."""
    recorded = ~np.isnan(xi)
    return weights @ np.where(recorded, xi, 0.0) / (weights @ recorded)


def degrees(sequences: Sequences, rho: float, kept: np.ndarray | None = None) -> np.ndarray:
    """r_i per factor: the weighted mean of the coefficients over the points (`kept`: only those)."""
    kept = np.arange(len(sequences.points)) if kept is None else kept
    return weighted_mean(coefficients(*sequences.prepare(kept), rho), sequences.weights[kept])


def ranks(values: np.ndarray) -> np.ndarray:
    """Per row of degrees, 1 = the highest; equal degrees (to twelve digits) share the better rank."""
    return rankdata(-np.round(values, 12), method="min", axis=-1).astype(np.int64)


def over_time(
    reference: pd.Series,
    factors: pd.DataFrame,
    transform: str,
    costs: frozenset[str] = frozenset(),
    params: GreyRelationParameters | None = None,
    is_ordered: bool = True,
) -> Sequences:
    """Factors against a reference over the points of their common index (periods, groups, campaigns), in its order.

    Points at which the reference is missing are left out; one at which a factor is missing does not count for that
    factor. A factor is refused, with the reason, when it is recorded too seldom, is constant, or cannot be made
    dimensionless (first value missing or not positive, mean not positive, a cost not positive throughout). Raises
    GreyRelationError when the reference is one of these, or fewer than `least_points` points or no factor remain.
    """
    params = params or GreyRelationParameters()
    if transform not in TRANSFORMS:
        raise GreyRelationError(f"transform '{transform}' is unknown; there are {', '.join(TRANSFORMS)}")
    reference = reference.astype("float64").sort_index().dropna()
    factors = factors.astype("float64").reindex(reference.index).replace([np.inf, -np.inf], np.nan)
    recorded = factors.notna().mean()
    refused = {
        name: NOT_RECORDED if share == 0 else f"recorded at only {share:.0%} of the points"
        for name, share in recorded.items()
        if not share >= params.least_recorded
    }
    if len(reference) < params.least_points:
        raise GreyRelationError(
            f"{len(reference)} points at which the reference is recorded, at least {params.least_points} are needed to"
            " compare sequences; wait for more"
        )
    if fault := _not_dimensionless(reference, transform, False):
        raise GreyRelationError(f"the reference {reference.name} {fault}")
    for name in factors.columns.difference(list(refused)):
        if fault := _not_dimensionless(factors[name], transform, name in costs):
            refused[name] = fault
    factors = factors.drop(columns=list(refused)).sort_index(axis=1)
    if factors.columns.empty:
        raise GreyRelationError("no factor remains: " + "; ".join(f"{name}: {why}" for name, why in refused.items()))
    is_cost = np.array([name in costs for name in factors.columns])
    values, target = factors.to_numpy(), reference.to_numpy()[:, None]

    def prepare(kept):
        return dimensionless(target[kept], transform, np.array([False]))[:, 0], dimensionless(
            values[kept], transform, is_cost
        )

    return Sequences(reference.index, factors.columns, prepare, np.ones(len(reference)), is_ordered, refused)


def _not_dimensionless(values: pd.Series, transform: str, is_cost: bool) -> str:
    if values.nunique() == 1:
        return "never moves, so it cannot move with anything"
    if is_cost and (values <= 0).any():
        return "is a cost that is not positive throughout, so it has no reciprocal"
    base = values.iloc[0] if transform == "initial_value" else values.mean()
    if np.isnan(base):
        return "has no first value"
    if base <= 0:
        return f"has {'a first value' if transform == 'initial_value' else 'a mean'} that is not positive"
    return ""


def against_ideal(
    alternatives: pd.DataFrame,
    costs: frozenset[str] = frozenset(),
    weights: Mapping[str, float] | None = None,
    params: GreyRelationParameters | None = None,
) -> Sequences:
    """Alternatives (index) judged by their indicators (columns): points are indicators, the reference is the ideal.

    Each indicator is scaled by its range, 1 = best of all (least, where it is a cost), so the ideal is 1 throughout.
    Indicators in which nobody differs say nothing and are left out. An alternative that lacks one of the rest is
    refused; but while that leaves fewer than `least_points`, the indicator recorded for the fewest goes instead. Raises
    GreyRelationError below two indicators or two alternatives.
    """
    params = params or GreyRelationParameters()
    values = alternatives.astype("float64").sort_index()
    used = [name for name in values if values[name].nunique() > 1]
    while len(used) > 2 and len(values[used].dropna()) < min(params.least_points, len(values)):
        used.remove(min(used, key=lambda name: values[name].notna().sum()))
    missing = values[used].isna()
    refused = {name: "lacks " + ", ".join(missing.columns[row]) for name, row in missing.iterrows() if row.any()}
    values = values[used].drop(index=list(refused))
    used = [name for name in used if values[name].nunique() > 1]
    if len(used) < 2 or len(values) < 2:
        raise GreyRelationError(
            f"{len(values)} alternatives that differ in {len(used)} recorded indicators; to choose takes two of each"
        )
    values = values[used]
    is_cost = np.array([name in costs for name in used])
    scaled = ((values - values.min()) / (values.max() - values.min())).to_numpy().T
    scaled = np.where(is_cost[:, None], 1 - scaled, scaled)
    given = {name: 1.0 for name in used} if not weights else {name: float(weights.get(name, 0.0)) for name in used}
    if min(given.values()) < 0 or sum(given.values()) == 0:
        raise GreyRelationError(f"weights {given} of the indicators must not be negative, nor all zero")

    def prepare(kept):
        return np.ones(len(kept)), scaled[kept]

    return Sequences(pd.Index(used), values.index, prepare, np.array([given[name] for name in used]), False, refused)


def point_table(sequences: Sequences, rho: float) -> pd.DataFrame:
    """One row per factor and point: factor, point, point_number, weight, reference_value, factor_value, difference,
    coefficient (T's steps 2 and 3, to be read)."""
    reference, factors = sequences.prepare(np.arange(len(sequences.points)))
    xi = coefficients(reference, factors, rho)
    n, m = xi.shape
    table = pd.DataFrame(
        {
            "factor": np.repeat(sequences.factors.to_numpy(dtype=object), n),
            "point": np.tile(sequences.points.astype(str).to_numpy(dtype=object), m),
            "point_number": np.tile(np.arange(1, n + 1), m),
            "weight": np.tile(sequences.weights / sequences.weights.sum(), m),
            "reference_value": np.tile(reference, m),
            "factor_value": factors.T.ravel(),
            "difference": distance(reference, factors).T.ravel(),
            "coefficient": xi.T.ravel(),
        }
    )
    return table.dropna(subset="coefficient", ignore_index=True)
