"""The survey: which answers count, scales, correlations, regressions and mediation (L 4, Tables 6-11)."""

from datetime import date

import pandas as pd
from threadpoolctl import threadpool_limits

from ml.steps.record import note_refusal, save, unless_refused
from ml.survey import answers, questionnaire
from shops.declaration import Shop
from warehouse.engine import open_warehouse

SURVEY_ANSWERS = {
    "as_of": "date",
    "question_id": "varchar",
    "outcome": "varchar",
    "dimension": "varchar",
    "group_name": "varchar",
    "answers": "bigint",
    "respondents": "bigint",
    "first_survey_date": "date",
    "last_survey_date": "date",
}
SURVEY_DESCRIPTIVES = {
    "as_of": "date",
    "level": "varchar",
    "variable": "varchar",
    "dimension": "varchar",
    "group_name": "varchar",
    "position": "bigint",
    "questions": "bigint",
    "is_reversed": "boolean",
    "scale_minimum": "bigint",
    "scale_maximum": "bigint",
    "respondents": "bigint",
    "minimum": "double",
    "maximum": "double",
    "mean": "double",
    "standard_deviation": "double",
    "skewness": "double",
    "skewness_error": "double",
    "kurtosis": "double",
    "kurtosis_error": "double",
    "cronbach_alpha": "double",
    "alpha_respondents": "bigint",
    "reliability": "double",
    "alpha_if_deleted": "double",
    "item_rest_correlation": "double",
    "reason": "varchar",
}
SURVEY_CORRELATION = {
    "as_of": "date",
    "handling": "varchar",
    "is_default": "boolean",
    "variable": "varchar",
    "level": "varchar",
    "position": "bigint",
    "other_variable": "varchar",
    "other_level": "varchar",
    "other_position": "bigint",
    "respondents": "bigint",
    "r": "double",
    "p_value": "double",
    "stars": "varchar",
    "p_adjusted": "double",
    "r_low": "double",
    "r_high": "double",
    "r_corrected": "double",
    "reason": "varchar",
}
SURVEY_REGRESSION = {
    "as_of": "date",
    "table_id": "varchar",
    "model_id": "varchar",
    "outcome_group": "varchar",
    "outcome": "varchar",
    "outcome_level": "varchar",
    "predictor_level": "varchar",
    "predictor": "varchar",
    "position": "bigint",
    "respondents": "bigint",
    "degrees_of_freedom": "bigint",
    "b": "double",
    "standard_error": "double",
    "b_low": "double",
    "b_high": "double",
    "beta": "double",
    "t_value": "double",
    "p_value": "double",
    "vif": "double",
    "r2": "double",
    "adjusted_r2": "double",
    "f_value": "double",
    "f_p_value": "double",
    "outcome_reliability": "double",
    "reliability": "double",
    "beta_corrected": "double",
    "beta_corrected_low": "double",
    "beta_corrected_high": "double",
    "correction_reason": "varchar",
    "reason": "varchar",
}
SURVEY_MEDIATION = {
    "as_of": "date",
    "mediation_id": "varchar",
    "predictor": "varchar",
    "mediator": "varchar",
    "outcome": "varchar",
    "path": "varchar",
    "position": "bigint",
    "respondents": "bigint",
    "resamples": "bigint",
    "estimate": "double",
    "standardised": "double",
    "standard_error": "double",
    "t_value": "double",
    "p_value": "double",
    "low": "double",
    "high": "double",
    "bca_low": "double",
    "bca_high": "double",
    "corrected": "double",
    "corrected_low": "double",
    "corrected_high": "double",
    "correction_reason": "varchar",
    "reason": "varchar",
}
TABLES = {
    "ml.survey_answers": SURVEY_ANSWERS,
    "ml.survey_descriptives": SURVEY_DESCRIPTIVES,
    "ml.survey_correlation": SURVEY_CORRELATION,
    "ml.survey_regression": SURVEY_REGRESSION,
    "ml.survey_mediation": SURVEY_MEDIATION,
}

ANSWERS = """
    select response_id, user_id, survey_date, arrival_date, question_id, answer
    from intermediate.int_survey_responses_unioned
    where arrival_date < $as_of
"""


class NoSurvey(ValueError):
    """Nothing that could be analysed: says what to declare or deliver."""


def run(shop: Shop, as_of: date) -> dict:
    """Analyse the answers known at the moment, where the shop has a survey and says what its questions measure."""
    params = shop.parameters("survey", questionnaire.SurveyParameters)
    asked = questionnaire.questionnaire(params)
    delivered = pd.DataFrame()
    if "survey_responses" in shop.entity_sources():
        with open_warehouse(shop.name) as connection:
            delivered = connection.execute(ANSWERS, {"as_of": as_of}).df()
    with threadpool_limits(1):  # the order of sums, and so the last digit, must not depend on the machine
        found, refused = unless_refused(lambda: analyse(delivered, asked, params, shop, as_of))
    found = found or {}
    with open_warehouse(shop.name) as connection:
        for table, columns in TABLES.items():
            save(connection, table, columns, found.get(table), as_of)
        for table, entry in (("ml.survey_descriptives", ""), *_OPTIONAL.items()):
            missing = f"none of its groups is declared: shops/{shop.name}.yml, ml/survey/{entry}"
            note_refusal(connection, as_of, table, refused or ("" if found.get(table) is not None else missing))
    return (
        {"refused": refused} if refused else {"respondents": int(found["ml.survey_descriptives"]["respondents"].max())}
    )


_OPTIONAL = {"ml.survey_regression": "regressions", "ml.survey_mediation": "mediations"}


def analyse(delivered: pd.DataFrame, asked, params, shop: Shop, as_of: date) -> dict[str, pd.DataFrame]:
    """Every table, from the answers as delivered. Raises NoSurvey."""
    require_something(delivered, asked, shop)
    from ml.survey import correlation, descriptives, mediation, regression, resampling  # seconds to load

    rows = answers.judged(delivered, asked, as_of, params.window_days)
    items = answers.scored(rows, asked)
    if items.empty:
        told = ", ".join(
            f"{number} {outcome}" for outcome, number in rows["outcome"].value_counts().sort_index().items()
        )
        raise NoSurvey(f"of {len(rows)} answers to the survey none counts: {told}")
    resampled = resampling.resampler(items, asked, params)
    found = {
        "ml.survey_answers": answers.account(rows, asked),
        "ml.survey_descriptives": descriptives.descriptives(items, asked, params),
        "ml.survey_correlation": correlation.correlations(items, asked, params),
        "ml.survey_regression": regression.regressions(items, asked, params, resampled),
        "ml.survey_mediation": mediation.mediations(items, asked, params, resampled),
    }
    return {
        table: frame.rename(columns={"group": "group_name"}).reindex(columns=list(TABLES[table]))
        for table, frame in found.items()
        if frame is not None
    }


def require_something(delivered: pd.DataFrame, asked, shop: Shop) -> None:
    if "survey_responses" not in shop.entity_sources():
        raise NoSurvey("no survey_responses: no source of this shop fills the entity")
    if delivered.empty:
        raise NoSurvey("no survey_responses: nobody's answers have arrived yet")
    if asked.questions.empty:
        names = sorted(delivered["question_id"].dropna().astype(str).unique())
        shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        raise NoSurvey(
            f"{len(delivered)} answers to {len(names)} questions ({shown}), none of which is mapped: declare what they "
            f"measure in shops/{shop.name}.yml, ml: {{survey: {{groups: {{group: {{dimension: [questions]}}}}}}}}"
        )
