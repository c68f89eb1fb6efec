"""A campaign before anything is sent: how many it reaches, whether its arms are alike, and what it can show.

In: the planned audience and how many bought without a campaign earlier. Out: one row per campaign, and one per strategy
for those whom no channel may reach, so that nobody is lost from the count.
"""

from datetime import date

import pandas as pd

from activation import arms, power, suppression
from activation.audience import HELD_BACK, NO_CHANNEL, campaign_id

MEASURES = ("amount", "orders", "recency_days")  # of the time before, in which the arms should be alike
REASON_COLUMNS = {
    suppression.LISTED: "listed_users",
    suppression.UNSUBSCRIBED: "unsubscribed_users",
    suppression.NO_CONSENT_RECORDED: "consent_not_recorded_users",
    suppression.NO_CONSENT: "no_consent_users",
    suppression.OTHER_CAMPAIGN: "other_campaign_users",
    suppression.RUNNING: "running_campaign_users",
    suppression.OVER_CAP: "over_cap_users",
    suppression.NOTHING_TO_GAIN: "nothing_to_gain_users",
    suppression.BEYOND_BUDGET: "beyond_budget_users",
}
CAMPAIGN_PLAN = {
    "as_of": "date",
    "campaign_id": "varchar",
    "strategy": "varchar",
    "channel": "varchar",
    "users": "bigint",
    "treated_users": "bigint",
    "control_users": "bigint",
    "held_back_users": "bigint",
    **dict.fromkeys(REASON_COLUMNS.values(), "bigint"),
    "planned_control_share": "double",
    "strata": "bigint",
    "balance_p_value": "double",
    "amount_difference": "double",
    "orders_difference": "double",
    "recency_days_difference": "double",
    "response_days": "bigint",
    "baseline_rate": "double",
    "baseline_users": "bigint",
    "baseline_basis": "varchar",
    "expected_response_rate": "double",
    "minimum_detectable_lift": "double",
    "power_at_expected_response": "double",
    "is_powered": "boolean",
    "cost_amount": "double",
    "expected_gain_amount": "double",
    "reason": "varchar",
}
SAME_STRATEGY = "customers of the same strategy, one response window earlier or more"
SAME_SEGMENT = "customers of the same segments, one response window earlier or more"
LARGE_DIFFERENCE = 0.1  # standardised; Austin 2009 calls less negligible
CHANCE = 3.0  # standard errors: a difference within them is what a lot gives


def describe(
    audience: pd.DataFrame, observed: pd.DataFrame, control_share: float, response_days: int, as_of: date
) -> pd.DataFrame:
    """CAMPAIGN_PLAN without as_of, by campaign_id.

    audience: what `audience.plan` gives, with MEASURES. observed: kind (strategy or segment), group, users, buyers:
    how many of an earlier moment's customers bought within a response window.
    """
    rates = power.baselines(observed.assign(group=observed["kind"] + ": " + observed["group"]))
    rates = rates.set_index("group")
    ids = [
        campaign_id(strategy, NO_CHANNEL, as_of) if pd.isna(campaign) else campaign
        for strategy, campaign in zip(audience["strategy"], audience["campaign_id"], strict=True)
    ]
    rows = [
        _row(campaign, group, rates, control_share)
        for campaign, group in audience.assign(campaign_id=ids).groupby("campaign_id", sort=True)
    ]
    columns = [name for name in CAMPAIGN_PLAN if name not in ("as_of", "response_days")]
    return pd.DataFrame(rows, columns=columns).assign(response_days=response_days)


def _row(campaign: str, group: pd.DataFrame, rates: pd.DataFrame, control_share: float) -> dict:
    reached = group[group["arm"] != HELD_BACK]
    treated, control = reached[reached["arm"] == arms.TREATED], reached[reached["arm"] == arms.CONTROL]
    held_back = group["held_back_reason"].value_counts()
    response = float(reached["expected_response_rate"].mean()) if len(reached) else None
    baseline = _baseline(group["strategy"].iat[0], reached, rates)
    shown = power.of_campaign(len(treated), len(control), baseline["baseline_rate"], response)
    alike = arms.balance(reached, MEASURES)
    gain = treated["expected_gain_amount"]
    return {
        "campaign_id": campaign,
        "strategy": group["strategy"].iat[0],
        "channel": group["channel"].iat[0],
        "users": len(group),
        "treated_users": len(treated),
        "control_users": len(control),
        "held_back_users": len(group) - len(reached),
        **{column: int(held_back.get(reason, 0)) for reason, column in REASON_COLUMNS.items()},
        "planned_control_share": control_share,
        "strata": reached["stratum"].nunique(),
        **alike,
        **baseline,
        "expected_response_rate": response,
        "minimum_detectable_lift": shown["minimum_detectable_lift"],
        "power_at_expected_response": shown["power_at_expected_response"],
        "is_powered": shown["is_powered"],
        "cost_amount": float(treated["contact_cost_amount"].sum()),
        "expected_gain_amount": None if gain.isna().any() else float(gain.sum()),
        "reason": _words(reached, held_back, shown, alike, len(treated), len(control)),
    }


def _baseline(strategy: str, reached: pd.DataFrame, rates: pd.DataFrame) -> dict:
    """By the same strategy where enough were observed; else by the audience's mix of segments; else null."""
    nothing = {"baseline_rate": None, "baseline_users": None, "baseline_basis": None}
    own = f"strategy: {strategy}"
    if own in rates.index and pd.notna(rates.loc[own, "baseline_rate"]):
        found = rates.loc[own]
        return {
            "baseline_rate": float(found["baseline_rate"]),
            "baseline_users": int(found["users"]),
            "baseline_basis": SAME_STRATEGY,
        }
    groups = "segment: " + reached["segment_name"].fillna("no segment")
    rate = groups.map(rates["baseline_rate"])
    if not len(reached) or rate.isna().any():
        return nothing
    return {
        "baseline_rate": float(rate.mean()),
        "baseline_users": int(rates.loc[sorted(groups.unique()), "users"].sum()),
        "baseline_basis": SAME_SEGMENT,
    }


def _words(reached, held_back: pd.Series, shown: dict, alike: dict, treated: int, control: int) -> str:
    if not len(reached):
        most = held_back.sort_index().sort_values(ascending=False, kind="stable")
        return "nobody is contacted: " + ", ".join(f"{why} ({count})" for why, count in most.items())
    said = [shown["power_reason"]]
    if treated and control:
        noise = CHANCE * (1 / treated + 1 / control) ** 0.5
        for name in MEASURES:
            difference = alike[f"{name}_difference"]
            if difference is not None and abs(difference) > max(LARGE_DIFFERENCE, noise):
                said.append(f"arms differ in {name} by {difference:.2f} deviations: more than a lot should give")
    return "; ".join(said)
