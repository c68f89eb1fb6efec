"""What regression must find: planted elasticities within its intervals, and nothing where nothing can be found."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from ml.influence import response_regression as response
from ml.influence.response_regression import ResponseError, ResponseParameters, fit, season

PARAMS = ResponseParameters()
ORANGE_JUICE = Path(__file__).resolve().parents[4] / "shared" / "data" / "price_response" / "orangeJuice_yx.csv.gz"


def autoregressive(random, n, persistence):
    shocks, series = random.normal(size=n), np.zeros(n)
    for t in range(1, n):
        series[t] = persistence * series[t - 1] + shocks[t] * np.sqrt(1 - persistence**2)
    return series


def planted(seed, n=400, persistence=0.4, freq="D"):
    random = np.random.default_rng(seed)
    index = pd.date_range("2024-01-01", periods=n, freq=freq)
    spend, price = (np.exp(0.3 * autoregressive(random, n, 0.6)) for _ in range(2))
    count = random.poisson(2, n).astype(float)
    log = 1 + 0.5 * np.log(spend) - 1.5 * np.log(price) + 0.02 * count + 0.2 * autoregressive(random, n, persistence)
    levers = pd.DataFrame({"spend": spend, "price": price, "mailings": count}, index=index)
    return pd.Series(np.exp(log), index=index, name="amount"), levers


def rows_of(fitted) -> pd.DataFrame:
    return fitted.rows.set_index("regressor")


def test_planted_elasticities_are_found():
    amount, levers = planted(1)
    fitted = fit(amount, levers, season(amount.index, PARAMS))
    found = rows_of(fitted)
    truth = {"spend": 0.5, "price": -1.5, "mailings": 0.02}
    for name, size in truth.items():
        assert found["ci_low"][name] < size < found["ci_high"][name]
    assert found["elasticity"]["mailings"] == pytest.approx(
        found["coefficient"]["mailings"] * levers["mailings"].mean()
    )
    assert found["is_logged"].to_dict() == {"spend": True, "price": True, "mailings": False}
    assert found["elasticity"]["price"] == found["coefficient"]["price"]
    assert fitted.n == 400
    assert 0.8 < fitted.r2 < 1


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    held = 0
    for seed in range(60):
        amount, levers = planted(seed, n=104, persistence=0.3, freq="7D")
        found = rows_of(fit(amount, levers, season(amount.index, PARAMS)))
        held += found["ci_low"]["spend"] < 0.5 < found["ci_high"]["spend"]
    assert held >= 51  # 57 of 60 expected at 95 %; below 51 has a chance of 1 in 500


def test_errors_are_those_of_newey_and_west_but_for_leverage():
    amount, levers = planted(2, n=3000)
    controls = season(amount.index, PARAMS)
    fitted = fit(amount, levers, controls)
    design = sm.add_constant(pd.concat([levers[["mailings"]], np.log(levers[["spend", "price"]]), controls], axis=1))
    kind = {"maxlags": fitted.lags, "use_correction": False}
    reference = sm.OLS(np.log(amount), design).fit(cov_type="HAC", cov_kwds=kind)
    found = rows_of(fitted)
    for name in levers:
        assert found["coefficient"][name] == pytest.approx(reference.params[name], rel=1e-8)
        assert 1 < found["standard_error"][name] / reference.bse[name] < 1.02


def test_coefficients_worked_by_hand():
    # log amount = 2 log spend + level, without noise
    index = pd.date_range("2024-01-01", periods=40, freq="7D")
    spend = pd.Series(np.tile([1.0, 2.0, 4.0, 8.0], 10), index=index)
    amount = 3 * spend**2
    found = rows_of(fit(amount, spend.to_frame("spend"), pd.DataFrame(index=index)))
    assert found["coefficient"]["spend"] == pytest.approx(2)
    assert found["standardised"]["spend"] == pytest.approx(1)
    assert found["deviation"]["spend"] == pytest.approx(np.log(spend).std())
    assert found["vif"]["spend"] == pytest.approx(1)


def test_units_and_order_of_rows_change_nothing():
    amount, levers = planted(3)
    controls = season(amount.index, PARAMS)
    before = rows_of(fit(amount, levers, controls))
    scaled = rows_of(fit(amount * 1000, levers * [100, 0.01, 1], controls))
    for column in ("coefficient", "standard_error", "elasticity", "standardised", "vif"):
        assert scaled[column].to_numpy() == pytest.approx(before[column].to_numpy(), rel=1e-6)
    order = np.random.default_rng(0).permutation(len(amount))
    shuffled = rows_of(fit(amount.iloc[order], levers.iloc[order], controls.iloc[order]))
    pd.testing.assert_frame_equal(shuffled, before, check_exact=True)


def test_an_absent_regressor_is_stated_and_not_zero():
    amount, levers = planted(4)
    odd = levers.assign(
        service=np.nan, fixed=3.0, seldom=np.where(np.arange(400) < 150, 1.0, np.nan), twice=2 * levers["mailings"],
        still=1 + 0.001 * np.sin(np.arange(400)),
    )  # fmt: skip
    found = rows_of(fit(amount, odd, season(amount.index, PARAMS)))
    assert found["reason"].dropna().to_dict() == {
        "service": "not recorded",
        "fixed": "never moves",
        "seldom": "recorded too seldom",
        "twice": "repeats spend, price, mailings",
        "still": "moves by 0.1% only: too little to show an effect",
    }
    assert found.loc[found["reason"].notna(), "coefficient"].isna().all()
    assert found["coefficient"].notna().sum() == 3


def test_collinear_regressors_are_marked():
    amount, levers = planted(5)
    noise = np.exp(np.random.default_rng(1).normal(0, 0.02, 400))
    found = rows_of(fit(amount, levers.assign(shadow=levers["spend"] * noise), season(amount.index, PARAMS)))
    assert found["vif"]["shadow"] > 100
    assert "collinear" in found["reason"]["spend"]
    assert pd.isna(found["reason"]["price"])


def test_closed_days_are_left_out():
    amount, levers = planted(6)
    amount[amount.index.day_of_week == 5] = 0.0
    fitted = fit(amount, levers, season(amount.index, PARAMS))
    assert fitted.n == (amount > 0).sum()
    assert rows_of(fitted)["coefficient"].notna().all()


def test_too_few_periods_are_refused_with_the_number_needed():
    amount, levers = planted(7, n=29)
    with pytest.raises(ResponseError, match=r"29 periods .* at least 33 are needed for 11 coefficients"):
        fit(amount, levers, season(amount.index, PARAMS))
    with pytest.raises(ResponseError, match="no regressor remains"):
        fit(*(part.iloc[:, :0] if part.ndim == 2 else part for part in planted(7)), pd.DataFrame(index=levers.index))


def test_season_has_weekdays_for_days_and_waves_only_from_a_year_on():
    days, weeks = pd.date_range("2024-01-01", periods=100), pd.date_range("2024-01-01", periods=52, freq="7D")
    assert list(season(days, PARAMS)) == ["trend", *(f"weekday_{k}" for k in range(1, 7))]
    assert list(season(weeks, PARAMS)) == ["trend", "sin_1", "cos_1", "sin_2", "cos_2"]
    assert list(season(weeks[:50], PARAMS)) == ["trend"]


def test_lags_and_stars():
    assert [response.lag_rule(n) for n in (50, 100, 365)] == [3, 4, 5]
    assert [response.stars(p) for p in (0.0005, 0.005, 0.04, 0.06)] == ["0.001", "0.01", "0.05", None]


@pytest.fixture(scope="module")
def orange_juice() -> pd.DataFrame:
    if not ORANGE_JUICE.is_file():
        pytest.skip(f"real data of price_response not found at {ORANGE_JUICE}")
    return pd.read_csv(ORANGE_JUICE)


def own_response(sales: pd.DataFrame, levers=("price", "deal", "feature")) -> response.Fit:
    """Sales of a brand in a store on its own price, deal and feature; each store and brand has an effect of its own."""
    prices = sales[[f"price{brand}" for brand in range(1, 12)]].to_numpy()
    own = sales.assign(price=prices[np.arange(len(sales)), sales["brand"].to_numpy() - 1], feature=sales["feat"])
    own["week_start"] = pd.Timestamp("1989-09-14") + pd.to_timedelta(7 * own["week"], unit="D")
    own = own.sort_values(["week_start", "store", "brand"]).set_index("week_start")
    weeks = pd.DatetimeIndex(sorted(own.index.unique()))
    controls = season(weeks, PARAMS).reindex(own.index)
    return fit(np.exp(own["logmove"]), own[list(levers)], controls, unit=own["store"] * 100 + own["brand"])


def brand_response(sales: pd.DataFrame, brand: int, levers=("price", "deal", "feature")) -> response.Fit:
    return own_response(sales[sales["brand"] == brand], levers)


def test_orange_juice_sells_less_when_dearer_and_more_when_featured(orange_juice):
    """83 stores, 121 weeks, 11 brands; store fixed effects, Driscoll-Kraay errors."""
    for brand in range(1, 12):
        fitted = brand_response(orange_juice, brand)
        found = rows_of(fitted)
        assert found["elasticity_high"]["price"] < 0, brand
        assert found["p"]["price"] < 0.001, brand
        assert found["ci_low"]["feature"] > 0, brand
        assert found["ci_high"]["deal"] > 0, brand  # what a deal does beyond its lower price is small for most brands
        without_price = rows_of(brand_response(orange_juice, brand, ("deal",)))
        assert without_price["ci_low"]["deal"] > 0, brand  # with its lower price it sells more of every brand
        assert fitted.n == 9649


def test_orange_juice_of_all_brands_together(orange_juice):
    found = rows_of(own_response(orange_juice))
    assert found["ci_high"]["price"] < 0 < found["ci_low"]["feature"]
    assert found["coefficient"]["deal"] > 0


def test_stores_of_one_chain_share_their_weeks(orange_juice):
    """Deals come to all stores at once: errors clustered by store alone would be several times too small."""
    own = orange_juice[orange_juice["brand"] == 3].sort_values(["week", "store"])
    y, x = own["logmove"], np.log(own[["price3"]]).assign(deal=own["deal"], feature=own["feat"])
    within = [part - part.groupby(own["store"]).transform("mean") for part in (y, x)]
    by_store = sm.OLS(*within).fit(cov_type="cluster", cov_kwds={"groups": own["store"].to_numpy()})
    assert rows_of(brand_response(orange_juice, 3))["standard_error"]["price"] > 3 * by_store.bse["price3"]
