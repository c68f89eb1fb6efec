"""Six ways to share an order's credit between campaigns and channels, side by side."""

import dash_mantine_components as dmc
import pandas as pd

from dashboard import figures, parts
from dashboard.formats import label, write
from dashboard.view import View

MODELS = {
    "last_touch": "Last touch", "first_touch": "First touch", "linear": "Linear", "time_decay": "Time decay",
    "position_based": "Position", "data_driven": "Data-driven",
}  # fmt: skip


def attribution(view: View) -> pd.DataFrame:
    """One row per campaign: orders credited to it by each model, and what platforms claim."""
    return view.frame(
        """
        select channel, campaign_id, max(campaign_name) as campaign_name, max(touch_type) as touch_type,
               max(orders_touched) as orders_touched,
               max(conversions) filter (model = 'last_touch') as last_touch,
               max(conversions) filter (model = 'first_touch') as first_touch,
               max(conversions) filter (model = 'linear') as linear,
               max(conversions) filter (model = 'time_decay') as time_decay,
               max(conversions) filter (model = 'position_based') as position_based,
               max(conversions) filter (model = 'data_driven') as data_driven,
               max(revenue) filter (model = 'data_driven') as revenue,
               max(removal_effect) filter (model = 'data_driven') as removal_effect,
               max(platform_conversions) as platform_conversions,
               max(reason) filter (model = 'data_driven') as reason
        from marts.mart_attribution
        where as_of = $as_of and ($channel is null or channel = $channel)
          and case when $month is null then period = 'all' else period = 'month' and period_start::varchar = $month end
        group by channel, campaign_id
        order by data_driven desc nulls last, channel, campaign_id
        """,
        channel=view.filters.get("channel"),
        month=view.filters.get("month"),
    )


def credited(view: View) -> pd.DataFrame:
    """One row per channel: orders credited to it by each model."""
    return view.frame(
        """
        select channel, sum(conversions) filter (model = 'last_touch') as last_touch,
               sum(conversions) filter (model = 'first_touch') as first_touch,
               sum(conversions) filter (model = 'linear') as linear,
               sum(conversions) filter (model = 'time_decay') as time_decay,
               sum(conversions) filter (model = 'position_based') as position_based,
               sum(conversions) filter (model = 'data_driven') as data_driven
        from marts.mart_attribution
        where as_of = $as_of and ($channel is null or channel = $channel)
          and case when $month is null then period = 'all' else period = 'month' and period_start::varchar = $month end
        group by channel order by data_driven desc nulls last, channel
        """,
        channel=view.filters.get("channel"),
        month=view.filters.get("month"),
    )


def paths(view: View) -> pd.DataFrame:
    """One row per first and last touch of orders: how many orders went this way, the most used first."""
    return view.frame(
        """
        with names as (
            select campaign_id, max(campaign_name) as name from marts.mart_attribution
            where as_of = $as_of group by campaign_id
        ),
        orders as (
            select order_id, max(touches) as touches, max(order_date) as order_date,
                   max(channel) filter (first_touch = 1) as first_channel,
                   max(coalesce(name, campaign_id)) filter (first_touch = 1) as first_campaign,
                   max(channel) filter (last_touch = 1) as last_channel,
                   max(coalesce(name, campaign_id)) filter (last_touch = 1) as last_campaign
            from marts.fct_order_attribution left join names using (campaign_id)
            where as_of = $as_of and ($month is null or date_trunc('month', order_date)::date::varchar = $month)
            group by order_id
        )
        select first_channel, first_campaign, last_channel, last_campaign, count(*) as orders,
               count(*) / sum(count(*)) over () as share, max(touches) as most_touches,
               min(order_date) as earliest_order
        from orders where $channel is null or $channel in (first_channel, last_channel)
        group by all order by orders desc, first_campaign, last_campaign, first_channel, last_channel
        """,
        channel=view.filters.get("channel"),
        month=view.filters.get("month"),
    )


TABLES = {"attribution": attribution, "credited": credited, "paths": paths}


def channel_name(channel: str) -> str:
    """A channel as people write it."""
    return "Not named" if channel == "unknown" else label(channel)


def render(view: View):
    """The models compared, by channel or, where there is one channel only, by campaign."""
    title = "Six ways to share the credit"
    starts = view.frame(
        """
        select distinct period_start::varchar as month from marts.mart_attribution
        where as_of = $as_of and period = 'month' order by month
        """
    )["month"].tolist()
    options = [{"value": start, "label": start[:7]} for start in starts]
    asked = view.filters.get("month")
    chosen = parts.choice("month", "Month of the order", options, asked if asked in starts else None, clearable=True)
    if asked and asked not in starts:
        return parts.section(title, chosen, parts.missing(f"No order is credited in a month '{asked}'."))
    by_channel, by_campaign = credited(view), attribution(view)
    if by_campaign.empty:
        told = parts.refusal(view, "ml.attribution") or "No order can be credited to a campaign or channel."
        return parts.section(title, chosen, parts.missing(told))
    several = len(by_channel) > 1
    drawn = by_channel.assign(name=by_channel["channel"].map(channel_name)) if several else by_campaign.head(15)
    names = drawn["name"] if several else drawn["campaign_name"].fillna(drawn["campaign_id"])
    values = drawn[list(MODELS)].astype(float)
    figure = figures.heat(
        values, list(MODELS.values()), names.tolist(), text=values.map(lambda value: write(value, "count"))
    )
    words = "; ".join(
        f"{name} {write(low, 'count')} to {write(high, 'count')}"
        for name, low, high in zip(names, values.min(axis=1), values.max(axis=1))
    )
    return parts.section(
        title,
        chosen,
        parts.graph(figure, f"Orders credited by six models, least to most: {words}."),
        parts.table(
            view,
            "attribution",
            by_campaign.assign(
                name=by_campaign["campaign_name"].fillna(by_campaign["campaign_id"]),
                channel=by_campaign["channel"].map(channel_name),
            ),
            {
                "name": ("Campaign", "text"),
                "channel": ("Channel", "text"),
                "orders_touched": ("Orders touched", "count"),
                **{model: (heading, "number") for model, heading in MODELS.items()},
                "revenue": ("Revenue, data-driven", "amount"),
                "platform_conversions": ("Claimed", "count"),
                "reason": ("Caveat", "prose"),
            },
            "Orders credited to campaigns by six models",
        ),
        *_ways(view),
        about="Each model shares the same orders, so never add two. Where a row differs much from left to right, its "
        "credit depends on the model more than on what happened.",
    )


def _ways(view: View) -> list:
    """From which first touch to which last one orders came; nothing where no order has a touch on record."""
    found = paths(view)
    if found.empty:
        return []
    told = found.head(12).assign(
        first=lambda rows: [_touch(*each) for each in zip(rows["first_campaign"], rows["first_channel"])],
        last=lambda rows: [_touch(*each) for each in zip(rows["last_campaign"], rows["last_channel"])],
    )
    since = write(found["earliest_order"].min(), "date")
    return [
        dmc.Text(f"What touched orders first and last, of those since {since}:", className="about", size="sm"),
        parts.table(
            view, "paths", told,
            {
                "first": ("First touch", "text"), "last": ("Last touch", "text"), "orders": ("Orders", "count"),
                "share": ("Of these orders", "share"), "most_touches": ("Touches, at most", "count"),
            },
            "The ways that most orders came, from first to last touch; the CSV holds all",
        )
    ]  # fmt: skip


def _touch(campaign: str, channel: str) -> str:
    return campaign if channel == "unknown" else f"{campaign}, {channel_name(channel).lower()}"
