"""Which answers count: each rule on an answer of its own."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ml.survey.answers import account, judged, scored
from ml.survey.questionnaire import SurveyParameters, questionnaire

AS_OF = date(2024, 6, 1)
ASKED = questionnaire(SurveyParameters(groups={"mood": ["good", "bad"]}, reversed=("bad",), scale=(1, 5)))
COLUMNS = ["response_id", "user_id", "survey_date", "arrival_date", "question_id", "answer"]
# sheet, user, answered, arrived, question, answer, outcome
CASES = [
    ("s1", "u1", "2024-05-01", "2024-05-01", "good", 4, "counted"),
    ("s1", "u1", "2024-05-01", "2024-05-01", "bad", 2, "counted"),
    ("s0", "u1", "2024-02-01", "2024-05-30", "good", 1, "superseded"),  # older, though it arrived later
    ("s1", "u1", "2024-05-01", "2024-04-30", "good", 5, "redelivered"),  # the same sheet, an earlier delivery
    ("s2", "u1", "2024-05-20", "2024-05-20", "good", 9, "out_of_scale"),  # newest, but impossible: s1 stands
    ("s3", "u2", "2024-05-01", "2024-05-01", "good", None, "no_answer"),
    ("s3", "u2", "2024-05-01", "2024-05-01", "colour", 3, "unmapped_question"),
    ("s3", "u2", "2023-05-01", "2024-05-01", "bad", 3, "before_window"),
    ("s3", "u2", "2024-06-01", "2024-05-31", "bad", 3, "dated_after_the_moment"),
    ("s3", "u2", None, "2024-05-31", "bad", 3, "no_day"),
    ("s4", "unknown", "2024-05-01", "2024-05-01", "bad", 5, "counted"),  # two strangers, not one
    ("s5", "unknown", "2024-05-01", "2024-05-01", "bad", 1, "counted"),
    (None, "unknown", "2024-05-01", "2024-05-01", "bad", 1, "no_respondent"),
    ("s6", "u3", "2024-05-02", "2024-05-02", "good", 2, "superseded"),  # same days: the larger sheet stands
    ("s7", "u3", "2024-05-02", "2024-05-02", "good", 1, "counted"),
    ("s8", "u4", "2024-05-02", "2024-05-02", "good", 3, "redelivered"),  # the same sheet says two things: the larger
    ("s8", "u4", "2024-05-02", "2024-05-02", "good", 4, "counted"),
    ("s9", "u5", "2023-06-03", "2023-06-03", "good", 5, "counted"),  # the first day of the window of 2024, a leap year
    ("s9", "u5", "2023-06-01", "2023-06-03", "bad", 5, "before_window"),
]


@pytest.fixture
def answers():
    frame = pd.DataFrame([case[:-1] for case in CASES], columns=COLUMNS)
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in ("survey_date", "arrival_date")})


def judge(frame):
    return judged(frame, ASKED, AS_OF, window_days=365)


def test_every_answer_has_one_outcome(answers):
    rows = judge(answers).sort_index()
    assert rows["outcome"].tolist() == [case[-1] for case in CASES]


def test_scores_are_of_the_scale_and_reversed_questions_turned(answers):
    table = scored(judge(answers), ASKED)
    assert table.loc["user u1"].tolist() == [4, 4]  # bad 2 of 1..5 is 4
    assert table["good"].dropna().to_dict() == {"user u1": 4, "user u3": 1, "user u4": 4, "user u5": 5}
    assert table["bad"].dropna().to_dict() == {"sheet s4": 1, "sheet s5": 5, "user u1": 4}


def test_the_account_adds_up_to_what_was_delivered(answers):
    told = account(judge(answers), ASKED)
    assert told["answers"].sum() == len(answers)
    assert not told.duplicated(["question_id", "outcome"]).any()
    colour = told[told["question_id"] == "colour"].iloc[0]
    assert (colour["outcome"], colour["answers"]) == ("unmapped_question", 1)
    assert pd.isna(colour["dimension"])


def test_the_order_of_rows_means_nothing(answers):
    for seed in range(5):
        shuffled = answers.sample(frac=1, random_state=np.random.RandomState(seed)).reset_index(drop=True)
        pd.testing.assert_frame_equal(scored(judge(shuffled), ASKED), scored(judge(answers), ASKED))
        pd.testing.assert_frame_equal(account(judge(shuffled), ASKED), account(judge(answers), ASKED))
