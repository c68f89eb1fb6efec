"""Which published marts cut people by a dimension, and on how many people each of their rows rests.

Left out, because nothing in them is cut by people: what is counted of goods, texts, campaigns and models. Facts of one
row per customer are another class: they are pseudonymous and not for everybody (docs/privacy.md).
"""

from warehouse import metrics
from warehouse.small_cells import Cut

KIND = (  # the dimensions of key figures, by the names that other marts give them
    "case dimension_type when 'segment' then 'segment_name' when 'cohort' then 'cohort_month' else dimension_type end"
)
STEPS = ("view", "click", "collect", "cart", "uncart", "buy")
EXPERIMENT = (
    "treated_users", "control_users", "control_contacted_users", "treated_mean", "control_mean", "unadjusted_lift",
    "lift", "lift_low", "lift_high", "relative_lift", "relative_low", "relative_high", "p_value", "adjusted_p_value",
    "sequential_low", "sequential_high", "variance_reduction_rate", "minimum_detectable_lift", "treated_mean_before",
    "control_mean_before", "balance_p_value", "sample_ratio_p_value", "verdict",
)  # fmt: skip
FORECAST = (
    "customers", "order_amount", "expected_buyers", "expected_sales_amount", "extra_buyers", "extra_buyers_low",
    "extra_buyers_high", "extra_sales_amount", "investment_amount", "sales_growth_rate", "customer_growth_rate",
    "return_rate", "sales_growth_low", "customer_growth_low", "return_low", "sales_growth_high",
    "customer_growth_high", "return_high",
)  # fmt: skip
COHORT = (
    "customers", "observed_clv_amount", "predicted_clv_amount", "lifetime_value_amount", "payback_months",
    "cac_amount", "observed_clv_to_cac", "clv_to_cac",
)  # fmt: skip
COHORT_MONTH = (
    "customers", "revenue_per_customer", "margin_per_customer", "cumulative_revenue_per_customer",
    "cumulative_margin_per_customer",
)  # fmt: skip

