"""A questionnaire answered from a known structural model: what makes customers loyal and willing to buy.

In: the world and days. Out: one day's answers as codes, and the delivered text: one row per question, all rows of one
filled-in questionnaire under one response. Each dimension has three questions, 1 (not at all) to 7 (fully).
"""

import numpy as np
import pandas as pd

from extract.demo_shop import columns as as_text
from extract.demo_shop import faults
from extract.demo_shop.columns import Rows
from extract.demo_shop.habits import VISITOR
from extract.demo_shop.randomness import integers, normal, uniform
from extract.demo_shop.world import World

MARKETING = ("immediacy", "pertinency", "interactivity", "fun", "profitability")
MARKETING_CORRELATION = 0.3
# Standardised direct effects, in causal order; every dimension has variance one.
PATHS = {
    "awareness": {"immediacy": 0.20, "interactivity": 0.30, "fun": 0.15},
    "utility": {"immediacy": 0.15, "pertinency": 0.20, "profitability": 0.40},
    "emotion": {"interactivity": 0.20, "fun": 0.45},
    "brand": {"awareness": 0.40, "profitability": 0.15},
    "trust": {"immediacy": 0.15, "pertinency": 0.35},
    "risk": {"trust": -0.45, "pertinency": -0.10},
    "loyalty": {"utility": 0.25, "emotion": 0.20, "brand": 0.15, "trust": 0.25, "risk": -0.15},
    "intention": {
        "immediacy": 0.05,
        "pertinency": 0.18,
        "interactivity": 0.05,
        "fun": 0.10,
        "profitability": 0.25,
        "awareness": 0.12,
        "loyalty": 0.20,
        "risk": -0.12,
    },
}
DIMENSIONS = (*MARKETING, *PATHS)
QUESTIONS = 3
LOADING = 0.85  # of an answer on its dimension: Cronbach's alpha near .88 before rounding
CENTRE, SPREAD = 4.4, 1.25
FIRST_WAVE, EVERY, FIELD_DAYS = 60, 120, 10  # days: the first wave, from wave to wave, time to answer


def covariance() -> np.ndarray:
    """Of the dimensions, as the paths imply it (also their correlation)."""
    size = len(MARKETING)
    implied = np.eye(len(DIMENSIONS))
    implied[:size, :size] += MARKETING_CORRELATION * (1 - np.eye(size))
    for row, paths in enumerate(PATHS.values(), start=size):
        weights = np.array([paths.get(name, 0.0) for name in DIMENSIONS[:row]])
        implied[row, :row] = implied[:row, row] = weights @ implied[:row, :row]
    return implied


def total_effects() -> dict[str, dict[str, float]]:
    """Of the five marketing dimensions on the others, direct and indirect: what a regression on the five estimates."""
    effects = {name: np.eye(len(MARKETING))[place] for place, name in enumerate(MARKETING)}
    for name, paths in PATHS.items():
        effects[name] = sum(weight * effects[cause] for cause, weight in paths.items())
    return {name: dict(zip(MARKETING, np.round(effects[name], 4).tolist())) for name in PATHS}


def answers(shop: World, wave: int, user: np.ndarray) -> np.ndarray:
    """Respondent x dimension x question, 1 to 7."""
    seed, size = shop.seed, len(MARKETING)
    shared = normal(seed, "attitude", wave, user)
    latent = np.zeros((len(user), len(DIMENSIONS)))
    for place, name in enumerate(MARKETING):
        own = normal(seed, name, wave, user)
        latent[:, place] = np.sqrt(MARKETING_CORRELATION) * shared + np.sqrt(1 - MARKETING_CORRELATION) * own
    implied = covariance()
    for place, (name, paths) in enumerate(PATHS.items(), start=size):
        weights = np.array([paths.get(cause, 0.0) for cause in DIMENSIONS[:place]])
        explained = weights @ implied[:place, :place] @ weights
        noise = normal(seed, name, wave, user) * np.sqrt(1 - explained)
        # summed cause by cause: a matrix product may round differently with another number of respondents
        latent[:, place] = sum(weight * latent[:, k] for k, weight in enumerate(weights)) + noise
    who, what, which = np.meshgrid(user, np.arange(len(DIMENSIONS)), np.arange(QUESTIONS), indexing="ij")
    level = CENTRE + 0.3 * (2 * uniform(seed, "question level", what, which) - 1)
    noise = np.sqrt(1 - LOADING**2) * normal(seed, "answer", wave, who, what, which)
    return np.clip(np.round(level + SPREAD * (LOADING * latent[:, :, None] + noise)), 1, 7).astype(np.int64)


def survey_of(shop: World, day: int) -> Rows:
    people, seed, wave = shop.customers, shop.seed, (day - FIRST_WAVE) // EVERY
    began = FIRST_WAVE + EVERY * wave
    customer = np.flatnonzero((people.segment != VISITOR) & (people.first_day < began))
    asked = uniform(seed, "survey", wave, customer) < shop.parameters.survey_share
    today = began + integers(0, FIELD_DAYS - 1, seed, "survey day", wave, customer) == day
    user = customer[asked & today & (wave >= 0)]
    answered = answers(shop, wave, user).ravel()
    questions = len(DIMENSIONS) * QUESTIONS
    respondent = np.repeat(user, questions)
    question = np.tile(np.arange(questions), len(user))
    rows = {
        "number": (wave * 10_000_000 + respondent) * questions + question,
        "response": wave * 10_000_000 + respondent,
        "user": respondent,
        "question": question,
        "answer": answered,
        "day": np.full(len(respondent), day),
        "arrival": np.full(len(respondent), day),
    }
    return faults.plant(shop, "survey_responses", day, rows, "number")


def survey_text(shop: World, rows: Rows) -> pd.DataFrame:
    asked = [f"{name}_{number + 1}" for name in DIMENSIONS for number in range(QUESTIONS)]
    return pd.DataFrame(
        {
            "response_id": as_text.label("a", rows["response"]),
            "user_id": as_text.label("u", rows["user"], 6),
            "survey_date": as_text.dates(shop.parameters.start, rows["day"]),
            "question_id": as_text.named(asked, rows["question"]),
            "answer": as_text.label("", rows["answer"]),
        }
    )
