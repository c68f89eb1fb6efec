"""DBSCAN: eps by the knee, noise, and large shops by sample."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, homogeneity_score

from ml.segmentation.density_groups import DensityParameters, groups_by_density, knee
from ml.segmentation.rfm_space import NotSeparableError
from tests.ml.segmentation.blobs import blobs

P = DensityParameters()


def rings(seed=2):
    """Two rings, one inside the other and as dense: what K-means cannot tell apart."""
    rng = np.random.default_rng(seed)
    label = np.repeat([0, 1], [200, 600])
    angle, radius = rng.uniform(0, 2 * np.pi, len(label)), np.array([3.0, 9])[label]
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + rng.normal(0, 0.3, (800, 2)), label


def test_the_knee_of_a_curve_worked_by_hand():
    # the chord rises by 10 / 4 a step: distances below it are 0, 1.5, 3, 4.5, 0
    assert knee(np.array([2, 1, 10 + 1, 4, 3.0])) == 4
    assert knee(np.array([7.0, 7, 7])) == 7


def test_no_group_mixes_what_k_means_cannot_tell_apart():
    points, label = rings()
    groups, scores = groups_by_density(points, replace(P, min_samples=10))
    inside = groups.label >= 0
    assert inside.mean() > 0.8
    assert homogeneity_score(label[inside], groups.label[inside]) == pytest.approx(1)
    assert homogeneity_score(label, KMeans(2, n_init=1, random_state=0).fit_predict(points)) < 0.5
    assert scores["is_chosen"].sum() == 1


def test_a_neighbourhood_is_twice_the_measures_large_unless_configured():
    assert groups_by_density(blobs()[0], P)[1]["min_samples"].unique().tolist() == [4]


def test_far_customers_are_noise():
    points, _ = blobs()
    groups, scores = groups_by_density(np.vstack([points, [[30.0, 30], [-30, 30]]]), P)
    assert groups.label[-2:].tolist() == [-1, -1]
    assert scores["noise_share"].gt(0).all()


def test_a_sample_serves_all_customers():
    points, label = blobs(size=500)
    whole, _ = groups_by_density(points, P)
    sampled, _ = groups_by_density(points, replace(P, sample=600, silhouette_sample=200))
    inside = (whole.label >= 0) & (sampled.label >= 0)
    assert inside.mean() > 0.8
    assert adjusted_rand_score(label[inside], sampled.label[inside]) > 0.99


def test_customers_all_alike_are_refused():
    points = np.vstack([np.zeros((180, 2)), np.random.default_rng(1).normal(size=(20, 2))])
    with pytest.raises(NotSeparableError, match="90% of the customers have 3 others exactly like them"):
        groups_by_density(points, P)
