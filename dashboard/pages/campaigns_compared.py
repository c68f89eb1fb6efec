"""What stands in where nobody was held out by lot: customers alike, and who used the offer."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import span, write
from dashboard.pages.campaigns_measure import METRICS, interval, metric, scaled, written
from dashboard.view import View


def comparison(view: View) -> pd.DataFrame:
    """One row per kind of campaign, then per campaign: the contacted against customers alike who were not."""
    return view.frame(
        """
        select c.level, c.group_id,
               case c.level when 'campaign' then coalesce(e.campaign_name, c.group_id)
                            else c.group_id || ' (all)' end as name,
               c.metric, c.campaign_type,
               c.is_randomised, c.campaigns, c.contacted_users, c.pairs, c.effect, c.effect_low, c.effect_high,
               c.relative_effect, c.p_value, c.placebo_effect, c.placebo_low, c.placebo_high,
               c.largest_smd_after, c.verdict, c.reason
        from marts.mart_campaign_comparison as c
        left join (
            select distinct campaign_id, campaign_name from marts.mart_experiment where as_of = $as_of
        ) as e on c.level = 'campaign' and e.campaign_id = c.group_id
        where c.as_of = $as_of and c.metric = $metric
          and ($campaign is null or c.level <> 'campaign' or c.group_id = $campaign)
        order by c.level = 'campaign', c.effect is null, c.contacted_users desc, c.group_id
        """,
        metric=metric(view),
        campaign=view.filters.get("campaign"),
    )


def redemption(view: View) -> pd.DataFrame:
    """One row per kind of campaign and campaign: how many of the contacted used the offer."""
    return view.frame(
        """
        select r.campaign_type, r.campaign_id,
               case r.campaign_id when 'all' then r.campaign_type || ' (all)'
                                  else coalesce(e.campaign_name, r.campaign_id) end as name,
               r.start_date, r.is_complete, r.contacted_users, r.redeemed_users, r.redemptions,
               r.redeemed_uncontacted_users, r.redemption_rate, r.redemption_low, r.redemption_high, r.reason
        from marts.mart_campaign_redemption as r
        left join (
            select distinct campaign_id, campaign_name from marts.mart_experiment where as_of = $as_of
        ) as e using (campaign_id)
        where r.as_of = $as_of and ($campaign is null or r.campaign_id in ('all', $campaign))
        order by r.campaign_id <> 'all', r.redemption_rate desc nulls last, r.campaign_id
        """,
        campaign=view.filters.get("campaign"),
    )


TABLES = {"comparison": comparison, "redemption": redemption}


def render(view: View) -> list:
    """The contacted against customers alike, and the offers used."""
    return [_compared(view), _redeemed(view)]


def _compared(view: View):
    name, kind = METRICS[metric(view)]
    found = comparison(view)
    title = "Against customers alike who were not contacted"
    about = (
        "Of all segments together. Contacted customers are paired with others who bought alike. This is no lot: "
        "whoever chose the audience may have known more, so trust the experiment where there is one. The grey point is "
        "the same one window earlier, before any contact, and should lie on the dotted line."
    )
    measured = found[found["effect"].notna()]
    if measured.empty:
        why = found["reason"].dropna().unique()
        told = (
            why[0] if len(why) else "Margin is not compared this way."
            if metric(view) == "margin" else "No campaign has enough contacts."
        )  # fmt: skip
        return parts.section(title, parts.missing(told), about=about)
    drawn = measured.head(16)
    figure = figures.intervals(drawn, "name", "effect", "effect_low", "effect_high", name)
    figure.add_scatter(
        x=drawn["placebo_effect"], y=drawn["name"], mode="markers", name="One window earlier",
        marker={"size": 8, "color": figures.QUIET, "symbol": "diamond-open"},
    )  # fmt: skip
    return parts.section(
        title,
        parts.graph(
            scaled(figure, kind),
            f"Difference in {name.lower()}: "
            + "; ".join(f"{r.name} {interval(view, r, 'effect', kind)}" for r in drawn.itertuples()),
        ),
        parts.table(
            view,
            "comparison",
            written(view, found, kind),
            {
                "name": ("Campaign", "text"),
                "contacted_users": ("Contacted", "count"),
                "pairs": ("Pairs", "count"),
                "verdict": ("Verdict", "text"),
                "effect": ("Difference", "written"),
                "interval": ("95 % interval", "written"),
                "placebo": ("One window earlier", "written"),
                "reason": ("Caveat", "prose"),
            },
            "Campaigns against customers alike",
        ),
        about=about,
    )


def _redeemed(view: View):
    found = redemption(view)
    rated = found[found["redemption_rate"].notna()]
    if rated.empty:
        why = found["reason"].dropna().unique()
        told = why[0] if len(why) else "No campaign has contacts and redemptions on record."
        return parts.section("Offers used", parts.missing(told))
    drawn = rated.head(16)
    figure = figures.intervals(
        drawn, "name", "redemption_rate", "redemption_low", "redemption_high", "Share of the contacted"
    )
    return parts.section(
        "Offers used",
        parts.graph(
            scaled(figure, "share"),
            "Share of the contacted who used the offer: "
            + "; ".join(f"{r.name} {write(r.redemption_rate, 'share')}" for r in drawn.itertuples()),
        ),
        parts.table(
            view,
            "redemption",
            found.assign(
                interval=[span(a, b, "share") for a, b in zip(found["redemption_low"], found["redemption_high"])]
            ),
            {
                "name": ("Campaign", "text"),
                "contacted_users": ("Contacted", "count"),
                "redeemed_users": ("Used it", "count"),
                "redemption_rate": ("Share", "share"),
                "interval": ("95 % interval", "written"),
                "redeemed_uncontacted_users": ("Used it uncontacted", "count"),
            },
            "Offers used by the contacted",
        ),
        about="Of all segments together. How many of the contacted used the offer, with 95 % interval. Who uses an "
        "offer might have bought without it: this is no effect.",
    )
