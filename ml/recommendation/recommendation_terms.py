"""Why: the tuned recommendation weighs terms; this page computes them for every (user, candidate item).
In: purchase lines up to t, item categories, life cycles, the quadrant of each pair. Out: candidates, a column per term.

Candidates of a user are the items bought before (by decayed count), those of similar users, and the popular ones.
Counts enter through logarithms or shares, a user's vote on an item once: neither a user with a million events nor
hundreds of accounts pushing one item can carry a term far. Computed in blocks of users; neighbours are sought in a pool
of bounded size, so no user-by-user matrix arises.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import scipy.sparse as sp

from ml.recommendation.popularity import PopularityParameters, trusted_buyers, voters
from ml.recommendation.purchase_matrix import PurchaseLines


@dataclass(frozen=True)
class TermParameters:
    decay_days: tuple[int, ...] = (14, 30, 60, 120, 365)  # from this fortnight's basket to the habits of the year
    habit_days: int = 60  # the one of them by which a category's share is measured
    taste_days: int = 120  # the one of them that makes users alike; alone the best of them
    order_windows: tuple[int, ...] = (5, 15, 40)  # share of the latest orders that held the item
    order_decay: float = 0.9  # the same, fading order by order
    recent_order_days: int = 42  # six weeks: how busy the user has been lately
    own_candidates: int = 120  # items bought before, by decayed count: six lists of 20 to choose from
    neighbour_candidates: int = 60  # items of similar users
    popular_candidates: int = 40  # of all time, and as many of late
    neighbours: int = 300  # as TIFU-KNN uses them: the mean of many is steadier than that of a few
    neighbour_pool: int = 20_000  # users among whom neighbours are sought: those with the most orders
    trend_days: int = 10  # against `recent_days` of popularity: what is on the rise
    prior_gaps: float = 2.0  # the item's life cycle counts as this many gaps of the user's own
    block_cells: int = 8_000_000  # users x items of one dense float32 block (32 MB)
    popularity: PopularityParameters = field(default_factory=PopularityParameters)


@dataclass(frozen=True)
class TermFacts:
    """What the terms of any user are made from."""

    shape: tuple[int, int]
    pair: np.ndarray  # user * items + item of each pair bought, ascending
    pair_start: np.ndarray  # first pair of each user
    own: dict[str, np.ndarray]  # per pair
    of_item: dict[str, np.ndarray]  # per item
    of_user: dict[str, np.ndarray]  # per user
    category: np.ndarray  # category number of each item
    categories: int
    category_key: np.ndarray  # user * categories + category, ascending
    category_sum: np.ndarray  # decayed purchases of that category
    taste: sp.csr_matrix  # users x items, log of decayed counts, rows of norm 1
    pool: np.ndarray  # user numbers among whom neighbours are sought
    pool_purchases: sp.csr_matrix  # pool x items, log of decayed counts, newcomers' bounded
    popular: np.ndarray  # item numbers that are candidates for all
    allowed: np.ndarray  # per item: may be recommended
    is_stable: np.ndarray  # 2 x items: of stable interest to the inactive (row 0) and to the active (row 1)
    life: np.ndarray  # T_i


def gather_facts(
    lines: PurchaseLines,
    category_of: pd.Series,
    life: np.ndarray,
    active: np.ndarray,
    is_stable: np.ndarray,
    allowed: np.ndarray,
    p: TermParameters,
) -> TermFacts:
    """`category_of` is indexed by item_id; the other arrays follow the numbering of `lines`."""
    users, items = lines.shape
    key = lines.user.astype(np.int64) * items + lines.item
    start = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    pair, per_pair = key[start], lambda values: np.add.reduceat(values, start)
    last = np.r_[start[1:], len(key)] - 1

    orders, newest = _orders_newest_first(lines)
    own = {"count": per_pair(np.ones(len(key)))}
    for days in p.decay_days:
        own[f"decayed_{days}"] = per_pair(np.exp(-lines.age_days / days))
    for window in p.order_windows:
        own[f"latest_{window}"] = per_pair((newest < window).astype(float))
    own["order_decayed"] = per_pair(p.order_decay**newest)
    own["elapsed"], own["first"] = lines.age_days[last], lines.age_days[start]
    new_day = np.r_[True, (lines.day[1:] != lines.day[:-1]) | (key[1:] != key[:-1])]
    own["days"] = per_pair(new_day.astype(float))

    pair_user, pair_item = pair // items, pair % items
    recent_days = p.popularity.recent_days
    who = voters(lines, p.popularity)
    recent = trusted_buyers(lines, who, p.popularity, recent_days)
    buyers = trusted_buyers(lines, who, p.popularity)
    rising = trusted_buyers(lines, who, p.popularity, p.trend_days)
    counts = np.where(who.established[pair_user], 1.0, who.newcomer_weight[pair_item])
    all_buyers = np.bincount(pair_item, weights=counts, minlength=items)
    returning = np.bincount(pair_item, weights=counts * (own["count"] > 1), minlength=items)

    names = category_of.reindex(lines.items).astype(object).where(lambda s: s.notna(), "")
    category, found = pd.factorize(names.astype(str), sort=True)
    category_key = pair_user * len(found) + category[pair_item]
    category_key, where = np.unique(category_key, return_inverse=True)

    weight = np.log1p(own[f"decayed_{p.taste_days}"]).astype(np.float32)
    purchases = sp.csr_matrix((weight, (pair_user, pair_item)), shape=lines.shape)
    norm = np.sqrt(np.asarray(purchases.multiply(purchases).sum(axis=1)).ravel())
    pool = np.sort(np.lexsort((np.arange(users), -orders))[: p.neighbour_pool])
    told = sp.csr_matrix((weight * counts.astype(np.float32), (pair_user, pair_item)), shape=lines.shape)
    best = [np.lexsort((np.arange(items), -np.where(allowed, x, -1)))[: p.popular_candidates] for x in (recent, buyers)]
    popular = np.unique(np.concatenate(best))
    late = lines.age_days <= p.recent_order_days
    late_orders = np.unique(np.stack([lines.user[late], lines.order[late]]), axis=1)[0]
    return TermFacts(
        shape=lines.shape,
        pair=pair,
        pair_start=np.searchsorted(pair, np.arange(users + 1) * items),
        own=own,
        of_item={
            "popular": np.log1p(recent),
            "popular_ever": np.log1p(buyers),
            "rising": np.log1p(rising) - np.log1p(recent),
            "returning": np.log((returning + 1) / (all_buyers + 4)),
        },
        of_user={
            "orders": orders,
            "log_orders": np.log1p(orders),
            "log_recent_orders": np.log1p(np.bincount(late_orders, minlength=users)),
            "active": active.astype(float),
        },
        category=category,
        categories=len(found),
        category_key=category_key,
        category_sum=np.bincount(where, weights=own[f"decayed_{p.habit_days}"]),
        taste=(sp.diags((1 / np.maximum(norm, 1e-9)).astype(np.float32)) @ purchases).tocsr(),
        pool=pool,
        pool_purchases=told[pool],
        popular=popular[allowed[popular]],
        allowed=allowed,
        is_stable=is_stable,
        life=life,
    )


def _orders_newest_first(lines: PurchaseLines) -> tuple[np.ndarray, np.ndarray]:
    """Orders per user, and for each line how many orders of its user are newer."""
    numbers = int(lines.order.max()) + 1
    order, line = np.unique(lines.user.astype(np.int64) * numbers + lines.order, return_inverse=True)
    age = np.full(len(order), np.inf)
    np.minimum.at(age, line, lines.age_days)
    user = order // numbers
    orders = np.bincount(user, minlength=len(lines.users))
    by_age = np.lexsort((order, age, user))
    newest = np.empty(len(order), np.int64)
    newest[by_age] = np.arange(len(order)) - np.repeat(np.cumsum(orders) - orders, orders)
    return orders, newest[line]


def user_blocks(facts: TermFacts, users: np.ndarray, p: TermParameters):
    size = max(1, p.block_cells // max(facts.shape[1], len(facts.pool), 1))
    for start in range(0, len(users), size):
        yield users[start : start + size]


def neighbour_scores(facts: TermFacts, users: np.ndarray, p: TermParameters) -> np.ndarray:
    """Mean purchases of the most similar users, weighted by similarity: users x items, dense."""
    similar = (facts.taste[users] @ facts.taste[facts.pool].T).toarray()
    similar[users[:, None] == facts.pool[None, :]] = 0.0
    k = min(p.neighbours, similar.shape[1])
    threshold = -np.partition(-similar, k - 1, axis=1)[:, k - 1 : k]
    similar[similar < threshold] = 0.0
    similar /= np.maximum(similar.sum(axis=1, keepdims=True), 1e-9)
    return (sp.csr_matrix(similar) @ facts.pool_purchases).toarray()


def candidates(facts: TermFacts, users: np.ndarray, neighbour: np.ndarray, p: TermParameters) -> np.ndarray:
    """user * items + item of every candidate, ascending."""
    items, found = facts.shape[1], []
    likes = np.where(facts.allowed, neighbour, 0.0)
    k = min(p.neighbour_candidates, items)
    near = np.argpartition(-likes, k - 1, axis=1)[:, :k]
    fading = facts.own[f"decayed_{p.taste_days}"]
    for row, user in enumerate(users):
        mine = slice(facts.pair_start[user], facts.pair_start[user + 1])
        order = np.argsort(-fading[mine], kind="stable")
        bought = facts.pair[mine][order] - user * items
        bought = bought[facts.allowed[bought]][: p.own_candidates]
        liked = near[row][likes[row, near[row]] > 0]
        found.append(user * items + np.unique(np.concatenate([bought, liked, facts.popular])))
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def lookup(keys: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position of each wanted key among the ascending keys, and whether it is there."""
    position = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return position, keys[position] == wanted


