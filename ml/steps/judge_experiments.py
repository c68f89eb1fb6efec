"""Every campaign that has begun is judged: against its control group, or with the reason why it cannot be."""

from datetime import date

import pandas as pd

from ml.experiment import judgement, small_campaigns, verdict
from ml.experiment.parameters import ExperimentParameters
from ml.steps.record import note_refusal, save
from shops.declaration import Shop
from warehouse.engine import open_warehouse

EXPERIMENT = {
    "as_of": "date",
    "campaign_id": "varchar",
    "campaign_name": "varchar",
    "strategy": "varchar",
    "channel": "varchar",
    "start_date": "date",
    "window_end_date": "date",
    "is_complete": "boolean",
    "segment_name": "varchar",
    "segments_as_of": "date",
    "metric": "varchar",
    "treated_users": "bigint",
    "control_users": "bigint",
    "control_contacted_users": "bigint",
    "treated_mean": "double",
    "control_mean": "double",
    "unadjusted_lift": "double",
    "lift": "double",
    "lift_low": "double",
    "lift_high": "double",
    "relative_lift": "double",
    "relative_low": "double",
    "relative_high": "double",
    "p_value": "double",
    "adjusted_p_value": "double",
    "sequential_low": "double",
    "sequential_high": "double",
    "variance_reduction_rate": "double",
    "minimum_detectable_lift": "double",
    "treated_mean_before": "double",
    "control_mean_before": "double",
    "balance_p_value": "double",
    "expected_control_share": "double",
    "sample_ratio_p_value": "double",
    "verdict": "varchar",
    "reason": "varchar",
}
OF_CAMPAIGN = ("campaign_id", "campaign_name", "strategy", "channel", "start_date", "window_end_date", "is_complete")

CAMPAIGNS = """
    select * from intermediate.int_experiment_campaigns where as_of = $as_of order by start_date, campaign_id
"""
# Segments of the newest moment at or before the start: what a campaign itself changed must not divide its customers.
USERS = """
    with
    moments as (
        select campaigns.campaign_id, max(segments.as_of) as segments_as_of
        from intermediate.int_experiment_campaigns as campaigns
        inner join (select distinct as_of from known_segments) as segments
            on segments.as_of <= campaigns.start_date and segments.as_of >= campaigns.start_date - $max_age::integer
        where campaigns.as_of = $as_of
        group by campaigns.campaign_id
    )
    select users.* exclude (as_of), moments.segments_as_of, segments.segment_name
    from intermediate.int_experiment_users as users
    left join moments using (campaign_id)
    left join known_segments as segments
        on segments.as_of = moments.segments_as_of and segments.user_id = users.user_id
    where users.as_of = $as_of
    order by users.campaign_id, users.user_id
"""


def run(shop: Shop, as_of: date) -> dict:
    """Judge what had begun by as_of; running campaigns too, by an interval that bears daily looks."""
    params = shop.parameters("experiment", ExperimentParameters)
    with open_warehouse(shop.name) as connection:
        _offer_segments(connection)
        campaigns = connection.execute(CAMPAIGNS, {"as_of": as_of}).df()
        given = {"as_of": as_of, "max_age": params.segment_max_age_days}
        users = connection.execute(USERS, given).df()
    for column in ("start_date", "window_end_date"):
        campaigns[column] = pd.to_datetime(campaigns[column]).dt.date
    users["segments_as_of"] = pd.to_datetime(users["segments_as_of"]).dt.date
    assigned = dict(list(users.groupby("campaign_id")))
    rows, small = [], []
    own = {each.name for each in shop.sources if each.kind == "activation"}
    for campaign in campaigns.to_dict("records"):
        if campaign["campaign_id"] not in assigned:
            rows.append(pd.DataFrame([_without_control(campaign)]))
            continue
        rows.append(_experiment(campaign, assigned[campaign["campaign_id"]], shop, as_of, params))
        if campaign["source"] in own and campaign["is_complete"] and rows[-1]["lift"].isna().all():
            small.append(campaign)
    rows += [_experiment(pool, users, shop, as_of, params) for pool, users in small_campaigns.together(small, assigned)]
    judged = pd.concat(rows, ignore_index=True).reindex(columns=list(EXPERIMENT)) if rows else None
    refused = "" if rows else _why_nothing(shop)
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.experiment", EXPERIMENT, judged, as_of)
        note_refusal(connection, as_of, "ml.experiment", refused)
    return {"refused": refused, "campaigns": len(campaigns), "experiments": len(assigned)}


def _offer_segments(connection) -> None:
    """`known_segments`, as long as the connection lives: of every moment; none where nobody was ever segmented."""
    exists = "select 1 from information_schema.tables where table_schema = 'ml' and table_name = 'customer_segment'"
    segments = "select as_of, user_id, segment_name from ml.customer_segment"
    none = "select null::date as as_of, null::varchar as user_id, null::varchar as segment_name where false"
    found = connection.execute(exists).fetchall()
    connection.execute(f"create temporary view known_segments as {segments if found else none}")


def _experiment(campaign: dict, users: pd.DataFrame, shop: Shop, as_of: date, params) -> pd.DataFrame:
    planned_days = (campaign["window_end_date"] - campaign["start_date"]).days + 1
    facts = {
        "day": min((as_of - campaign["start_date"]).days, planned_days),
        "planned_days": planned_days,
        "is_complete": campaign["is_complete"],
        "control_share": _planned_share(campaign["source"], shop, params),
        "currency": shop.reporting_currency,
    }
    rows = judgement.judge(users, facts, params)
    named = {name: campaign[name] for name in OF_CAMPAIGN}
    return rows.assign(**named, segments_as_of=users["segments_as_of"].iloc[0])


def _planned_share(source: str, shop: Shop, params: ExperimentParameters) -> float | None:
    """Campaigns that this project sent itself follow its own plan; what others planned must be declared."""
    own = {each.name for each in shop.sources if each.kind == "activation"}
    return shop.activation.control_share if source in own else params.control_share


def _without_control(campaign: dict) -> dict:
    """One row for a campaign that is no experiment; those contacted stand as treated where nobody was assigned."""
    treated, control, contacted = (int(campaign[f"{kind}_users"]) for kind in ("treated", "control", "contacted"))
    if control:
        reason = f"all {control} customers assigned are in the control group: nobody is treated"
    elif treated or contacted:
        reason = (
            f"no control group: what its {treated or contacted} customers would have done without it is not known, "
            "and who is contacted is seldom like who is not"
        )
    else:
        reason = "no control group: no customer is on record as assigned to it or contacted by it"
    return {
        **{name: campaign[name] for name in OF_CAMPAIGN},
        "segment_name": judgement.EVERYBODY,
        "metric": judgement.METRICS[0],
        "treated_users": treated or contacted,
        "control_users": control,
        "verdict": verdict.NO_CONTROL if not control else "cannot be judged: nobody is treated",
        "reason": reason,
    }


def _why_nothing(shop: Shop) -> str:
    if not shop.entity_sources().get("campaigns"):
        return "no campaigns: no source of this shop fills the entity"
    return "no campaign had begun"
