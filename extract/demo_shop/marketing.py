"""Campaigns, who was contacted and what came of it, and what advertising cost.

In: the world and days. Out: one day's rows as codes, and those codes as delivered text. Platforms report more
conversions than the shop's orders show: the true ones are the orders that carry the campaign.
"""

import numpy as np
import pandas as pd

from extract.demo_shop import columns as as_text
from extract.demo_shop import faults
from extract.demo_shop.campaigns import ALWAYS_ON, CHANNELS, DESIGNS, FIRST, LENGTH, active, begins, campaign
from extract.demo_shop.columns import Rows, stack
from extract.demo_shop.customers import COUNTRIES, COUNTRY_CURRENCY, COUNTRY_SHARE
from extract.demo_shop.drivers import SPEND_STEP
from extract.demo_shop.purchases import purchases
from extract.demo_shop.randomness import normal
from extract.demo_shop.world import CURRENCIES, World

CONTACT_TYPES = ("assigned", "sent", "delivered", "opened", "clicked", "converted", "unsubscribed")
ANNOUNCED = 7  # days before its start that a campaign is entered
DAILY_CENTS = 7.0  # advertising a day, per user of the shop
SHARES = (0.55, 0.33)  # of it to the campaigns that are always on; a dated campaign gets the rest while it runs
IMPRESSION_CENTS = {"email": 0.1, "social": 0.6, "push": 0.05, "search": 1.2}
CLICK_RATE = {"email": 0.03, "social": 0.011, "push": 0.02, "search": 0.035}
OVER_REPORTING = 1.6  # platform conversions per true one, on average


def campaigns_of(shop: World, day: int) -> Rows:
    if day == 0:
        number = np.concatenate([np.arange(-len(ALWAYS_ON), 0), [0] if FIRST <= ANNOUNCED else []]).astype(np.int64)
    else:
        later = (day + ANNOUNCED - FIRST) // (begins(1) - begins(0))
        number = np.array([later] if later >= 0 and begins(later) - ANNOUNCED == day else [], dtype=np.int64)
    return {"number": number, "arrival": np.full(len(number), day)}


def campaigns_text(shop: World, rows: Rows) -> pd.DataFrame:
    number, start = rows["number"], shop.parameters.start
    dated = number >= 0
    design = np.where(dated, number % len(DESIGNS), number + len(ALWAYS_ON) + len(DESIGNS))
    channels = [CHANNELS[plan.channel] for plan in DESIGNS] + [channel for _, channel in ALWAYS_ON]
    begin = np.where(dated, begins(number), 0)
    ends = pd.Series(as_text.dates(start, begin + LENGTH - 1)).where(dated, None).astype("str")
    return pd.DataFrame(
        {
            "campaign_id": as_text.label("c", number + len(ALWAYS_ON), 3),
            "campaign_name": as_text.named([plan.name for plan in DESIGNS] + [name for name, _ in ALWAYS_ON], design),
            "campaign_type": as_text.named(["always on", "contact"], dated.astype(np.int64)),
            "channel": as_text.named(channels, design),
            "strategy": as_text.named([plan.strategy for plan in DESIGNS] + ["acquisition"] * len(ALWAYS_ON), design),
            "start_date": as_text.dates(start, begin),
            "end_date": ends,
        }
    )


def contacts_of(shop: World, day: int) -> Rows:
    begin, end = shop.drivers.midnight[day : day + 2]
    parts = []
    for number in active(day):
        run = campaign(shop, number)
        assigned = np.full(len(run.user), shop.drivers.midnight[run.start] + 8 * 3600)
        buys = purchases(shop, day)
        credited = np.flatnonzero(buys.campaign == run.code)
        steps = [assigned, run.sent, run.delivered, run.opened, run.clicked, None, run.unsubscribed]
        for kind, moment in enumerate(steps):
            if moment is None:
                who, when = np.searchsorted(run.user, buys.user[credited]), buys.instant[credited]
            else:
                who = np.flatnonzero((moment >= begin) & (moment < end))
                when = moment[who]
            turn = day - run.start if moment is None else 0  # somebody may convert on several days
            parts.append(
                {
                    "number": ((run.code * 10_000_000 + run.user[who]) * 10 + kind) * 100 + turn,
                    "campaign": np.full(len(who), run.code),
                    "user": run.user[who],
                    "channel": np.full(len(who), run.design.channel),
                    "type": np.full(len(who), kind),
                    "control": run.is_control[who].astype(np.int64),
                    "instant": when,
                    "arrival": np.full(len(who), day),
                }
            )
    names = ("number", "campaign", "user", "channel", "type", "control", "instant", "arrival")
    nothing = {name: np.zeros(0, dtype=np.int64) for name in names}
    return faults.plant(shop, "contacts", day, stack(parts) if parts else nothing, "number")


def contacts_text(shop: World, rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "contact_id": as_text.label("k", rows["number"]),
            "campaign_id": as_text.label("c", rows["campaign"], 3),
            "user_id": as_text.label("u", rows["user"], 6),
            "channel": as_text.named(CHANNELS, rows["channel"]),
            "contact_type": as_text.named(CONTACT_TYPES, rows["type"]),
            "is_control": as_text.booleans(rows["control"]),
            "contact_ts": as_text.instants(rows["instant"]),
        }
    )


def spend_of(shop: World, day: int) -> Rows:
    """Per campaign and country. The total follows the advertising driver; what platforms report follows the spend."""
    running = [(code, channel, share) for code, ((_, channel), share) in enumerate(zip(ALWAYS_ON, SHARES))]
    for number in active(day):
        run = campaign(shop, number)
        running.append((run.code, CHANNELS[run.design.channel], 1 - sum(SHARES)))
    buys, rng = purchases(shop, day), shop.rng("spend", day)
    country = np.arange(len(COUNTRIES))
    size = shop.parameters.users * DAILY_CENTS * np.exp(SPEND_STEP * shop.drivers.advertising[day])
    parts = []
    for code, channel, share in running:
        wobble = np.exp(0.06 * normal(shop.seed, "spend", code, day, country))
        euro = size * share * np.array(COUNTRY_SHARE) * wobble
        impressions = np.round(euro / IMPRESSION_CENTS[channel]).astype(np.int64)
        credited = shop.customers.country[buys.user[buys.campaign == code]]
        conversions = np.bincount(credited, minlength=len(country))
        parts.append(
            {
                "campaign": np.full(len(country), code),
                "channel": np.full(len(country), CHANNELS.index(channel)),
                "country": country,
                "cents": shop.local_cents(euro, COUNTRY_CURRENCY),
                "impressions": impressions,
                "clicks": rng.binomial(impressions, CLICK_RATE[channel]),
                "conversions": conversions + rng.poisson((OVER_REPORTING - 1) * conversions),
                "day": np.full(len(country), day),
                "arrival": np.full(len(country), day),
            }
        )
    return stack(parts)


def spend_text(shop: World, rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "spend_date": as_text.dates(shop.parameters.start, rows["day"]),
            "channel": as_text.named(CHANNELS, rows["channel"]),
            "campaign_id": as_text.label("c", rows["campaign"], 3),
            "country": as_text.named(COUNTRIES, rows["country"]),
            "currency": as_text.named(CURRENCIES, COUNTRY_CURRENCY[rows["country"]]),
            "spend_amount": as_text.money(rows["cents"]),
            "impressions": rows["impressions"],
            "platform_clicks": rows["clicks"],
            "platform_conversions": rows["conversions"],
        }
    )
