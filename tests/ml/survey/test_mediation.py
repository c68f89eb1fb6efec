import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from extract.demo_shop import survey as planted
from ml.survey import resampling
from ml.survey.mediation import PATHS, mediations
from ml.survey.questionnaire import SurveyParameters, questionnaire
from ml.survey.scales import cronbach_alpha
from tests.ml.survey.survey_cases import REAL, noisy_scales, numbered, real, three_scales


def mediated(items, asked, params):
    return mediations(items, asked, params, resampling.resampler(items, asked, params)).set_index("path")


def test_paths_are_least_squares_and_the_effects_add_up():
    items, asked, params = three_scales(n=150)
    found = mediated(items, asked, params)
    assert list(found.index) == list(PATHS)
    x, m, y = (items[numbered(name, 3)].mean(axis=1).to_numpy() for name in "xmy")
    ones = np.ones(len(x))
    a = np.linalg.lstsq(np.column_stack([ones, x]), m, rcond=None)[0][1]
    c = np.linalg.lstsq(np.column_stack([ones, x]), y, rcond=None)[0][1]
    c_prime, b = np.linalg.lstsq(np.column_stack([ones, x, m]), y, rcond=None)[0][1:]
    assert found["estimate"].tolist() == pytest.approx([a, b, c, c_prime, a * b, a * b / c], abs=1e-9)
    assert a * b == pytest.approx(c - c_prime, abs=1e-9)
    units = x.std(), m.std(), y.std()
    assert found.loc["indirect", "standardised"] == pytest.approx(a * b * units[0] / units[2], abs=1e-9)
    design = np.column_stack([ones, x, m])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    errors = np.sqrt(left @ left / (len(x) - 3) * np.diag(np.linalg.inv(design.T @ design)))
    assert found.loc[["c_prime", "b"], "standard_error"].tolist() == pytest.approx(errors[1:], rel=1e-9)


def test_intervals_agree_with_a_bootstrap_that_takes_respondents_one_by_one():
    items, asked, params = three_scales(n=120, resamples=20_000)
    found = mediated(items, asked, params).loc["indirect"]
    scores = [items[numbered(name, 3)].mean(axis=1).to_numpy() for name in "xmy"]

    def indirect(x, m, y, axis=-1):
        x, m, y = (column - column.mean(axis, keepdims=True) for column in (x, m, y))
        xx, mm, xm, xy, my = ((p * q).sum(axis) for p, q in ((x, x), (m, m), (x, m), (x, y), (m, y)))
        return xm / xx * (xx * my - xm * xy) / (xx * mm - xm**2)

    told = stats.bootstrap(
        scores, indirect, paired=True, vectorized=True, n_resamples=20_000, batch=2000, method="BCa",
        rng=np.random.default_rng(9),
    )  # fmt: skip
    width = told.confidence_interval.high - told.confidence_interval.low
    assert found["bca_low"] == pytest.approx(told.confidence_interval.low, abs=0.05 * width)
    assert found["bca_high"] == pytest.approx(told.confidence_interval.high, abs=0.05 * width)
    assert found["standard_error"] == pytest.approx(told.standard_error, rel=0.05)
    low, high = np.quantile(told.bootstrap_distribution, [0.025, 0.975])
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=0.05 * width)


def test_a_mediator_without_effect_has_an_interval_around_zero():
    sheets = noisy_scales(200, ["x", "y"], 0.6, 4).join(noisy_scales(200, ["m"], 0, 5))
    _, asked, params = three_scales()
    found = mediated(sheets.astype(float)[list(asked.questions["question_id"])], asked, params)
    assert found.loc["indirect", "low"] < 0 < found.loc["indirect", "high"]
    assert found.loc["c", "low"] > 0


def test_a_share_of_nothing_is_not_told():
    sheets = noisy_scales(200, ["x"], 0, 4).join(noisy_scales(200, ["m", "y"], 0.6, 5))
    _, asked, params = three_scales()
    share = mediated(sheets.astype(float)[list(asked.questions["question_id"])], asked, params).loc["share_mediated"]
    assert "may be zero" in share["reason"]
    assert share[["estimate", "standardised", "low", "bca_high", "corrected"]].isna().all()


