"""Why: next month's strategy should know what last month's brought, and how sure that is.

In: campaigns judged against their control groups, or where none had one against matched customers; what the list of
strategies states where neither exists. Out: per strategy and segment extra buyers and extra revenue per contacted
customer, with an interval, what they rest on, and whether the strategy is shown not to pay.

Pooling over campaigns: random effects (DerSimonian and Laird 1986). Segments: partial pooling towards the strategy's
mean by empirical Bayes, theta = (1 - B) y + B mu, B = v / (v + tau2) with the variance tau2 between segments (Morris
1983). Break-even response: r A (m - d) = p A d + c, with A an order at full price, m margin, d discount, p those who
buy anyway and take the discount too, c cost of the contact.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from ml.strategy.campaign_comparison import CAVEAT

CRITICAL = float(norm.ppf(0.975))
ALL = "all"
FIGURES = {"conversion": ("response_rate", "response_low", "response_high"), "revenue": (
    "extra_amount", "extra_amount_low", "extra_amount_high",
)}  # fmt: skip
STRATEGIES = (
    "strategy",
    "is_contacted",
    "discount_rate",
    "prior_response_rate",
    "prior_low",
    "prior_high",
    "prior_source",
)


@dataclass(frozen=True)
class StrategyResponseParameters:
    least_ratio_p: float = 0.001  # of the sample ratio: below it the lot itself went wrong (Fabijan et al. 2019)


@dataclass(frozen=True)
class Economics:
    """What a contact and an order are worth in this shop; None where its sources do not say."""

    order_amount: float | None  # mean order at full price, reporting currency
    margin_rate: float | None  # of the full price
    contact_cost: dict[str, float]  # per channel, reporting currency


def estimate(
    experiments: pd.DataFrame,
    comparisons: pd.DataFrame,
    strategies: pd.DataFrame,
    economics: Economics,
    params: StrategyResponseParameters | None = None,
) -> pd.DataFrame:
    """One row per strategy and segment: 'all', and each segment that an experiment measured.

    experiments: rows of ml.experiment of one moment; comparisons: rows of campaign_comparison.compare; strategies:
    STRATEGIES. Strategies are those that contact, and any other that an experiment measured.
    """
    params = params or StrategyResponseParameters()
    usable = _usable(experiments, params)
    matched = _credible(comparisons)
    listed = strategies.set_index("strategy")
    names = set(listed.index[listed["is_contacted"].astype(bool)])
    names |= set(usable.loc[usable["segment_name"] == ALL, "strategy"])
    rows = []
    for name in sorted(names):
        own = usable[usable["strategy"] == name]
        discount = float(listed["discount_rate"].get(name, 0))
        if (own["segment_name"] == ALL).any():
            rows += _by_experiment(name, own, discount, economics)
        elif (matched["strategy"] == name).any():
            rows.append(_by_comparison(name, matched[matched["strategy"] == name], discount, economics))
        else:
            rows.append(_by_prior(name, listed.loc[name], comparisons, experiments, discount, economics))
    return pd.DataFrame(rows).reset_index(drop=True)


def pooled(effect, variance) -> tuple[float, float, float | None]:
    """(mean, its standard error, I squared) of independent effects; one alone is itself."""
    effect, variance = np.asarray(effect, float), np.asarray(variance, float)
    weight = 1 / (variance + between_variance(effect, variance))
    mean = float((weight * effect).sum() / weight.sum())
    if len(effect) < 2:
        return mean, float(np.sqrt(variance[0])), None
    spread = _q(effect, variance)
    heterogeneity = max(0.0, 1 - (len(effect) - 1) / spread) if spread > 0 else 0.0
    return mean, float(np.sqrt(1 / weight.sum())), heterogeneity


def between_variance(effect, variance) -> float:
    """DerSimonian and Laird's variance between effects, not below 0; of fewer than two nothing is known: 0."""
    effect, variance = np.asarray(effect, float), np.asarray(variance, float)
    weight = 1 / variance
    spare = weight.sum() - (weight**2).sum() / weight.sum()
    return max(0.0, float((_q(effect, variance) - (len(effect) - 1)) / spare)) if len(effect) > 1 else 0.0


def _q(effect: np.ndarray, variance: np.ndarray) -> float:
    """Cochran's Q: weighted squares about the weighted mean."""
    weight = 1 / variance
    return float((weight * (effect - (weight * effect).sum() / weight.sum()) ** 2).sum())


