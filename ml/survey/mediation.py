"""Does precision marketing work through perceived value? Paths and indirect effect, which the paper argues and never
tests.

In: respondent x question scores and triples (predictor X, mediator M, outcome Y). Out: a row per triple and path.

    M = i1 + a X        Y = i2 + c X        Y = i3 + c' X + b M        indirect = a b = c - c'      share = a b / c

(Baron and Kenny 1986.) a b is not normal, so its interval comes from a bootstrap over respondents, percentile and
bias-corrected and accelerated; a, b, c, c' have their least-squares tests as well. Nothing here proves cause: the three
were asked on one sheet.
"""

import numpy as np
import pandas as pd

from ml.survey import resampling
from ml.survey.questionnaire import Questionnaire, SurveyParameters
from ml.survey.regression import UNCORRECTED, regression
from ml.survey.scales import scores

PATHS = ("a", "b", "c", "c_prime", "indirect", "share_mediated")


def mediations(items: pd.DataFrame, asked: Questionnaire, params: SurveyParameters, resampled) -> pd.DataFrame | None:
    """Columns: mediation_id, predictor, mediator, outcome, path, position, respondents, estimate, standardised,
    standard_error, t_value, p_value, low and high (percentile), bca_low, bca_high, corrected (standardised) and its
    interval, correction_reason, resamples, reason."""
    score = scores(items, asked)
    found = [mediation(score, asked, triple, params, resampled) for triple in asked.mediations]
    return pd.concat(found, ignore_index=True) if found else None


def paths(covariance: np.ndarray) -> np.ndarray:
    """The six PATHS from covariances of X, M, Y (k x 3 x 3): k x 6."""
    total = resampling.slopes(covariance[:, [2, 0]][:, :, [2, 0]])[:, 0]
    first = resampling.slopes(covariance[:, [1, 0]][:, :, [1, 0]])[:, 0]
    direct, second = resampling.slopes(covariance[:, [2, 0, 1]][:, :, [2, 0, 1]]).T
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.column_stack([first, second, total, direct, first * second, first * second / total])


def mediation(score: pd.DataFrame, asked: Questionnaire, triple: tuple[str, str, str], params, resampled):
    predictor, mediator, outcome = triple
    mask = score[list(triple)].notna().all(axis=1).to_numpy()
    used = score[mask]
    frame = pd.DataFrame({"path": PATHS, "position": range(1, len(PATHS) + 1)}).assign(
        mediation_id=" > ".join(triple), predictor=predictor, mediator=mediator, outcome=outcome, respondents=len(used)
    )
    first = regression(used, mediator, (predictor,), params)
    total = regression(used, outcome, (predictor,), params)
    both = regression(used, outcome, (predictor, mediator), params)
    refused = [fit["reason"][0] for fit in (first, total, both) if fit["reason"][0] is not None]
    if refused:
        return frame.assign(reason=refused[0])
    tests = ["standard_error", "t_value", "p_value"]
    fitted = pd.concat([first.iloc[1:], both.iloc[2:], total.iloc[1:], both.iloc[1:2]])[tests]
    frame[tests] = fitted.reindex(columns=tests).to_numpy().tolist() + [[np.nan] * len(tests)] * 2
    weights = asked.weights(list(triple))
    (point, latent), (draws, latent_draws), (left_out, _) = (
        resampling.of_variables(moments, weights) for moments in resampled(mask)
    )
    estimate, drawn, jackknifed = paths(point)[0], paths(draws), paths(left_out)
    x, m, y = np.sqrt(np.diagonal(point[0]))
    units = np.array([x / m, m / y, x / y, x / y, x / y, 1.0])
    percentile = [resampling.percentile_interval(column, params.confidence) for column in drawn.T]
    bca = [
        resampling.bca_interval(estimate[k], drawn[:, k], jackknifed[:, k], params.confidence)
        for k in range(len(PATHS))
    ]
    frame = frame.assign(
        estimate=estimate,
        standardised=estimate * units,
        low=[low for low, _ in percentile],
        high=[high for _, high in percentile],
        bca_low=[low for low, _ in bca],
        bca_high=[high for _, high in bca],
        resamples=params.resamples,
        reason=None,
    )
    indirect = frame["path"] == "indirect"
    frame.loc[indirect, "standard_error"] = drawn[:, PATHS.index("indirect")].std(ddof=1)
    frame = _corrected(frame, latent, latent_draws, params.confidence)
    return _without_meaningless_share(frame)


def _corrected(frame: pd.DataFrame, latent: np.ndarray, latent_draws: np.ndarray, confidence: float) -> pd.DataFrame:
    """The standardised paths between what the questions mean, corrected for attenuation."""
    estimate = paths(resampling.correlation_like(latent))[0]
    drawn = paths(resampling.correlation_like(latent_draws))
    low, high = np.array([resampling.percentile_interval(column, confidence) for column in drawn.T]).T
    usable = np.isfinite(estimate) & np.isfinite(low)
    return frame.assign(
        corrected=np.where(usable, estimate, np.nan),
        corrected_low=np.where(usable, low, np.nan),
        corrected_high=np.where(usable, high, np.nan),
        correction_reason=None if usable.all() else UNCORRECTED,
    )


def _without_meaningless_share(frame: pd.DataFrame) -> pd.DataFrame:
    """A share of a total effect that may be zero, or that the indirect effect opposes, is no share."""
    by_path = frame.set_index("path")
    total, indirect = by_path.loc["c"], by_path.loc["indirect"]
    reason = None
    if not total["low"] * total["high"] > 0:
        reason = "the total effect may be zero: no share of it"
    elif total["estimate"] * indirect["estimate"] < 0:
        reason = "the indirect effect opposes the total effect: no share of it"
    if reason:
        share = frame["path"] == "share_mediated"
        frame.loc[share, frame.select_dtypes(float).columns] = np.nan
        frame.loc[share, "reason"] = reason
    return frame
