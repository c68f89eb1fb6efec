"""What moves it, and by how much, the others held still? Ordinary least squares on scores (L Tables 7, 9, 10, 11).

In: respondent x question scores and the declared models. Out: a row per model and predictor, the constant first.

Every declared regression runs for the outcome's group as one variable and for each of its dimensions, on the
predictors' groups as one variable each (`overall`) and on their dimensions (`dimensions`). Beside the least squares:
`beta_corrected`, the standardised slope of what the questions mean (ml/survey/resampling.py), with its percentile
interval. `beta` answers "what does the score tell me", `beta_corrected` "what does the attitude do".
"""

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from ml.survey import resampling
from ml.survey.questionnaire import Questionnaire, SurveyParameters
from ml.survey.scales import scores

CONSTANT = "constant"
UNCORRECTED = "reliability is unknown (a dimension of one question), or so low that resamples leave no variance"


def regressions(items: pd.DataFrame, asked: Questionnaire, params: SurveyParameters, resampled) -> pd.DataFrame:
    """`resampled`: what resampling.resampler(items, asked, params) gave."""
    score = scores(items, asked)
    found = {}
    for table, outcome, predictors in asked.regressions:
        outcomes = dict.fromkeys([asked.variable(outcome), *asked.members(outcome)])
        overall = tuple(asked.variable(name) for name in predictors)
        parts = tuple(member for name in predictors for member in asked.members(name))
        levels = {"overall": overall} | ({"dimensions": parts} if parts != overall else {})
        for explained in outcomes:
            for level, explaining in levels.items():
                model = f"{explained} ~ {' + '.join(explaining)}"
                if (table, model) in found:  # declared for a group and once more for its dimension
                    continue
                rows = regression(score, explained, explaining, params)
                if rows["reason"].isna().all():
                    rows = corrected(rows, score, asked, (explained, *explaining), params, resampled)
                found[table, model] = rows.assign(
                    table_id=table,
                    model_id=model,
                    outcome_group=outcome,
                    outcome=explained,
                    outcome_level="overall" if explained == asked.variable(outcome) else "dimensions",
                    predictor_level=level,
                )
    return pd.concat(found.values(), ignore_index=True) if found else None


def obstacle(y: np.ndarray, x: np.ndarray, names: tuple[str, ...], params: SurveyParameters) -> str | None:
    """Why least squares of y on the columns of x would say nothing; None where it says something."""
    least = max(params.min_respondents, x.shape[1] + 3)
    if len(y) < least:
        return f"{len(y)} respondents, fewer than {least}"
    still = [name for name, column in zip(names, np.column_stack([y, x]).T) if np.ptp(column) <= 1e-12]
    if still:
        return f"everybody has the same score in {', '.join(still)}"
    values, vectors = np.linalg.eigh(np.corrcoef(x, rowvar=False).reshape(x.shape[1], -1))
    if values[0] < 1 / params.max_vif:
        bound = [name for name, weight in zip(names[1:], vectors[:, 0]) if abs(weight) > 0.01]
        return f"{', '.join(bound)} determine one another: their effects cannot be told apart"
    standard = np.column_stack([np.ones(len(x)), (x - x.mean(axis=0)) / x.std(axis=0)])
    left = y - standard @ np.linalg.lstsq(standard, y, rcond=None)[0]
    if left @ left <= 1e-12 * len(y) * y.var():
        return f"{names[0]} is determined by {', '.join(names[1:])}: there is nothing left to test against"
    return None


def regression(score: pd.DataFrame, outcome: str, predictors: tuple[str, ...], params: SurveyParameters):
    """One model on the respondents who have all of it: a row for the constant and each predictor."""
    used = score[[outcome, *predictors]].dropna()
    y, x = used[outcome].to_numpy(), used[list(predictors)].to_numpy()
    frame = pd.DataFrame({"predictor": [CONSTANT, *predictors], "position": range(len(predictors) + 1)})
    frame["respondents"] = len(used)
    frame["reason"] = obstacle(y, x, (outcome, *predictors), params)
    if frame["reason"].notna().all():
        return frame
    fit = OLS(y, np.column_stack([np.ones(len(x)), x])).fit()
    low, high = fit.conf_int(1 - params.confidence).T
    return frame.assign(
        b=fit.params,
        standard_error=fit.bse,
        b_low=low,
        b_high=high,
        beta=[np.nan, *fit.params[1:] * x.std(axis=0, ddof=1) / y.std(ddof=1)],
        t_value=fit.tvalues,
        p_value=fit.pvalues,
        vif=[np.nan, *np.diag(np.linalg.inv(np.corrcoef(x, rowvar=False).reshape(x.shape[1], -1)))],
        r2=fit.rsquared,
        adjusted_r2=fit.rsquared_adj,
        f_value=fit.fvalue,
        f_p_value=fit.f_pvalue,
        degrees_of_freedom=int(fit.df_resid),
    )


def corrected(rows: pd.DataFrame, score, asked: Questionnaire, names: tuple[str, ...], params, resampled):
    """The rows of a fitted model (names: outcome, predictors) with the slopes corrected for attenuation.

    Adds outcome_reliability, reliability (of the predictor), beta_corrected, its interval, and correction_reason.
    """
    weights = asked.weights(list(names))
    point, draws, _ = resampled(score[list(names)].notna().all(axis=1).to_numpy())
    observed, latent = resampling.of_variables(point, weights)
    trusted = (np.diagonal(latent, axis1=1, axis2=2) / np.diagonal(observed, axis1=1, axis2=2))[0]
    estimate = resampling.slopes(resampling.correlation_like(latent))[0]
    drawn = resampling.slopes(resampling.correlation_like(resampling.of_variables(draws, weights)[1]))
    low, high = np.array([resampling.percentile_interval(column, params.confidence) for column in drawn.T]).T
    usable = np.isfinite(estimate) & np.isfinite(low)
    return rows.assign(
        outcome_reliability=trusted[0],
        reliability=[np.nan, *trusted[1:]],
        beta_corrected=[np.nan, *np.where(usable, estimate, np.nan)],
        beta_corrected_low=[np.nan, *np.where(usable, low, np.nan)],
        beta_corrected_high=[np.nan, *np.where(usable, high, np.nan)],
        correction_reason=[None, *(None if fine else UNCORRECTED for fine in usable)],
    )
