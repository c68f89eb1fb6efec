"""Two published surveys as a shop would deliver them, and small questionnaires made up here."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ml.survey.questionnaire import SurveyParameters, questionnaire
from shops.declaration import Shop, Source
from tests import small_shops

AS_OF = date(2024, 2, 1)


def shop(entities=("survey_responses",)) -> Shop:
    source = Source(name="own", kind="files", tables=(), entities=tuple(entities))
    return Shop("asked", "A shop that asks", "UTC", "EUR", date(2024, 1, 1), ("buy",), (source,))


def numbered(stem: str, count: int) -> list[str]:
    return [f"{stem}{k}" for k in range(1, count + 1)]


def mobi() -> SurveyParameters:
    """Customer satisfaction in the mobile phone trade, 1 to 10; one dimension has a single question."""
    return SurveyParameters(
        scale=(1, 10),
        groups={
            "precision_marketing": {"image": numbered("IMAG", 5), "expectation": numbered("CUEX", 3)},
            "perceived_value": {
                "quality": numbered("PERQ", 7),
                "value": numbered("PERV", 2),
                "satisfaction": numbered("CUSA", 3),
            },
            "complaints": ["CUSCO"],
            "loyalty": numbered("CUSL", 3),
        },
        regressions=(
            {"table": "9", "outcome": "perceived_value", "predictors": ["precision_marketing"]},
            {"table": "loyalty", "outcome": "loyalty", "predictors": ["perceived_value", "complaints"]},
        ),
        mediations=({"predictor": "precision_marketing", "mediator": "perceived_value", "outcome": "loyalty"},),
    )


def influencer_data() -> SurveyParameters:
    """An influencer, a product, and the wish to buy it, 1 to 7."""
    return SurveyParameters(
        groups={
            "precision_marketing": {"competence": numbered("pic_", 5), "congruence": numbered("sic_", 7)},
            "perceived_value": {"quality": numbered("pq_", 4), "liking": numbered("pl_", 4)},
            "purchase_intention": numbered("pi_", 5),
        }
    )


REAL = {"mobi": mobi, "influencer_data": influencer_data}


def real(name: str) -> pd.DataFrame:
    path = small_shops.REAL / "survey" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"real survey not found: {path}")
    return pd.read_csv(path)


def delivered(sheets: pd.DataFrame, day="2024-01-10") -> pd.DataFrame:
    """One row per sheet and question, as a source delivers them; nobody is named."""
    rows = sheets.rename_axis("response_id").reset_index()
    rows["response_id"] = rows["response_id"].map("sheet{:06d}".format)
    rows = rows.melt("response_id", var_name="question_id", value_name="answer")
    return rows.assign(user_id="unknown", survey_date=pd.Timestamp(day), arrival_date=pd.Timestamp(day))


def noisy_scales(n: int, dimensions: list[str], slope: float, seed: int, questions=3) -> pd.DataFrame:
    """Answers to `questions` per dimension, 1 to 7, each dimension driven by the one before with `slope`."""
    rng = np.random.default_rng(seed)
    sheets, cause = {}, np.zeros(n)
    for k, name in enumerate(dimensions):
        latent = slope * cause + np.sqrt(1 - (slope**2 if k else 0)) * rng.normal(size=n)
        for question in range(1, questions + 1):
            answer = 4 + 1.2 * (0.8 * latent + 0.6 * rng.normal(size=n))
            sheets[f"{name}{question}"] = np.clip(np.round(answer), 1, 7).astype(int)
        cause = latent
    return pd.DataFrame(sheets)


def three_scales(n=200, slope=0.5, seed=1, **changes):
    """(items, asked, params): x → m → y, three questions each."""
    params = SurveyParameters(
        groups={name: numbered(name, 3) for name in "xmy"},
        regressions=({"table": "1", "outcome": "y", "predictors": ["x", "m"]},),
        mediations=({"predictor": "x", "mediator": "m", "outcome": "y"},),
        **{"resamples": 500, **changes},
    )
    return noisy_scales(n, list("xmy"), slope, seed).astype(float), questionnaire(params), params
