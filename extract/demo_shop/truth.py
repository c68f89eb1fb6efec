"""What was planted, stated so that a test can look for it in the marts. The pipeline never reads it.

In: the parameters. Out: `truth` (a dictionary), and as files: `truth.json` with everything small (effects, campaigns,
counts of faults, structural model, cycles in brief), and Parquet files for users, items, repurchases, clauses, drivers
and suppliers. Counts are of what arrives within the stated span.
"""

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from extract.demo_shop import campaigns, customers, faults, phrases, raw, survey
from extract.demo_shop import columns as as_text
from extract.demo_shop.catalogue import PAIR_STRENGTH
from extract.demo_shop.clickstream import BEHAVIOURS
from extract.demo_shop.clickstream import events as true_events
from extract.demo_shop.drivers import EFFECTS, PRICE_STEP, SPEND_STEP
from extract.demo_shop.habits import CYCLES, HABITS, SEGMENTS
from extract.demo_shop.marketing import OVER_REPORTING
from extract.demo_shop.parameters import DemoShop
from extract.demo_shop.purchases import purchases
from extract.demo_shop.world import World, world

SPEAKING = {"reviews": "r", "feedback": "f", "social_posts": "p"}  # table → prefix of its ids


def campaign_truth(shop: World, number: int) -> dict:
    """Design and outcome: who of each arm ordered at all while the campaign ran.

    `caused_uplift` is the share of the treated whom the campaign made order: an order that stands, from somebody who
    was due on none of its days without it. `observed_uplift`, the difference between the arms, is that plus chance.
    """
    run, plans = campaigns.campaign(shop, number), shop.streams
    days = range(run.start, run.end)
    bought = [(plan.user[~plan.cancelled], day) for day in days for plan in [purchases(shop, day)]]
    ordered = np.isin(run.user, np.concatenate([user for user, _ in bought]))
    persuaded = np.any([np.isin(run.user, user) & (run.extra_day == day) for user, day in bought], axis=0)
    due = [customers.due(shop.parameters, plans, shop.drivers, day) for day in days]
    only_because = persuaded & ~np.isin(run.user, plans.user[np.concatenate(due)])
    arms = {}
    for name, arm in (("control", run.is_control), ("treated", ~run.is_control)):
        users, converted = int(arm.sum()), int(ordered[arm].sum())
        arms[name] = {"users": users, "converted": converted, "rate": round(converted / users, 6) if users else None}
    both = all(arm["users"] for arm in arms.values())
    first = shop.parameters.start
    return {
        "campaign_id": f"c{run.code:03d}",
        "name": run.design.name,
        "role": run.design.role,
        "channel": campaigns.CHANNELS[run.design.channel],
        "audience": run.design.audience,
        "planted_response": run.design.response,
        "start_date": str(first + timedelta(days=run.start)),
        "end_date": str(first + timedelta(days=run.end - 1)),
        "extra_orders": int((run.extra_day >= 0).sum()),
        "arms": arms,
        "caused_uplift": round(float(only_because.sum() / max(arms["treated"]["users"], 1)), 6),
        "observed_uplift": round(arms["treated"]["rate"] - arms["control"]["rate"], 6) if both else None,
    }


def clause_frame(shop: World, table: str) -> pd.DataFrame:
    """One row per clause that a text of the span makes: aspect and polarity."""
    rows = raw.codes(shop, table, 0, shop.parameters.days)
    kept = np.flatnonzero(rows["fault"] == 0)
    text, aspect = np.nonzero(rows["said"][kept] >= 0)
    return pd.DataFrame(
        {
            "source": table,
            "text_id": as_text.label(SPEAKING[table], rows["number"][kept][text]),
            "item_id": as_text.label("i", rows["item"][kept][text], 4) if "item" in rows else None,
            "language": as_text.named(phrases.LANGUAGES, rows["language"][kept][text]),
            "aspect": as_text.named(phrases.ASPECTS, aspect),
            "polarity": as_text.named(["negative", "neutral", "positive"], rows["said"][kept][text, aspect]),
        }
    )