def drawn_towards(
    effect: float, error: float, mean: float, mean_error: float, tau2: float
) -> tuple[float, float, float]:
    """(effect drawn towards the mean, its standard error, B: how far). With tau2 = 0 nothing is left of its own."""
    pull = error**2 / (error**2 + tau2) if error > 0 else 0.0
    variance = (1 - pull) * error**2 + pull**2 * mean_error**2
    return (1 - pull) * effect + pull * mean, float(np.sqrt(variance)), pull


def _usable(experiments: pd.DataFrame, params: StrategyResponseParameters) -> pd.DataFrame:
    """Complete experiments whose lot can be trusted, with the squared standard error of the lift."""
    rows = experiments[
        experiments["is_complete"].fillna(False).astype(bool)
        & experiments["strategy"].notna()
        & experiments["lift"].notna()
        & experiments["metric"].isin(FIGURES)
        & ~(experiments["sample_ratio_p_value"] < params.least_ratio_p)
    ].copy()
    rows["error"] = (rows["lift_high"] - rows["lift_low"]) / (2 * CRITICAL)
    # where nobody or everybody bought in both arms the difference seems exact: one success and one failure more each
    flat = ~(rows["error"] > 0) & (rows["metric"] == "conversion")
    rows.loc[flat, "error"] = np.sqrt(
        sum(_added(rows.loc[flat, f"{arm}_mean"], rows.loc[flat, f"{arm}_users"]) for arm in ("treated", "control"))
    )
    return rows[rows["error"] > 0].sort_values(["strategy", "segment_name", "metric", "campaign_id"])


def _added(share: pd.Series, users: pd.Series) -> pd.Series:
    """Variance of a share after Agresti and Caffo (2000)."""
    users = users.astype(float)
    smoothed = (share.astype(float) * users + 1) / (users + 2)
    return smoothed * (1 - smoothed) / (users + 2)


