"""Six ways to share an order's credit between campaigns and channels, side by side."""

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


TABLES = {"attribution": attribution, "credited": credited}


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
        about="Each model shares the same orders, so never add two. Where a row differs much from left to right, its "
        "credit depends on the model more than on what happened.",
    )
