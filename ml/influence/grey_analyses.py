"""Why: the four uses that T 4.1.3 makes of grey relation, each over the data a shop has.
In: the frames of dbt for one moment. Out: rows of mart_grey_relation and of its points, and why an analysis has none.

Use 1, drivers of sales over time: weeks; reference: amount sold (units where there are no amounts).
Use 2, supplier selection: indicators of each supplier against the best of all.
Use 3, loyalty and value: twenty groups of customers in order of orders, repeat rate or amount.
Use 4, effect of marketing: activity per channel over weeks, and per campaign that is over, against sales.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from ml.influence import driver_series as series
from ml.influence import grey_relation as grey
from ml.influence.grey_relation import GreyRelationError, GreyRelationParameters, Sequences
from ml.influence.grey_sensitivity import relation

SUPPLIER_INDICATORS = {"on_time_rate": False, "mean_delivery_days": True, "return_rate": True, "review_score": False}
CUSTOMER_FACTORS = (
    "relationship_days", "order_amount", "discount_share", "categories", "visits", "campaigns", "rating",
    "satisfaction",
)  # fmt: skip
CAMPAIGN_FACTORS = ("days", "audience", "sent", "opened", "clicked", "converted", "spend", "impressions")
DRIVERS_OF_SALES, SUPPLIERS, LOYALTY, VALUE, MARKETING, CAMPAIGNS = (
    "drivers_of_sales", "supplier_selection", "customer_loyalty", "customer_value", "marketing_over_time", "campaigns",
)  # fmt: skip
ANALYSES = (DRIVERS_OF_SALES, SUPPLIERS, LOYALTY, VALUE, MARKETING, CAMPAIGNS)
NO_SALES = "no complete week of sales: no source of this shop fills the entity orders, or it covers less than a week"


@dataclass(frozen=True, eq=False)
class Comparison:
    """One ranking: what is compared under which name, and how to prepare it."""

    analysis: str
    reference: str
    transform: str
    sequences: Callable[[], Sequences]
    costs: frozenset[str] = frozenset()


def analyse(
    tables: Mapping[str, pd.DataFrame], params: GreyRelationParameters | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str]]:
    """All four uses. tables: those of driver_series, and customer_groups, campaign_results, suppliers.

    Returns (relations, points, refused): one row per analysis, reference, transform and factor; one row per point of
    those that were compared; and per analysis without any comparison the reason.
    """
    params = params or GreyRelationParameters()
    plans, refused = comparisons(tables, params)
    found, points, failed = [], [], {}
    for plan in plans:
        named = {"analysis": plan.analysis, "reference": plan.reference, "transform": plan.transform}
        try:
            sequences = plan.sequences()
        except GreyRelationError as fault:
            failed.setdefault(plan.analysis, f"{plan.reference}, {plan.transform}: {fault}")
            continue
        rows = relation(sequences, params).assign(rho=params.rho, **named)
        rows["is_cost"] = rows["factor"].isin(plan.costs)
        if plan.analysis == DRIVERS_OF_SALES:
            unrecorded = rows["reason"] == grey.NOT_RECORDED
            rows.loc[unrecorded, "reason"] = rows.loc[unrecorded, "factor"].map(series.not_recorded)
        found.append(rows)
        points.append(grey.point_table(sequences, params.rho).assign(**named))
    answered = {rows["analysis"].iloc[0] for rows in found}
    refused |= {analysis: why for analysis, why in failed.items() if analysis not in answered}
    both = [pd.concat(frames, ignore_index=True) if frames else None for frames in (found, points)]
    return *both, refused


def comparisons(tables: Mapping[str, pd.DataFrame], params: GreyRelationParameters) -> tuple[list[Comparison], dict]:
    """What a shop's data allow to be compared, and per analysis that they do not allow the reason."""
    plans, refused = [], {}
    weeks = series.driver_series(tables, "week", 7 * params.longest_weeks)
    response = "amount" if weeks["amount"].notna().any() else "units"
    if weeks.empty:
        refused |= {DRIVERS_OF_SALES: NO_SALES, MARKETING: NO_SALES}
    else:
        drivers = weeks[list(series.DRIVERS)].assign(week=weeks.index.strftime("%G-W%V")).set_index("week")
        channels = series.channel_series(tables, weeks.index)
        sales = weeks[response].set_axis(drivers.index)
        for transform in grey.TRANSFORMS:
            plans.append(_over_time(DRIVERS_OF_SALES, sales, drivers, transform, params, series.COSTS, True))
            if len(channels.columns):
                activity = channels.set_axis(drivers.index)
                plans.append(_over_time(MARKETING, sales, activity, transform, params, is_ordered=True))
        if channels.columns.empty:
            refused[MARKETING] = "no source of this shop records spend or contacts"
    plans += _customer_comparisons(tables["customer_groups"], params, refused)
    plans += _campaign_comparisons(tables["campaign_results"], params, refused)
    plans += _supplier_comparisons(tables["suppliers"], params, refused)
    return plans, refused


