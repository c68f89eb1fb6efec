"""Why: what campaigns without a control group may have brought: sales before and after, against similar customers.

In: purchases per customer and day, campaigns, who was contacted. Out: per campaign and type of campaign the difference
in differences of matched pairs (ml/strategy/matched_pairs.py) for conversion, orders and revenue, and the same estimate
one window earlier, when there was nothing to find (placebo); per campaign, how alike the pairs were before.

Difference in differences on matched pairs (Heckman, Ichimura and Todd 1997): after less before of the contacted, less
the same of their pairs; `before` is as long as `after` and ends the day before the campaign. Pairs are made from what
was bought before `before`: made alike in an outcome they would drift apart again (Daw and Hatfield 2018). Whoever chose
the audience may have known what no purchase shows, so this is no experiment: every row says so.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ml.strategy import matched_pairs, purchase_windows
from ml.strategy.purchase_windows import Audiences, Purchases, day_number

METRICS = ("conversion", "orders", "revenue")
CAVEAT = "contact was not by lot: whoever chose the audience may have known what purchases do not show"


@dataclass(frozen=True)
class ComparisonParameters:
    longest_days: int = 56  # of the time after the start that is compared: later, too much else has happened
    # Standard deviations of the logit of the propensity score. Austin (2011) has 0.2; on Complete Journey that leaves
    # pairs of one campaign .31 deviations apart, 0.1 at most .18, and keeps 91 % of the pairs.
    caliper: float = 0.1
    least_pairs: int = 20  # below which a mean says nothing
    contact_memory_days: int = 180  # earlier contacts of these days tell who is usually chosen
    noted_smd: float = 0.1  # standardised mean difference worth a word (Austin 2009)
    largest_smd: float = 0.25  # above it the pairs are not alike (Rubin 2001)
    noted_contacts: float = 0.1  # other campaigns more or less per customer worth a word
    placebo_level: float = 0.05  # a placebo with a lower p: the groups moved apart before there was a campaign


NOT_MEASURED = dict.fromkeys((
    "contacted_before", "contacted_after", "comparison_before", "comparison_after", "other_contacts_contacted",
    "other_contacts_comparison", "effect", "effect_low", "effect_high", "p_value", "relative_effect", "placebo_effect",
    "placebo_low", "placebo_high", "placebo_p_value",
)) | {"verdict": "not measured"}  # fmt: skip


@dataclass(eq=False)
class Study:
    """One campaign: its pairs with their outcomes, the same one window earlier, or why there are none."""

    campaign: tuple
    contacted: int
    is_randomised: bool
    days: int | None = None
    reason: str = ""
    pairs: pd.DataFrame | None = None
    balance: pd.DataFrame | None = None
    placebo: pd.DataFrame | None = None
    placebo_reason: str = ""


def compare(
    orders: pd.DataFrame,
    campaigns: pd.DataFrame,
    contacts: pd.DataFrame,
    as_of: date,
    params: ComparisonParameters | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All campaigns that contacted named customers.

    orders: user_id, order_date, orders, amount, discount; one row per customer and day, all before as_of.
    campaigns: campaign_id, campaign_type, strategy, channel, start_date, end_date. contacts: campaign_id, user_id,
    is_control; one row per customer of an audience. A control group is neither contacted nor compared with here.
    Returns (comparisons, balances): rows per level (campaign, campaign_type), group_id and metric; per campaign_id and
    covariate. Effects are per contacted customer of the pairs; where there is none, `reason` says why.
    """
    params = params or ComparisonParameters()
    bought = purchase_windows.purchases_of(orders)
    campaigns = campaigns[campaigns["campaign_id"].isin(contacts["campaign_id"])].sort_values("campaign_id")
    audiences = purchase_windows.audiences_of(campaigns, contacts, bought.users)
    sizes = contacts[~contacts["is_control"]].groupby("campaign_id").size()
    randomised = set(contacts.loc[contacts["is_control"], "campaign_id"])
    studies = [
        _studied(
            Study(campaign, int(sizes.get(campaign.campaign_id, 0)), campaign.campaign_id in randomised),
            bought, audiences, as_of, params,
        )
        for campaign in campaigns.itertuples(index=False)
    ]  # fmt: skip
    rows = [row for study in studies for row in _rows("campaign", study.campaign.campaign_id, [study], params)]
    for campaign_type in sorted(campaigns["campaign_type"].dropna().unique()):
        own = [study for study in studies if study.campaign.campaign_type == campaign_type]
        rows += _rows("campaign_type", campaign_type, own, params)
    balances = [
        each.balance.assign(campaign_id=each.campaign.campaign_id) for each in studies if each.pairs is not None
    ]
    return pd.DataFrame(rows), pd.concat(balances, ignore_index=True) if balances else pd.DataFrame()


