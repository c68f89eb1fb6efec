"""Chance that depends on names, not on the order of calls: the reason why a day alone equals that day of a year.

In: a seed and keys (words, numbers, arrays). Out: a generator for one table's day, or one uniform number per key.
"""

from zlib import crc32

import numpy as np

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def generator(seed: int, table: str, day: int = 0) -> np.random.Generator:
    """The one generator of (seed, table, day)."""
    return np.random.default_rng([seed, crc32(table.encode()), day + 1_000])


def uniform(*keys) -> np.ndarray:
    """One number in [0, 1) per element of the broadcast keys: a salted hash (splitmix64)."""
    with np.errstate(over="ignore"):
        state = np.atleast_1d(np.uint64(0))
        for key in keys:
            key = crc32(key.encode()) if isinstance(key, str) else key
            word = np.atleast_1d(np.asarray(key)).astype(np.int64).astype(np.uint64)
            state = (state ^ word) + GOLDEN
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
    return (state >> np.uint64(11)) * 2.0**-53


def normal(*keys) -> np.ndarray:
    """One standard normal number per element of the broadcast keys (Box-Muller)."""
    radius = np.sqrt(-2 * np.log(1 - uniform("radius", *keys)))
    return radius * np.cos(2 * np.pi * uniform("angle", *keys))


def integers(low: int, high: int, *keys) -> np.ndarray:
    """One whole number in [low, high] per element of the broadcast keys."""
    return low + np.floor(uniform(*keys) * (high - low + 1)).astype(np.int64)
