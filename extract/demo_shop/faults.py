"""The dirt, planted at stated rates on top of the true rows and counted.

In: one day's true rows of a table (codes). Out: the same rows, some of them late or marked, plus copies and bad extra
rows; column `fault` says which (0 = none) and never leaves the package. Taking the dirt away (dirt=0) changes no
true row: `copy` repeats a row under its key, `extra` adds a row under a key of its own, `late` only delays a true row,
`mark` only changes its free text.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from extract.demo_shop.columns import Rows, pick
from extract.demo_shop.world import World

DAY = 86_400


@dataclass(frozen=True)
class Fault:
    name: str
    rate: float  # of the table's true rows
    kind: str  # copy, extra, late, mark
    delay: tuple[int, int] = (0, 0)  # days after the true arrival
    column: str = ""  # the delivered column that is spoiled, and what stands there instead
    value: str = ""
    alter: Callable[[Rows], Rows] | None = None  # or a change of the codes


def other_item(rows: Rows) -> Rows:
    return rows | {"item": np.where(rows["item"] > 0, rows["item"] - 1, 1)}


def far_ahead(rows: Rows) -> Rows:
    """Two to thirty days after the end of the day on which the row arrives."""
    return rows | {"instant": rows["instant"] + DAY * (2 + rows["instant"] % 29)}


FAULTS: dict[str, tuple[Fault, ...]] = {
    "events": (
        Fault("exact_duplicate", 0.004, "copy"),
        Fault("redelivered", 0.003, "copy", (2, 5)),
        Fault("conflicting_payload", 0.001, "copy", (0, 1), alter=other_item),
        Fault("late_within", 0.01, "late", (1, 3)),
        Fault("late_beyond", 0.0005, "late", (8, 12)),
        Fault("untypable_instant", 0.0003, "extra", column="event_ts", value="yesterday"),
        Fault("untypable_behaviour", 0.0001, "extra", column="behaviour", value="hover"),
        Fault("empty_key", 0.0002, "extra", column="event_id", value=""),
        Fault("future_instant", 0.0002, "extra", alter=far_ahead),
        Fault("anonymous_user", 0.005, "extra", column="user_id", value=""),
        Fault("orphan_user", 0.0005, "extra", column="user_id", value="u9999999"),
        Fault("orphan_item", 0.0005, "extra", column="item_id", value="i999999"),
    ),
    "orders": (
        Fault("exact_duplicate", 0.003, "copy"),
        Fault("untypable_amount", 0.002, "extra", column="amount", value="7,50"),
        Fault("empty_key", 0.001, "extra", column="order_id", value=""),
        Fault("negative_amount", 0.001, "extra", column="amount", value="-12.00"),
    ),
    "order_lines": (
        Fault("exact_duplicate", 0.003, "copy"),
        Fault("untypable_price", 0.001, "extra", column="unit_price", value="abc"),
        Fault("not_a_number", 0.0005, "extra", column="unit_price", value="NaN"),
        Fault("infinite", 0.0005, "extra", column="amount", value="Infinity"),
        Fault("negative_quantity", 0.001, "extra", column="quantity", value="-1"),
        Fault("negative_price", 0.0005, "extra", column="unit_price", value="-3.50"),
        Fault("empty_key", 0.0005, "extra", column="line_id", value=""),
    ),
    "items": (Fault("untypable_price", 0.005, "extra", column="list_price", value="on request"),),
    "users": (
        Fault("empty_key", 0.002, "extra", column="user_id", value=""),
        Fault("exact_duplicate", 0.003, "copy"),
    ),
    "reviews": (
        Fault("exact_duplicate", 0.004, "copy"),
        Fault("untypable_rating", 0.003, "extra", column="rating", value="five"),
        Fault("orphan_item", 0.002, "extra", column="item_id", value="i999999"),
        Fault("formula_text", 0.002, "mark", column="title", value='=cmd("calc")'),
        Fault("emoji_text", 0.004, "mark", column="title", value="❤️ 👍🏽 ok"),
        Fault("right_to_left_text", 0.002, "mark", column="title", value="\u202eممتاز\u202c"),
    ),
    "contacts": (Fault("exact_duplicate", 0.003, "copy"), Fault("redelivered", 0.002, "copy", (2, 4))),
    "feedback": (Fault("untypable_score", 0.003, "extra", column="satisfaction_score", value="n/a"),),
    "survey_responses": (Fault("untypable_answer", 0.001, "extra", column="answer", value="n/a"),),
    "device_readings": (
        Fault("not_a_number", 0.001, "extra", column="usage_amount", value="NaN"),
        Fault("negative_usage", 0.001, "extra", column="usage_amount", value="-0.2500"),
    ),
}


def reach(table: str) -> int:
    """Days by which a fault may delay a row of the table."""
    return max((fault.delay[1] for fault in FAULTS.get(table, ())), default=0)


def plant(shop: World, table: str, day: int, rows: Rows, key: str, plain=None) -> Rows:
    """Add one day's faults; `plain` (a mask) limits from which rows an extra one may be made."""
    count = len(rows[key])
    rows = rows | {"fault": np.zeros(count, dtype=np.int64), "arrival": rows["arrival"].copy()}
    rng = shop.rng(table + " faults", day)
    wanted = [rng.binomial(count, min(fault.rate * shop.parameters.dirt, 0.5)) for fault in FAULTS.get(table, ())]
    victims = rng.permutation(count)  # every row suffers one fault at most
    parts, used, next_key = [rows], 0, rows[key].max(initial=0) + 1
    for code, (fault, number) in enumerate(zip(FAULTS.get(table, ()), wanted), start=1):
        chosen = victims[used : used + number]
        used += number
        delay = rng.integers(fault.delay[0], fault.delay[1] + 1, len(chosen))
        if fault.kind in ("late", "mark"):
            rows["fault"][chosen] = code
            rows["arrival"][chosen] += delay
            continue
        if fault.kind == "extra" and plain is not None:
            chosen = chosen[plain[chosen]]
        bad = pick(rows, chosen)
        bad |= {"fault": np.full(len(chosen), code), "arrival": bad["arrival"] + delay[: len(chosen)]}
        if fault.kind == "extra":
            bad |= {key: next_key + np.arange(len(chosen))}
            next_key += len(chosen)
        parts.append(fault.alter(bad) if fault.alter else bad)
    return {name: np.concatenate([part[name] for part in parts]) for name in rows}


def spoil(table: str, frame: pd.DataFrame, codes: np.ndarray) -> pd.DataFrame:
    """Write the values that cannot be typed (and the odd texts) over the delivered ones."""
    for code, fault in enumerate(FAULTS.get(table, ()), start=1):
        if fault.column and (codes == code).any():
            frame.loc[codes == code, fault.column] = fault.value
    return frame


def count(table: str, codes: np.ndarray) -> dict[str, int]:
    return {fault.name: int((codes == code).sum()) for code, fault in enumerate(FAULTS.get(table, ()), start=1)}
