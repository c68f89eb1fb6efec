"""Codes to the text a source would deliver, whole columns at a time.

In: integer arrays (codes, cents, seconds, days). Out: pandas string columns; a negative code is a missing value.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Rows = dict[str, np.ndarray]


def stack(parts: list[Rows]) -> Rows:
    """Rows of several days, one below the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def pick(rows: Rows, which: np.ndarray) -> Rows:
    """The chosen rows, in the chosen order."""
    return {name: values[which] for name, values in rows.items()}


def arriving(first: int, last: int, reach: int, rows_of_day: Callable[[int], Rows]) -> Rows:
    """Rows that arrive in [first, last), of which those of a day may come up to `reach` days later."""
    rows = stack([rows_of_day(day) for day in range(max(0, first - reach), max(last, first - reach + 1, 1))])
    keep = np.flatnonzero((rows["arrival"] >= first) & (rows["arrival"] < last))
    return pick(rows, keep[np.argsort(rows["arrival"][keep], kind="stable")])


def text(values: pa.Array) -> pd.api.extensions.ExtensionArray:
    return pd.array(values, dtype="str")


def named(names, codes: np.ndarray):
    """names[codes]; missing where the code is negative."""
    codes = np.asarray(codes)
    return text(pa.array(names, type=pa.string()).take(pa.array(np.maximum(codes, 0), mask=codes < 0)))


def label(prefix: str, numbers: np.ndarray, width: int = 0):
    """'i' and 7 and width 4 give 'i0007'; missing where the number is negative."""
    numbers = np.asarray(numbers)
    digits = pc.cast(pa.array(numbers, mask=numbers < 0), pa.string())
    digits = pc.utf8_lpad(digits, width, "0") if width else digits
    return text(pc.binary_join_element_wise(pa.scalar(prefix), digits, ""))


def joined(*parts):
    """Text parts side by side, separated by nothing."""
    return text(pc.binary_join_element_wise(*[pa.array(part, type=pa.string()) for part in parts], ""))


def money(cents: np.ndarray):
    """1234 gives '12.34': exact, never a binary fraction."""
    cents = np.asarray(cents).astype(np.int64)
    whole, rest = pa.array(np.abs(cents) // 100), pa.array(np.abs(cents) % 100)
    sign = pa.array(["", "-"]).take(pa.array((cents < 0).astype(np.int64)))
    rest = pc.utf8_lpad(pc.cast(rest, pa.string()), 2, "0")
    return text(pc.binary_join_element_wise(sign, pc.cast(whole, pa.string()), pa.scalar("."), rest, ""))


def fixed(values: np.ndarray, decimals: int):
    """Numbers with a fixed count of decimals."""
    return text(pa.array([f"{value:.{decimals}f}" for value in values.tolist()], type=pa.string()))


@cache
def clock_times() -> pa.Array:
    seconds = np.arange(86_400)
    parts = (seconds // 3600, seconds // 60 % 60, seconds % 60)
    return pa.array([f"T{hour:02d}:{minute:02d}:{second:02d}Z" for hour, minute, second in zip(*parts)])


def instants(seconds: np.ndarray):
    """Seconds since 1970 (UTC) as '2025-01-01T09:30:00Z'."""
    day, time = np.divmod(np.asarray(seconds), 86_400)
    return joined(dates("1970-01-01", day), clock_times().take(pa.array(time)))


def dates(start, days: np.ndarray):
    """Days since the start as '2025-01-01'."""
    first = int(np.min(days, initial=0))
    every = np.datetime64(start, "D") + np.arange(first, int(np.max(days, initial=0)) + 1)
    return named(np.datetime_as_string(every).tolist(), np.asarray(days) - first)


def booleans(values: np.ndarray):
    return named(["false", "true"], np.asarray(values).astype(np.int64))
