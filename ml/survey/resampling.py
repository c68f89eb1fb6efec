"""How far would another set of respondents have moved the result? Bootstrap of all scores' covariances at once.

In: respondent x question scores, complete in what a model uses. Out: per resample the covariance of the dimensions'
scores and their error variances, from which slopes, indirect effects and corrected slopes follow without going back to
the answers: all of them are functions of sums over respondents, so a resample is one row of a matrix product.

Corrected for attenuation: noise in the answers adds to the variance of a score but not to its covariance with another,
so observed slopes between short scales are too small (and, with several predictors, may be too large). Taking
var (1 - alpha) off the diagonal leaves the covariance of what the questions mean (errors in variables, Fuller 1987).
"""

from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from ml.survey.questionnaire import Questionnaire, SurveyParameters

BLOCK = 4_000_000  # counts held at a time: 32 MB
LEAST_USABLE = 0.95  # of the resamples; below, the interval would describe the lucky ones


def resampler(items: pd.DataFrame, asked: Questionnaire, params: SurveyParameters):
    """A function from a mask of respondents to (point, resampled, left-out) pairs of covariance and error variance.

    Each pair: (k, dimension, dimension) and (k, dimension); k = 1, params.resamples, number of groups. Dimensions that
    somebody of the mask did not answer are NaN. Models of the same respondents share one resampling.
    """
    values = (items - items.mean()).to_numpy()  # centred: sums of products keep their digits
    owns = np.array([(asked.questions["dimension"] == name).to_numpy() for name in asked.dimensions], dtype=float)

    @cache
    def covariances(mask: bytes):
        chosen = values[np.frombuffer(mask, dtype=bool)]
        sums = _group_sums(chosen, owns, params.max_resampled_groups)
        total = sums.sum(axis=0, keepdims=True)
        rng = np.random.default_rng(params.seed)
        size, groups = max(1, BLOCK // len(sums)), len(sums)
        resampled = []
        for start in range(0, params.resamples, size):
            rows = min(size, params.resamples - start)
            drawn = rng.integers(0, groups, (rows, groups)) + groups * np.arange(rows)[:, None]
            counts = np.bincount(drawn.ravel(), minlength=rows * groups).reshape(rows, groups)
            resampled.append(_moments(counts.astype(float) @ sums, owns))
        drawn = tuple(np.concatenate(part) for part in zip(*resampled))
        return _moments(total, owns), drawn, _moments(total - sums, owns)

    return lambda mask: covariances(np.asarray(mask, dtype=bool).tobytes())


def _group_sums(values: np.ndarray, owns: np.ndarray, most: int) -> np.ndarray:
    """Count, sums, sums of squares, sums of products of dimensions: per respondent, or of `most` groups of them.

    Respondents come in the order of their ids; dealing them out in turn makes groups as good as random.
    """
    scores = _sum_of_own(values, owns) / owns.sum(axis=1)
    products = (scores[:, :, None] * scores[:, None, :]).reshape(len(values), -1)
    facts = np.hstack([np.ones((len(values), 1)), values, values**2, products])
    if len(facts) <= most:
        return facts
    dealt = np.arange(len(facts)) % most
    order = np.argsort(dealt, kind="stable")
    return np.add.reduceat(facts[order], np.searchsorted(dealt[order], np.arange(most)))


def _moments(sums: np.ndarray, owns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Covariances of the dimensions, and error variances var (1 - alpha); NaN for dimensions of one question."""
    questions, size = owns.shape[1], owns.sum(axis=1)
    count, total, squares = sums[:, :1], sums[:, 1 : questions + 1], sums[:, questions + 1 : 2 * questions + 1]
    variance = (squares - total**2 / count) / (count - 1)
    of_questions = _sum_of_own(variance, owns)
    of_scores = _sum_of_own(total, owns) / size
    products = sums[:, 2 * questions + 1 :].reshape(len(sums), len(owns), len(owns))
    covariance = products - of_scores[:, :, None] * of_scores[:, None, :] / count[:, :, None]
    covariance = covariance / (count[:, :, None] - 1)
    own = np.diagonal(covariance, axis1=1, axis2=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        # var (1 - alpha), written so that no variance of zero divides: alpha = k/(k-1) (1 - questions / (k^2 var))
        error = own - size / (size - 1) * (own - of_questions / size**2)
    return covariance, np.where(size > 1, error, np.nan)


def _sum_of_own(values: np.ndarray, owns: np.ndarray) -> np.ndarray:
    """Per dimension over its questions; a matrix product would spread NaN to dimensions that are answered."""
    return np.column_stack([values[:, own.astype(bool)].sum(axis=1) for own in owns])


def of_variables(moments, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(observed, latent) covariance of variables that average dimensions with `weights` (variable x dimension)."""
    covariance, error = moments
    used = weights.any(axis=0)
    covariance, error, weights = covariance[:, used][:, :, used], error[:, used], weights[:, used]
    observed = weights @ covariance @ weights.T
    return observed, observed - weights @ (error[:, :, None] * np.eye(error.shape[1])) @ weights.T


def correlation_like(covariance: np.ndarray) -> np.ndarray:
    """Covariances in units of their own deviations; NaN where no positive definite matrix is left."""
    usable = np.isfinite(covariance).all(axis=(1, 2))
    usable[usable] = np.linalg.eigvalsh(covariance[usable])[:, 0] > 1e-9
    spread = np.sqrt(np.where(usable[:, None], np.diagonal(covariance, axis1=1, axis2=2), np.nan))
    return covariance / spread[:, :, None] / spread[:, None, :]


def slopes(covariance: np.ndarray) -> np.ndarray:
    """Least squares of the first variable on the others, from their covariance: k x predictors; NaN stays NaN."""
    found = np.full((len(covariance), covariance.shape[1] - 1), np.nan)
    usable = np.isfinite(covariance).all(axis=(1, 2))
    found[usable] = np.linalg.solve(covariance[usable, 1:, 1:], covariance[usable, 1:, :1])[:, :, 0]
    return found


def percentile_interval(resampled: np.ndarray, confidence: float) -> tuple[float, float]:
    """Of one figure; NaN where too many resamples give none."""
    usable = resampled[np.isfinite(resampled)]
    if len(usable) < LEAST_USABLE * len(resampled):
        return np.nan, np.nan
    tail = (1 - confidence) / 2
    return tuple(np.quantile(usable, [tail, 1 - tail]))


def bca_interval(estimate: float, resampled: np.ndarray, left_out: np.ndarray, confidence: float):
    """Bias-corrected and accelerated (Efron 1987): the percentiles moved by the bias z0 and the skewness a.

    z0 = Phi^-1(share of resamples below the estimate, ties half); a = sum d^3 / (6 (sum d^2)^1.5) over the jackknife's
    d. NaN where the estimate lies outside all resamples.
    """
    usable = resampled[np.isfinite(resampled)]
    below = np.mean((usable < estimate) + 0.5 * (usable == estimate)) if len(usable) else 0.0
    if len(usable) < LEAST_USABLE * len(resampled) or not 0 < below < 1:
        return np.nan, np.nan
    deviation = left_out.mean() - left_out
    spread = (deviation**2).sum() ** 1.5
    acceleration = (deviation**3).sum() / (6 * spread) if spread > 0 else 0.0
    bias = stats.norm.ppf(below)
    shifted = bias + stats.norm.ppf([(1 - confidence) / 2, (1 + confidence) / 2])
    return tuple(np.quantile(usable, stats.norm.cdf(bias + shifted / (1 - acceleration * shifted))))
