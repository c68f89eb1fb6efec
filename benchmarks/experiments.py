"""Can the verdict on a campaign be believed? Errors counted where the truth is known, precision on real customers.

Planted: one effect and one null campaign in each of 100 demo shops, straight from the generator. Daily looks: campaigns
in which nothing happens, looked at every day. Real customers: households of Complete Journey split at random, where no
split causes anything.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.stats import norm

from benchmarks import figures, measure
from benchmarks.fresh_home import fresh_home, land_and_describe
from benchmarks.planted_campaigns import EFFECT, NULL, planted
from ml.experiment import judgement, lift, sample_ratio
from ml.experiment.parameters import ExperimentParameters
from ml.experiment.sequential import half_width
from shops.declaration import load

P = ExperimentParameters()
SEEDS = 100
DAYS = 14
RUNS = 2_000  # of simulated campaigns: a rate of 5 % is then known to half a point
SPLITS = 300
REAL_SHOP, REAL_START = "complete_journey", date(2017, 11, 1)
BEFORE_DAYS = 28
FACTS = {"day": DAYS, "planned_days": DAYS, "is_complete": True, "currency": "EUR"}


def run() -> dict:
    shops = measure.call(planted_shops)
    looks = measure.call(simulated_looks)
    with fresh_home():
        real = measure.call(real_customers)
    figures.show(f"Planted in {SEEDS} demo shops: shops of {SEEDS} in which ...", shops.result["found"], 3)
    figures.show(
        "Looked at on every one of 14 days: share of null campaigns in which something was found", looks.result, 3
    )
    figures.show(f"{SPLITS} random splits of real households: nothing is caused", real.result, 3)
    return {
        "planted": shops.result["found"],
        "daily_looks": looks.result,
        "real_customers": real.result,
        "seconds": {"planted": shops.seconds, "daily_looks": looks.seconds, "real_customers": real.seconds},
    }


def planted_shops() -> dict:
    """Counts over the shops, one row per planted campaign and measure."""
    found = []
    for name, number in (("effect", EFFECT), ("null", NULL)):
        shops = [planted(seed, number) for seed in range(SEEDS)]
        facts = [{**FACTS, "control_share": each.control_share} for each in shops]
        rows = pd.concat([judgement.judge(each.users, own, P) for each, own in zip(shops, facts, strict=True)])
        caused = np.array([each.caused_uplift for each in shops])
        for metric, of_metric in rows.groupby("metric", sort=False):
            decides = metric == "conversion"
            inside = (of_metric["lift_low"] <= caused) & (caused <= of_metric["lift_high"])
            found.append(
                {
                    "campaign": f"{name}, {metric}",
                    "truth in 95 % interval": int(inside.sum()) if decides else None,
                    "mean truth": float(caused.mean()) if decides else None,
                    "mean lift": float(of_metric["lift"].mean()),
                    "p < 0.05": int((of_metric["p_value"] < P.alpha).sum()),
                    "unbalanced before": int((of_metric["balance_p_value"] < P.alpha).sum()),
                    "variance taken": float(of_metric["variance_reduction_rate"].mean()),
                    "wrong arms": int((of_metric["sample_ratio_p_value"] < P.sample_ratio_alpha).sum()),
                    "... a third of control lost": _noticed(shops) if decides else None,
                }
            )
    return {"found": found}


def _noticed(shops) -> int:
    """Shops in which the check finds that every third control customer is missing."""
    found = 0
    for seed, each in enumerate(shops):
        control = int(each.users["is_control"].sum())
        kept = np.random.default_rng(seed).binomial(control, 2 / 3)
        chance = sample_ratio.p_value(len(each.users) - control, int(kept), each.control_share)
        found += chance < P.sample_ratio_alpha
    return found


def simulated_looks() -> list[dict]:
    """Null campaigns looked at daily: demo shops, and simulated customers who buy at rates of their own."""
    rows = [{"customers": f"{SEEDS} demo shops, conversion", **_demo_looks()}]
    rng = np.random.default_rng(17)
    for per_day in (0.01, 0.05, 0.2):
        for treated, control in ((300, 300), (700, 300)):
            for kind in ("orders", "conversion"):
                crossed = np.mean([_looks(rng, kind, per_day, treated, control) for _ in range(RUNS)], axis=0)
                name = f"{kind}, {per_day} orders a day, {treated} and {control}"
                rows.append({"customers": name, "fixed": float(crossed[0]), "holds on every day": float(crossed[1])})
    return rows


def _demo_looks() -> dict:
    crossed = np.zeros((SEEDS, 2), bool)
    for seed in range(SEEDS):
        each = planted(seed, NULL, before_days=1)
        control = each.users["is_control"].to_numpy()
        for day in range(1, DAYS + 1):
            value = each.has_ordered[:, day - 1].astype(float)
            found = lift.measure(value, np.zeros(len(value)), control, P)
            width = half_width(found["standard_error"], day, DAYS, P.alpha)
            crossed[seed] |= (found["p_value"] < P.alpha, abs(found["lift"]) > width)
    return {"fixed": float(crossed[:, 0].mean()), "holds on every day": float(crossed[:, 1].mean())}


def _looks(rng, kind: str, per_day: float, treated: int, control: int) -> tuple[bool, bool]:
    """Whether (the fixed, the sequential) interval left out 0 on any day of one campaign."""
    rate = rng.gamma(0.7, per_day / 0.7, (treated + control, 1))
    value = np.cumsum(rng.poisson(rate, (treated + control, DAYS)), axis=1).astype(float)
    value = value if kind == "orders" else (value > 0).astype(float)
    arms = value[:treated], value[treated:]
    found = abs(arms[0].mean(axis=0) - arms[1].mean(axis=0))
    error = np.sqrt(sum(arm.var(axis=0, ddof=1) / len(arm) for arm in arms))
    width = np.array([half_width(1.0, day, DAYS, P.alpha) for day in range(1, DAYS + 1)])
    seen = error > 0
    return bool((found > norm.isf(P.alpha / 2) * error)[seen].any()), bool((found > width * error)[seen].any())


def real_customers() -> list[dict]:
    """Per measure: how often a random split is called an effect, and how much of the variance the past explains."""
    shop = load(REAL_SHOP)
    land_and_describe(shop, shop.as_of)
    users = households(shop.as_of)
    facts = {**FACTS, "control_share": 0.3}
    rng, found = np.random.default_rng(23), []
    for _ in range(SPLITS):
        is_control = rng.random(len(users)) < 0.3
        found.append(judgement.judge(users.assign(is_control=is_control), facts, P))
    rows = pd.concat(found).dropna(subset=["lift"])  # costs are not known here: no margin
    return [
        {
            "measure": f"{metric}, {len(users):,} households",
            "p < 0.05": float((of_metric["p_value"] < P.alpha).mean()),
            "variance taken": float(of_metric["variance_reduction_rate"].mean()),
            "smallest detectable lift": float(of_metric["minimum_detectable_lift"].mean()),
            "mean": float(of_metric["control_mean"].mean()),
        }
        for metric, of_metric in rows.groupby("metric", sort=False)
    ]


def households(as_of: date) -> pd.DataFrame:
    """Everybody who had bought before, with what they did in a fortnight and in the four weeks before it."""
    from warehouse.engine import open_warehouse

    query = """
        select
            user_id,
            count(distinct order_id) filter (where order_date >= $start and is_sale = 1) as orders,
            coalesce(sum(revenue) filter (where order_date >= $start), 0)::double as revenue,
            count(distinct order_id) filter (where order_date between $before and $start - 1 and is_sale = 1)
                as orders_before,
            coalesce(sum(revenue) filter (where order_date between $before and $start - 1), 0)::double
                as revenue_before,
            sum(line_count - costed_line_count)::bigint as uncosted_lines
        from intermediate.int_kpi_orders
        where as_of = $as_of and user_id is not null and order_date < $end
        group by user_id
        having min(order_date) < $start
        order by user_id
    """
    start = REAL_START
    given = {"start": start, "before": start - timedelta(days=BEFORE_DAYS), "end": start + timedelta(days=DAYS)}
    with open_warehouse(REAL_SHOP) as connection:
        users = connection.execute(query, {"as_of": as_of, **given}).df()
    return users.assign(margin=0.0, margin_before=0.0, is_contacted=0, unpriced_orders=0, segment_name=None)