CUTS = (
    Cut(
        mart="mart_region",
        people="greatest(customers, least(orders, 1))",
        value=("country", "region"),
        measures=(
            "customers", "orders", "amount", "customer_share", "mean_order_amount", "order_amount_index",
            "customer_amount_index", "delivered_orders", "mean_delivery_days", "delivery_days_index", "on_time_rate",
            "mean_distance_km", "shipping_share",
        ),
        totals="customers",
    ),
    Cut(
        mart="mart_segment_region",
        people="users",
        value=("country", "region"),
        across=("segment_name",),
        measures=(
            "users", "share_of_region", "share_of_segment", "expected_users", "location_index", "standardised_residual",
        ),
        totals="members",
        cells="members by segment",
        across_totals="customers",
        value_measures=("region_users",),
        across_measures=("segment_users",),
    ),
    Cut(
        mart="mart_segment_portrait",
        people="users",
        within=("as_of", "attribute"),
        value=("attribute_value",),
        across=("segment_name",),
        measures=("users", "share_in_segment", "index_100", "effect_size"),
        where="attribute_value <> 'mean'",
        dimension="attribute",
        totals="members",
        cells="members by segment",
        across_totals="customers",
        value_measures=("share_overall",),
        across_measures=("segment_users",),
    ),
    Cut(
        mart="mart_segment_portrait",
        people="users",
        within=("as_of", "attribute", "attribute_value"),
        value=("segment_name",),
        measures=("users", "segment_users", "mean_in_segment", "index_100", "effect_size"),
        where="attribute_value = 'mean'",
        totals="customers",
    ),
    Cut(
        mart="mart_segment_movement",
        people="users",
        within=("as_of", "previous_as_of"),
        value=("from_segment",),
        across=("to_segment",),
        measures=("users", "share"),
        flow=("segment_name", "segment_name"),
        totals="customers",
    ),
    Cut(
        mart="mart_catchment",
        people="greatest(customers, least(orders, 1))",
        value=("from_country", "from_region"),
        across=("to_country", "to_region"),
        measures=(
            "orders", "customers", "shipments", "amount", "share_of_arrivals", "share_of_departures",
            "mean_distance_km", "delivered_orders", "mean_delivery_days", "on_time_rate",
        ),
        flow=("", "region"),
        totals="customers",
    ),
    Cut(
        mart="mart_conversion",
        people=f"greatest({', '.join(f'users_{step}, least(n_{step}, 1)' for step in STEPS)})",
        within=("as_of", "dimension_type"),
        value=("dimension_value",),
        measures=(
            *(f"{count}_{step}" for count in ("n", "users") for step in STEPS),
            *(f"k_{step}" for step in STEPS if step != "uncart"),
            *(f"{rate}_{step}" for rate in ("cvr", "item_cvr") for step in ("view", "click", "collect", "cart")),
        ),
        where="dimension_type in ('country', 'channel')",
        dimension="dimension_type",
        totals="visitors of the window",
    ),
    Cut(
        mart="mart_clv_cohort",
        people="customers",
        within=("as_of", "acquisition_channel"),
        value=("cohort_month",),
        measures=COHORT,
        where="cohort_month <> 'all' and acquisition_channel = 'all'",
        totals="customers",
        reason=("payback_reason", "clv_to_cac_reason"),
    ),
    Cut(
        mart="mart_clv_cohort",
        people="customers",
        within=("as_of", "cohort_month"),
        value=("acquisition_channel",),
        measures=COHORT,
        where="cohort_month = 'all' and acquisition_channel <> 'all'",
        totals="customers",
        reason=("payback_reason", "clv_to_cac_reason"),
    ),
    Cut(
        mart="mart_clv_cohort",
        people="customers",
        value=("cohort_month",),
        across=("acquisition_channel",),
        measures=COHORT,
        where="cohort_month <> 'all' and acquisition_channel <> 'all'",
        cells="cohorts by channel",
        across_totals="customers",
        after=("customers",),
        reason=("payback_reason", "clv_to_cac_reason"),
    ),
    Cut(
        mart="mart_clv_cohort_month",
        people="customers",
        within=("as_of", "acquisition_channel"),
        value=("cohort_month",),
        across=("month_number",),
        has_gaps=True,
        measures=COHORT_MONTH,
        where="cohort_month <> 'all' and acquisition_channel = 'all'",
        cells="cohorts by age",
        after=("customers",),
    ),
    Cut(
        mart="mart_clv_cohort_month",
        people="customers",
        within=("as_of", "cohort_month"),
        value=("acquisition_channel",),
        across=("month_number",),
        has_gaps=True,
        measures=COHORT_MONTH,
        where="cohort_month = 'all' and acquisition_channel <> 'all'",
        cells="channels by age",
        after=("customers",),
    ),
    Cut(
        mart="mart_clv_cohort_month",
        people="customers",
        value=("cohort_month",),
        across=("acquisition_channel", "month_number"),
        has_gaps=True,
        measures=COHORT_MONTH,
        where="cohort_month <> 'all' and acquisition_channel <> 'all'",
        cells="cohorts by channel and age",
        after=("customers", "cohorts by channel", "cohorts by age"),
    ),
    Cut(
        mart="mart_place_cluster",
        people="customers",
        value=("cluster_id",),
        measures=("customers", "customer_share", "orders", "amount", "centre_latitude", "centre_longitude",
                  "radius_km", "hull"),
        totals="places",
    ),
    Cut(
        mart="mart_experiment",
        people="least(treated_users, control_users)",
        within=("as_of", "campaign_id", "metric"),
        value=("segment_name",),
        measures=EXPERIMENT,
        where="segment_name <> 'all'",
        cells="measured segments",
        totals="measured segments",
    ),
    Cut(
        mart="mart_strategy_response",
        people="least(treated_users, control_users)",
        within=("as_of", "strategy"),
        value=("segment_name",),
        measures=(
            "treated_users", "control_users", "response_rate", "response_low", "response_high", "extra_amount",
            "extra_amount_low", "extra_amount_high", "measured_rate", "heterogeneity_rate", "baseline_rate",
            "order_amount", "break_even_rate", "is_shown_ineffective",
        ),
        where="segment_name <> 'all' and basis <> 'prior'",
        cells="measured segments",
        totals="measured segments",
    ),
    Cut(
        mart="mart_strategy_forecast",
        people="customers",
        value=("segment_name",),
        across=("strategy",),
        measures=FORECAST,
        where="segment_name <> 'all'",
        cells="segments by strategy",
        after=("customers",),
    ),
)  # fmt: skip


def key_figure_cuts() -> tuple[Cut, ...]:
    """Cells of key figures: of each kind of people that the semantic layer names, over all time, by month, by day."""
    cuts = []
    for people, measures in people_of_measures().items():
        rests_on = f"greatest({people}, case when {' or '.join(f'{name} <> 0' for name in measures)} then 1 end)"
        population = "customers" if people in ("customers", "value_customers", "strategy_users") else people
        for period, name, wider in (
            ("all", population, ()),
            ("month", f"{population} by month", (population,)),
            ("day", f"{population} by day", (f"{population} by month", population)),
        ):
            cuts.append(
                Cut(
                    mart="mart_kpi_cell",
                    people=rests_on,
                    within=("as_of", "dimension_type", "period"),
                    value=("dimension_value",),
                    across=("period_start",),
                    measures=measures,
                    where=f"dimension_type <> 'total' and period = '{period}'",
                    dimension=KIND,
                    cells=name,
                    after=wider,
                )
            )
    return tuple(cuts)


def people_of_measures() -> dict[str, tuple[str, ...]]:
    """{the measure that counts the people: the measures that rest on them}, as models/semantic declares it."""
    found: dict[str, list[str]] = {}
    for name, measure in metrics.declared()["measures"].items():
        if measure.get("people"):
            found.setdefault(measure["people"], []).append(name)
    return {people: tuple(names) for people, names in found.items()}
