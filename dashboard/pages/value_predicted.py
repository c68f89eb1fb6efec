"""How wrong the predictions of value were, held against what came, and the customers of whom most is expected."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import label, write
from dashboard.view import View

MODELS = {"own_rate": "Everybody goes on as before", "average": "Everybody is alike"}


def predictions(view: View) -> pd.DataFrame:
    """One row per quantity and model: what it predicted of the last months, and what came. The serving model first."""
    return view.frame(
        """
        select quantity, model, max(holdout_start) as holdout_start, max(customers) as customers,
               max(predicted) filter (metric = 'total') as predicted, max(actual) filter (metric = 'total') as actual,
               max(value) filter (metric = 'bias') as bias, max(value) filter (metric = 'mae') as mae,
               max(value) filter (metric = 'spearman') as spearman
        from marts.mart_clv_holdout
        where as_of = $as_of and decile = 0
        group by quantity, model order by quantity desc, model in ('own_rate', 'average'), mae, model
        """
    )


def deciles(view: View) -> pd.DataFrame:
    """One row per quantity, model and tenth of the customers by prediction, the most valuable tenth first."""
    return view.frame(
        """
        select quantity, model, decile, customers, predicted, actual
        from marts.mart_clv_holdout
        where as_of = $as_of and metric = 'calibration'
        order by quantity desc, model in ('own_rate', 'average'), model, decile desc
        """
    )


def customers(view: View) -> pd.DataFrame:
    """One row per customer, the 1,000 of whom most is expected."""
    return view.frame(
        """
        select v.user_id, s.segment_name, v.predicted_clv_amount, v.observed_clv_amount, v.alive_probability,
               v.expected_orders, v.expected_order_amount, v.horizon_days, v.clv_basis, v.reason
        from marts.fct_customer_value as v left join marts.fct_customer_segment as s using (as_of, user_id)
        where v.as_of = $as_of order by v.predicted_clv_amount desc nulls last, v.user_id limit 1000
        """
    )


TABLES = {"predictions": predictions, "deciles": deciles, "customers": customers}


def render(view: View) -> list:
    """Predictions against what came, and customers by what is expected of them."""
    return [_predictions(view), _customers(view)]


def counted_in(basis: str) -> str:
    """What value is counted in, as a person says it."""
    return "margin" if basis == "margin" else "revenue, since costs of goods are not known"


def _predictions(view: View):
    title, found = "How wrong the predictions were", predictions(view)
    if found.empty:
        reason = parts.refusal(view, "ml.clv_holdout") or parts.refusal(view, "ml.customer_value")
        return parts.section(title, parts.missing(reason or "No earlier prediction could be held against what came."))
    served = found[~found["model"].isin(MODELS)]
    tenths = deciles(view)
    charts = []
    for row in served.itertuples():
        rows = tenths[(tenths["model"] == row.model) & (tenths["quantity"] == row.quantity)]
        unit = view.currency if row.quantity == "spend" else "Orders"
        drawn = rows.assign(name=rows["decile"].map(lambda tenth: f"Tenth {tenth}"))
        figure = figures.dots(drawn, "name", {"actual": "Came", "predicted": "Predicted"}, f"{unit} per customer")
        words = "; ".join(
            f"{r.name}: {write(r.predicted, 'decimal')} predicted, {write(r.actual, 'decimal')} came"
            for r in drawn[["name", "predicted", "actual"]].itertuples(index=False)
        )
        charts.append(parts.graph(figure, f"{unit} per customer, by tenth of the customers. {words}."))
    told = found.assign(
        what=found["quantity"].map({"spend": "Value", "orders": "Orders"}),
        name=[MODELS.get(model, "The model used here") for model in found["model"]],
        too=[_too(bias) for bias in found["bias"]],
    )
    start = found["holdout_start"].iloc[0]
    return parts.section(
        title,
        parts.columns(*charts),
        parts.table(
            view, "predictions", told,
            {
                "what": ("Of", "text"), "name": ("Predicted by", "text"), "predicted": ("Predicted", "count"),
                "actual": ("Came", "count"), "too": ("In all", "text"), "mae": ("Wrong by, per customer", "decimal"),
                "spearman": ("Right order (1 = perfect)", "decimal"),
            },
            "Predictions against what came, with two simple rules beside the model",
        ),
        about=f"{' '.join(_verdict(view, found, quantity) for quantity in found['quantity'].unique())} Tested on "
        f"{write(found['customers'].max(), 'count')} customers from {write(start, 'date')} on, of which the model knew "
        "nothing; of the whole shop. Tenth 10 holds those of whom most was predicted.",
    )  # fmt: skip


def _too(bias: float) -> str:
    """A bias (predicted / actual - 1) in words."""
    if bias != bias:
        return "nothing came"
    return "right" if abs(bias) < 0.005 else f"{write(abs(bias), 'share')} too {'much' if bias > 0 else 'little'}"


def _verdict(view: View, found: pd.DataFrame, quantity: str) -> str:
    """How wrong the model was, and whether simple rules were."""
    rows = found[found["quantity"] == quantity]
    served, simple = rows[~rows["model"].isin(MODELS)], rows[rows["model"].isin(MODELS)]
    if served.empty or simple.empty:
        return ""
    wrong, best = served.iloc[0], simple.sort_values("mae").iloc[0]
    unit, name = (("amount", "Value"), ("decimal", "Orders"))[quantity == "orders"]
    closer = "closer than" if wrong["mae"] < best["mae"] else "no closer than"
    return (
        f"{name}: predicted {_too(wrong['bias'])}, and wrong by {write(wrong['mae'], unit, view.currency)} per "
        f"customer, {closer} the better of two simple rules ({write(best['mae'], unit, view.currency)})."
    )


def _customers(view: View):
    title, found = "Of whom most is expected", customers(view)
    if found["predicted_clv_amount"].isna().all():
        why = found["reason"].dropna()
        told = parts.refusal(view, "ml.customer_value") or (why.iloc[0] if len(why) else "No customer has an order.")
        return parts.section(title, parts.missing(told))
    return parts.section(
        title,
        parts.table(
            view, "customers", found.assign(segment_name=found["segment_name"].map(label)).head(20),
            {
                "user_id": ("Customer", "text"), "segment_name": ("Segment", "text"),
                "predicted_clv_amount": ("Expected", "amount"), "observed_clv_amount": ("Brought so far", "amount"),
                "expected_orders": ("Orders expected", "number"), "expected_order_amount": ("Each of", "amount"),
                "alive_probability": ("Still a customer", "share"),
            },
            "The 20 customers of whom most is expected; the CSV holds 1,000",
            links={"user_id": lambda row: view.link("customer", user=row["user_id"])},
        ),
        about=f"Expected within {write(found['horizon_days'].max(), 'days')} after {view.as_of}, in "
        f"{counted_in(found['clv_basis'].iloc[0])}; of the whole shop.",
    )  # fmt: skip
