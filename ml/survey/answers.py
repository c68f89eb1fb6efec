"""Which answers count? One per respondent and question, on the scale, recent enough; every other one with its reason.

In: answers as delivered (response_id, user_id, survey_date, question_id, answer, arrival_date), all that arrived
before as_of. Out: each with its outcome, and a respondent x question table of scores.

A respondent is a customer, or, where the sheet names none, the sheet. What cannot count is set aside first; of what
remains the newest by survey_date stands, then the latest arrival, then the largest response_id, then the larger answer.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from ml.survey.questionnaire import Questionnaire

UNKNOWN = "unknown"  # user of a sheet that names none
OUTCOMES = (
    "counted",
    "no_day",
    "dated_after_the_moment",
    "before_window",
    "unmapped_question",
    "no_respondent",
    "no_answer",
    "out_of_scale",
    "redelivered",
    "superseded",
)
NEWEST = ["survey_date", "arrival_date", "response_id", "answer"]


def judged(answers: pd.DataFrame, asked: Questionnaire, as_of: date, window_days: int) -> pd.DataFrame:
    """The answers with `respondent` and `outcome`, the first of OUTCOMES that holds; sorted by respondent, question."""
    rows = answers.assign(
        survey_date=pd.to_datetime(answers["survey_date"]),
        response_id=answers["response_id"].fillna("").astype(str),
        question_id=answers["question_id"].fillna(UNKNOWN).astype(str),
        answer=answers["answer"].astype(float),
        user_id=answers["user_id"].fillna(UNKNOWN).astype(str),
    )
    named = rows["user_id"] != UNKNOWN
    rows["respondent"] = np.where(named, "user " + rows["user_id"], "sheet " + rows["response_id"])
    rows = rows.sort_values(["respondent", "question_id", *NEWEST], ascending=[True, True, *[False] * len(NEWEST)])
    day = rows["survey_date"]
    scale = asked.questions.set_index("question_id").reindex(rows["question_id"])
    faults = {
        "no_day": day.isna(),
        "dated_after_the_moment": day >= pd.Timestamp(as_of),
        "before_window": day < pd.Timestamp(as_of - timedelta(days=window_days)),
        "unmapped_question": ~rows["question_id"].isin(asked.questions["question_id"]),
        "no_respondent": rows["respondent"] == "sheet ",
        "no_answer": rows["answer"].isna(),
        "out_of_scale": (rows["answer"] < scale["minimum"].to_numpy()) | (rows["answer"] > scale["maximum"].to_numpy()),
    }
    rows["outcome"] = np.select(list(faults.values()), list(faults), default="counted")
    sound = rows[rows["outcome"] == "counted"]
    one = sound.groupby(["respondent", "question_id"], sort=False)["response_id"]
    same_sheet = sound["response_id"] == one.transform("first")
    rows.loc[sound.index, "outcome"] = np.select(
        [one.cumcount() == 0, same_sheet], ["counted", "redelivered"], default="superseded"
    )
    return rows


def account(rows: pd.DataFrame, asked: Questionnaire) -> pd.DataFrame:
    """One row per question and outcome: how many answers, from and to which day. Adds up to what was delivered."""
    counted = rows.groupby(["question_id", "outcome"], as_index=False).agg(
        answers=("outcome", "size"),
        respondents=("respondent", "nunique"),
        first_survey_date=("survey_date", "min"),
        last_survey_date=("survey_date", "max"),
    )
    return counted.merge(asked.questions[["question_id", "dimension", "group"]], on="question_id", how="left")


def scored(rows: pd.DataFrame, asked: Questionnaire) -> pd.DataFrame:
    """Respondent x question, in the order of declaration; reversed questions turned round, unanswered ones NaN."""
    counted = rows[rows["outcome"] == "counted"]
    table = counted.pivot(index="respondent", columns="question_id", values="answer")
    table = table.reindex(columns=asked.questions["question_id"]).sort_index()
    turned = asked.questions[asked.questions["is_reversed"]]
    for question, low, high in turned[["question_id", "minimum", "maximum"]].itertuples(index=False):
        table[question] = low + high - table[question]
    return table
