"""What campaigns caused, by lot or by comparison, and what is planned next."""

import dash_mantine_components as dmc
import pandas as pd

from dashboard import figures, parts
from dashboard.formats import label, span, write
from dashboard.pages import campaigns_compared, campaigns_next
from dashboard.pages.campaigns_measure import METRICS, interval, metric, scaled, written
from dashboard.view import View

TITLE = "Campaigns and experiments"
QUESTION = "What did campaigns cause, and what is planned next?"
FILTERS = ("segment", "metric", "campaign")
BEFORE_AFTER = {
    "conversion": "Customers who order", "orders": "Orders per customer", "amount": "Paid per customer",
    "loyalty": "Buyers who order again", "satisfaction": "Satisfaction, 1 to 5", "cost": "Cost per contact",
}  # fmt: skip


def experiments(view: View) -> pd.DataFrame:
    """One row per campaign: what it caused in the measure chosen, of all customers or of the segment chosen."""
    return view.frame(
        """
        select campaign_id, campaign_name, strategy, channel, start_date, is_complete, segment_name, metric,
               treated_users, control_users, treated_mean, control_mean, lift, lift_low, lift_high,
               relative_lift, p_value, adjusted_p_value, sequential_low, sequential_high,
               minimum_detectable_lift, expected_control_share, sample_ratio_p_value, balance_p_value, verdict, reason
        from marts.mart_experiment
        where as_of = $as_of and segment_name = coalesce($segment, 'all')
          and (metric = $metric or (lift is null and metric = 'conversion'))
        qualify metric = $metric or count(*) filter (metric = $metric) over (partition by campaign_id) = 0
        order by lift is null, start_date desc, campaign_id
        """,
        metric=metric(view),
    )


def segments(view: View) -> pd.DataFrame:
    """One row per segment of the campaign chosen: what it caused in the measure chosen."""
    return view.frame(
        """
        select campaign_id, campaign_name, segment_name, segments_as_of, metric, treated_users, control_users,
               lift, lift_low, lift_high, p_value, adjusted_p_value, sequential_low, sequential_high, verdict, reason
        from marts.mart_experiment
        where as_of = $as_of and campaign_id = $campaign and metric = $metric
        order by segment_name <> 'all', segment_name
        """,
        campaign=view.filters.get("campaign"),
        metric=metric(view),
    )


def before_after(view: View) -> pd.DataFrame:
    """One row per measure: before and after the contact, of the contacted and of those held out."""
    return view.frame(
        """
        select campaign_id, metric, unit, window_days, contacted_customers, control_customers,
               contacted_before, contacted_after, control_before, control_after,
               difference, difference_low, difference_high, adjusted_p_value,
               earlier_difference, earlier_p_value, reason
        from marts.mart_before_after
        where as_of = $as_of and campaign_id = coalesce($campaign, 'all')
        order by list_position(['conversion', 'orders', 'amount', 'loyalty', 'satisfaction', 'cost'], metric)
        """,
        campaign=view.filters.get("campaign"),
    )


TABLES = {
    "experiments": experiments, "segments": segments, "before_after": before_after, **campaigns_compared.TABLES,
    **campaigns_next.TABLES,
}  # fmt: skip


def render(view: View) -> list:
    """What was caused, one campaign in detail, what stands in where nobody was held out, and what is planned."""
    found = experiments(view)
    return [
        *_first(view, found),
        _caused(view, found),
        _detail(view),
        *campaigns_compared.render(view),
        *campaigns_next.render(view),
    ]


def _first(view: View, found: pd.DataFrame) -> list:
    if found.empty:
        return []
    judged = found[found["lift"].notna()]
    words = judged["verdict"].fillna("").str.split(":").str[0]
    return [
        parts.cards(
            [
                parts.figure_card("Campaigns", write(len(found), "count"), f"up to {view.as_of}"),
                parts.figure_card("Judged by lot", write(len(judged), "count"), "against customers held out"),
                parts.figure_card("Shown to work", write((words == "works").sum(), "count"), METRICS[metric(view)][0]),
                parts.figure_card("Shown to harm", write((words == "harms").sum(), "count"), METRICS[metric(view)][0]),
            ]
        )
    ]


