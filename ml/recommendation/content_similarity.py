"""Why: an item that nobody bought yet has no purchases to learn from; what it is can still be told.
In: the catalogue's attributes, purchase lines up to t. Out: per customer the new items most like their own purchases.

An item is a set of words: its category, subcategory, brand, supplier, its price tier within the category, and the words
of its name. Words weigh by TF-IDF, so that a brand on half the shelf says little and a rare one much. A customer is the
sum of the items bought, each by log(1 + purchases, faded with their age). The score is the cosine of both. Computed in
blocks of customers against the new items alone: no matrix of all customers and all items arises.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from ml.recommendation.four_quadrants import best_items
from ml.recommendation.purchase_matrix import PurchaseLines

CONTENT_COLUMNS = ["user", "item_id", "quadrant_score", "like_item_id"]
ATTRIBUTES = ("category", "subcategory", "brand", "supplier_id")


class ContentRefused(ValueError):
    """No new item can be likened to anything; the message says what is missing."""


@dataclass(frozen=True)
class ContentParameters:
    items: int = 2  # new items per customer: a trial, no more
    new_below_buyers: int = 5  # from then on purchases say more than attributes
    new_days: float = 90.0  # an item that few bought, and first longer ago than a quarter, is not new but unwanted
    price_tiers: int = 5  # fifths within the category: cheap, below, middle, above, dear
    fading_days: float = 365.0  # a year: what kind of thing one buys changes slower than which; better than 120 or 60
    max_new_items: int = 20_000  # those that came last; bounds the time
    explaining: int = 50  # purchases of a customer among which the most similar is sought
    block_cells: int = 8_000_000  # of one dense block (64 MB)


def attribute_matrix(items: pd.DataFrame, p: ContentParameters) -> sp.csr_matrix:
    """Items x words, TF-IDF, rows of norm 1 (0 for an item of which nothing is known).

    `items`: item_name, category, subcategory, brand, supplier_id, list_price, currency."""
    words = items["item_name"].fillna("").astype(str).str.lower().str.replace(r"[\W_]+", " ", regex=True)
    price = pd.to_numeric(items["list_price"]).astype(float)
    tier = price.groupby([items["category"].fillna(""), items["currency"].fillna("")]).rank(pct=True, method="max")
    tier = np.ceil(tier * p.price_tiers).where(price > 0)
    for column, values in [*((name, items[name]) for name in ATTRIBUTES), ("tier", tier)]:
        value = values.astype(str).str.replace(r"\s+", "_", regex=True)
        words = words + (" " + column + "=" + value).where(values.notna(), "")
    if not words.str.strip().any():
        raise ContentRefused("the catalogue has no category, brand, supplier, price or name; fill one of them")
    reader = TfidfVectorizer(analyzer=str.split, binary=True, dtype=np.float64)
    return reader.fit_transform(words)


def new_items(lines: PurchaseLines, items: pd.DataFrame, p: ContentParameters) -> np.ndarray:
    """Rows of `items` that nobody has bought, or fewer than `new_below_buyers` since at most `new_days`."""
    buyers, first = lines.matrix().getnnz(axis=0), np.zeros(len(lines.items))
    np.maximum.at(first, lines.item, lines.age_days)
    is_new = pd.Series((buyers < p.new_below_buyers) & (first <= p.new_days), index=lines.items)
    few = np.flatnonzero(is_new.reindex(items["item_id"], fill_value=True).to_numpy())
    if len(few) > p.max_new_items:
        since = pd.to_datetime(items["known_since"].iloc[few]).to_numpy()
        few = np.sort(few[np.lexsort((few, since))[-p.max_new_items :]])
    return few


def similar_new_items(
    lines: PurchaseLines,
    items: pd.DataFrame,
    words: sp.csr_matrix,
    candidates: np.ndarray,
    users: np.ndarray,
    count: int,
    p: ContentParameters,
) -> pd.DataFrame:
    """`items`: one row per item_id, `words` its attribute matrix; `candidates`: rows of it; `users`: user numbers.

    At most `count` items per user, best first, ties by row of `items`; none that the user has bought."""
    if not len(candidates):
        raise ContentRefused("every item of the catalogue has been bought often enough; nothing is new")
    taste, bought = taste_of(lines, items, p)
    new = words[candidates]
    size = max(1, p.block_cells // max(words.shape[1], len(candidates)))
    found = []
    for start in range(0, len(users) if count else 0, size):
        block = users[start : start + size]
        profile = normalize((taste[block] @ words).toarray())
        scores = (new @ np.ascontiguousarray(profile.T)).T
        scores[bought[block][:, candidates].toarray() > 0] = 0.0
        scores = np.round(scores, 9)  # the last bits may differ between machines
        best = best_items(scores, count)
        value = np.take_along_axis(scores, best, axis=1).ravel()
        frame = {"user": np.repeat(block, best.shape[1]), "row": candidates[best].ravel(), "quadrant_score": value}
        found.append(pd.DataFrame(frame)[value > 0])
    columns = ["user", "row", "quadrant_score"]
    lists = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    lists["item_id"] = items["item_id"].to_numpy(object)[lists["row"].to_numpy(int)]
    lists["like_item_id"] = _most_similar(lists, taste, words, items, p)
    return lists[CONTENT_COLUMNS]


def taste_of(lines: PurchaseLines, items: pd.DataFrame, p: ContentParameters) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Users x rows of `items`: log of faded purchases, and purchases; what the catalogue lacks counts nowhere."""
    row = pd.Index(items["item_id"]).get_indexer(lines.items)
    place = sp.csr_matrix(
        (np.ones((row >= 0).sum()), (np.flatnonzero(row >= 0), row[row >= 0])), shape=(len(lines.items), len(items))
    )
    faded = lines.matrix(np.exp(-lines.age_days / p.fading_days))
    faded.data = np.log1p(faded.data)
    return (faded @ place).tocsr(), (lines.matrix() @ place).tocsr()


def _most_similar(
    lists: pd.DataFrame, taste: sp.csr_matrix, words: sp.csr_matrix, items: pd.DataFrame, p: ContentParameters
) -> np.ndarray:
    """Of the customer's strongest purchases the one most like the listed item."""
    if lists.empty:
        return np.zeros(0, object)
    strongest = []
    for user in (owners := np.unique(lists["user"].to_numpy(int))):
        mine = slice(taste.indptr[user], taste.indptr[user + 1])
        order = np.lexsort((taste.indices[mine], -taste.data[mine]))[: p.explaining]
        strongest.append(taste.indices[mine][order])
    length = np.array([len(each) for each in strongest])
    start, all_rows = np.cumsum(length) - length, np.concatenate(strongest)
    at = np.searchsorted(owners, lists["user"].to_numpy(int))
    pair = np.repeat(np.arange(len(lists)), length[at])
    offset = np.arange(len(pair)) - np.repeat(np.cumsum(length[at]) - length[at], length[at])
    own = all_rows[start[at][pair] + offset]
    best = np.full(len(lists), -1)
    size = max(1, p.block_cells // 100)
    value = np.concatenate(
        [
            np.asarray(words[lists["row"].to_numpy(int)[pair[s : s + size]]].multiply(words[own[s : s + size]]).sum(1))
            for s in range(0, len(pair), size)
        ]
    ).ravel()
    order = np.lexsort((own, -np.round(value, 9), pair))
    first = np.r_[True, pair[order][1:] != pair[order][:-1]]
    best[pair[order][first]] = own[order][first]
    return items["item_id"].to_numpy(object)[best]
