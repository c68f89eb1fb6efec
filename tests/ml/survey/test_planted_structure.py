"""The demo shop's questionnaire was answered from a known structural model: do the estimates find it?

Two truths, like compared with like: between what the questions mean (`beta_corrected`, the planted effects themselves)
and between the noisy scores (`b`, the planted effects as noise in three answers each leaves them). Of
seventy 95 % intervals some must miss, so the share is judged, and the distance.
"""

from datetime import date

import duckdb
import numpy as np
import pytest
from scipy import stats

from extract.demo_shop import survey as planted
from ml.steps import analyse_survey
from ml.survey import questionnaire
from shops.declaration import load
from warehouse import dbt, paths

PLANTED_NAME = {"perceived_risk": "risk", "brand_awareness": "awareness", "purchase_intention": "intention"}
ROUNDING = 1 / 12  # variance that rounding to whole answers adds


@pytest.fixture(scope="module")
def analysed(whole_demo_home):
    """Every table that the step writes on the demo shop's year."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(whole_demo_home))
        shop = load("demo_shop")
        assert analyse_survey.run(shop, shop.as_of)["respondents"] > 500
        with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
            return {
                table: connection.execute(f"select * from {table} where as_of = ?", [shop.as_of]).df()
                for table in analyse_survey.TABLES
            }


@pytest.fixture
def asked(whole_demo_shop):
    return questionnaire.questionnaire(whole_demo_shop.parameters("survey", questionnaire.SurveyParameters))


def population(asked, names: list[str], noisy: bool) -> np.ndarray:
    """Covariance of variables as planted: of what is meant, or of mean answers with noise and rounding."""
    places = [planted.DIMENSIONS.index(PLANTED_NAME.get(name, name)) for name in asked.dimensions]
    latent = planted.covariance()[np.ix_(places, places)]
    if noisy:
        noise = (planted.SPREAD**2 * (1 - planted.LOADING**2) + ROUNDING) / planted.QUESTIONS
        latent = (planted.SPREAD * planted.LOADING) ** 2 * latent + noise * np.eye(len(latent))
    weights = asked.weights(names)
    return weights @ latent @ weights.T


def slopes_planted(asked, model: str, noisy: bool) -> np.ndarray:
    outcome, predictors = model.split(" ~ ")
    covariance = population(asked, [outcome, *predictors.split(" + ")], noisy)
    if not noisy:
        spread = np.sqrt(np.diag(covariance))
        covariance = covariance / np.outer(spread, spread)
    return np.linalg.solve(covariance[1:, 1:], covariance[1:, 0])


def test_the_planted_effects_lie_in_the_corrected_intervals(analysed, asked):
    slopes = analysed["ml.survey_regression"].query("predictor != 'constant' and predictor_level == 'dimensions'")
    on_marketing = slopes[slopes["predictor"].isin(planted.MARKETING) & ~slopes["outcome"].eq("perceived_value")]
    total = planted.total_effects()
    truth = np.array([total[PLANTED_NAME.get(o, o)][p] for o, p in on_marketing[["outcome", "predictor"]].to_numpy()])
    assert len(truth) == 35  # loyalty, awareness, intention and the four values, on five dimensions each
    inside = on_marketing["beta_corrected_low"].le(truth) & on_marketing["beta_corrected_high"].ge(truth)
    assert inside.mean() >= 0.86
    width = (on_marketing["beta_corrected_high"] - on_marketing["beta_corrected_low"]) / (2 * 1.96)
    assert (abs(on_marketing["beta_corrected"] - truth) / width).max() < 4
    assert np.corrcoef(on_marketing["beta_corrected"], truth)[0, 1] > 0.85
    strong = on_marketing["outcome"].map(lambda o: max(total[PLANTED_NAME.get(o, o)].values())).to_numpy() == truth
    assert (on_marketing[strong]["beta_corrected_low"] > 0).all()  # the strongest driver of each is found


def test_every_model_finds_what_the_population_would_give(analysed, asked):
    found, distances, corrected = analysed["ml.survey_regression"], [], []
    models = list(found.groupby(["table_id", "model_id"]))
    assert {table for (table, _), _ in models} == {"7", "9", "10", "11"}
    for (_, model), rows in models:
        rows = rows.sort_values("position").iloc[1:]
        observed, latent = slopes_planted(asked, model, noisy=True), slopes_planted(asked, model, noisy=False)
        distances += list((rows["b"] - observed) / rows["standard_error"])
        corrected += list(rows["beta_corrected_low"].le(latent) & rows["beta_corrected_high"].ge(latent))
    assert len(distances) > 50
    assert np.mean(np.abs(distances) < stats.t.ppf(0.975, 500)) >= 0.86
    assert np.max(np.abs(distances)) < 4
    assert np.mean(corrected) >= 0.86


def test_noise_in_the_answers_shrinks_a_single_slope_by_the_root_of_both_reliabilities(analysed):
    overall = analysed["ml.survey_regression"].query("predictor_level == 'overall' and predictor != 'constant'")
    shrunk = np.sqrt(overall["reliability"] * overall["outcome_reliability"])
    assert (overall["beta"] / overall["beta_corrected"]).to_numpy() == pytest.approx(shrunk.to_numpy(), rel=1e-9)
    assert shrunk.between(0.85, 0.95).all()  # a tenth of the effect is lost, more than most standard errors


def test_reliability_is_that_of_three_answers_with_the_planted_loading(analysed):
    dimensions = analysed["ml.survey_descriptives"].query("level == 'dimension'")
    signal = (planted.SPREAD * planted.LOADING) ** 2
    noise = (planted.SPREAD**2 * (1 - planted.LOADING**2) + ROUNDING) / planted.QUESTIONS
    assert len(dimensions) == len(planted.DIMENSIONS)
    assert dimensions["cronbach_alpha"].to_numpy() == pytest.approx(signal / (signal + noise), abs=0.03)
    groups = analysed["ml.survey_descriptives"].query("level == 'group'")
    assert (groups["reliability"] > dimensions["reliability"].max()).any()


def test_corrected_correlations_are_the_planted_ones(analysed, asked):
    found = analysed["ml.survey_correlation"].query("is_default and level == other_level == 'dimension'")
    found = found[found["position"] > found["other_position"]]
    truth = [
        population(asked, list(pair), noisy=False)[0, 1]
        for pair in found[["variable", "other_variable"]].itertuples(index=False)
    ]
    assert len(found) == 78
    stretched = found["r_corrected"] / found["r"]
    inside = (found["r_low"] * stretched).le(truth) & (found["r_high"] * stretched).ge(truth)
    assert inside.mean() >= 0.75  # not 95 %: what one group of people happens to share moves many pairs at once
    assert np.corrcoef(found["r_corrected"], truth)[0, 1] > 0.9
    assert (found["r_corrected"] - truth).abs().max() < 4 * 0.048  # four standard errors of the farthest of 78


def test_the_planted_mediation_is_found(analysed, asked):
    found = analysed["ml.survey_mediation"].set_index("path")
    triple = ["precision_marketing", "perceived_value", "purchase_intention"]
    for noisy, low, high in ((True, "low", "high"), (False, "corrected_low", "corrected_high")):
        covariance = population(asked, triple, noisy)
        if not noisy:
            spread = np.sqrt(np.diag(covariance))
            covariance = covariance / np.outer(spread, spread)
        a, c = covariance[0, 1] / covariance[0, 0], covariance[0, 2] / covariance[0, 0]
        c_prime, b = np.linalg.solve(covariance[:2, :2], covariance[:2, 2])
        truth = {"a": a, "b": b, "c": c, "c_prime": c_prime, "indirect": a * b, "share_mediated": a * b / c}
        inside = {path: found.loc[path, low] <= value <= found.loc[path, high] for path, value in truth.items()}
        assert sum(inside.values()) >= 5, (inside, truth)
    assert found.loc["indirect", "low"] > 0  # it is there


def test_spoiled_answers_are_out_and_every_other_one_is_accounted_for(analysed, whole_demo_shop):
    with duckdb.connect(str(paths.of(whole_demo_shop.name).warehouse), read_only=True) as connection:
        delivered = connection.execute("select count(*) from intermediate.int_survey_responses_unioned").fetchall()
    told = analysed["ml.survey_answers"]
    assert told["answers"].sum() == delivered[0][0]
    assert set(told["outcome"]) == {"counted", "superseded"}  # three waves: whoever answered twice counts as of now
    assert told.query("outcome == 'counted'")["answers"].nunique() == 1


LAYOUTS = {
    6: ["group_name", "dimension", "min", "max", "mean", "deviation", "skewness", "kurtosis", "cronbach_alpha"],
    7: ["outcome", "independent_variable", "b", "standard_error", "beta", "t", "sig"],
    9: ["independent_variable", "b", "standard_error", "beta", "t", "sig", "adjusted_r2", "f", "sig_f"],
    10: ["independent_variable", "b", "standard_error", "beta", "t", "sig", "adjusted_r2", "f", "sig_f"],
    11: ["independent_variable", "b", "standard_error", "beta", "t", "sig", "adjusted_r2", "f", "sig_f"],
}
MARTS = ("answers", "descriptives", "correlation", "regression", "mediation")


def test_the_marts_lay_out_as_the_tables_of_the_paper(analysed, asked, whole_demo_shop):
    shop = whole_demo_shop
    values = dbt.variables(shop, shop.as_of, [shop.as_of], shop.as_of, date(1900, 1, 1))
    dbt.invoke(shop, ["build", "--select", *(f"mart_survey_{name}" for name in MARTS)], values)
    layouts = [f"survey_table_{number}" for number in range(6, 12)]
    dbt.invoke(shop, ["compile", "--select", *layouts], values)
    folder = paths.of(shop.name).dbt / "target"
    with duckdb.connect(str(paths.of(shop.name).warehouse)) as connection:
        tables = {
            number: connection.execute(next(folder.rglob(f"compiled/**/survey_table_{number}.sql")).read_text()).df()
            for number in range(6, 12)
        }
    for number, columns in LAYOUTS.items():
        assert set(columns) <= set(tables[number].columns), number
        assert tables[number][columns[0]].notna().all()
    assert tables[6]["dimension"].tolist() == asked.dimensions
    marketing = list(planted.MARKETING)
    assert tables[7]["outcome"].tolist() == ["loyalty"] * 5 + ["brand_awareness"] * 5
    assert tables[7]["independent_variable"].tolist() == marketing * 2
    overall = ["constant", "precision_marketing"]
    assert tables[9]["independent_variable"].tolist() == [*overall, "constant", *marketing]
    assert tables[11]["independent_variable"].tolist() == [*overall, "constant", *marketing]
    value = ["utility", "emotion", "brand", "trust"]
    assert tables[10]["independent_variable"].tolist() == ["constant", "perceived_value", "constant", *value]
    assert tables[9]["adjusted_r2"].notna().tolist() == [True, False, True, False, False, False, False, False]
    matrix = tables[8].set_index("variable")
    assert list(matrix.index) == list(matrix.columns) == asked.dimensions
    assert matrix.loc["immediacy", "immediacy"] == "1.000"
    assert matrix.loc["utility", "profitability"].endswith("**")
    assert matrix.isna().to_numpy()[np.triu_indices(len(matrix), 1)].all()
