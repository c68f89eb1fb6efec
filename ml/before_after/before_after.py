"""What changed from before a campaign to after it, and how much of that its control group did without it (Z Table 1).

In: one row per campaign and customer, with what happened before and after. Out: one row per campaign and metric, and
one per metric for all campaigns together. Two numbers, before and after, are no comparison: seasons, pay days and the
return to the mean move them too. What contact adds is the difference of the differences.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ml.experiment import multiplicity

# Metric → (numerator, denominator, unit) of a customer in a window; a mean has the customer as denominator.
METRICS = {
    "conversion": ("buyer", "customer", "share"),
    "loyalty": ("repeater", "buyer", "share"),
    "orders": ("orders", "customer", "orders"),
    "amount": ("amount", "customer", "money"),
    "satisfaction": ("satisfaction", "answers", "points of 5"),
    "cost": ("cost", "customer", "money"),
}
WINDOWS = ("earlier", "before", "after")
NO_CONTROL = (
    "two numbers are no comparison: the campaign has no control group; "
    "mart_campaign_comparison sets matched customers against it"
)


@dataclass(frozen=True)
class BeforeAfterParameters:
    """What a comparison needs."""

    min_customers: int = 30  # in each arm and window: the normal approximation of a mean is rough below
    confidence: float = 0.95  # of the intervals


@dataclass(frozen=True)
class _Arm:
    """The figures of one arm of one campaign, and how much each customer moves their changes (influence)."""

    users: np.ndarray
    values: dict[str, float]  # window → quotient of sums
    counted: dict[str, int]  # window → customers with a denominator
    change: np.ndarray  # from before to after
    drift: np.ndarray  # from earlier to before


def compare(
    customers: pd.DataFrame, recorded: dict[str, str], money: str, params: BeforeAfterParameters
) -> pd.DataFrame:
    """Before and after of the contacted and of the control group, and the difference of their changes.

    `customers`: campaign_id, user_id, is_control (0, 1), is_complete (the time after is over), has_before and
    has_earlier (the history reaches so far back), contact_cost, and per window (earlier, before, after) orders, amount,
    satisfaction (sum of scores), answers, cost. `recorded`: metric → why the shop cannot tell it, '' if it can.
    `money`: the unit of amounts. Returns one row per campaign (and 'all') and metric; the difference is null with a
    reason where there is no control group or too few customers.

    With R the quotient of sums of an arm in a window, difference = (R_after - R_before of the contacted) - (the same of
    the control group). Its variance is that of the customers' influences (x - R d) / sum(d), n / (n - 1) in each arm:
    for a mean just Welch's test of the customers' changes. 'all' weights the campaigns by customers contacted; a
    customer of several campaigns counts as one (clustered, Liang and Zeger 1986). p-values of campaigns are adjusted
    per metric (Holm).
    """
    rows = _per_window(customers.sort_values(["campaign_id", "user_id"], ignore_index=True))
    campaigns = [(name, group) for name, group in rows.groupby("campaign_id", sort=True)]
    found = []
    for metric, (_, _, unit) in METRICS.items():
        judged = [_campaign(name, group, metric, recorded.get(metric, ""), params) for name, group in campaigns]
        lines = [line for line, _ in judged]
        whole = _all_campaigns([(line, arms) for line, arms in judged if line["reason"] is None], params)
        adjusted = _holm([line["p_value"] for line in lines])
        for line, p in zip(lines, adjusted, strict=True):
            line["adjusted_p_value"] = p
        for line in [*lines, whole]:
            found.append({"metric": metric, "unit": money if unit == "money" else unit, **line})
    return pd.DataFrame(found).sort_values(["campaign_id", "metric"], ignore_index=True)


def _per_window(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(customer_earlier=1.0, customer_before=1.0, customer_after=1.0)
    for window in WINDOWS:
        rows[f"buyer_{window}"] = (rows[f"orders_{window}"] > 0).astype(float)
        rows[f"repeater_{window}"] = (rows[f"orders_{window}"] > 1).astype(float)
    return rows


def _campaign(name: str, rows: pd.DataFrame, metric: str, not_told: str, params: BeforeAfterParameters):
    """(the row of a campaign, its arms: contacted, control; None where nothing can be told)."""
    done = rows[rows["is_complete"] == 1]
    treated, control = done[done["is_control"] == 0], done[done["is_control"] == 1]
    line = {"campaign_id": name, "contacted_customers": len(treated), "control_customers": len(control)}
    if metric == "cost" and not not_told and rows["contact_cost"].isna().all():
        not_told = "no spend names the campaign"
    if not_told or done.empty or not done["has_before"].all():
        nothing = (
            "the time after its contacts is not over" if done.empty else "the orders known do not reach so far back"
        )
        return {**line, **_told(None, None), **_nothing(not_told or nothing)}, None
    arms = _arm(treated, metric), _arm(control, metric)
    line |= _told(*arms)
    if reason := _too_little(arms, params):
        return {**line, **_nothing(reason)}, None
    line |= _judged(*_difference(arms, "change"), params)
    earlier = bool(done["has_earlier"].all()) and min(arm.counted["earlier"] for arm in arms) >= params.min_customers
    estimate, error, freedom = _difference(arms, "drift") if earlier else (None, None, None)
    line |= {"earlier_difference": estimate, "earlier_p_value": _p_value(estimate, error, freedom)}
    return {**line, "reason": None}, arms


def _arm(rows: pd.DataFrame, metric: str) -> _Arm:
    numerator, denominator, _ = METRICS[metric]
    n = len(rows)
    values, counted, influence = {}, {}, {}
    for window in WINDOWS:
        x = rows[f"{numerator}_{window}"].to_numpy(float)
        d = rows[f"{denominator}_{window}"].to_numpy(float)
        total = d.sum()
        values[window] = x.sum() / total if total else np.nan
        counted[window] = int((d > 0).sum())
        influence[window] = (x - values[window] * d) / total * np.sqrt(n / max(n - 1, 1)) if total else np.zeros(n)
    users = rows["user_id"].to_numpy()
    return _Arm(
        users,
        values,
        counted,
        influence["after"] - influence["before"],
        influence["before"] - influence["earlier"],
    )


def _told(treated: _Arm | None, control: _Arm | None) -> dict:
    """The plain figures, whether or not they can be compared."""
    found = {}
    for name, arm in (("contacted", treated), ("control", control)):
        before, after = (arm.values["before"], arm.values["after"]) if arm else (np.nan, np.nan)
        found |= {f"{name}_before": before, f"{name}_after": after, f"{name}_change": after - before}
    return found


def _too_little(arms: tuple[_Arm, _Arm], params: BeforeAfterParameters) -> str:
    if not len(arms[1].users):
        return NO_CONTROL
    if not len(arms[0].users):
        return "nobody was contacted"
    for name, arm in zip(("contacted", "control"), arms, strict=True):
        for window in ("before", "after"):
            if arm.counted[window] < params.min_customers:
                return (
                    f"{arm.counted[window]} customers of the {name} group count {window} contact, "
                    f"fewer than {params.min_customers}"
                )
    return ""


def _difference(arms: tuple[_Arm, _Arm], kind: str) -> tuple[float, float, float]:
    """(difference of the arms' changes, its standard error, degrees of freedom by Welch and Satterthwaite)."""
    first, second = ("before", "after") if kind == "change" else ("earlier", "before")
    changes = [arm.values[second] - arm.values[first] for arm in arms]
    variances = [float(np.sum(getattr(arm, kind) ** 2)) for arm in arms]
    total = sum(variances)
    spread = sum(v**2 / (len(arm.users) - 1) for v, arm in zip(variances, arms, strict=True))
    return changes[0] - changes[1], float(np.sqrt(total)), total**2 / spread if spread else np.inf


def _all_campaigns(judged: list, params: BeforeAfterParameters) -> dict:
    """Campaigns with a difference together, weighted by customers contacted; customers, not contacts, vary alone."""
    if not judged:
        line = {"campaign_id": "all", "contacted_customers": 0, "control_customers": 0, "adjusted_p_value": None}
        return {**line, **_told(None, None), **_nothing("no campaign can be compared")}
    lines, arms_of = [line for line, _ in judged], [arms for _, arms in judged]
    sizes = np.array([line["contacted_customers"] for line in lines], float)
    weights = sizes / sizes.sum()
    line = {
        "campaign_id": "all",
        "contacted_customers": int(sizes.sum()),
        "control_customers": sum(line["control_customers"] for line in lines),
    }
    told = pd.DataFrame([_told(*arms) for arms in arms_of])
    line |= {column: float(weights @ told[column].to_numpy()) for column in told}
    line |= _judged(*_clustered(arms_of, weights, "change"), params)
    earlier = all(line["earlier_difference"] is not None for line in lines)
    estimate, error, freedom = _clustered(arms_of, weights, "drift") if earlier else (None, None, None)
    line |= {"earlier_difference": estimate, "earlier_p_value": _p_value(estimate, error, freedom)}
    return {**line, "adjusted_p_value": line["p_value"], "reason": None}


def _clustered(arms_of: list, weights: np.ndarray, kind: str) -> tuple[float, float, float]:
    """As _difference, of the weighted sum; a customer's influences in all campaigns and arms are added first."""
    estimates = np.array([_difference(arms, kind)[0] for arms in arms_of])
    parts = [
        pd.Series(sign * weight * getattr(arm, kind), index=arm.users)
        for weight, arms in zip(weights, arms_of, strict=True)
        for sign, arm in zip((1, -1), arms, strict=True)
    ]
    of_customers = pd.concat(parts).groupby(level=0, sort=True).sum()
    return float(weights @ estimates), float(np.sqrt(np.sum(of_customers**2))), len(of_customers) - 1


def _judged(estimate: float, error: float, freedom: float, params: BeforeAfterParameters) -> dict:
    margin = stats.t.ppf((1 + params.confidence) / 2, freedom) * error
    return {
        "difference": estimate,
        "difference_low": estimate - margin,
        "difference_high": estimate + margin,
        "p_value": _p_value(estimate, error, freedom),
    }


def _p_value(estimate, error, freedom) -> float | None:
    """Two-sided; null where nothing varies, so that nothing is left to chance."""
    return float(2 * stats.t.sf(abs(estimate) / error, freedom)) if error else None


def _nothing(reason: str) -> dict:
    names = ("difference", "difference_low", "difference_high", "p_value", "earlier_difference", "earlier_p_value")
    return {**dict.fromkeys(names), "reason": reason}


def _holm(p_values: list[float | None]) -> list[float | None]:
    known = [p for p in p_values if p is not None]
    adjusted = iter(multiplicity.holm(np.array(known)))
    return [None if p is None else float(next(adjusted)) for p in p_values]