def test_an_indirect_effect_against_the_total_is_no_share():
    rng = np.random.default_rng(8)
    x, own = rng.normal(size=400), rng.normal(size=400)
    latent = {"x": x, "m": 0.8 * x + 0.6 * own, "y": 1.5 * x - 0.9 * (0.8 * x + 0.6 * own)}
    sheets = {
        f"{name}{k}": np.round(4 + v + 0.3 * rng.normal(size=400)) for name, v in latent.items() for k in (1, 2, 3)
    }
    _, asked, params = three_scales()
    found = mediated(pd.DataFrame(sheets), asked, params)
    assert found.loc["indirect", "high"] < 0 < found.loc["c", "low"]
    assert "opposes" in found.loc["share_mediated", "reason"]


def test_what_cannot_be_estimated_says_why():
    items, asked, params = three_scales(n=60)
    for spoilt in (items[:20], items.assign(m1=1.0, m2=1.0, m3=1.0), items.assign(x1=np.nan)):
        found = mediated(spoilt, asked, params)
        assert found["reason"].notna().all()
        assert len(found) == len(PATHS) and "estimate" not in found


def test_the_same_seed_gives_the_same_bytes_and_5000_resamples_take_a_second():
    items, asked, params = three_scales(n=600, resamples=5000)
    started = time.process_time()
    one = mediated(items, asked, params)
    assert time.process_time() - started < 5  # a quarter of a second
    pd.testing.assert_frame_equal(one, mediated(items, asked, params), check_exact=True)


def test_many_respondents_are_resampled_in_groups_with_the_same_width():
    items, asked, params = three_scales(n=3000, resamples=2000)
    grouped = SurveyParameters(**{**vars(params), "max_resampled_groups": 500})
    one, other = mediated(items, asked, params), mediated(items, asked, grouped)
    assert other["estimate"].tolist() == pytest.approx(one["estimate"].tolist())
    width = one["high"] - one["low"]
    assert ((other["high"] - other["low"]) / width).between(0.85, 1.15).all()
    assert (abs(other["corrected"] - one["corrected"]) < 1e-9).all()


def test_moments_of_the_whole_are_covariance_and_alpha_of_the_scores():
    sheets, params = real("influencer_data").astype(float), REAL["influencer_data"]()
    asked = questionnaire(params)
    items = sheets[list(asked.questions["question_id"])]
    (covariance, error), _, _ = resampling.resampler(items, asked, params)(np.ones(len(items), dtype=bool))
    own = {name: items[list(q)] for name, q in asked.questions.groupby("dimension", sort=False)["question_id"]}
    scores = np.column_stack([part.mean(axis=1) for part in own.values()])
    assert covariance[0] == pytest.approx(np.cov(scores.T), abs=1e-9)
    alphas = [cronbach_alpha(part.to_numpy()) for part in own.values()]
    assert 1 - error[0] / np.diag(covariance[0]) == pytest.approx(alphas, abs=1e-9)


@pytest.mark.slow
def test_corrected_intervals_hold_what_was_planted_in_as_many_worlds_as_they_claim():
    """Forty worlds of the questionnaire with the planted structure, 400 respondents each: 200 slopes on intention."""
    names, count = list(planted.MARKETING), 400
    params = SurveyParameters(
        groups={"p": {name: numbered(name, 3) for name in names}, "o": numbered("o", 3)}, resamples=400,
        regressions=({"table": "11", "outcome": "o", "predictors": "p"},),
    )  # fmt: skip
    asked = questionnaire(params)
    truth = np.array([planted.total_effects()["intention"][name] for name in names])
    places = [planted.DIMENSIONS.index(name) for name in (*names, "intention")]
    inside, plain = [], []
    for seed in range(40):
        answers = planted.answers(SimpleNamespace(seed=seed), 0, np.arange(count))[:, places]
        items = pd.DataFrame(answers.reshape(count, -1).astype(float), columns=asked.questions["question_id"])
        point, draws, _ = resampling.resampler(items, asked, params)(np.ones(count, dtype=bool))
        weights = asked.weights(["o", *names])
        drawn = resampling.slopes(resampling.correlation_like(resampling.of_variables(draws, weights)[1]))
        low, high = np.array([resampling.percentile_interval(column, 0.95) for column in drawn.T]).T
        inside.append((low <= truth) & (truth <= high))
        plain.append(resampling.slopes(resampling.correlation_like(resampling.of_variables(point, weights)[0]))[0])
    assert 0.90 <= np.mean(inside) <= 0.985
    assert np.mean(plain, axis=0)[names.index("profitability")] < truth[names.index("profitability")] - 0.02
