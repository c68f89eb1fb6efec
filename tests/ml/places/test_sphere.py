"""Distances and means on the sphere, against worked numbers and places that cross the date line."""

import numpy as np
import pytest

from ml.places.sphere import EARTH_KM, haversine_km, mean_place

SAO_PAULO, RIO = (-23.5505, -46.6333), (-22.9068, -43.1729)


def test_sao_paulo_to_rio():
    """haversine .00003155 + .91671 x .92114 x .00091162 = .00080134; 12742.0176 km x asin(.0283080) = 360.7 km."""
    assert haversine_km(*SAO_PAULO, *RIO) == pytest.approx(360.75, abs=0.05)


def test_known_lengths():
    assert haversine_km(0, 0, 0, 90) == pytest.approx(np.pi / 2 * EARTH_KM)
    assert haversine_km(10, 20, 10, 20) == 0
    assert haversine_km(0, 0, 0, 180) == pytest.approx(np.pi * EARTH_KM)
    assert haversine_km(0, 179.5, 0, -179.5) == pytest.approx(np.pi / 180 * EARTH_KM)


def test_distance_is_a_metric():
    rng = np.random.default_rng(0)
    latitude, longitude = rng.uniform(-90, 90, (3, 200)), rng.uniform(-180, 180, (3, 200))

    def between(i, j):
        return haversine_km(latitude[i], longitude[i], latitude[j], longitude[j])

    assert between(0, 1) == pytest.approx(between(1, 0))
    assert (between(0, 2) <= between(0, 1) + between(1, 2) + 1e-6).all()


def test_mean_lies_between_and_follows_the_weight():
    assert mean_place([0, 0], [0, 90], [1, 1]) == pytest.approx((0, 45))
    assert mean_place([10, 10], [179, -179], [1, 1])[1] == pytest.approx(180)
    assert mean_place([60, 60], [0, 180], [1, 1])[0] == pytest.approx(90)  # over the pole, not along the parallel
    latitude, longitude = mean_place([0, 0], [0, 10], [3, 1])
    assert latitude == pytest.approx(0)
    assert 2 < longitude < 3
