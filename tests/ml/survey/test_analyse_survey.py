"""The step: what it says where there is nothing to analyse, and that it repeats itself."""

from dataclasses import replace
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest

from expectations import gate
from ml.steps import analyse_survey
from ml.survey.questionnaire import QuestionnaireError, questionnaire
from shops.declaration import ShopError
from tests.ml.survey.survey_cases import AS_OF, delivered, influencer_data, noisy_scales, real, shop
from warehouse import paths
from warehouse.engine import open_warehouse

ML = {
    "survey": {"groups": {"precision_marketing": ["x1", "x2", "x3"], "loyalty": ["y1", "y2", "y3"]}, "resamples": 200}
}
SHEETS = noisy_scales(60, ["x", "y"], 0.5, 2)


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """ran(shop, answers, as_of) → what the step returned, its tables, what stands in mart_data_quality."""
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))

    def run(asking, answers: pd.DataFrame, as_of: date = AS_OF):
        paths.of(asking.name).root.mkdir(parents=True, exist_ok=True)
        with open_warehouse(asking.name) as connection:
            gate.prepare(connection)
            connection.register("answers", answers)
            connection.execute("create schema if not exists intermediate")
            columns = "response_id::varchar response_id, user_id::varchar user_id, survey_date::date survey_date, "
            columns += "arrival_date::date arrival_date, question_id::varchar question_id, answer::bigint answer"
            target = "intermediate.int_survey_responses_unioned"
            connection.execute(f"create or replace table {target} as select {columns} from answers")
        told = analyse_survey.run(asking, as_of)
        with duckdb.connect(str(paths.of(asking.name).warehouse), read_only=True) as connection:
            tables = {table: connection.execute(f"select * from {table}").df() for table in analyse_survey.TABLES}
            notes = connection.execute(
                "select dataset, status, observed from ops.data_quality where stage = 'learning'"
            )
            return told, tables, notes.df().set_index("dataset")

    return run


def test_a_survey_becomes_five_tables(ran):
    told, tables, notes = ran(replace(shop(), ml=ML), delivered(SHEETS))
    assert told == {"respondents": 60}
    rows = {table.split("_")[1]: len(frame) for table, frame in tables.items()}
    assert rows == {"answers": 6, "descriptives": 8, "correlation": 8, "regression": 2, "mediation": 0}
    assert notes["status"].to_dict() == {
        "ml.survey_descriptives": "passed",
        "ml.survey_regression": "passed",
        "ml.survey_mediation": "failed",  # neither perceived value nor purchase intention was asked for
    }
    assert "mediations" in notes.loc["ml.survey_mediation", "observed"]


@pytest.mark.parametrize(
    ("asking", "answers", "said"),
    [
        (shop(entities=("orders",)), SHEETS, "no source of this shop fills the entity"),
        (shop(), SHEETS[:0], "nobody's answers have arrived yet"),
        (shop(), SHEETS, "360 answers to 6 questions (x1, x2, x3, y1, y2, ...), none of which is mapped: declare"),
        (replace(shop(), ml=ML), SHEETS * 10, "none counts: 360 out_of_scale"),
    ],
)
def test_nothing_to_analyse_gives_no_rows_and_the_reason(ran, asking, answers, said):
    told, tables, notes = ran(asking, delivered(answers))
    assert said in told["refused"]
    assert all(frame.empty for frame in tables.values())
    assert (notes["status"] == "failed").all() and notes["observed"].str.contains(said, regex=False).all()


def test_twenty_respondents_give_reasons_instead_of_numbers(ran):
    _, tables, _ = ran(replace(shop(), ml=ML), delivered(SHEETS[:20]))
    for table in ("descriptives", "correlation", "regression"):
        frame = tables[f"ml.survey_{table}"]
        assert len(frame) and frame["reason"].str.contains("20 respondents, fewer than 30").all()
    assert tables["ml.survey_regression"][["b", "p_value", "r2", "beta_corrected"]].isna().all(axis=None)


def test_no_number_is_infinite_and_questions_that_measure_nothing_are_counted(ran):
    sheets = SHEETS.assign(x3=4, colour=1)
    _, tables, _ = ran(replace(shop(), ml=ML), delivered(sheets))
    told = tables["ml.survey_answers"].set_index("question_id")
    assert told.loc["colour", ["outcome", "answers"]].tolist() == ["unmapped_question", 60]
    for frame in tables.values():
        assert not np.isinf(frame.select_dtypes(float)).any(axis=None)


def test_only_what_was_known_at_the_moment_counts_and_moments_stand_side_by_side(ran):
    asking = replace(shop(), ml=ML)
    late = delivered(SHEETS[50:], "2024-02-10").assign(response_id=lambda rows: "late" + rows["response_id"])
    both = pd.concat([delivered(SHEETS[:50]), late])
    ran(asking, both, AS_OF)
    _, tables, _ = ran(asking, both, AS_OF + timedelta(days=29))
    shape = tables["ml.survey_descriptives"].groupby("as_of")["respondents"].max()
    assert shape.tolist() == [50, 60]


def test_shuffled_answers_give_the_same_tables_to_the_last_bit(ran):
    asking = replace(shop(), ml=ML)
    _, one, _ = ran(asking, delivered(SHEETS))
    _, other, _ = ran(asking, delivered(SHEETS).sample(frac=1, random_state=3))
    for table in one:
        pd.testing.assert_frame_equal(one[table], other[table], check_exact=True)


def test_a_real_survey_with_waves_and_redelivery_is_that_survey(ran):
    sheets = real("influencer_data")
    ml = {"survey": {"groups": influencer_data().groups, "resamples": 200}}
    old = delivered(sheets[::-1].reset_index(drop=True), "2023-12-01")  # other answers under the same customers
    new = delivered(sheets, "2024-01-10")
    named = [wave.assign(user_id=wave["response_id"], response_id=w + wave["response_id"]) for w, wave in
             (("old", old), ("new", new))]  # fmt: skip
    asking = replace(shop(), ml=ml)
    _, waves, _ = ran(asking, pd.concat([*named, named[1]]).dropna())
    _, once, _ = ran(asking, new.assign(user_id=new["response_id"]).dropna())
    for table in ("ml.survey_descriptives", "ml.survey_correlation", "ml.survey_regression", "ml.survey_mediation"):
        pd.testing.assert_frame_equal(waves[table], once[table])
    outcomes = waves["ml.survey_answers"].groupby("outcome")["answers"].sum()
    assert outcomes["counted"] == outcomes["superseded"] == outcomes["redelivered"] == 222 * 25
    assert once["ml.survey_descriptives"]["respondents"].eq(222).all()


def test_a_wrong_declaration_stops_the_run(ran):
    with pytest.raises(QuestionnaireError, match="stands twice"):
        ran(replace(shop(), ml={"survey": {"groups": {"a": ["q"], "b": ["q"]}}}), delivered(SHEETS))
    with pytest.raises(ShopError, match="has no window"):
        ran(replace(shop(), ml={"survey": {"window": 3}}), delivered(SHEETS))


def test_demo_shop_declares_what_it_asks():
    from shops.declaration import load

    params = load("demo_shop").parameters("survey", analyse_survey.questionnaire.SurveyParameters)
    asked = questionnaire(params)
    assert len(asked.regressions) == 5 and len(asked.mediations) == 1
