"""Why: what rules and likeness suggest is worth a place, but may not cost the ranked list any of its measured quality.
In: the tuned lists, the suggestions of both, names. Out: the lists with these below them, each with its reason.

The rule: a list keeps its k places; below them come the customer's cross-selling items, then the new ones, as far as
the list does not hold them. So every measure at k or less stays what it was, and who wants the suggestions asks for
their quadrant. Scores go on falling: the list's last score times the item's own (both within 0..1), then the last of
these times the likeness.
"""

import numpy as np
import pandas as pd

from ml.recommendation.content_similarity import ATTRIBUTES
from ml.recommendation.recommend import RECOMMENDATION_COLUMNS, counted

SIMILAR_PRICE = 0.2  # the dearer costs at most a fifth more: a customer would call that much the same
NEW_DAYS = 90  # a quarter after its launch an item is no longer news


def append(lists: pd.DataFrame, cross_sell: pd.DataFrame | None, content: pd.DataFrame | None) -> pd.DataFrame:
    """`lists` (mode tuned) and below each the suggestions: user_id, item_id, quadrant_score, reason, best first."""
    columns = ["user_id", "item_id", "quadrant", "quadrant_score", "reason"]
    parts = [(cross_sell, "cross_sell"), (content, "content")]
    parts = [part.assign(quadrant=name)[columns] for part, name in parts if part is not None and len(part)]
    if not parts:
        return lists
    extra = pd.concat(parts, ignore_index=True)
    listed = pd.MultiIndex.from_frame(lists[["user_id", "item_id"]])
    key = pd.MultiIndex.from_frame(extra[["user_id", "item_id"]])
    last = lists.groupby("user_id").agg(rank=("rank", "max"), score=("score", "min"))
    extra = extra[~key.isin(listed) & ~key.duplicated() & extra["user_id"].isin(last.index)]
    if extra.empty:
        return lists
    extra = extra.sort_values("user_id", kind="stable", ignore_index=True)
    place, base = extra.groupby("user_id").cumcount() + 1, last["score"].reindex(extra["user_id"]).to_numpy()
    own = extra["quadrant_score"].astype(float).clip(0, 1)
    is_rule = extra["quadrant"] == "cross_sell"
    lowest = own.where(is_rule).groupby(extra["user_id"]).transform("min").fillna(1.0)
    extra["score"] = base * np.where(is_rule, own, lowest * own)
    extra["rank"] = last["rank"].reindex(extra["user_id"]).to_numpy() + place
    extra["mode"] = "tuned"
    whole = pd.concat([lists, extra[RECOMMENDATION_COLUMNS]])
    return whole.sort_values(["user_id", "rank"], kind="stable", ignore_index=True)


def cross_sell_reasons(found: pd.DataFrame, rules: pd.DataFrame, name_of: pd.Series) -> list[str]:
    """`found`: rule (row of `rules`), days_ago; `name_of`: item_name by item_id."""
    rule = rules.iloc[found["rule"].to_numpy(int)]
    first, second = (named(rule[column], name_of) for column in ("antecedent_1", "antecedent_2"))
    return [
        f"bought together with {one}{' and ' + two if two else ''}: in {share:.0%} of the baskets with "
        f"{'both' if two else 'it'}, {lift:.1f} times as often as chance puts it into baskets of that size; "
        f"this customer bought {'them' if two else 'it'} {counted(days, 'day')} ago"
        for one, two, share, lift, days in zip(
            first, second, rule["confidence"], rule["lift_given_size"], found["days_ago"], strict=True
        )
    ]


def content_reasons(found: pd.DataFrame, items: pd.DataFrame, buyers: pd.Series, as_of: pd.Timestamp) -> list[str]:
    """`found`: item_id, like_item_id; `items` by item_id: attributes, launched_date; `buyers`: customers by item_id."""
    new, like = (items.reindex(found[column]) for column in ("item_id", "like_item_id"))
    launched = pd.to_datetime(new["launched_date"])
    is_news = ((as_of - launched).dt.days < NEW_DAYS).to_numpy()
    number = buyers.reindex(found["item_id"]).fillna(0).astype(int).to_numpy()
    equal = {
        word: (new[column].to_numpy(object) == like[column].to_numpy(object)) & new[column].notna().to_numpy()
        for column, word in zip(ATTRIBUTES, ("category", "kind", "brand", "supplier"), strict=True)
    }
    prices = [pd.to_numeric(frame["list_price"]).astype(float).to_numpy() for frame in (new, like)]
    near = np.maximum(*prices) <= (1 + SIMILAR_PRICE) * np.minimum(*prices)
    reasons = []
    for row, name in enumerate(named(found["like_item_id"], items["item_name"])):
        head = f"new since {launched.iloc[row]:%Y-%m-%d}; " if is_news[row] else ""
        few = f"bought by {counted(number[row], 'customer')} so far" if number[row] else "not bought by anybody yet"
        shared = [word for word in equal if equal[word][row]]
        ways = f"same {enumerated(shared)}" if shared else "similar name"
        ways += ", similar price" if near[row] else ""
        reasons.append(f"{head}{few}; like {name}, which this customer bought: {ways}")
    return reasons


def named(item_id: pd.Series, name_of: pd.Series) -> list[str]:
    """The item's name, where it has none its id; '' for a missing item."""
    names = name_of.reindex(item_id).to_numpy(object)
    return [
        "" if pd.isna(each) else str(each if pd.isna(name) else name).strip()
        for each, name in zip(item_id, names, strict=True)
    ]


def enumerated(words: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