def _caused(view: View, found: pd.DataFrame):
    name, kind = METRICS[metric(view)]
    of_whom = f"of the segment {label(view.segment).lower()}" if view.segment else "of all customers"
    chosen = parts.choice(
        "metric", "Measure", [{"value": m, "label": t} for m, (t, _) in METRICS.items()], metric(view)
    )
    title = "What campaigns caused"
    if found.empty:
        told = (
            f"No campaign was judged for the segment {view.segment}." if view.segment else "No campaign is on record."
        )
        return parts.section(title, chosen, parts.missing(told))
    judged, rest = found[found["lift"].notna()], found[found["lift"].isna()]
    shown = []
    if len(judged):
        shown += [
            parts.graph(
                scaled(figures.intervals(judged, "campaign_name", "lift", "lift_low", "lift_high", name), kind),
                f"Lift in {name.lower()} with 95 % interval: "
                + "; ".join(f"{r.campaign_name} {interval(view, r, 'lift', kind)}" for r in judged.itertuples()),
            ),
            parts.table(
                view,
                "experiments",
                written(view, judged, kind).assign(channel=judged["channel"].map(label)),
                {
                    "campaign_name": ("Campaign", "text"),
                    "channel": ("Channel", "text"),
                    "start_date": ("Began", "date"),
                    "treated_users": ("Contacted", "count"),
                    "control_users": ("Held out", "count"),
                    "verdict": ("Verdict", "prose"),
                    "sequential": ("Holds on every day", "written"),
                    "sample_ratio_p_value": ("Arms as planned (p)", "probability"),
                },
                "What each campaign caused",
                links={"campaign_name": lambda row: view.link(campaign=row["campaign_id"])},
            ),
        ]
    if len(rest):
        told = _unjudged(rest)
        shown.append(dmc.Text(told, className="about", size="sm", mt="sm") if len(judged) else parts.missing(told))
    return parts.section(
        title,
        chosen,
        *shown,
        about=f"{name} among the contacted less the same among those held out by lot, {of_whom}. An interval across "
        "the dotted line shows no effect. 'Holds on every day' is the wider interval that stays true however often one "
        "looks; a p below .001 for the arms says that the lot was not kept.",
    )


def _unjudged(rest: pd.DataFrame) -> str:
    """Campaigns without a lift, together by what is said of them."""
    said = rest.assign(why=rest["verdict"].fillna(rest["reason"]).fillna("no verdict"))
    told = []
    for why, group in said.groupby("why", sort=False):
        names = ", ".join(group["campaign_name"].fillna(group["campaign_id"]).head(3))
        more = f" and {len(group) - 3} more" if len(group) > 3 else ""
        told.append(f"{names}{more}: {why.removeprefix('cannot be judged: ')}.")
    return f"{len(rest)} of the campaigns cannot be judged by lot. " + " ".join(told)


def _detail(view: View):
    names = view.records(
        """
        select distinct campaign_id as value, campaign_name as label, start_date
        from marts.mart_experiment where as_of = $as_of order by start_date, value
        """
    )
    chosen = view.filters.get("campaign")
    options = [{"value": each["value"], "label": each["label"] or each["value"]} for each in names]
    if not options:
        return parts.section("Before and after", parts.missing("No campaign is on record."))
    known = {each["value"]: each["label"] for each in options}
    shown = [parts.choice("campaign", "Campaign", options, chosen if chosen in known else None, clearable=True)]
    if chosen and chosen not in known:
        return parts.section("Before and after", *shown, parts.missing(f"There is no campaign '{chosen}' here."))
    shown.append(_before_after(view))
    if chosen:
        shown.append(_segments(view))
    return parts.section(
        f"Before and after: {known.get(chosen, 'all campaigns')}",
        *shown,
        about="Of all segments together. The change among the contacted less the change among those held out, over "
        "equal times. 'One window earlier' is the same difference before anybody was contacted: far from zero, the "
        "groups were not alike. Choose a campaign to see its segments.",
    )


def _before_after(view: View):
    found = before_after(view)
    if found["difference"].isna().all() and found["contacted_before"].isna().all():
        why = found["reason"].dropna().unique()
        return parts.missing("; ".join(why) + "." if len(why) else "No campaign has contacts on record to compare.")
    kinds = {"share": ("share", "points"), view.currency: ("amount", "amount")}
    told = found.assign(metric=found["metric"].map(lambda name: BEFORE_AFTER.get(name, label(name))))
    for arm in ("contacted", "control"):
        told[arm] = [
            " → ".join(write(value, kinds.get(unit, ("number",))[0], view.currency) for value in ends)
            for *ends, unit in zip(found[f"{arm}_before"], found[f"{arm}_after"], found["unit"])
        ]
    kind_of = [kinds.get(unit, ("number", "number"))[1] for unit in found["unit"]]
    for column in ("difference", "earlier_difference"):
        told[column] = [write(value, kind, view.currency) for value, kind in zip(found[column], kind_of)]
    ends = zip(found["difference_low"], found["difference_high"], kind_of)
    told["interval"] = [span(low, high, kind, view.currency) for low, high, kind in ends]
    return parts.table(
        view,
        "before_after",
        told,
        {
            "metric": ("Measure", "text"),
            "contacted": ("Contacted: before → after", "written"),
            "control": ("Held out: before → after", "written"),
            "difference": ("Difference", "written"),
            "interval": ("95 % interval", "written"),
            "earlier_difference": ("One window earlier", "written"),
            "reason": ("Why it is missing", "prose"),
        },
        "Before and after the contact",
    )


def _segments(view: View):
    found = segments(view)
    _, kind = METRICS[metric(view)]
    judged = found[found["lift"].notna()].assign(name=lambda rows: rows["segment_name"].map(label))
    if len(judged) < 2:
        return parts.missing("Not by segment: no segment before its start has enough customers in both groups.")
    return parts.graph(
        scaled(figures.intervals(judged, "name", "lift", "lift_low", "lift_high", METRICS[metric(view)][0]), kind),
        "Lift by segment: " + "; ".join(f"{r.name} {interval(view, r, 'lift', kind)}" for r in judged.itertuples()),
    )
