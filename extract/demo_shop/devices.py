"""Connected devices that use up what their owners repurchase.

In: the world and days. Out: one day's readings as codes, and the delivered text. A device reports once a week which
part of a pack was used since its last report, so the days divided by the packs used are the item's cycle.
"""

import numpy as np
import pandas as pd

from extract.demo_shop import columns as as_text
from extract.demo_shop import faults
from extract.demo_shop.columns import Rows
from extract.demo_shop.randomness import normal, uniform
from extract.demo_shop.world import World, second_of_day

EVERY = 7  # days between two readings of a device
NOISE = 0.1  # relative, per reading


def readings_of(shop: World, day: int) -> Rows:
    plans, goods, seed = shop.streams, shop.catalogue, shop.seed
    linked = np.flatnonzero((plans.item >= 0) & goods.device_linked[np.maximum(plans.item, 0)])
    weekday = np.floor(EVERY * uniform(seed, "reading weekday", plans.user[linked], plans.item[linked]))
    in_use = (day >= plans.phase[linked] + EVERY) & (day < plans.last_day[linked])
    device = linked[in_use & (weekday == day % EVERY)]
    user, item = plans.user[device], plans.item[device]
    used = EVERY / goods.cycle[item] * np.maximum(1 + NOISE * normal(seed, "usage", user, item, day), 0)
    rows = {
        "number": (day * 10_000_000 + device),
        "device": device,
        "user": user,
        "item": item,
        "used": used,
        "instant": shop.drivers.midnight[day] + second_of_day(shop, day, uniform(seed, "reading second", device, day)),
        "arrival": np.full(len(device), day),
    }
    return faults.plant(shop, "device_readings", day, rows, "number")


def readings_text(shop: World, rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "device_id": as_text.label("d", rows["device"], 6),
            "user_id": as_text.label("u", rows["user"], 6),
            "item_id": as_text.label("i", rows["item"], 4),
            "reading_ts": as_text.instants(rows["instant"]),
            "usage_amount": as_text.fixed(rows["used"], 4),
        }
    )
