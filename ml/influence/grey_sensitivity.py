"""Why: a grey degree is high for almost anything, so a ranking is worth only what it withstands.
In: prepared sequences. Out: per factor its degree and rank, and these under other rho, without each point, by chance.
"""

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from ml.influence.grey_relation import (
    GreyRelationParameters,
    Sequences,
    coefficients,
    degrees,
    extremes,
    ranks,
    weighted_mean,
)


def relation(sequences: Sequences, params: GreyRelationParameters) -> pd.DataFrame:
    """One row per factor, the refused ones last: factor, degree, rank, points, factors, and

    rank_best_rho, rank_worst_rho, tau_least_rho: over the grid of rho (Kendall's tau with the ranking at `rho`);
    rank_best_dropped, rank_worst_dropped, rank_kept_share, tau_least_dropped: each point left out once;
    degree_by_chance, p_by_chance, rank_by_chance_share: see `by_chance`; p_by_shift; reason.
    """
    n, m = len(sequences.points), len(sequences.factors)
    own = degrees(sequences, params.rho)
    own_rank = ranks(own)
    over_rho = np.array([degrees(sequences, rho) for rho in (*params.rho_grid, params.rho)])
    dropped = left_out(sequences, params)
    frame = pd.DataFrame(
        {
            "factor": sequences.factors,
            "degree": own,
            "rank": own_rank,
            "points": n,
            "factors": m,
            **_spread("rho", over_rho, own),
            **_spread("dropped", dropped, own),
            "rank_kept_share": _kept(dropped, own_rank),
            **by_chance(sequences, own, params),
            "reason": None,
        }
    )
    whole = [name for name in frame if name.startswith("rank_best") or name.startswith("rank_worst")]
    frame = frame.astype({name: "Int64" for name in ("points", "factors", "rank", *whole)})
    frame = frame.sort_values(["rank", "factor"], ignore_index=True)
    refused = pd.DataFrame([{"factor": name, "reason": why} for name, why in sorted(sequences.refused.items())])
    return pd.concat([frame, refused], ignore_index=True) if len(refused) else frame


def left_out(sequences: Sequences, params: GreyRelationParameters) -> np.ndarray:
    """Degrees (drops x factors) without each point in turn; a drop that leaves no positive first value is skipped."""
    n = len(sequences.points)
    found = []
    for point in range(n):
        kept = np.delete(np.arange(n), point)
        if sequences.weights[kept].sum() == 0:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            reference, factors = sequences.prepare(kept)
        if np.isfinite(reference).all() and not np.isinf(factors).any() and np.isfinite(factors).any(axis=0).all():
            found.append(degrees(sequences, params.rho, kept))
    return np.array(found).reshape(len(found), len(sequences.factors))


def by_chance(sequences: Sequences, own: np.ndarray, params: GreyRelationParameters) -> dict[str, np.ndarray]:
    """What the degrees are when nothing is related, from `shuffles` random orders (fixed seed).

    Sequences over points: the reference's points are shuffled against those of the factors, the extremes kept, so that
    a factor's chances do not hang on what shuffling does to the others. degree_by_chance is the
    mean degree, p_by_chance the share of orders with a degree as high, rank_by_chance_share the share in which the
    factor takes the same rank nonetheless (near 1: the rank comes from how much it varies, not from when). p_by_shift
    turns the reference round in time instead, which leaves its trends and seasons whole.
    Alternatives against an ideal: a random alternative has each indicator of some alternative.
    """
    random = np.random.default_rng(params.seed)
    n, m = len(sequences.points), len(sequences.factors)
    reference, factors = sequences.prepare(np.arange(n))
    weights = sequences.weights
    if np.ptp(reference) == 0:  # an ideal
        xi = coefficients(reference, factors, params.rho)
        chosen = random.integers(0, m, (params.shuffles, n))
        drawn = xi[np.arange(n), chosen] @ weights / weights.sum()
        sorted_drawn = np.sort(np.round(drawn, 12))
        higher = params.shuffles - np.searchsorted(sorted_drawn, np.round(own, 12))
        nothing = np.full(m, np.nan)
        return {
            "degree_by_chance": np.full(m, drawn.mean()),
            "p_by_chance": (1 + higher) / (1 + params.shuffles),
            "rank_by_chance_share": nothing,
            "p_by_shift": nothing,
        }

    scale = extremes(reference, factors)

    def of(changed):
        return weighted_mean(coefficients(changed, factors, params.rho, scale), weights)

    shuffled = np.array([of(reference[random.permutation(n)]) for _ in range(params.shuffles)])
    result = {
        "degree_by_chance": shuffled.mean(axis=0),
        "p_by_chance": _share_as_high(shuffled, own),
        "rank_by_chance_share": _kept(shuffled, ranks(own)),
        "p_by_shift": np.full(m, np.nan),
    }
    if sequences.is_ordered:
        turned = np.array([of(np.roll(reference, k)) for k in range(1, n)])
        result["p_by_shift"] = _share_as_high(turned, own)
    return result


def _share_as_high(drawn: np.ndarray, own: np.ndarray) -> np.ndarray:
    return (1 + (np.round(drawn, 12) >= np.round(own, 12)).sum(axis=0)) / (1 + len(drawn))


def _kept(degrees_of_each: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Share of the rows of degrees that give a factor this rank."""
    if len(degrees_of_each) == 0:
        return np.full(len(rank), np.nan)
    return (ranks(degrees_of_each) == rank).mean(axis=0)


def _spread(name: str, degrees_of_each: np.ndarray, own: np.ndarray) -> dict[str, np.ndarray]:
    """Best and worst rank over the rows of degrees, and the least agreement with the ranking itself."""
    m = len(own)
    if len(degrees_of_each) == 0:
        return {f"rank_best_{name}": None, f"rank_worst_{name}": None, f"tau_least_{name}": np.nan}
    all_ranks = ranks(degrees_of_each)
    taus = [kendalltau(np.round(row, 12), np.round(own, 12)).statistic for row in degrees_of_each] if m > 1 else []
    taus = [tau for tau in taus if np.isfinite(tau)]
    return {
        f"rank_best_{name}": all_ranks.min(axis=0),
        f"rank_worst_{name}": all_ranks.max(axis=0),
        f"tau_least_{name}": min(taus) if taus else np.nan,
    }
