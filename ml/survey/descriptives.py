"""What did they answer, and do the questions of a dimension belong together? (L Table 6)

In: respondent x question scores. Out: a row per question, dimension and group.

Skewness and kurtosis are the bias-corrected estimators that SPSS, SAS and Excel print, as the paper's are:
G1 = n / ((n-1)(n-2)) sum z^3; G2 = n(n+1) / ((n-1)(n-2)(n-3)) sum z^4 - 3(n-1)^2 / ((n-2)(n-3)), z by the sample
deviation (n - 1); kurtosis 0 is the normal distribution's. Alpha: ml/survey/scales.py, on those who answered all.
"""

import numpy as np
import pandas as pd
from scipy import stats

from ml.survey.questionnaire import Questionnaire, SurveyParameters
from ml.survey.scales import cronbach_alpha, reliability, scores

NUMBERS = [
    "minimum",
    "maximum",
    "mean",
    "standard_deviation",
    "skewness",
    "skewness_error",
    "kurtosis",
    "kurtosis_error",
]
COLUMNS = ["level", "variable", "group", "dimension", "is_reversed", "questions", "respondents"]
ALPHA = ["cronbach_alpha", "alpha_respondents", "reliability", "alpha_if_deleted", "item_rest_correlation"]


def descriptives(items: pd.DataFrame, asked: Questionnaire, params: SurveyParameters) -> pd.DataFrame:
    """Columns: level, variable, group, dimension, position, scale_minimum, scale_maximum, is_reversed, questions,
    respondents, NUMBERS, ALPHA, reason (why numbers are missing)."""
    score = scores(items, asked)
    of_dimension = {name: list(own["question_id"]) for name, own in asked.questions.groupby("dimension", sort=False)}
    rows = []
    for question in asked.questions.to_dict("records"):
        name, dimension = question["question_id"], question["dimension"]
        rows.append(
            {"level": "item", "variable": name, "dimension": dimension, "group": question["group"], "questions": 1}
            | {"is_reversed": question["is_reversed"]}
            | shape(items[name], params.min_respondents)
            | within_dimension(items[of_dimension[dimension]], name, params.min_respondents)
        )
    for variable, level, group in asked.variables().itertuples(index=False):
        questions = [question for member in asked.members(variable) for question in of_dimension[member]]
        answered = items[questions].dropna()
        enough = len(answered) >= params.min_respondents
        rows.append(
            {"level": level, "variable": variable, "group": group, "questions": len(questions), "is_reversed": False}
            | {"dimension": variable if level == "dimension" else None}
            | shape(score[variable], params.min_respondents)
            | {"cronbach_alpha": cronbach_alpha(answered.to_numpy()) if enough else np.nan}
            | {"alpha_respondents": len(answered)}
            | {"reliability": reliability(items, asked, variable) if enough else np.nan}
        )
    scale = asked.questions.groupby("group")[["minimum", "maximum"]].first()
    frame = pd.DataFrame(rows).reindex(columns=[*COLUMNS, *NUMBERS, *ALPHA, "reason"])
    frame["position"] = np.arange(1, len(frame) + 1)
    frame["scale_minimum"] = scale["minimum"].reindex(frame["group"]).to_numpy()
    frame["scale_maximum"] = scale["maximum"].reindex(frame["group"]).to_numpy()
    return frame


def shape(values: pd.Series, min_respondents: int) -> dict:
    """The figures of L Table 6 of one column; none, and the reason, where there are too few or all answered alike."""
    x = values.dropna().to_numpy(dtype=float)
    n = len(x)
    if n < max(min_respondents, 4):
        return {"respondents": n, "reason": f"{n} respondents, fewer than {max(min_respondents, 4)}"}
    found = {
        "respondents": n,
        "minimum": x.min(),
        "maximum": x.max(),
        "mean": x.mean(),
        "standard_deviation": x.std(ddof=1),
        "reason": None,
    }
    if np.ptp(x) <= 1e-12:
        return found | {"standard_deviation": 0.0, "reason": "everybody gave the same answer: no shape"}
    skewness_error = np.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))
    return found | {
        "skewness": float(stats.skew(x, bias=False)),
        "skewness_error": skewness_error,
        "kurtosis": float(stats.kurtosis(x, bias=False)),
        "kurtosis_error": 2 * skewness_error * np.sqrt((n**2 - 1) / ((n - 3) * (n + 5))),
    }


def within_dimension(items: pd.DataFrame, name: str, min_respondents: int) -> dict:
    """Alpha of the dimension without this question, and the question's correlation with the sum of the others."""
    answered = items.dropna()
    own, others = answered[name].to_numpy(), answered.drop(columns=name).to_numpy()
    found = {"alpha_respondents": len(answered)}
    if len(answered) < min_respondents or not others.shape[1]:
        return found
    rest = others.sum(axis=1)
    varying = np.ptp(own) > 1e-12 and np.ptp(rest) > 1e-12
    return found | {
        "alpha_if_deleted": cronbach_alpha(others),
        "item_rest_correlation": float(np.corrcoef(own, rest)[0, 1]) if varying else np.nan,
    }