def frames(shop: World) -> dict[str, pd.DataFrame]:
    people, goods, plans, span = shop.customers, shop.catalogue, shop.streams, shop.parameters.days
    user, item, supplier = (np.arange(len(column)) for column in (people.segment, goods.cycle, goods.on_time))
    again = np.flatnonzero(plans.item >= 0)
    return {
        "users": pd.DataFrame(
            {
                "user_id": as_text.label("u", user, 6),
                "segment": as_text.named(SEGMENTS, people.segment),
                "active_from": people.first_day,
                "active_until": np.where(people.last_day < span, people.last_day, -1),
                "favourite_category": people.favourite,
                "mean_gap_days": people.gap_days,
            }
        ),
        "items": pd.DataFrame(
            {
                "item_id": as_text.label("i", item, 4),
                "is_stable": goods.cycle > 0,
                "cycle_days": goods.cycle,
                "device_linked": goods.device_linked,
                "quality": goods.quality,
            }
        ),
        "repurchases": pd.DataFrame(
            {
                "user_id": as_text.label("u", plans.user[again], 6),
                "item_id": as_text.label("i", plans.item[again], 4),
                "cycle_days": plans.gap[again].astype(np.int64),
            }
        ),
        "suppliers": pd.DataFrame(
            {
                "supplier_id": as_text.label("s", supplier, 2),
                "on_time": goods.on_time,
                "return_rate": goods.return_rate,
                "quality": goods.supplier_quality,
            }
        ),
        "drivers": pd.DataFrame(
            {
                "day": as_text.dates(shop.parameters.start, np.arange(span)),
                **{name: getattr(shop.drivers, name)[:span] for name in EFFECTS},
                "price_level": shop.drivers.price_level[:span],
                "demand": shop.drivers.demand[:span],
            }
        ),
        "clauses": pd.concat([clause_frame(shop, table) for table in SPEAKING], ignore_index=True),
    }


def truth(parameters: DemoShop) -> dict:
    """Everything small."""
    shop, days = world(parameters), range(parameters.days)
    plans = [purchases(shop, day) for day in days]
    told = {table: raw.codes(shop, table, 0, parameters.days) for table in raw.TELLERS}
    behaviours = sum(np.bincount(true_events(shop, day)["behaviour"], minlength=len(BEHAVIOURS)) for day in days)
    members = np.bincount(shop.customers.segment, minlength=len(HABITS))
    goods = shop.catalogue
    dated = range((parameters.days - campaigns.FIRST - campaigns.LENGTH) // campaigns.EVERY + 1)
    return {
        "parameters": {name: str(value) for name, value in vars(parameters).items()},
        "rows": {table: len(rows["arrival"]) for table, rows in told.items()},
        "true_orders": sum(len(plan.user) for plan in plans),
        "true_lines": sum(len(plan.line) for plan in plans),
        "true_behaviours": dict(zip(BEHAVIOURS, behaviours.tolist())),
        "faults": {
            table: faults.count(table, rows["fault"]) for table, rows in told.items() if faults.FAULTS.get(table)
        },
        "segments": {name: int(members[place]) for place, name in enumerate(SEGMENTS)},
        "demand_effects": EFFECTS,
        "demand_order_of_strength": sorted(EFFECTS, key=lambda name: -abs(EFFECTS[name])),
        "price_step": PRICE_STEP,
        "spend_step": SPEND_STEP,
        "platform_over_reporting": OVER_REPORTING,
        "cycles": {str(cycle): int((goods.cycle == cycle).sum()) for cycle in CYCLES},
        "pairs": [[f"i{first:04d}", f"i{second:04d}"] for first, second in goods.pairs.tolist()],
        "pair_strength": PAIR_STRENGTH,
        "campaigns": [campaign_truth(shop, number) for number in dated],
        "survey": {
            "paths": survey.PATHS,
            "total_effects": survey.total_effects(),
            "correlation": dict(zip(survey.DIMENSIONS, np.round(survey.covariance(), 4).tolist())),
            "loading": survey.LOADING,
        },
    }


def write(folder: Path, parameters: DemoShop) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "truth.json").write_text(json.dumps(truth(parameters), indent=1) + "\n", encoding="utf-8")
    for name, frame in frames(world(parameters)).items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return folder
