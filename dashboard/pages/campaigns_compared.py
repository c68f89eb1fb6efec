"""What stands in where nobody was held out by lot: customers alike, and who used the offer."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import label, span, write
from dashboard.pages.campaigns_measure import METRICS, interval, metric, scaled, written
from dashboard.view import View

NOT_ALIKE = 0.25  # standardised difference (Rubin 2001), as docs/methods/campaign_comparison.md has it


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


def balance(view: View) -> pd.DataFrame:
    """One row per covariate of the campaign chosen, or else of that with most pairs: the furthest apart first."""
    return view.frame(
        """
        select b.campaign_id, coalesce(e.campaign_name, b.campaign_id) as name, b.covariate, c.pairs,
               b.contacted_mean, b.pool_mean, b.matched_contacted_mean, b.matched_comparison_mean,
               b.smd_before, b.smd_after
        from marts.mart_campaign_balance as b
        left join (
            select group_id as campaign_id, max(pairs) as pairs from marts.mart_campaign_comparison
            where as_of = $as_of and level = 'campaign' group by group_id
        ) as c using (campaign_id)
        left join (
            select distinct campaign_id, campaign_name from marts.mart_experiment where as_of = $as_of
        ) as e using (campaign_id)
        where b.as_of = $as_of and ($campaign is null or b.campaign_id = $campaign)
        qualify dense_rank() over (order by c.pairs desc nulls last, b.campaign_id) = 1
        order by abs(b.smd_before) desc nulls last, b.covariate
        """,
        campaign=view.filters.get("campaign"),
    )


TABLES = {"comparison": comparison, "balance": balance, "redemption": redemption}


def render(view: View) -> list:
    """The contacted against customers alike, how alike these are, and the offers used."""
    return [_compared(view), _balanced(view), _redeemed(view)]


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


def _balanced(view: View):
    found = balance(view)
    varied = found[found["smd_before"].notna()]
    if varied.empty:
        return parts.section("How alike the pairs are", parts.missing("No customers were paired for this campaign."))
    drawn = varied.assign(
        covariate=varied["covariate"].map(label), before=varied["smd_before"].abs(), after=varied["smd_after"].abs()
    )
    figure = figures.dots(
        drawn, "covariate", {"after": "In pairs", "before": "All contacted and all others"}, "Standard deviations apart"
    )
    figure.add_vline(x=NOT_ALIKE, line_dash="dot", line_color=figures.QUIET)
    figure.update_xaxes(rangemode="tozero")
    words = "; ".join(
        f"{row.covariate} {write(row.before, 'decimal')} before, {write(row.after, 'decimal')} in pairs"
        for row in drawn.itertuples()
    )
    return parts.section(
        f"How alike the pairs are: {found['name'].iloc[0]}",
        parts.graph(figure, f"Standard deviations apart: {words}."),
        parts.table(
            view, "balance", found.assign(covariate=found["covariate"].map(label)),
            {
                "covariate": ("What was compared", "text"),
                "smd_before": ("Apart, all contacted and all others", "decimal"),
                "smd_after": ("Apart, in pairs", "decimal"),
            },
            "What contacted and compared customers had in common before the campaign",
        ),
        about="How far the contacted were from others before the campaign, and how far in the pairs compared above. "
        "Circles should lie left of the dotted line, a quarter of a standard deviation: beyond it pairs are not alike. "
        "Of the campaign chosen, or else of that with most pairs. A dash: nothing varied.",
    )  # fmt: skip


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
