"""What each channel costs and brings: caused, credited and claimed apart, and six ways to share the credit."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import estimates, write
from dashboard.pages import channels_credit
from dashboard.pages.channels_credit import channel_name
from dashboard.view import View

TITLE = "Channels"
QUESTION = "What does each channel cost, and what does it bring?"
FILTERS = ("channel", "month")
MOST_CHANNELS = 8


def channels(view: View) -> pd.DataFrame:
    """One row per channel over the whole period (Z Table 7)."""
    return view.frame(
        """
        select * exclude (as_of, period) from marts.mart_channel_effectiveness
        where as_of = $as_of and period = 'all' and ($channel is null or channel = $channel)
        order by investment_cost desc nulls last, contacts desc nulls last, channel
        """,
        channel=view.filters.get("channel"),
    )


def months(view: View) -> pd.DataFrame:
    """One row per channel and month."""
    return view.frame(
        """
        select * exclude (as_of, period) from marts.mart_channel_effectiveness
        where as_of = $as_of and period = 'month' and ($channel is null or channel = $channel)
        order by channel, period_start
        """,
        channel=view.filters.get("channel"),
    )


TABLES = {"channels": channels, "months": months, **channels_credit.TABLES}


def render(view: View) -> list:
    """Cost and return, the three kinds of return side by side, months, and the models compared."""
    known = view.frame(
        """
        select distinct channel from marts.mart_channel_effectiveness where as_of = $as_of
        union select distinct channel from marts.mart_attribution where as_of = $as_of order by channel
        """
    )["channel"].tolist()
    if not known:
        return [
            parts.missing("No channel is on record: no source of this shop names contacts, orders by channel or spend.")
        ]
    options = [{"value": name, "label": channel_name(name)} for name in known]
    asked = view.filters.get("channel")
    page = [parts.choice("channel", "Channel", options, asked if asked in known else None, clearable=True)]
    if asked and asked not in known:
        return [*page, parts.missing(f"There is no channel '{asked}' here.")]
    found = channels(view)
    return [
        *page,
        _effectiveness(view, found),
        _three_kinds(view, found),
        _by_month(view),
        channels_credit.render(view),
    ]


def _effectiveness(view: View, found: pd.DataFrame):
    title = "What it costs and what comes of it"
    if found.empty:
        return parts.section(title, parts.missing("No contact and no spend of a channel is on record."))
    told = found.assign(
        name=found["channel"].map(channel_name),
        growth=_ends(view, found, "incremental_revenue", "amount"),
        returned=_ends(view, found, "incremental_return", "share"),
    )
    return parts.section(
        title,
        parts.table(
            view,
            "channels",
            told,
            {
                "name": ("Channel", "text"),
                "investment_cost": ("Investment", "amount"),
                "contacts": ("Contacts", "count"),
                "click_through_rate": ("Clicked", "share"),
                "conversion_rate": ("Did what was asked", "share"),
                "platform_click_through_rate": ("Platform: clicks of views", "share"),
                "growth": ("Sales growth caused", "written"),
                "returned": ("Return caused", "written"),
                "attributed_return": ("Return credited", "share"),
                "reason": ("Why figures are missing", "prose"),
            },
            "Channels: cost, contacts and return",
        ),
        about="Rates are of the customers contacted; a platform's rate is of views and is no comparison to it. Sales "
        "growth caused is what measured campaigns brought against customers held out, with 95 % interval; a return of "
        "100 % means that the investment came back twice.",
    )


def _ends(view: View, rows: pd.DataFrame, name: str, kind: str) -> list[str]:
    return estimates(rows, (name, f"{name}_low", f"{name}_high"), kind, view.currency)


def _three_kinds(view: View, found: pd.DataFrame):
    title = "Caused, credited, claimed"
    told = found.assign(name=found["channel"].map(channel_name))
    caused = told[told["incremental_revenue"].notna()]
    claims = told[told["platform_conversions"].notna()]
    charts = []
    if len(caused):
        ends = ("incremental_revenue", "incremental_revenue_low", "incremental_revenue_high")
        charts.append(
            parts.graph(
                figures.intervals(caused, "name", *ends, f"Revenue caused, {view.currency}"),
                "Revenue caused: "
                + "; ".join(f"{n} {e}" for n, e in zip(caused["name"], _ends(view, caused, ends[0], "amount"))),
            )
        )
    else:
        charts.append(
            parts.missing(
                "Caused: no campaign that is over has a sound control group, so no revenue is shown to be caused."
            )
        )
    credit = told[told["attributed_revenue"].notna()]
    if len(credit):
        charts.append(
            parts.graph(
                figures.bars(
                    credit, "name", "attributed_revenue", f"Revenue credited, {view.currency}",
                    text=[write(value, "amount") for value in credit["attributed_revenue"]],
                ),
                "Revenue credited: "
                + "; ".join(f"{r.name} {write(r.attributed_revenue, 'amount', view.currency)}"
                            for r in credit[["name", "attributed_revenue"]].itertuples(index=False)),
            )
        )  # fmt: skip
    if len(claims):
        charts.append(
            parts.graph(
                figures.bars_beside(
                    claims,
                    "name",
                    {
                        "attributed_conversions": "Credited by the shop's orders",
                        "platform_conversions": "Claimed by platforms",
                    },
                    "Orders",
                ),
                "Orders credited and claimed: "
                + "; ".join(
                    f"{n} {write(a, 'count')} credited, {write(p, 'count')} claimed"
                    for n, a, p in zip(claims["name"], claims["attributed_conversions"], claims["platform_conversions"])
                ),
            )
        )
    else:
        charts.append(parts.missing("Claimed: no platform reports conversions."))
    return parts.section(
        title,
        parts.columns(*charts, most=3),
        about="Three different questions, never to be added. Caused: what would not have been bought without the "
        "contact. Credited: who was there before an order, by the data-driven model. Claimed: what platforms "
        "say of themselves.",
    )


def _by_month(view: View):
    found = months(view)
    title = "By month"
    if found.empty:
        return parts.section(title, parts.missing("No month has contacts or spend of a channel."))
    order = found.groupby("channel")["attributed_revenue"].max().sort_values(ascending=False).index[:MOST_CHANNELS]
    drawn = []
    for column, name in (
        ("investment_cost", f"Investment, {view.currency}"),
        ("attributed_revenue", f"Revenue credited, {view.currency}"),
    ):
        wide = found.pivot_table(index="period_start", columns="channel", values=column, aggfunc="first", dropna=True)
        wide = wide[[name for name in order if name in wide]]
        if wide.empty:
            told = "No spend is recorded by month." if column == "investment_cost" else "No order is credited by month."
            drawn.append(parts.missing(told))
            continue
        series = {name: channel_name(name) for name in wide.columns}
        drawn.append(
            parts.graph(
                figures.lines(wide.reset_index(), "period_start", series, name, height=280),
                f"{name}, a line per channel over {len(wide)} months: {', '.join(series.values())}.",
            )
        )
    return parts.section(
        title,
        parts.columns(*drawn),
        parts.table(
            view,
            "months",
            found.sort_values(["period_start", "channel"], ascending=[False, True]).assign(
                name=lambda rows: rows["channel"].map(channel_name),
                month=lambda rows: rows["period_start"].dt.strftime("%Y-%m"),
            ),
            {
                "month": ("Month", "text"),
                "name": ("Channel", "text"),
                "investment_cost": ("Investment", "amount"),
                "contacts": ("Contacts", "count"),
                "conversion_rate": ("Did what was asked", "share"),
                "attributed_conversions": ("Orders credited", "number"),
                "attributed_revenue": ("Revenue credited", "amount"),
                "platform_conversions": ("Orders claimed", "count"),
            },
            "Channels by month",
        ),
    )
