"""What customers praise and blame: aspects, months, items, suppliers and the topics they write of."""

from textwrap import wrap

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import estimates, label, write
from dashboard.view import View

TITLE = "What customers say"
QUESTION = "What do customers praise and blame, and where?"
FILTERS = ("by", "aspect")
BY = {"item": "Item", "supplier": "Supplier", "source": "Where it was written", "language": "Language"}
TONES = {"positive_share": "Praise", "neutral_share": "Neither", "negative_share": "Blame"}
NET = ("net_sentiment", "net_sentiment_low", "net_sentiment_high")
EXTREMES = 8  # best and worst shown of many


def aspects(view: View) -> pd.DataFrame:
    """One row per aspect over everything written."""
    return view.frame(
        """
        select * exclude (as_of, dimension_type, dimension_value) from marts.mart_feedback_sentiment
        where as_of = $as_of and dimension_type = 'total' order by aspect = 'other', net_sentiment, aspect
        """
    )


def months(view: View) -> pd.DataFrame:
    """One row per aspect and month."""
    return view.frame(
        """
        select dimension_value as month, * exclude (as_of, dimension_type, dimension_value)
        from marts.mart_feedback_sentiment
        where as_of = $as_of and dimension_type = 'month' order by month, aspect
        """
    )


def places(view: View) -> pd.DataFrame:
    """One row per item (or supplier, source, language) and aspect chosen, the most blamed first."""
    return view.frame(
        """
        select s.dimension_type, s.dimension_value, coalesce(i.item_name, s.dimension_value) as name,
               s.* exclude (as_of, dimension_type, dimension_value)
        from marts.mart_feedback_sentiment as s
        left join (select item_id, any_value(item_name) as item_name from marts.dim_item group by 1) as i
            on s.dimension_type = 'item' and i.item_id = s.dimension_value
        where s.as_of = $as_of and s.dimension_type = $by and s.aspect = $aspect
        order by s.net_sentiment nulls last, s.documents desc, s.dimension_value
        """,
        by=_by(view),
        aspect=_aspect(view),
    )


def topics(view: View) -> pd.DataFrame:
    """One row per topic that customers write of, the largest first."""
    return view.frame(
        """
        select language, topic_id, label, top_terms, documents, share, mean_sentiment, description, reason
        from marts.mart_feedback_topic where as_of = $as_of order by documents desc, language, topic_id
        """
    )


def suppliers(view: View) -> pd.DataFrame:
    """One row per supplier, by amount sold."""
    return view.frame("select * exclude (as_of) from marts.mart_supplier where as_of = $as_of order by amount desc, 1")


TABLES = {"aspects": aspects, "months": months, "places": places, "topics": topics, "suppliers": suppliers}


def render(view: View) -> list:
    """Aspects, their months, who is praised and blamed, topics and suppliers."""
    found = aspects(view)
    if found.empty:
        told = parts.refusal(view, "ml.text_clause") or "Nothing that customers write has arrived."
        return [parts.missing(told.removesuffix(".") + "."), *_suppliers(view)]
    return [_aspects(view, found), _months(view), _places(view, found), _topics(view), *_suppliers(view)]


def _by(view: View) -> str:
    asked = view.filters.get("by")
    return asked if asked in BY else "item"


def _aspect(view: View) -> str:
    return view.filters.get("aspect") or "product quality"


def _aspects(view: View, found: pd.DataFrame):
    told = found.assign(name=found["aspect"].map(label), net=estimates(found, NET, "decimal"))
    stacked = figures.bars_beside(told, "name", TONES, "Share of what is said", stacked=True)
    for trace, colour in zip(stacked.data, (figures.COLOURS[2], figures.QUIET, figures.COLOURS[1])):
        trace.marker.color = colour
    stacked.update_xaxes(tickformat=".0%")
    return parts.section(
        "Praise and blame",
        parts.columns(
            parts.graph(
                stacked,
                "Share of praise and blame: "
                + "; ".join(
                    f"{n} {write(p, 'share')} praise, {write(b, 'share')} blame"
                    for n, p, b in zip(told["name"], told["positive_share"], told["negative_share"])
                ),
            ),
            parts.graph(
                figures.intervals(told, "name", *NET, "Net sentiment, -1 to 1"),
                "Net sentiment with 95 % interval: " + "; ".join(f"{n} {e}" for n, e in zip(told["name"], told["net"])),
            ),
        ),
        parts.table(
            view,
            "aspects",
            told,
            {
                "name": ("Aspect", "text"),
                "documents": ("Texts", "count"),
                "positive": ("Praise", "count"),
                "neutral": ("Neither", "count"),
                "negative": ("Blame", "count"),
                "net": ("Net sentiment (95 % interval)", "written"),
            },
            "Praise and blame by aspect",
        ),
        about="Texts are read clause by clause, so one text may praise the item and blame the delivery. Net sentiment "
        "is the share of praise less the share of blame: right of the dotted line, praise prevails.",
    )