def _credible(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Comparisons that withstood their placebo and are of like customers."""
    if comparisons.empty:
        return pd.DataFrame(columns=["strategy"])
    rows = comparisons[(comparisons["level"] == "campaign") & ~comparisons["is_randomised"].astype(bool)]
    rows = rows[rows["strategy"].notna() & ~rows["verdict"].str.startswith("not ")].copy()
    rows["error"] = (rows["effect_high"] - rows["effect_low"]) / (2 * CRITICAL)
    return rows[(rows["error"] > 0) & rows["metric"].isin(FIGURES)].sort_values(["strategy", "metric", "group_id"])


def _by_experiment(name: str, own: pd.DataFrame, discount: float, economics: Economics) -> list[dict]:
    # per segment and metric: (mean, standard error, I squared)
    found = {
        (segment, metric): pooled(rows["lift"], rows["error"] ** 2)
        for (segment, metric), rows in own.groupby(["segment_name", "metric"])
    }
    segments = [ALL, *sorted({segment for segment, metric in found if segment != ALL and metric == "conversion"})]
    out = []
    for segment in segments:
        rows = own[(own["segment_name"] == segment) & (own["metric"] == "conversion")]
        row = {"strategy": name, "segment_name": segment, "basis": "experiment", "campaigns": len(rows)}
        row |= {f"{arm}_users": int(rows[f"{arm}_users"].sum()) for arm in ("treated", "control")}
        pulls = []
        for metric, columns in FIGURES.items():
            if (segment, metric) not in found:
                continue
            effect, error, heterogeneity = found[segment, metric]
            if metric == "conversion":
                row |= {"measured_rate": effect, "heterogeneity_rate": heterogeneity}
            if segment != ALL and (ALL, metric) in found:
                each = [found[other, metric][:2] for other in segments[1:] if (other, metric) in found]
                tau2 = between_variance([one for one, _ in each], [se**2 for _, se in each])
                effect, error, pull = drawn_towards(effect, error, *found[ALL, metric][:2], tau2)
                pulls.append(pull)
            row |= dict(zip(columns, (effect, effect - CRITICAL * error, effect + CRITICAL * error), strict=True))
        rate = float(np.average(rows["control_mean"].astype(float), weights=rows["control_users"].astype(float)))
        row |= _worth(discount, rate, _contact_cost(rows.get("channel"), economics), economics)
        least = _least_rate(row, discount, economics)
        row["is_shown_ineffective"] = bool(row["response_high"] < least)
        words = [_experiment_words(rows, pulls), *row.pop("remarks")]
        if row["is_shown_ineffective"] and np.isfinite(least):
            words.append(f"even {row['response_high']:.1%} more buyers are fewer than the {least:.1%} that would pay")
        row["reason"] = "; ".join(words)
        out.append(row)
    return out


def _experiment_words(rows: pd.DataFrame, pulls: list[float]) -> str:
    words = f"measured against control groups by lot in {len(rows)} campaign(s): {', '.join(rows['campaign_id'])}"
    drawn = "; drawn towards all customers by {:.0%}: the rest is what segments differ by beyond chance"
    return words + (drawn.format(pulls[0]) if pulls else "")


def _by_comparison(name: str, own: pd.DataFrame, discount: float, economics: Economics) -> dict:
    rows = own[own["metric"] == "conversion"]
    row = {"strategy": name, "segment_name": ALL, "basis": "matched", "campaigns": len(rows)}
    row |= {"treated_users": int(rows["pairs"].sum()), "control_users": int(rows["pairs"].sum())}
    for metric, columns in FIGURES.items():
        values = own[own["metric"] == metric]
        if len(values):
            effect, error, heterogeneity = pooled(values["effect"], values["error"] ** 2)
            row |= dict(zip(columns, (effect, effect - CRITICAL * error, effect + CRITICAL * error), strict=True))
            if metric == "conversion":
                row |= {"measured_rate": effect, "heterogeneity_rate": heterogeneity}
    rate = float(np.average(rows["comparison_after"], weights=rows["pairs"]))
    row |= _worth(discount, rate, _contact_cost(rows.get("channel"), economics), economics)
    words = f"no control group; against similar customers in {len(rows)} campaign(s): {', '.join(rows['group_id'])}"
    return row | {"is_shown_ineffective": False, "reason": "; ".join([words, CAVEAT, *row.pop("remarks")])}


def _by_prior(name, stated, comparisons, experiments, discount: float, economics: Economics) -> dict:
    row = {
        "strategy": name,
        "segment_name": ALL,
        "basis": "prior",
        "campaigns": 0,
        "treated_users": 0,
        "control_users": 0,
    }
    values = (stated["prior_response_rate"], stated["prior_low"], stated["prior_high"])
    row |= dict(zip(FIGURES["conversion"], map(float, values), strict=True))
    row |= _worth(discount, None, _contact_cost(None, economics), economics)
    tried = 0 if experiments.empty else experiments.loc[experiments["strategy"] == name, "campaign_id"].nunique()
    if not comparisons.empty:
        tried = max(tried, comparisons.loc[comparisons["strategy"] == name, "group_id"].nunique())
    why = f"{tried} campaign(s) could not be judged" if tried else "no campaign has carried it out"
    reasons = [f"no measurement: {why}", str(stated["prior_source"]), *row.pop("remarks")]
    return row | {"is_shown_ineffective": False, "reason": "; ".join(reasons)}


def _contact_cost(channels: pd.Series | None, economics: Economics) -> float | None:
    """Mean cost of the channels that the campaigns used, else of all channels of the shop."""
    known = [economics.contact_cost[name] for name in channels.dropna()] if channels is not None and set(
        channels.dropna()
    ) <= set(economics.contact_cost) else []  # fmt: skip
    known = known or list(economics.contact_cost.values())
    return float(np.mean(known)) if known else None


def _worth(discount: float, rate: float | None, cost: float | None, economics: Economics) -> dict:
    """The figures that break-even rests on, and the rate itself, null with the remark why."""
    amount, margin, remarks = economics.order_amount, economics.margin_rate, []
    if margin is None and amount is not None:
        remarks.append("costs of goods are not known: break-even is of revenue, not margin")
    gain = None if amount is None else amount * ((1.0 if margin is None else margin) - discount)
    given = 0.0 if discount == 0 else None if rate is None or amount is None else rate * amount * discount
    even = None
    if amount is None:
        remarks.append("no break-even: the sources give no amounts")
    elif gain <= 0:
        remarks.append(f"the discount of {discount:.0%} takes the whole margin: no response can pay")
    elif given is None:
        remarks.append("no break-even: how many buy anyway was never measured")
    elif cost is not None:
        even = (cost + given) / gain
    return {
        "baseline_rate": rate,
        "order_amount": amount,
        "margin_rate": margin,
        "contact_cost_amount": cost,
        "break_even_rate": even,
        "remarks": remarks,
    }


def _least_rate(row: dict, discount: float, economics: Economics) -> float:
    """Below which a response does not pay: break-even; where that is not known 0; where no rate can pay infinity."""
    if row["break_even_rate"] is not None:
        return row["break_even_rate"]
    no_margin = economics.order_amount is not None and economics.margin_rate is not None
    return float("inf") if no_margin and economics.margin_rate <= discount else 0.0
