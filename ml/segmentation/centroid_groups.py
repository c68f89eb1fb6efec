"""Why: groups of customers that nobody had to name beforehand (K-means), and as many as the data bear.
In: points of customers (rfm_space), in a fixed order. Out: a group per point, the centres, and what every k scored.

k is chosen on two grounds: silhouette (are the groups apart?) and stability (do they come again when a fifth of the
customers is missing? mean adjusted Rand index over resamples, on the customers that both have). Both are measured on
a sample with a fixed seed, so that time and memory do not grow with the square of the customers.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from ml.segmentation.rfm_space import NotSeparableError


@dataclass(frozen=True)
class CentroidParameters:
    k_min: int = 3  # two groups say "much" and "little", which is no segmentation
    k_max: int = 8  # more than a marketer can keep apart
    min_group_users: int = 30  # a smaller group has no portrait
    min_group_share: float = 0.01  # of a large shop's customers
    min_stability: float = 0.8  # good agreement from here on (Steinley 2004)
    resamples: int = 8  # their mean varies by about .01
    resample_share: float = 0.8  # four fifths: two resamples have most customers in common
    starts: int = 10  # of K-means; the best is kept
    sample: int = 10_000  # customers on whom k is chosen and centres are fitted
    silhouette_sample: int = 2_000  # silhouettes compare every pair
    seed: int = 20


@dataclass(frozen=True, eq=False)
class Groups:
    """`label` 0..k-1 per point, centres in the same space."""

    label: np.ndarray
    centres: np.ndarray


def choose(points: np.ndarray, p: CentroidParameters) -> tuple[Groups | None, pd.DataFrame]:
    """The groups of the chosen k, and per k: k, clusters, silhouette, stability_ari, is_chosen, reason.

    None where no k gives groups that are stable and large enough; the reasons say why.
    """
    rng = np.random.default_rng(p.seed)
    sample = np.sort(rng.choice(len(points), min(len(points), p.sample), replace=False))
    sampled = points[sample]
    compared = np.sort(rng.choice(len(sampled), min(len(sampled), p.silhouette_sample), replace=False))
    subsets = [
        np.sort(rng.choice(len(sampled), int(p.resample_share * len(sampled)), replace=False))
        for _ in range(p.resamples)
    ]
    least = max(p.min_group_users, int(np.ceil(p.min_group_share * len(points))))
    distinct = min(len(np.unique(sampled[rows], axis=0)) for rows in [slice(None), *subsets])
    tried, rows = {}, []
    with threadpool_limits(1):  # the order in which threads add up would reach the last digits
        for k in range(p.k_min, min(p.k_max, distinct) + 1):
            groups = _fit(sampled, points, k, p)
            smallest = int(np.bincount(groups.label, minlength=k).min())
            of_sample = groups.label[sample]
            agreement = [adjusted_rand_score(of_sample[rows], _labels(sampled[rows], k, p)) for rows in subsets]
            apart = silhouette(sampled[compared], of_sample[compared])
            tried[k] = groups
            rows.append((k, k, apart, float(np.mean(agreement)), smallest))
    scores = pd.DataFrame(rows, columns=["k", "clusters", "silhouette", "stability_ari", "smallest"])
    if scores.empty:
        raise NotSeparableError(f"only {distinct} distinct customers by R1 F1 M1 S P: fewer than {p.k_min} groups")
    return _decide(scores, tried, least, p)


def silhouette(points: np.ndarray, label: np.ndarray) -> float:
    """Mean silhouette (Rousseeuw 1987) in -1..1; NaN where there is but one group."""
    return float(silhouette_score(points, label)) if 1 < len(np.unique(label)) < len(label) else np.nan


def _fit(sampled: np.ndarray, points: np.ndarray, k: int, p: CentroidParameters) -> Groups:
    """Centres of the sample; every point belongs to the nearest."""
    model = KMeans(k, n_init=p.starts, random_state=p.seed).fit(sampled)
    return Groups(model.predict(points).astype(np.int64), model.cluster_centers_)


def _labels(points: np.ndarray, k: int, p: CentroidParameters) -> np.ndarray:
    return KMeans(k, n_init=p.starts // 2 or 1, random_state=p.seed).fit(points).labels_


def _decide(scores: pd.DataFrame, tried: dict, least: int, p: CentroidParameters) -> tuple[Groups | None, pd.DataFrame]:
    """Among the k with groups large and stable enough the highest silhouette; of equals the fewest groups."""
    small = scores["smallest"] < least
    shaky = scores["stability_ari"] < p.min_stability
    fit = scores[~small & ~shaky & scores["silhouette"].notna()]
    chosen = fit.sort_values(["silhouette", "k"], ascending=[False, True])["k"].head(1)
    scores["is_chosen"] = scores["k"].isin(chosen)
    scores["reason"] = np.select(
        [scores["is_chosen"], small, shaky],
        [
            f"highest silhouette among k with stability of at least {p.min_stability} "
            f"and groups of at least {least} customers",
            "smallest group has " + scores["smallest"].astype(str) + f" customers, fewer than {least}",
            "stability " + scores["stability_ari"].map("{:.2f}".format) + f" is below {p.min_stability}",
        ],
        "groups less apart than with the chosen k",
    )
    groups = tried[int(chosen.iloc[0])] if len(chosen) else None
    return groups, scores.drop(columns="smallest")