def _months(view: View):
    found = months(view)
    if found.empty:
        return parts.section("By month", parts.missing("No month has enough texts."))
    wide = found.pivot_table(index="month", columns="aspect", values="net_sentiment", aggfunc="first")
    series = {name: label(name) for name in wide.columns}
    return parts.section(
        "By month",
        parts.graph(
            figures.lines(wide.reset_index(), "month", series, "Net sentiment", height=300),
            f"Net sentiment by month, {len(wide)} months, a line for each of: {', '.join(series.values())}.",
        ),
        about="Net sentiment of what was written in a month; a gap is a month with fewer than ten texts.",
    )


def _places(view: View, found: pd.DataFrame):
    known = found["aspect"].tolist()
    shown = places(view)
    choices = parts.columns(
        parts.choice("by", "By", [{"value": v, "label": t} for v, t in BY.items()], _by(view)),
        parts.choice("aspect", "Aspect", [{"value": v, "label": label(v)} for v in known], _aspect(view)),
    )
    what = BY[_by(view)].lower()
    judged = shown[shown["net_sentiment"].notna()]
    if judged.empty:
        why = shown["reason"].dropna().unique()
        told = f"No {what} can be judged: {why[0]}." if len(why) else f"Nothing is said of this aspect by {what}."
        return parts.section("Where", choices, parts.missing(told))
    drawn = judged if len(judged) <= 2 * EXTREMES else pd.concat([judged.head(EXTREMES), judged.tail(EXTREMES)])
    drawn = drawn.assign(drawn=_unlike(drawn))
    which = f"The {EXTREMES} most blamed and the {EXTREMES} most praised" if len(drawn) < len(judged) else "All"
    return parts.section(
        f"Where: {label(_aspect(view)).lower()} by {what}",
        choices,
        parts.graph(
            figures.intervals(drawn, "drawn", *NET, "Net sentiment, -1 to 1"),
            f"Net sentiment of {_aspect(view)}: "
            + "; ".join(f"{n} {e}" for n, e in zip(drawn["name"], estimates(drawn, NET, "decimal"))),
        ),
        parts.table(
            view,
            "places",
            shown.assign(
                net=estimates(shown, NET, "decimal"),
                name=shown["name"] if _by(view) == "item" else shown["name"].map(label),
            ),
            {
                "name": (BY[_by(view)], "text"),
                "documents": ("Texts", "count"),
                "positive": ("Praise", "count"),
                "negative": ("Blame", "count"),
                "net": ("Net sentiment (95 % interval)", "written"),
                "reason": ("Why it is missing", "text"),
            },
            f"Praise and blame by {what}",
        ),
        about=f"{which} of {len(judged):,} with at least ten texts. Few texts give a long interval: look at those "
        "whose interval lies wholly left of the line first.",
    )


def _unlike(rows: pd.DataFrame) -> pd.Series:
    """Names that can stand on one axis: in short lines, and with the key where two would be alike."""
    alike = rows["name"].duplicated(keep=False)
    names = rows["name"].where(~alike, rows["name"] + " " + rows["dimension_value"])
    return names.map(lambda name: "<br>".join(wrap(name, 18, max_lines=2)))


def _topics(view: View):
    found = topics(view)
    if found.empty:
        told = parts.refusal(view, "ml.feedback_topic") or "No language has enough texts for topics."
        return parts.section("What they write of", parts.missing(told))
    return parts.section(
        "What they write of",
        parts.table(
            view,
            "topics",
            found,
            {
                "label": ("Topic", "text"),
                "language": ("Language", "text"),
                "documents": ("Texts", "count"),
                "share": ("Share of the language", "share"),
                "mean_sentiment": ("Mean sentiment", "decimal"),
                "top_terms": ("Words that make it", "prose"),
            },
            "Topics",
        ),
        about="Words that occur together, found within each language; a topic is named after its two strongest words. "
        "Mean sentiment runs from -1 (blame) to 1 (praise).",
    )


def _suppliers(view: View) -> list:
    found = suppliers(view)
    if found.empty:
        return [parts.section("Suppliers", parts.missing("No source of this shop names the supplier of an item."))]
    measures = ["on_time_rate", "return_rate", "review_score"]
    if found[measures].isna().all().all():
        told = f"{len(found):,} suppliers are known; how well they deliver is not: {found['reason'].iloc[0]}."
        return [parts.section("Suppliers", parts.missing(told))]
    return [
        parts.section(
            "Suppliers",
            parts.table(
                view,
                "suppliers",
                found,
                {
                    "supplier_id": ("Supplier", "text"),
                    "orders": ("Orders", "count"),
                    "amount": ("Sold", "amount"),
                    "on_time_rate": ("On time", "share"),
                    "mean_late_days": ("Late by, where late", "days"),
                    "mean_delivery_days": ("Delivered in", "days"),
                    "return_rate": ("Returned", "share"),
                    "review_score": ("Rating of its items", "decimal"),
                    "reviews": ("Reviews", "count"),
                    "reason": ("Why figures are missing", "prose"),
                },
                "Suppliers",
            ),
            about="How well suppliers deliver, and what customers think of their items; the largest first.",
        )
    ]
