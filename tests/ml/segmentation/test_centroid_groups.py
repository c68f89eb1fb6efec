"""K-means: how many groups, and whether they are really there."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from ml.segmentation.centroid_groups import CentroidParameters, choose, silhouette
from ml.segmentation.rfm_space import NotSeparableError
from tests.ml.segmentation.blobs import CENTRES, blobs

P = CentroidParameters(resamples=4)


def test_finds_as_many_groups_as_there_are():
    points, label = blobs()
    groups, scores = choose(points, P)
    chosen = scores[scores["is_chosen"]]
    assert chosen["k"].tolist() == [4]
    assert chosen["stability_ari"].iloc[0] > 0.99
    assert adjusted_rand_score(label, groups.label) == 1
    assert sorted(map(tuple, groups.centres.round())) == sorted(map(tuple, CENTRES))
    assert scores["k"].tolist() == [3, 4, 5, 6, 7, 8]


def test_a_sample_serves_all_customers():
    points, label = blobs(size=400)
    groups, _ = choose(points, replace(P, sample=300, silhouette_sample=100))
    assert len(groups.label) == len(points)
    assert adjusted_rand_score(label, groups.label) == 1


def test_a_cloud_without_groups_is_refused_for_its_instability():
    points = np.random.default_rng(5).normal(size=(600, 5))
    groups, scores = choose(points, replace(P, min_stability=0.9))
    assert groups is None
    assert not scores["is_chosen"].any()
    assert scores["reason"].str.contains(r"stability 0\.\d\d is below 0.9").all()


def test_a_handful_of_odd_customers_is_no_group():
    points, _ = blobs(centres=CENTRES[:3])
    points = np.vstack([points, [[40, 40]] * 5])
    groups, scores = choose(points, P)
    found = scores.set_index("k")
    assert found.loc[4, "reason"] == "smallest group has 5 customers, fewer than 30"
    assert found.loc[4, "silhouette"] > found.loc[3, "silhouette"]
    assert groups is None or np.bincount(groups.label).min() >= 30


def test_equal_input_gives_equal_bytes():
    points, _ = blobs(spread=2.5)
    first, second = choose(points, P), choose(points.copy(), P)
    assert first[0].label.tobytes() == second[0].label.tobytes()
    assert first[0].centres.tobytes() == second[0].centres.tobytes()
    assert first[1].equals(second[1])


def test_silhouette_worked_by_hand():
    # a = 1, b = 10 and 11 (and mirrored): (9.5/10.5) for outer points b = 10.5, a = 1 and inner b = 9.5
    points, label = np.array([[0.0], [1], [10], [11]]), np.array([0, 0, 1, 1])
    assert silhouette(points, label) == pytest.approx((9.5 / 10.5 + 8.5 / 9.5) / 2)
    assert np.isnan(silhouette(points, np.zeros(4)))


def test_two_kinds_of_customers_cannot_make_three_groups():
    with pytest.raises(NotSeparableError, match="only 2 distinct"):
        choose(np.repeat([[0.0, 0], [1, 1]], 100, axis=0), P)
