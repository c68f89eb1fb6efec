"""Campaigns of the demo shop as judging them sees them, straight from the generator, without landing or building.

In: seed and number of a campaign. Out: the frame of one campaign's assigned customers, the truth, and for looks on
every day, who had ordered by then.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from extract.demo_shop import campaigns
from extract.demo_shop.parameters import DemoShop
from extract.demo_shop.purchases import Purchases, purchases
from extract.demo_shop.truth import campaign_truth
from extract.demo_shop.world import World, world

NULL, EFFECT = (
    next(k for k, design in enumerate(campaigns.DESIGNS) if design.role == role)
    for role in ("planted_null", "planted_effect")
)
BEFORE_DAYS = 28  # evaluation_days of the shop


@dataclass(frozen=True, eq=False)
class PlantedCampaign:
    users: pd.DataFrame  # as judgement.judge takes it, no segments
    has_ordered: np.ndarray  # customers x days of the campaign: by the end of that day
    caused_uplift: float
    control_share: float


def planted(seed: int, number: int, before_days: int = BEFORE_DAYS) -> PlantedCampaign:
    """One campaign of the demo shop with that seed. Orders that were cancelled do not count, as everywhere."""
    shop = world(DemoShop(seed=seed))
    run = campaigns.campaign(shop, number)
    columns = {"user_id": run.user, "is_control": run.is_control, "is_contacted": (run.sent >= 0).astype(int)}
    daily = _outcomes(shop, run.user, range(run.start, run.end))
    before = _outcomes(shop, run.user, range(run.start - before_days, run.start))
    for name in daily:
        columns[name] = daily[name].sum(axis=1)
        columns[name + "_before"] = before[name].sum(axis=1)
    users = pd.DataFrame(columns).assign(unpriced_orders=0, uncosted_lines=0, segment_name=None)
    return PlantedCampaign(
        users,
        np.maximum.accumulate(daily["orders"], axis=1) > 0,
        campaign_truth(shop, number)["caused_uplift"],
        shop.parameters.control_share,
    )


def _outcomes(shop: World, user: np.ndarray, days: range) -> dict[str, np.ndarray]:
    """orders, revenue and margin (reporting currency), each customers x days."""
    told = [_day(shop, user, purchases(shop, day)) for day in days]
    return {name: np.stack([day[name] for day in told], axis=1) for name in ("orders", "revenue", "margin")}


def _day(shop: World, user: np.ndarray, plan: Purchases) -> dict[str, np.ndarray]:
    cost = np.bincount(plan.order, plan.unit_cost_cents * plan.quantity, len(plan.user))
    euros = shop.drivers.rates[shop.currency(plan.user), plan.day] / 100
    place = np.full(shop.parameters.users, -1)
    place[plan.user[~plan.cancelled]] = np.flatnonzero(~plan.cancelled)
    found = place[user]
    values = {"orders": np.ones(len(plan.user)), "revenue": plan.amount * euros, "margin": (plan.amount - cost) * euros}
    return {name: np.where(found >= 0, value[found], 0.0) for name, value in values.items()}
