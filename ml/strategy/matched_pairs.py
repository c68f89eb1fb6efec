"""Why: where nobody drew lots, those contacted are compared with customers who were as likely to be contacted.

In: covariates known before the contact, who was contacted. Out: pairs, how alike they are, and the mean difference of
an outcome with an interval that knows that a customer may stand in several pairs.

Propensity score (Rosenbaum and Rubin 1983), nearest neighbour without replacement within a caliper of 0.2 standard
deviations of its logit (Austin 2011), standardised mean differences; variance over pairs (Abadie and Spiess 2022),
across campaigns robust to pairs that share a customer (Aronow, Samii and Assenova 2015).
"""

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

CRITICAL = float(norm.ppf(0.975))


def pairs(covariates: pd.DataFrame, is_contacted: pd.Series, caliper: float) -> pd.DataFrame:
    """Contacted and comparison customers, one to one. Index of both inputs: user_id.

    caliper: largest distance, in standard deviations (pooled over both groups) of the logit of the propensity score.
    Returns contacted, comparison (user ids), sorted by contacted; whoever has no neighbour within the caliper is left
    out. The order of rows changes nothing.
    """
    covariates = covariates.sort_index()
    is_contacted = is_contacted.loc[covariates.index].to_numpy(bool)
    logit = propensity_logit(covariates.to_numpy(float), is_contacted)
    deviation = np.sqrt((logit[is_contacted].var() + logit[~is_contacted].var()) / 2)
    taken = nearest(logit[is_contacted], logit[~is_contacted], caliper * deviation)
    ids = covariates.index.to_numpy()
    found = taken >= 0
    return pd.DataFrame({"contacted": ids[is_contacted][found], "comparison": ids[~is_contacted][taken[found]]})


def propensity_logit(covariates: np.ndarray, is_contacted: np.ndarray) -> np.ndarray:
    """Log odds of being contacted, from standardised covariates; the ridge keeps a perfect separation finite."""
    standard = StandardScaler().fit_transform(covariates)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(standard, is_contacted)
    return np.round(standard @ model.coef_[0] + model.intercept_[0], 9)  # ties stay ties on every machine


def nearest(contacted: np.ndarray, pool: np.ndarray, caliper: float) -> np.ndarray:
    """Position in `pool` of each one's nearest neighbour not yet taken, -1 beyond the caliper.

    Those most likely to be contacted choose first, as they have the fewest neighbours. Equally near: the lower value,
    then the earlier position.
    """
    order = np.argsort(pool, kind="stable")
    values = pool[order]
    # up[i]: towards the next free position at or above i; down[i]: at or below i - 1. The ends stand for nobody.
    up, down = np.arange(len(pool) + 1), np.arange(len(pool) + 1)
    taken = np.full(len(contacted), -1)
    for who in np.argsort(-contacted, kind="stable"):
        at = int(np.searchsorted(values, contacted[who]))
        right, left = _free(up, at), _free(down, at) - 1
        gap_left = round(contacted[who] - values[left], 9) if left >= 0 else np.inf
        gap_right = round(values[right] - contacted[who], 9) if right < len(pool) else np.inf
        if min(gap_left, gap_right) > caliper:
            continue
        chosen = left if gap_left <= gap_right else right
        taken[who] = order[chosen]
        up[chosen], down[chosen + 1] = chosen + 1, chosen
    return taken


def _free(pointers: np.ndarray, at: int) -> int:
    """Follow the pointers from `at` to a position that is still free; what was passed points there from now on."""
    end = at
    while pointers[end] != end:
        end = int(pointers[end])
    while pointers[at] != end:
        pointers[at], at = end, int(pointers[at])
    return end


def balance(covariates: pd.DataFrame, is_contacted: pd.Series, matched: pd.DataFrame) -> pd.DataFrame:
    """Means and standardised mean differences per covariate, before and after matching.

    The difference is in standard deviations of all candidates (root of the mean of both groups' variances), the same
    before and after (Stuart 2010). Null where a covariate does not vary.
    """
    one, other = covariates[is_contacted], covariates[~is_contacted]
    deviation = np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 2)
    deviation = deviation.where(deviation > 0)
    one_matched, other_matched = covariates.loc[matched["contacted"]], covariates.loc[matched["comparison"]]
    table = pd.DataFrame(
        {
            "contacted_mean": one.mean(),
            "pool_mean": other.mean(),
            "matched_contacted_mean": one_matched.mean(),
            "matched_comparison_mean": other_matched.mean(),
            "smd_before": (one.mean() - other.mean()) / deviation,
            "smd_after": (one_matched.mean() - other_matched.mean()) / deviation,
        }
    )
    return table.rename_axis("covariate").reset_index()


def mean_difference(difference: np.ndarray, contacted: np.ndarray, comparison: np.ndarray) -> dict[str, float]:
    """Mean of the differences of pairs with its 95 % interval and two-sided p (normal).

    Pairs that share a customer are not independent: products of residuals are summed over all pairs with a customer in
    common. Where everybody stands in one pair only, this is the standard error of paired differences.
    """
    count = len(difference)
    effect = float(difference.mean())
    rest = difference - effect
    both = pd.Series(np.concatenate([rest, rest])).groupby(np.concatenate([contacted, comparison])).sum()
    # a pair of customers paired twice would count for either of them
    is_sorted = contacted < comparison
    couple = [np.where(is_sorted, contacted, comparison), np.where(is_sorted, comparison, contacted)]
    twice = pd.Series(rest).groupby(couple).sum()
    squares = max(float((both**2).sum() - (twice**2).sum()), float((rest**2).sum()))
    error = float(np.sqrt(squares / (count * (count - 1))))
    p = float(2 * norm.sf(abs(effect) / error)) if error > 0 else (1.0 if effect == 0 else 0.0)
    return {"effect": effect, "low": effect - CRITICAL * error, "high": effect + CRITICAL * error, "p_value": p}
