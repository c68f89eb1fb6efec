"""What customers say: reviews, feedback to the shop, posts elsewhere, and the review statistics of each item.

In: the world and days. Out: one day's rows as codes with the polarity of every clause (the truth), and the delivered
text. Product clauses follow the item's quality, logistics clauses whether the order was late, service clauses the
shop's service of that day; ratings and scores follow the clauses.
"""

from functools import lru_cache

import numpy as np
import pandas as pd

from extract.demo_shop import columns as as_text
from extract.demo_shop import faults, phrases
from extract.demo_shop.columns import Rows
from extract.demo_shop.phrases import ASPECTS, LANGUAGES, PRODUCT, SERVICE
from extract.demo_shop.purchases import purchases
from extract.demo_shop.randomness import integers, uniform
from extract.demo_shop.world import World, remembered, second_of_day

REVIEW_SHARE = 0.2  # of the lines
LONGEST_REVIEW = 27  # days from the order to its last possible review
MENTIONS = (0.85, 0.5, 0.35)  # how often a review speaks of each aspect
BAD_RATING = 2  # up to this many stars a review is a bad one
FEEDBACK_RATE = 0.011  # per user and day: enough that a day's mean score shows that day's service
FEEDBACK_CHANNELS = ("web form", "email", "chat", "phone")
PLATFORMS = ("instagram", "x", "facebook", "tiktok")
SOCIAL_RATE = 0.006


