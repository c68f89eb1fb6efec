"""Why: the collaborative filtering of the seed in its four quadrants (`paper` mode, Eq. 8-20), a function per quadrant.
In: purchase lines up to t, who is active, which items are of stable interest to which group, life cycles T_i.
Out: per user the k best items of each of the user's two quadrants, with the score of the formula.

How the seed is read: q_ui = distinct orders of u that contain i. Similarities use whole purchase
records up to t (a user's over all items, an item's over all users). Sums over users run over the user's own group and
leave the user out; sums over items run over the quadrant and keep j = i. Heat is the shop's, extremes the quadrant's.

No user-by-user matrix: sim is a product of normalised records, so the sum over m of q_mi sim(u,m) is R (R^T Q) less the
user's own term q_ui (sim(u,u) = 1), computed for a block of users at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from ml.recommendation.purchase_matrix import PurchaseLines

DENSE = 0.1  # share of user pairs with a common item from which a dense product is the faster one
QUADRANTS = ("stable_active", "random_active", "stable_inactive", "random_inactive")


@dataclass(frozen=True)
class QuadrantParameters:
    alpha: float = 0.8  # advance threshold: the next purchase may be suggested at 80 % of the life cycle
    w1: float = 1.0  # reward from alpha T on: weighs as much as one purchase by a user with the same record
    w2: float = -1.0  # penalty before alpha T: the mirror image, just bought is as much against as overdue is for
    sigma: float = 30.0  # forgetting rate in days: after a month the curve has fallen to 1/e
    fallback_life_cycle_days: float = 30.0  # only where not one life cycle of the shop is known
    block_cells: int = 4_000_000  # users x items of one dense block (32 MB), bounds the memory


@dataclass(frozen=True)
class Quadrant:
    """One user group with its stable or its random items; rows are the group's users, columns the quadrant's items."""

    name: str
    users: np.ndarray  # user numbers of the group
    items: np.ndarray  # item numbers of the quadrant
    q: sp.csr_matrix  # q_ui
    elapsed: sp.csr_matrix  # t - t_last, same sparsity as q
    user_records: sp.csr_matrix  # rows of norm 1 over all items
    item_records: sp.csr_matrix  # columns of norm 1 over all users: all users x the quadrant's items
    life: np.ndarray  # T_i in days
    single_heat: np.ndarray  # tau_i, Eq. 14
    total_heat: np.ndarray  # phi_i, Eq. 20


def stable_active(z: Quadrant, rows: slice, p: QuadrantParameters) -> np.ndarray:
    """Eq. 10: sum_m q_mi sim(u,m) + x_ui w_a(u,i) + (1 - x_ui) mean_m w_a(m,i)."""
    return similar_users_sum(z, rows) + own_or_mean(z, rows, reward_a(z, p))


def random_active(z: Quadrant, rows: slice, p: QuadrantParameters) -> np.ndarray:
    """Eq. 13: sum_m q_mi (1 - sim(u,m)) + tau_i."""
    others = column_sums(z.q) - z.q[rows].toarray()
    return others - similar_users_sum(z, rows) + z.single_heat


def stable_inactive(z: Quadrant, rows: slice, p: QuadrantParameters) -> np.ndarray:
    """Eq. 17: sum_j q_uj sim(i,j) + x_ui w_b(u,i) + (1 - x_ui) mean_m w_b(m,i)."""
    return similar_items_sum(z, rows) + own_or_mean(z, rows, reward_b(z, p))


def random_inactive(z: Quadrant, rows: slice, p: QuadrantParameters) -> np.ndarray:
    """Eq. 19: sum_j q_uj (1 - sim(i,j)) + phi_i."""
    all_of_user = np.asarray(z.q[rows].sum(axis=1)).reshape(-1, 1)
    return all_of_user - similar_items_sum(z, rows) + z.total_heat


FORMULAS: dict[str, Callable[[Quadrant, slice, QuadrantParameters], np.ndarray]] = {
    "stable_active": stable_active,
    "random_active": random_active,
    "stable_inactive": stable_inactive,
    "random_inactive": random_inactive,
}


def similar_users_sum(z: Quadrant, rows: slice) -> np.ndarray:
    """sum over m != u of q_mi sim(u,m), Eq. 9: (R (R^T Q))_ui - q_ui, multiplied in the cheaper order."""
    r, q = z.user_records, z.q
    if r.shape[0] > r.shape[1]:
        return (r[rows] @ (r.T @ q) - q[rows]).toarray()
    similar = r[rows] @ r.T
    if similar.nnz > DENSE * similar.shape[0] * similar.shape[1]:
        whole = (q.T.tocsr() @ np.ascontiguousarray(similar.toarray().T)).T  # five times as fast as sparse by sparse
    else:
        whole = (similar @ q).toarray()
    return whole - q[rows].toarray()


def similar_items_sum(z: Quadrant, rows: slice) -> np.ndarray:
    """sum over j of q_uj sim(i,j), Eq. 16, with j = i as printed: (Q C^T) C for unit columns C."""
    c, q = z.item_records, z.q
    return ((q[rows] @ c.T) @ c if c.shape[0] <= c.shape[1] else q[rows] @ (c.T @ c)).toarray()


def reward_a(z: Quadrant, p: QuadrantParameters) -> sp.csr_matrix:
    """Eq. 8 for every purchase of the group: w1 from alpha T_i after the last purchase on, w2 before."""
    due = z.elapsed.data >= p.alpha * z.life[z.elapsed.indices]
    return like(z.elapsed, np.where(due, p.w1, p.w2))


def reward_b(z: Quadrant, p: QuadrantParameters) -> sp.csr_matrix:
    """Eq. 15: 1 - exp(-(t - t_last)/sigma) from alpha T_i on, -exp(-(t - t_last)/sigma) before."""
    due = z.elapsed.data >= p.alpha * z.life[z.elapsed.indices]
    return like(z.elapsed, due - np.exp(-z.elapsed.data / p.sigma))


def own_or_mean(z: Quadrant, rows: slice, reward: sp.csr_matrix) -> np.ndarray:
    """x_ui w(u,i) + (1 - x_ui) mean over the group's buyers (Eq. 11, 12, 18); 0 where the group has no buyer.

    The mean is read only where u is no buyer, so leaving u out of it needs no subtraction."""
    bought = like(z.q, np.ones_like(z.q.data))
    mean = column_sums(reward) / np.maximum(column_sums(bought), 1)
    return np.where(bought[rows].toarray() > 0, reward[rows].toarray(), mean)


def like(matrix: sp.csr_matrix, data: np.ndarray) -> sp.csr_matrix:
    return sp.csr_matrix((data.astype(float), matrix.indices, matrix.indptr), shape=matrix.shape)


def column_sums(matrix: sp.csr_matrix) -> np.ndarray:
    return np.asarray(matrix.sum(axis=0), dtype=float).ravel()


def unit_rows(matrix: sp.csr_matrix) -> sp.csr_matrix:
    norm = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (sp.diags(1 / np.maximum(norm, 1e-12)) @ matrix).tocsr()


def min_max(values: np.ndarray) -> np.ndarray:
    """Eq. 14 and 20; 0 everywhere when all values are the same."""
    if not len(values) or values.max() == values.min():
        return np.zeros(len(values))
    return (values - values.min()) / (values.max() - values.min())


def life_cycle_of_items(life_cycles: pd.DataFrame, items: np.ndarray, fallback: float) -> np.ndarray:
    """T_i for each item number; the median of those known where an item is missing."""
    known = life_cycles.drop_duplicates("item_id").set_index("item_id")["life_cycle_days"].astype(float)
    known = known[np.isfinite(known) & (known > 0)]
    median = known.median() if len(known) else fallback
    return known.reindex(items).fillna(median).to_numpy(float)


def build_quadrants(
    lines: PurchaseLines, active: np.ndarray, evidence: pd.DataFrame, life_cycles: pd.DataFrame, p: QuadrantParameters
) -> list[Quadrant]:
    """The four quadrants that have both users and items; `evidence` comes from `purchase_interest.stable_items`."""
    q, elapsed = lines.matrix(), lines.days_since_last()
    user_records, item_records = unit_rows(q), unit_rows(q.T.tocsr()).T.tocsr()
    life = life_cycle_of_items(life_cycles, lines.items, p.fallback_life_cycle_days)
    largest_sale = np.zeros(len(lines.items))
    np.maximum.at(largest_sale, lines.item, lines.units)
    total_sales = np.bincount(lines.item, weights=lines.units, minlength=len(lines.items))

    quadrants = []
    for name in QUADRANTS:
        interest, group = name.split("_")
        users = np.flatnonzero(active if group == "active" else ~active)
        is_stable = np.zeros(len(lines.items), bool)
        is_stable[evidence.loc[(evidence["group"] == group) & evidence["is_stable"], "item"]] = True
        items = np.flatnonzero(is_stable if interest == "stable" else ~is_stable)
        if len(users) and len(items):
            quadrants.append(
                Quadrant(
                    name=name,
                    users=users,
                    items=items,
                    q=q[users][:, items],
                    elapsed=elapsed[users][:, items],
                    user_records=user_records[users],
                    item_records=item_records[:, items],
                    life=life[items],
                    single_heat=min_max(largest_sale[items]),
                    total_heat=min_max(total_sales[items]),
                )
            )
    return quadrants


def score_blocks(z: Quadrant, p: QuadrantParameters) -> Iterator[tuple[slice, np.ndarray]]:
    """(rows of z.users, dense users x items scores), block after block."""
    size = max(1, p.block_cells // max(len(z.items), z.user_records.shape[0]))
    for start in range(0, len(z.users), size):
        rows = slice(start, min(start + size, len(z.users)))
        yield rows, FORMULAS[z.name](z, rows, p)


def best_items(scores: np.ndarray, k: int) -> np.ndarray:
    """Column numbers of the k largest scores of each row, best first, ties by column."""
    k = min(k, scores.shape[1])
    kth = -np.partition(-scores, k - 1, axis=1)[:, k - 1 : k]
    best = np.empty((len(scores), k), dtype=np.int64)
    for row, (values, threshold) in enumerate(zip(scores, kth[:, 0], strict=True)):
        candidates = np.flatnonzero(values >= threshold)
        best[row] = candidates[np.lexsort((candidates, -values[candidates]))[:k]]
    return best


def paper_lists(
    lines: PurchaseLines,
    active: np.ndarray,
    evidence: pd.DataFrame,
    life_cycles: pd.DataFrame,
    k: int,
    p: QuadrantParameters,
    users: np.ndarray,
    items: np.ndarray,
) -> pd.DataFrame:
    """user, item, quadrant, quadrant_score, list_score: the k best items of both quadrants of each user in `users`.

    Only item numbers in `items` may be recommended; all purchases still count in the sums. `list_score` places
    quadrant_score between the smallest (0) and the largest (1) score the user has in the quadrant."""
    found = []
    for z in build_quadrants(lines, active, evidence, life_cycles, p):
        allowed, wanted = np.flatnonzero(np.isin(z.items, items)), np.isin(z.users, users)
        if not len(allowed):
            continue
        for rows, scores in score_blocks(z, p):
            keep = wanted[rows]
            scores = scores[keep][:, allowed]
            if not len(scores):
                continue
            best = best_items(scores, k)
            score = np.take_along_axis(scores, best, axis=1)
            low, high = scores.min(axis=1, keepdims=True), scores.max(axis=1, keepdims=True)
            found.append(
                pd.DataFrame(
                    {
                        "user": np.repeat(z.users[rows][keep], best.shape[1]),
                        "item": z.items[allowed[best]].ravel(),
                        "quadrant": z.name,
                        "quadrant_score": score.ravel(),
                        "list_score": ((score - low) / np.where(high > low, high - low, 1)).ravel(),
                    }
                )
            )
    columns = ["user", "item", "quadrant", "quadrant_score", "list_score"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
