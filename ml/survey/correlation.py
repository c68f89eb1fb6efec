"""What goes with what? Pearson's r between all scores (L Table 8), long.

In: respondent x question scores. Out: a row per handling and ordered pair, the diagonal included.

listwise: only respondents with every dimension, one set of people for the whole matrix, as regressions have it; the
default. pairwise: whoever has the two. Stars as in the paper: * p < .05, ** p < .01, two-sided, not adjusted for the
number of pairs; `p_adjusted` (Holm, over the pairs of the matrix) is. `r_corrected` = r / sqrt(reliability of both)
(Spearman 1904) is the correlation of what is meant rather than of what was measured.
"""

import numpy as np
import pandas as pd
from scipy import stats

from ml.experiment import multiplicity
from ml.survey.questionnaire import Questionnaire, SurveyParameters
from ml.survey.scales import reliability, scores

DEFAULT = "listwise"
COLUMNS = ["variable", "level", "position", "other_variable", "other_level", "other_position", "respondents"]
COLUMNS += ["r", "p_value", "stars", "p_adjusted", "r_low", "r_high", "r_corrected", "reason"]


def correlations(items: pd.DataFrame, asked: Questionnaire, params: SurveyParameters) -> pd.DataFrame:
    """Columns: handling, is_default, variable, level, position, other_*, respondents, r, p_value, stars, p_adjusted,
    r_low, r_high, r_corrected, reason."""
    score = scores(items, asked)
    complete = score.dropna()
    trusted = {name: reliability(items, asked, name) for name in score}
    samples = {"listwise": complete, "pairwise": score}
    found = pd.concat(
        [_matrix(samples[handling], asked, trusted, params).assign(handling=handling) for handling in samples],
        ignore_index=True,
    )
    return found.assign(is_default=found["handling"] == DEFAULT)


def stars(p: float) -> str:
    """* p < .05, ** p < .01."""
    return "**" if p < 0.01 else "*" if p < 0.05 else ""


def _matrix(score: pd.DataFrame, asked: Questionnaire, trusted: dict, params: SurveyParameters) -> pd.DataFrame:
    variables = asked.variables()
    rows = []
    for k, (name, level, _) in enumerate(variables.itertuples(index=False)):
        for j, (other, other_level, _) in enumerate(variables.iloc[: k + 1].itertuples(index=False)):
            shared = bool(set(asked.members(name)) & set(asked.members(other)))
            row = {"variable": name, "level": level, "position": k + 1}
            row |= {"other_variable": other, "other_level": other_level, "other_position": j + 1}
            row |= _pair(score[[name, other]].dropna().to_numpy(), j == k, params)
            if not shared and min(trusted[name], trusted[other]) > 0:  # NaN is not
                stretched = row.get("r", np.nan) / np.sqrt(trusted[name] * trusted[other])
                row["r_corrected"] = stretched if abs(stretched) <= 1 else np.nan
            rows.append(row)
    frame = pd.DataFrame(rows).reindex(columns=COLUMNS)
    tested = frame["p_value"].notna()
    if tested.any():
        frame.loc[tested, "p_adjusted"] = multiplicity.holm(frame.loc[tested, "p_value"].to_numpy("float64"))
    turned = {"variable": "other_variable", "level": "other_level", "position": "other_position"}
    mirrored = frame[frame["position"] != frame["other_position"]]
    mirrored = mirrored.rename(columns=turned | {to: name for name, to in turned.items()})
    return pd.concat([frame, mirrored]).sort_values(["position", "other_position"])


def _pair(x: np.ndarray, same: bool, params: SurveyParameters) -> dict:
    """r of two columns with its test and Fisher's interval; of a column with itself just 1."""
    n = len(x)
    least = max(params.min_respondents, 4)
    if n < least:
        return {"respondents": n, "stars": "", "reason": f"{n} respondents, fewer than {least}"}
    if (np.ptp(x, axis=0) <= 1e-12).any():
        return {"respondents": n, "stars": "", "reason": "everybody has the same score: nothing can go with it"}
    if same:
        return {"respondents": n, "stars": "", "r": 1.0, "reason": None}
    r, p = stats.pearsonr(x[:, 0], x[:, 1])
    width = stats.norm.ppf((1 + params.confidence) / 2) / np.sqrt(n - 3)
    with np.errstate(divide="ignore"):  # r = 1: the interval is the point
        low, high = np.tanh(np.arctanh(r) + np.array([-width, width]))
    return {"respondents": n, "r": r, "p_value": p, "stars": stars(p), "r_low": low, "r_high": high, "reason": None}
