"""Points around known centres, so that the groups to be found are known."""

import numpy as np

CENTRES = np.array([[0, 0], [6, 0], [0, 6], [6, 6.0]])


def blobs(size=150, spread=0.6, seed=3, centres=CENTRES) -> tuple[np.ndarray, np.ndarray]:
    """(points, number of the centre), mixed."""
    rng = np.random.default_rng(seed)
    label = rng.permutation(np.repeat(np.arange(len(centres)), size))
    return centres[label] + rng.normal(0, spread, (len(label), centres.shape[1])), label
