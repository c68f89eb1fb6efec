"""Grey relation in its four uses, and the response regression: what moves sales, and what goes with loyal customers."""

from datetime import date

import pandas as pd

from ml.influence import grey_analyses, response_models
from ml.influence.grey_relation import GreyRelationParameters
from ml.influence.response_regression import ResponseParameters
from ml.steps.record import note_refusal, save, unless_refused
from shops.declaration import Shop
from warehouse.engine import open_warehouse

GREY_RELATION = {
    "as_of": "date",
    "analysis": "varchar",
    "reference": "varchar",
    "transform": "varchar",
    "factor": "varchar",
    "is_cost": "boolean",
    "rho": "double",
    "points": "bigint",
    "factors": "bigint",
    "degree": "double",
    "rank": "bigint",
    "rank_best_rho": "bigint",
    "rank_worst_rho": "bigint",
    "tau_least_rho": "double",
    "rank_best_dropped": "bigint",
    "rank_worst_dropped": "bigint",
    "rank_kept_share": "double",
    "tau_least_dropped": "double",
    "degree_by_chance": "double",
    "p_by_chance": "double",
    "rank_by_chance_share": "double",
    "p_by_shift": "double",
    "reason": "varchar",
}
GREY_RELATION_POINT = {
    "as_of": "date",
    "analysis": "varchar",
    "reference": "varchar",
    "transform": "varchar",
    "factor": "varchar",
    "point_number": "bigint",
    "point": "varchar",
    "weight": "double",
    "reference_value": "double",
    "factor_value": "double",
    "difference": "double",
    "coefficient": "double",
}
RESPONSE_REGRESSION = {
    "as_of": "date",
    "model": "varchar",
    "response": "varchar",
    "period": "varchar",
    "unit_type": "varchar",
    "unit": "varchar",
    "regressor": "varchar",
    "is_logged": "boolean",
    "coefficient": "double",
    "standard_error": "double",
    "significance_level": "varchar",
    "ci_low": "double",
    "ci_high": "double",
    "t": "double",
    "p": "double",
    "elasticity": "double",
    "elasticity_low": "double",
    "elasticity_high": "double",
    "standardised": "double",
    "strength_rank": "bigint",
    "deviation": "double",
    "vif": "double",
    "n": "bigint",
    "r2": "double",
    "durbin_watson": "double",
    "lags": "bigint",
    "reason": "varchar",
}

# name in the methods → table of dbt that has it per moment
READ = {
    "sales": "intermediate.int_sales_by_period",
    "marketing": "intermediate.int_marketing_by_period",
    "exposures": "intermediate.int_exposures_by_week",
    "voices": "intermediate.int_voices_by_period",
    "visitors": "intermediate.int_visitors_by_period",
    "registrations": "intermediate.int_registrations_by_period",
    "customer_groups": "intermediate.int_customer_groups",
    "campaign_results": "intermediate.int_campaign_results",
    "suppliers": "marts.mart_supplier",
}


def run(shop: Shop, as_of: date) -> dict:
    """Compare and regress; what a shop's data do not bear is refused one by one, each with its reason."""
    with open_warehouse(shop.name) as connection:
        tables = {name: _of_moment(connection, table, as_of) for name, table in READ.items()}
    grey = shop.parameters("grey_relation", GreyRelationParameters)
    relations, points, refused = grey_analyses.analyse(tables, grey)
    response = shop.parameters("response_regression", ResponseParameters)
    estimated, not_estimated = unless_refused(lambda: response_models.estimate(tables, response))
    regressions, no_regression = estimated or (None, not_estimated)
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.grey_relation", GREY_RELATION, relations, as_of)
        save(connection, "ml.grey_relation_point", GREY_RELATION_POINT, points, as_of)
        save(connection, "ml.response_regression", RESPONSE_REGRESSION, regressions, as_of)
        for analysis in grey_analyses.ANALYSES:
            note_refusal(connection, as_of, f"ml.grey_relation: {analysis}", refused.get(analysis, ""))
        nothing = "; ".join(f"{name}: {why}" for name, why in refused.items()) if relations is None else ""
        note_refusal(connection, as_of, "ml.grey_relation", nothing)
        note_refusal(connection, as_of, "ml.response_regression", no_regression)
    return {"refused": refused, "relations": 0 if relations is None else len(relations), "regression": no_regression}


def _of_moment(connection, table: str, as_of: date) -> pd.DataFrame:
    rows = connection.execute(f"select * from {table} where as_of = ? order by all", [as_of]).df()
    return rows.drop(columns="as_of")
