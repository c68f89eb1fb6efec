"""Distances and means on the Earth, taken as a sphere of its mean radius.

In: degrees. Out: kilometres, degrees. Off by 0.5 % at most from the ellipsoid, which no catchment notices.
"""

import numpy as np

EARTH_KM = 6371.0088  # mean radius (IUGG)


def haversine_km(latitude, longitude, to_latitude, to_longitude) -> np.ndarray:
    """Great-circle distance (Sinnott 1984), element by element; the same formula as the dbt macro haversine_km."""
    phi, theta, to_phi, to_theta = map(np.radians, (latitude, longitude, to_latitude, to_longitude))
    half = np.sin((to_phi - phi) / 2) ** 2 + np.cos(phi) * np.cos(to_phi) * np.sin((to_theta - theta) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.minimum(1, np.sqrt(half)))


def mean_place(latitude, longitude, weight) -> tuple[float, float]:
    """Weighted mean of unit vectors, put back on the sphere: right across the date line and near the poles too."""
    phi, theta, weight = np.radians(latitude), np.radians(longitude), np.asarray(weight, dtype=float)
    x = weight @ (np.cos(phi) * np.cos(theta))
    y = weight @ (np.cos(phi) * np.sin(theta))
    z = weight @ np.sin(phi)
    return float(np.degrees(np.arctan2(z, np.hypot(x, y)))), float(np.degrees(np.arctan2(y, x)))
