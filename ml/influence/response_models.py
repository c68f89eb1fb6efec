"""Why: which regressions a shop gets, so that Z Table 3 can be read for the whole and per category.
In: the series tables of dbt. Out: rows of mart_response_regression, one per model, unit and regressor.

`amount_day`, `amount_week`, `units_day`, `units_week` for the shop as a whole; `units_week` and `amount_week` for its
largest categories (own price, discount, exposures; advertising, service and campaigns are the shop's). Only levers are
regressors: visitors or active customers lie on the way from advertising to sales, and to hold them equal would hide it.
"""

from collections.abc import Mapping

import pandas as pd

from ml.influence import driver_series as series
from ml.influence import response_regression as response
from ml.influence.response_regression import ResponseError, ResponseParameters

NO_SALES = "no complete period of sales: no source of this shop fills the entity orders, or it covers too short a time"


def estimate(
    tables: Mapping[str, pd.DataFrame], params: ResponseParameters | None = None
) -> tuple[pd.DataFrame | None, str]:
    """(rows, ''), or (None, why) when no model at all can be fitted.

    A model that is refused leaves one row per regressor without numbers and with the reason, as long as any is fitted.
    """
    params = params or ResponseParameters()
    found, faults = [], []
    for unit_type, unit in [("total", "all"), *[("category", name) for name in largest(tables["sales"], params)]]:
        for period in ("day", "week") if unit_type == "total" else ("week",):
            frame = series.driver_series(tables, period, params.longest_days, unit)
            for measure in ("amount", "units"):
                rows, fault = _model(frame, measure, params)
                faults += [fault] if fault else []
                named = {"model": f"{measure}_{period}", "period": period, "response": measure}
                found.append(rows.assign(**named, unit_type=unit_type, unit=unit))
    rows = pd.concat(found, ignore_index=True)
    return (None, faults[0]) if rows["coefficient"].isna().all() else (rows, "")


def largest(sales: pd.DataFrame, params: ResponseParameters) -> list[str]:
    """The categories with the largest amounts (units where there are no amounts), at most `categories` of them."""
    weekly = sales[(sales["unit_type"] == "category") & (sales["period"] == "week") & (sales["unit"] != "unknown")]
    size = weekly.assign(size=weekly["amount"].astype("float64").fillna(weekly["units"])).groupby("unit")["size"].sum()
    order = size.rename_axis("unit").reset_index().sort_values(["size", "unit"], ascending=[False, True])
    return order["unit"].head(params.categories).tolist()


def _model(frame: pd.DataFrame, measure: str, params: ResponseParameters) -> tuple[pd.DataFrame, str]:
    levers = frame[series.LEVERS]
    try:
        if frame.empty:
            raise ResponseError(NO_SALES)
        if not frame[measure].notna().any():
            raise ResponseError(f"no {measure}: no source of this shop records it")
        fitted = response.fit(frame[measure], levers, response.season(frame.index, params), params)
    except ResponseError as fault:
        return pd.DataFrame({"regressor": series.LEVERS, "coefficient": float("nan"), "reason": str(fault)}), str(fault)
    rows = fitted.rows
    unrecorded = rows["reason"] == response.NOT_RECORDED
    rows.loc[unrecorded, "reason"] = rows.loc[unrecorded, "regressor"].map(series.not_recorded)
    size = rows["standardised"].abs()
    rows["strength_rank"] = size.rank(ascending=False, method="first").astype("Int64")
    whole = {"n": fitted.n, "r2": fitted.r2, "durbin_watson": fitted.durbin_watson, "lags": fitted.lags}
    return rows.assign(**whole).astype({"n": "Int64", "lags": "Int64"}), ""
