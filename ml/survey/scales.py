"""From answers to scores, and how far a score can be trusted.

In: respondent x question scores (answers.py). Out: respondent x variable: a dimension's score is the mean of its
questions, known only where all of them are answered (so that reliability describes every score alike); a group's is the
mean of its dimensions.

Reliability of a dimension is Cronbach's alpha; of a group the stratified alpha (Cronbach, Schönemann and McKie 1965),
1 - sum of the dimensions' error variances / variance of the group's score, in the weights of the mean.
"""

import numpy as np
import pandas as pd

from ml.survey.questionnaire import Questionnaire


def scores(items: pd.DataFrame, asked: Questionnaire) -> pd.DataFrame:
    """Respondent x variable, dimensions first; NaN where a question of it is unanswered."""
    of_dimension = {
        name: items[list(questions)].mean(axis=1, skipna=False)
        for name, questions in asked.questions.groupby("dimension", sort=False)["question_id"]
    }
    found = pd.DataFrame(of_dimension, index=items.index)
    variables = asked.variables()
    for name in variables.loc[variables["level"] == "group", "variable"]:
        found[name] = found[asked.members(name)].mean(axis=1, skipna=False)
    return found


def cronbach_alpha(items: np.ndarray) -> float:
    """alpha = k / (k - 1) (1 - sum of item variances / variance of the sum); complete rows, n x k.

    NaN where it is not defined: fewer than two questions or respondents, or everybody with the same sum.
    """
    n, k = items.shape
    total = items.sum(axis=1).var(ddof=1) if n > 1 else 0.0
    if k < 2 or total <= 1e-12:
        return np.nan
    return float(k / (k - 1) * (1 - items.var(axis=0, ddof=1).sum() / total))


def reliability(items: pd.DataFrame, asked: Questionnaire, name: str) -> float:
    """Of a variable's score, among those who answered all its questions; NaN where a dimension has one question."""
    members = asked.members(name)
    questions = asked.questions[asked.questions["dimension"].isin(members)]
    answered = items[list(questions["question_id"])].dropna()
    error, score = 0.0, 0.0
    for dimension in members:
        own = answered[list(questions.loc[questions["dimension"] == dimension, "question_id"])].to_numpy()
        if len(own) < 2:
            return np.nan
        part = own.mean(axis=1)
        error += part.var(ddof=1) * (1 - cronbach_alpha(own))
        score = score + part
    total = np.var(score, ddof=1)
    return float(1 - error / total) if total > 1e-12 else np.nan
