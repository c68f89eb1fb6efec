"""Why: popularity serves new users and is a term of the tuned mode, so it must not be for sale.
In: purchase lines. Out: trusted buyers per item, the order of all valid items, and the items that look pushed.

A buyer's vote counts by the breadth of what they bought: v / (v + 5) for v distinct items. An account made to push one
item has v = 1 and counts a sixth; nobody counts more than once per item, however often they buy.
Accounts come by the hundred, so their number is bounded too. Established is who has bought several different items and
bought before the recent weeks. All others, the newcomers, add to an item at most one and a half times what its
established buyers give it, or twice what newcomers usually gave: measured on purchases before the recent weeks, which
accounts of today cannot change. What is beyond counts as nothing, here and wherever users are compared.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.recommendation.purchase_matrix import PurchaseLines


@dataclass(frozen=True)
class PopularityParameters:
    recent_days: int = 28  # four whole weeks: no weekday effect, still what sells now
    breadth: float = 5.0  # distinct items at which a buyer's vote counts half
    shallow_items: int = 2  # an account with no more distinct items than this proves little
    newcomer_share: float = 1.5  # newcomers add to an item at most this times its established votes: no item of a shop
    # with 16 % newcomers reached it, with 1 four did, and NDCG@10 lost .0006 ...
    newcomer_ratio: float = 2.0  # ... or this many times what newcomers were to established buyers before ...
    newcomer_votes: float = 5.0  # ... who count as at least so many votes: a new item may find its first buyers
    alarm_min_buyers: int = 20  # below, chance alone makes such shares
    alarm_share: float = 0.5  # of an item's buyers newcomers ...
    alarm_ratio: float = 2.0  # ... and this many times their usual share
    alarm_growth: float = 5.0  # or this many times as many buyers as in the weeks before, whoever they are


def distinct_pairs(lines: PurchaseLines, within_days: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
    """(user, item) numbers, each pair once."""
    recent = lines.age_days <= within_days
    user, item = lines.user[recent], lines.item[recent]
    first = np.ones(len(user), bool)  # lines are sorted by user and item
    first[1:] = (user[1:] != user[:-1]) | (item[1:] != item[:-1])
    return user[first], item[first]


@dataclass(frozen=True)
class Voters:
    """What the votes of each user (by number) are worth."""

    trust: np.ndarray  # of each user, below 1
    established: np.ndarray  # of each user, true or false
    usual: float  # newcomers' votes over those of established users, as it was before the recent weeks
    newcomer_weight: np.ndarray  # per item: what of a newcomer's purchase of it counts, in 0..1


def voters(lines: PurchaseLines, p: PopularityParameters) -> Voters:
    trust, established = _standing(lines, p)
    days = _recent_days(lines, p)
    settled, fresh = _votes(lines, trust, established, days)
    before = lines.before(days)
    then = [votes.sum() for votes in _votes(before, *_standing(before, p), days)]
    usual = then[1] / then[0] if then[0] else np.inf  # nobody to compare with: a shop's first weeks
    weight = np.minimum(1.0, _most(settled, usual, p) / np.maximum(fresh, 1e-9))
    return Voters(trust, established, usual, weight)


def _votes(lines: PurchaseLines, trust: np.ndarray, established: np.ndarray, days: float) -> list[np.ndarray]:
    """Per item number the votes of established users, and those of newcomers."""
    user, item = distinct_pairs(lines, days)
    known, items = established[user], len(lines.items)
    return [np.bincount(item[who], weights=trust[user[who]], minlength=items) for who in (known, ~known)]


def _most(settled: np.ndarray, usual: float, p: PopularityParameters) -> np.ndarray:
    """What newcomers may add at most to items with so many established votes."""
    return max(p.newcomer_share, p.newcomer_ratio * usual) * np.maximum(settled, p.newcomer_votes)


def _standing(lines: PurchaseLines, p: PopularityParameters) -> tuple[np.ndarray, np.ndarray]:
    """(trust, is established) per user number."""
    user, _ = distinct_pairs(lines)
    variety = np.bincount(user, minlength=len(lines.users))
    known_days = np.zeros(len(lines.users))
    np.maximum.at(known_days, lines.user, lines.age_days)
    return variety / (variety + p.breadth), (known_days > _recent_days(lines, p)) & (variety > p.shallow_items)


def _recent_days(lines: PurchaseLines, p: PopularityParameters) -> float:
    """The recent weeks; in a shop younger than twice that, half its life."""
    return min(float(p.recent_days), lines.age_days.max(initial=0.0) / 2)


def trusted_buyers(
    lines: PurchaseLines, who: Voters, p: PopularityParameters, within_days: float = np.inf
) -> np.ndarray:
    """Per item number the sum of its buyers' trust, newcomers' bounded."""
    settled, fresh = _votes(lines, who.trust, who.established, within_days)
    return settled + np.minimum(fresh, _most(settled, who.usual, p))


def popular_items(lines: PurchaseLines, valid: np.ndarray, p: PopularityParameters) -> pd.DataFrame:
    """item_id, popularity in 0..1, buyers (recent): all valid items, most popular first, ties by item_id.

    Recent trusted buyers decide; buyers of all time count a thousandth, so they order what nobody bought lately."""
    _, item = distinct_pairs(lines, p.recent_days)
    who = voters(lines, p)
    weight = trusted_buyers(lines, who, p, p.recent_days) + trusted_buyers(lines, who, p) / 1000
    facts = pd.DataFrame({"weight": weight, "buyers": np.bincount(item, minlength=len(lines.items))}, index=lines.items)
    facts = facts.reindex(np.unique(np.asarray(valid, dtype=object))).fillna(0.0)
    facts["popularity"] = facts["weight"] / max(facts["weight"].max(), 1e-12) if len(facts) else 0.0
    facts = facts.rename_axis("item_id").reset_index()
    facts["buyers"] = facts["buyers"].astype("int64")
    facts = facts.sort_values(["weight", "item_id"], ascending=[False, True], ignore_index=True)
    return facts[["item_id", "popularity", "buyers"]]


def pushed_items(lines: PurchaseLines, p: PopularityParameters | None = None) -> pd.DataFrame:
    """item_id, buyers, newcomers, buyers_before of items whose recent buyers are mostly newcomers, where that is not
    usual, or many times as many as in the weeks before."""
    p = p or PopularityParameters()
    who = voters(lines, p)
    user, item = distinct_pairs(lines, p.recent_days)
    items = len(lines.items)
    buyers, newcomers = np.bincount(item, minlength=items), np.bincount(item[~who.established[user]], minlength=items)
    earlier = lines.before(p.recent_days)
    _, item_then = distinct_pairs(earlier, p.recent_days)
    before = np.zeros(items, int)
    before[pd.Index(lines.items).get_indexer(earlier.items)] = np.bincount(item_then, minlength=len(earlier.items))
    usual = who.usual / (1 + who.usual) if np.isfinite(who.usual) else 1.0
    by_newcomers = (newcomers >= p.alarm_share * buyers) & (newcomers >= p.alarm_ratio * usual * buyers)
    # in half a shop's life nearly everything is new to it
    grown = (buyers >= p.alarm_growth * np.maximum(before, 1)) & (lines.age_days.max(initial=0.0) > 3 * p.recent_days)
    alarm = (buyers >= p.alarm_min_buyers) & (by_newcomers | grown)
    return pd.DataFrame(
        {
            "item_id": lines.items[alarm],
            "buyers": buyers[alarm],
            "newcomers": newcomers[alarm],
            "buyers_before": before[alarm],
        }
    )