def _studied(study: Study, bought: Purchases, audiences: Audiences, as_of: date, params) -> Study:
    campaign = study.campaign
    if pd.isna(campaign.start_date) or pd.isna(campaign.end_date):
        study.reason = "the campaign has no first or no last day"
        return study
    start, first = day_number(campaign.start_date), int(bought.day.min()) if len(bought.day) else day_number(as_of)
    study.days = length = min(day_number(campaign.end_date) - start + 1, params.longest_days)
    if start + length > day_number(as_of):
        study.reason = f"its {length} days are not over"
        return study
    recorded = f"sales are recorded from {purchase_windows.day_of(first)} on, and its window before begins {{}}"
    if start - length < first:
        study.reason = recorded.format(purchase_windows.day_of(start - length))
        return study
    study.pairs, study.balance, study.reason = _paired(bought, audiences, campaign.campaign_id, start, length, params)
    if start - 2 * length < first:
        study.placebo_reason = "no placebo: " + recorded.format(
            f"{purchase_windows.day_of(start - 2 * length)} for that"
        )
    elif study.pairs is not None:
        earlier = _paired(bought, audiences, campaign.campaign_id, start - length, length, params)
        study.placebo, study.placebo_reason = earlier[0], earlier[2] and f"no placebo: {earlier[2]}"
    return study


def _paired(bought: Purchases, audiences: Audiences, campaign_id: str, start: int, length: int, params):
    """(pairs with outcomes before and after `start`, balance, why there are none), of whom had bought before both."""
    is_contacted, is_control = audiences.of(campaign_id)
    known = (bought.total(bought.orders, bought.day.min(), start - length) > 0) & ~is_control
    counts = int((known & is_contacted).sum()), int((known & ~is_contacted).sum())
    if min(counts) < params.least_pairs:
        found = f"{counts[0]} contacted and {counts[1]} other customers had bought before the windows compared"
        return None, None, f"{found}, at least {params.least_pairs} of each are needed"
    known_of = purchase_windows.covariates(bought, audiences, campaign_id, start, length, params.contact_memory_days)[
        known
    ]
    chosen = pd.Series(is_contacted[known], index=known_of.index)
    pairs = matched_pairs.pairs(known_of, chosen, params.caliper)
    if len(pairs) < params.least_pairs:
        return (
            None,
            None,
            f"{len(pairs)} contacted customers have somebody like them, at least {params.least_pairs} needed",
        )
    running = (audiences.start < start + length) & (audiences.end >= start)
    outcomes = {"other_contacts": (np.zeros(len(bought.users)), audiences.count(running, campaign_id))}
    for metric, what in (("orders", bought.orders), ("revenue", bought.amount)):
        if what is not None:
            outcomes[metric] = tuple(bought.total(what, day, day + length) for day in (start - length, start))
    outcomes["conversion"] = tuple((window > 0).astype(float) for window in outcomes["orders"])
    for side in ("contacted", "comparison"):
        at = bought.users.get_indexer(pairs[side])
        for metric, (before, after) in outcomes.items():
            pairs[f"{metric}_before_{side}"], pairs[f"{metric}_after_{side}"] = before[at], after[at]
    return pairs, matched_pairs.balance(known_of, chosen, pairs), ""