def _over_time(analysis, reference, factors, transform, params, costs=frozenset(), is_ordered=False) -> Comparison:
    return Comparison(
        analysis,
        reference.name,
        transform,
        lambda: grey.over_time(reference, factors, transform, costs, params, is_ordered),
        costs,
    )


def _customer_comparisons(groups: pd.DataFrame, params: GreyRelationParameters, refused: dict) -> list[Comparison]:
    plans = []
    for analysis, references in ((LOYALTY, ("orders", "repeat_rate")), (VALUE, ("amount",))):
        found = groups[groups["reference"].isin(references)]
        if found.empty:
            lacks = "amounts" if len(groups) else "known customers with orders"
            refused[analysis] = f"no {lacks}: no source of this shop records them"
            continue
        if found["customers"].min() < params.least_group:
            refused[analysis] = (
                f"{int(found['customers'].min())} customers in the smallest of {found['group_number'].max()} groups,"
                f" at least {params.least_group} are needed for a mean"
            )
            continue
        for reference in references:
            own = found[found["reference"] == reference].set_index("group_number").sort_index()
            own.index = own.index.map("{:02d}".format)
            # M1 is made of orders and of their amounts: what defines the reference explains nothing
            left_out = ("order_amount",) if reference == "amount" else ()
            factors = own[[name for name in CUSTOMER_FACTORS if name not in left_out]]
            plans.append(_over_time(analysis, own[reference], factors, "mean", params))
    return plans


def _campaign_comparisons(results: pd.DataFrame, params: GreyRelationParameters, refused: dict) -> list[Comparison]:
    results = results.dropna(subset=["audience_amount"])
    if len(results) < params.least_points:
        refused[CAMPAIGNS] = (
            f"{len(results)} campaigns that are over and whose audience bought in a recorded time,"
            f" at least {params.least_points} are needed"
        )
        return []
    own = results.set_index("campaign_id").sort_index().astype("float64")
    never = [name for name in CAMPAIGN_FACTORS if not (own[name].fillna(0) != 0).any()]
    factors = own[list(CAMPAIGN_FACTORS)].assign(**{name: float("nan") for name in never})
    return [_over_time(CAMPAIGNS, own["audience_amount"], factors, "mean", params)]


def _supplier_comparisons(suppliers: pd.DataFrame, params: GreyRelationParameters, refused: dict) -> list[Comparison]:
    if suppliers.empty:
        refused[SUPPLIERS] = "no suppliers: no source of this shop fills the entity, nor names them in its order lines"
        return []
    # mart_supplier gives no figures below its least data: those suppliers cannot be judged and say so there
    indicators = suppliers.set_index("supplier_id")[list(SUPPLIER_INDICATORS)].dropna(how="all")
    if indicators.empty:
        refused[SUPPLIERS] = (
            f"{len(suppliers)} suppliers without any of {', '.join(SUPPLIER_INDICATORS)}: no source records promised"
            " days, returns or reviews, or none has enough of them (mart_supplier, reason)"
        )
        return []
    costs = frozenset(name for name, is_cost in SUPPLIER_INDICATORS.items() if is_cost)
    weights = params.supplier_weights
    if unknown := sorted(set(weights) - set(SUPPLIER_INDICATORS)):
        raise GreyRelationError(f"supplier_weights name {unknown}; indicators are {sorted(SUPPLIER_INDICATORS)}")
    return [Comparison(SUPPLIERS, "ideal", "range", lambda: grey.against_ideal(indicators, costs, weights, params))]