def polarity(positive: np.ndarray, negative: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Negative with its probability, positive with its own, neutral otherwise."""
    return np.where(chance < negative, 0, np.where(chance > 1 - positive, 2, 1))


def about_product(shop: World, item: np.ndarray, chance: np.ndarray) -> np.ndarray:
    quality = shop.catalogue.quality[item]
    return polarity(0.58 + 0.32 * quality, 0.20 - 0.18 * quality, chance)


def about_logistics(late: np.ndarray, chance: np.ndarray) -> np.ndarray:
    return polarity(np.where(late, 0.06, 0.70), np.where(late, 0.78, 0.07), chance)


def about_service(service: np.ndarray, chance: np.ndarray) -> np.ndarray:
    return polarity(np.clip(0.5 + 0.2 * service, 0.05, 0.9), np.clip(0.22 - 0.13 * service, 0.03, 0.9), chance)


@remembered(rows=lambda rows: len(rows["number"]), budget=400_000)
def reviews_after(shop: World, day: int) -> Rows:
    """The reviews of a day's orders, each on its own later day."""
    plan, seed = purchases(shop, day), shop.seed
    written = (uniform(seed, "reviewed", plan.line) < REVIEW_SHARE) & ~plan.cancelled[plan.order]
    where = np.flatnonzero(written)
    line, order, rng = plan.line[where], plan.order[where], shop.rng("reviews", day)
    user, item, late = plan.user[order], plan.item[where], (plan.delivered > plan.promised)[order]
    written_on = plan.delivered[order] + integers(1, 12, seed, "review day", line)
    service = shop.drivers.service[written_on]
    chance = rng.random((3, len(where)))
    said = np.stack(
        [about_product(shop, item, chance[0]), about_logistics(late, chance[1]), about_service(service, chance[2])],
        axis=1,
    )
    mentioned = rng.random((len(where), 3)) < MENTIONS
    mentioned[~mentioned.any(axis=1), PRODUCT] = True
    weight = mentioned * np.array([2.0, 1.0, 1.0])
    mood = ((said - 1) * weight).sum(axis=1) / weight.sum(axis=1)
    rating = np.clip(np.round(3.1 + 1.7 * mood + rng.normal(0, 0.3, len(where))), 1, 5).astype(np.int64)
    language = shop.customers.language[user]
    clauses = phrases.clause(language[:, None], np.arange(3), said, rng.random((len(where), 3)))
    seconds = np.zeros(len(where), dtype=np.int64)
    for later in np.unique(written_on):
        mine = written_on == later
        seconds[mine] = second_of_day(shop, later, uniform(seed, "review second", line[mine]))
    return {
        "number": line,
        "order": plan.number[order],
        "item": item,
        "user": user,
        "instant": shop.drivers.midnight[written_on] + seconds,
        "rating": rating,
        "language": language,
        "said": np.where(mentioned, said, -1),
        "clauses": np.where(mentioned, clauses, -1),
        "arrival": written_on,
    }


def reviews_of(shop: World, day: int) -> Rows:
    return faults.plant(shop, "reviews", day, reviews_after(shop, day), "number")


def reviews_text(shop: World, rows: Rows) -> pd.DataFrame:
    titles = [title for by_rating in phrases.TITLES for title in by_rating]
    return pd.DataFrame(
        {
            "review_id": as_text.label("r", rows["number"]),
            "order_id": as_text.label("o", rows["order"]),
            "item_id": as_text.label("i", rows["item"], 4),
            "user_id": as_text.label("u", rows["user"], 6),
            "supplier_id": as_text.label("s", shop.catalogue.supplier[rows["item"]], 2),
            "review_ts": as_text.instants(rows["instant"]),
            "rating": as_text.label("", rows["rating"]),
            "title": as_text.named(titles, rows["language"] * 5 + rows["rating"] - 1),
            "review_text": pd.array(phrases.told(rows["language"], rows["said"], rows["clauses"]), dtype="str"),
            "language": as_text.named(LANGUAGES, rows["language"]),
        }
    )


@lru_cache(maxsize=1_024)
def counted(shop: World, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Reviews, and bad reviews, of each item that were written in a calendar week."""
    begin, size = shop.week_start(number), shop.parameters.items
    found, bad = np.zeros(size), np.zeros(size)
    for ordered in range(max(0, begin - LONGEST_REVIEW), begin + 7):
        rows = reviews_after(shop, ordered)
        mine = (rows["arrival"] >= begin) & (rows["arrival"] < begin + 7)
        found += np.bincount(rows["item"][mine], minlength=size)
        bad += np.bincount(rows["item"][mine & (rows["rating"] <= BAD_RATING)], minlength=size)
    return found, bad


def review_stats_of(shop: World, day: int) -> Rows:
    """On the first day and each Monday: the reviews of every item written before that day."""
    number, goods = shop.week_number(day), shop.catalogue
    due = day == max(shop.week_start(number), 0)
    item = np.flatnonzero(goods.launched <= day) if due else np.zeros(0, dtype=np.int64)
    comments, bad = goods.base_comments.astype(float), goods.base_bad.astype(float)
    for earlier in range(number if due else 0):
        comments, bad = comments + counted(shop, earlier)[0], bad + counted(shop, earlier)[1]
    rate = np.divide(bad, comments, out=np.zeros(len(bad)), where=comments > 0)
    today = np.full(len(item), day)
    return {"item": item, "day": today, "comments": comments[item], "rate": rate[item], "arrival": today}


def review_stats_text(shop: World, rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item_id": as_text.label("i", rows["item"], 4),
            "stats_date": as_text.dates(shop.parameters.start, rows["day"]),
            "comment_count": as_text.label("", rows["comments"].astype(np.int64)),
            "bad_review_rate": as_text.fixed(rows["rate"], 6),
        }
    )


def feedback_of(shop: World, day: int) -> Rows:
    """Messages to the shop: what is scored is the day's service, what is said follows the score."""
    people, rng = shop.customers, shop.rng("feedback", day)
    present = (people.first_day <= day) & (day < people.last_day)
    user = np.flatnonzero(present & (rng.random(len(present)) < FEEDBACK_RATE))
    count = len(user)
    score = np.clip(np.round(3.3 + 0.7 * shop.drivers.service[day] + rng.normal(0, 0.8, count)), 1, 5).astype(np.int64)
    topic = rng.choice(3, count, p=(0.25, 0.2, 0.55))
    said = np.full((count, 3), -1)
    said[np.arange(count), topic] = np.where(score >= 4, 2, np.where(score <= 2, 0, 1))
    language = people.language[user]
    clauses = phrases.clause(language[:, None], np.arange(3), np.maximum(said, 0), rng.random((count, 3)))
    rows = {
        "number": (1_000 + day) * 1_000_000 + np.arange(count),
        "user": user,
        "instant": shop.drivers.midnight[day] + second_of_day(shop, day, rng.random(count)),
        "channel": rng.integers(0, len(FEEDBACK_CHANNELS), count),
        "topic": topic,
        "score": score,
        "recommend": np.clip(np.round(6.8 + 1.7 * (score - 3) + rng.normal(0, 1.2, count)), 0, 10).astype(np.int64),
        "language": language,
        "said": said,
        "clauses": np.where(said >= 0, clauses, -1),
        "arrival": np.full(count, day),
    }
    return faults.plant(shop, "feedback", day, rows, "number")


def feedback_text(shop: World, rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "feedback_id": as_text.label("f", rows["number"]),
            "user_id": as_text.label("u", rows["user"], 6),
            "feedback_ts": as_text.instants(rows["instant"]),
            "channel": as_text.named(FEEDBACK_CHANNELS, rows["channel"]),
            "topic": as_text.named(ASPECTS, rows["topic"]),
            "satisfaction_score": as_text.label("", rows["score"]),
            "recommend_score": as_text.label("", rows["recommend"]),
            "feedback_text": pd.array(phrases.told(rows["language"], rows["said"], rows["clauses"]), dtype="str"),
        }
    )


def social_posts_of(shop: World, day: int) -> Rows:
    """Posts about an item; half of their authors are no users that the shop knows."""
    people, goods, rng = shop.customers, shop.catalogue, shop.rng("social", day)
    count = rng.poisson(SOCIAL_RATE * len(people.segment))
    author = rng.integers(0, len(people.segment), count)
    item = rng.choice(len(goods.popularity), count, p=goods.popularity / goods.popularity.sum())
    chance = rng.random((2, count))
    said = np.full((count, 3), -1)
    said[:, PRODUCT] = about_product(shop, item, chance[0])
    also = rng.random(count) < 0.3
    said[also, SERVICE] = about_service(shop.drivers.service[day], chance[1][also])
    language = people.language[author]
    clauses = phrases.clause(language[:, None], np.arange(3), np.maximum(said, 0), rng.random((count, 3)))
    return {
        "number": (1_000 + day) * 1_000_000 + np.arange(count),
        "user": np.where(rng.random(count) < 0.5, author, -1),
        "item": item,
        "platform": rng.integers(0, len(PLATFORMS), count),
        "instant": shop.drivers.midnight[day] + second_of_day(shop, day, rng.random(count)),
        "language": language,
        "said": said,
        "clauses": np.where(said >= 0, clauses, -1),
        "likes": np.floor(rng.lognormal(1.5, 1.2, count)).astype(np.int64),
        "arrival": np.full(count, day),
    }


def social_posts_text(shop: World, rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "post_id": as_text.label("p", rows["number"]),
            "user_id": as_text.label("u", rows["user"], 6),
            "item_id": as_text.label("i", rows["item"], 4),
            "platform": as_text.named(PLATFORMS, rows["platform"]),
            "posted_ts": as_text.instants(rows["instant"]),
            "post_text": pd.array(phrases.told(rows["language"], rows["said"], rows["clauses"]), dtype="str"),
            "likes": rows["likes"],
        }
    )