def _rows(level: str, group_id: str, studies: list[Study], params: ComparisonParameters) -> list[dict]:
    """One row per metric of the campaigns together, each pair counting once."""
    used = [study for study in studies if study.pairs is not None]
    facts = {
        "level": level,
        "group_id": group_id,
        "campaign_type": studies[0].campaign.campaign_type,
        **{
            name: getattr(studies[0].campaign, name) if level == "campaign" else None
            for name in ("strategy", "channel")
        },
        "is_randomised": any(study.is_randomised for study in studies),
        "campaigns": len(used),
        "days": used[0].days if len(used) == 1 else None,
        "contacted_users": sum(study.contacted for study in used or studies),
        "pairs": sum(len(study.pairs) for study in used),
        **{f"largest_{smd}": _largest(used, smd) for smd in ("smd_before", "smd_after")},
    }
    return [facts | {"metric": metric} | _measured(metric, studies, used, facts, params) for metric in METRICS]


def _largest(studies: list[Study], smd: str) -> float | None:
    """Largest standardised difference of a covariate, each campaign weighing by its pairs."""
    weighted = [study.balance.set_index("covariate")[smd] * len(study.pairs) for study in studies]
    return float((sum(weighted) / sum(len(study.pairs) for study in studies)).abs().max()) if studies else None


def _measured(metric: str, studies: list[Study], used: list[Study], facts: dict, params: ComparisonParameters) -> dict:
    if not used:
        return NOT_MEASURED | {"reason": "; ".join(sorted({study.reason for study in studies}))}
    pairs = pd.concat([study.pairs for study in used], ignore_index=True)
    if f"{metric}_before_contacted" not in pairs:
        return NOT_MEASURED | {"reason": "the sources give no amounts"}
    found = _difference(pairs, metric)
    without = pairs[f"{metric}_after_contacted"].mean() - found["effect"]
    values = {
        "contacted_before": pairs[f"{metric}_before_contacted"].mean(),
        "contacted_after": pairs[f"{metric}_after_contacted"].mean(),
        "comparison_before": pairs[f"{metric}_before_comparison"].mean(),
        "comparison_after": pairs[f"{metric}_after_comparison"].mean(),
        "other_contacts_contacted": pairs["other_contacts_after_contacted"].mean(),
        "other_contacts_comparison": pairs["other_contacts_after_comparison"].mean(),
        "effect": found["effect"],
        "effect_low": found["low"],
        "effect_high": found["high"],
        "p_value": found["p_value"],
        "relative_effect": found["effect"] / without if without > 0 else None,
    }
    placebos = [study.placebo for study in used if study.placebo is not None]
    reasons = [CAVEAT]
    if placebos:
        earlier = _difference(pd.concat(placebos, ignore_index=True), metric)
        values |= {f"placebo_{name}": value for name, value in earlier.items()}
    else:
        reasons += sorted({study.placebo_reason for study in used})
    values["verdict"] = _verdict(values, facts, params)
    if facts["pairs"] < facts["contacted_users"]:
        reasons.append(
            f"{facts['pairs']} of {facts['contacted_users']} contacted have somebody like them: of these alone"
        )
    others = values["other_contacts_contacted"], values["other_contacts_comparison"]
    if abs(others[0] - others[1]) >= params.noted_contacts:
        reasons.append(f"meanwhile they were in {others[0]:.2f} other campaigns each, their pairs in {others[1]:.2f}")
    if facts["largest_smd_after"] > params.noted_smd:
        reasons.append(
            f"pairs still differ by {facts['largest_smd_after']:.2f} standard deviations before the campaign"
        )
    return values | {"reason": "; ".join(reasons)}


def _difference(pairs: pd.DataFrame, metric: str) -> dict[str, float]:
    change = {
        side: pairs[f"{metric}_after_{side}"] - pairs[f"{metric}_before_{side}"] for side in ("contacted", "comparison")
    }
    difference = (change["contacted"] - change["comparison"]).to_numpy()
    return matched_pairs.mean_difference(difference, pairs["contacted"].to_numpy(), pairs["comparison"].to_numpy())


def _verdict(values: dict, facts: dict, params: ComparisonParameters) -> str:
    if values.get("placebo_p_value", 1.0) < params.placebo_level:
        return "not credible: the groups moved apart before the campaign"
    if facts["largest_smd_after"] > params.largest_smd:
        return "not comparable: the pairs differ before the campaign"
    if values["effect_low"] <= 0 <= values["effect_high"]:
        return "no difference shown"
    more = "more" if values["effect"] > 0 else "less"
    checked = "" if "placebo_p_value" in values else ", placebo not possible"
    return f"{more} than similar customers{checked}"
