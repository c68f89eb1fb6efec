"""Why: groups of any shape, and customers who belong to none (DBSCAN), beside the round groups of K-means.
In: points of customers (rfm_space), in a fixed order. Out: a group per point, -1 for noise, and what eps scored.

eps stands at the knee of the k-distance curve: the distances of all points to their min_samples-th neighbour, sorted;
the knee is where the curve lies furthest below the line between its ends. On a large shop the curve and the groups
come from a sample with a fixed seed, and everybody else joins the nearest core point within eps: memory stays bounded.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree
from sklearn.cluster import DBSCAN
from sklearn.metrics import adjusted_rand_score

from ml.segmentation.centroid_groups import Groups, silhouette
from ml.segmentation.rfm_space import NotSeparableError


@dataclass(frozen=True)
class DensityParameters:
    min_samples: int = 0  # 0: twice the number of measures (Sander et al. 1998)
    outliers: float = 0.01  # furthest points left out of the curve: one of them would bend it all
    eps_tried: tuple[float, ...] = (0.75, 1.0, 1.25)  # times the knee; beside the rule, how much hangs on it
    resamples: int = 4
    resample_share: float = 0.8
    sample: int = 4_000  # neighbours of all pairs at the worst: 16 million numbers, 130 MB
    silhouette_sample: int = 2_000
    seed: int = 21


def knee(distances: np.ndarray) -> float:
    """The distance at which the sorted curve lies furthest below the chord between its ends."""
    curve = np.sort(distances)
    span = curve[-1] - curve[0]
    if span <= 0:
        return float(curve[-1])
    return float(curve[np.argmax(np.linspace(0, 1, len(curve)) - (curve - curve[0]) / span)])


def groups_by_density(points: np.ndarray, p: DensityParameters) -> tuple[Groups, pd.DataFrame]:
    """Groups, and per eps: eps, min_samples, clusters, noise_share, silhouette, stability_ari, is_chosen, reason.

    Raises NotSeparableError when so many customers are alike that the knee is at distance 0.
    """
    min_samples = p.min_samples or 2 * points.shape[1]
    rng = np.random.default_rng(p.seed)
    sample = np.sort(rng.choice(len(points), min(len(points), p.sample), replace=False))
    sampled = points[sample]
    distances = cKDTree(sampled).query(sampled, k=[min(min_samples, len(sampled))])[0][:, 0]
    at_knee = knee(distances[distances <= np.quantile(distances, 1 - p.outliers)])
    if at_knee <= 0:
        alike = float((distances <= 0).mean())
        raise NotSeparableError(
            f"{alike:.0%} of the customers have {min_samples - 1} others exactly like them: density tells no groups"
        )
    compared = np.sort(rng.choice(len(sampled), min(len(sampled), p.silhouette_sample), replace=False))
    subsets = [
        np.sort(rng.choice(len(sampled), int(p.resample_share * len(sampled)), replace=False))
        for _ in range(p.resamples)
    ]
    rows, groups = [], None
    for factor in sorted({1.0, *p.eps_tried}):
        eps = at_knee * factor
        model = DBSCAN(eps=eps, min_samples=min_samples).fit(sampled)
        thinner = DBSCAN(eps=eps, min_samples=max(2, round(min_samples * p.resample_share)))
        agreement = [adjusted_rand_score(model.labels_[rows], thinner.fit_predict(sampled[rows])) for rows in subsets]
        inside = compared[model.labels_[compared] >= 0]
        apart = silhouette(sampled[inside], model.labels_[inside])
        label = model.labels_ if len(sampled) == len(points) else _nearest_core(points, sampled, model)
        clusters = int(label.max()) + 1
        rows.append((eps, clusters, float((label < 0).mean()), apart, float(np.mean(agreement)), factor == 1))
        if factor == 1:
            centres = [points[label == number].mean(axis=0) for number in range(clusters)]
            groups = Groups(label.astype(np.int64), np.array(centres).reshape(clusters, points.shape[1]))
    columns = ["eps", "clusters", "noise_share", "silhouette", "stability_ari", "is_chosen"]
    scores = pd.DataFrame(rows, columns=columns).assign(min_samples=min_samples)
    scores["reason"] = np.where(
        scores["is_chosen"],
        f"eps at the knee of the distances to the {min_samples}th nearest customer",
        "beside the rule: how much hangs on eps",
    )
    return groups, scores


def _nearest_core(points: np.ndarray, sampled: np.ndarray, model: DBSCAN) -> np.ndarray:
    """The group of the nearest core point within eps, else noise."""
    core = model.core_sample_indices_
    if not len(core):
        return np.full(len(points), -1)
    distance, nearest = cKDTree(sampled[core]).query(points, distance_upper_bound=np.nextafter(model.eps, np.inf))
    found = np.isfinite(distance)
    label = np.full(len(points), -1)
    label[found] = model.labels_[core][nearest[found]]
    return label