def candidate_terms(facts: TermFacts, users: np.ndarray, p: TermParameters) -> tuple[np.ndarray, pd.DataFrame]:
    """(user * items + item of each candidate of these users, its terms); `users` ascending."""
    items = facts.shape[1]
    users = np.asarray(users, dtype=np.int64)
    neighbour = neighbour_scores(facts, users, p)
    key = candidates(facts, users, neighbour, p)
    user, item = key // items, key % items
    position, bought = lookup(facts.pair, key)
    own = {name: np.where(bought, values[position], 0.0) for name, values in facts.own.items()}
    orders = facts.of_user["orders"][user]
    place, known = lookup(facts.category_key, user * facts.categories + facts.category[item])
    in_category = np.where(known, facts.category_sum[place], 0.0)
    habit = own[f"decayed_{p.habit_days}"]

    terms = {"count": np.log1p(own["count"]), "rate": np.log((own["count"] + 0.1) / (orders + 1))}
    for days in p.decay_days:
        terms[f"decayed_{days}"] = np.log(own[f"decayed_{days}"] + 0.02)
    for window in p.order_windows:
        terms[f"latest_{window}"] = own[f"latest_{window}"] / np.minimum(window, orders)
    terms["order_decayed"] = np.log(own["order_decayed"] + 0.02)
    terms["bought"] = bought.astype(float)
    terms["elapsed"] = np.log1p(np.where(bought, own["elapsed"], 365.0))
    between = own["first"] - own["elapsed"] + p.prior_gaps * facts.life[item]
    expected = between / (np.maximum(own["days"] - 1, 0) + p.prior_gaps)
    terms["repeated"] = (own["days"] > 1).astype(float)
    terms["gap"] = np.where(own["days"] > 1, np.log1p(expected), 0.0)
    terms["due"] = np.where(bought, np.minimum(own["elapsed"] / np.maximum(expected, 0.5), 6.0), 0.0)
    terms["overdue"] = np.maximum(terms["due"] - 1.5, 0.0)
    terms["neighbours"] = np.log(neighbour[np.searchsorted(users, user), item] + 1e-3)
    for name, values in facts.of_item.items():
        terms[name] = values[item]
    terms["category"] = np.log(in_category + 0.02)
    terms["category_share"] = np.log((habit + 0.02) / (in_category + 0.1))
    for name in ("log_orders", "log_recent_orders", "active"):
        terms[name] = facts.of_user[name][user]
    terms["stable"] = facts.is_stable[facts.of_user["active"][user].astype(int), item].astype(float)
    return key, pd.DataFrame(terms, dtype=np.float32)
