"""Who is this customer, and what is done about them: one customer as the marts know them at a moment, with the reason
for the segment, the prediction, the products, the strategy and the message (activation.explain); or whom to look at."""

import dash_mantine_components as dmc
import pandas as pd
from dash import html

from activation.explain import NothingKnown, explain, in_words
from dashboard import figures, parts
from dashboard.formats import NOTHING, label, write
from dashboard.pages import customer_suggestions as suggestions
from dashboard.pages.recommendations import QUADRANTS
from dashboard.view import View
from privacy.pseudonym import asked_for

TITLE = "Customer"
QUESTION = "Who is this customer, what will they do, and what is done about it?"
FILTERS = ("user",)
PORTRAIT = {
    "Where and who": {
        "country": ("Country", "text"), "region": ("Region", "text"), "gender": ("Gender", "text"),
        "age_band": ("Age", "text"), "income_band": ("Income", "text"), "household_size": ("Household", "text"),
        "registered_date": ("Registered", "date"), "acquisition_channel": ("Came by", "text"),
    },
    "Buying, in the reference period": {
        "f1_orders": ("Orders", "count"), "m1_amount": ("Spent", "amount"),
        "mean_order_amount": ("Amount of an order", "amount"), "r1_mean_interval_days": ("Days between orders", "days"),
        "recency_days": ("Since the last order", "days"), "s_relationship_days": ("First to last order", "days"),
        "p_category_purchases": ("Category purchases", "count"), "discount_share": ("Saved by discounts", "share"),
    },
    "Likes": {
        "favourite_category": ("Category", "text"), "favourite_brand": ("Brand", "text"),
        "price_tier": ("Price level", "text"), "favourite_channel": ("Channel", "text"),
        "favourite_store": ("Store", "text"), "favourite_payment_method": ("Pays by", "text"),
        "favourite_hours": ("Time of day", "text"), "favourite_weekdays": ("Days", "text"),
    },
}  # fmt: skip


def asked(view: View) -> str | None:
    """The customer searched for, in the word that the marts have; whoever is not known stays as written."""
    written = _written(view)
    names = asked_for(view.shop, written)[1:] if written else ()
    of_name = "select user_id from marts.dim_customer_history where user_id = $user limit 1"
    return next((name for name in names if view.one(of_name, user=name)), written or None)


def _written(view: View) -> str:
    return (view.filters.get("user") or "").strip()


def portrait(view: View) -> pd.DataFrame:
    """One row per moment: everything that was known of the customer."""
    return view.frame(
        "select * from marts.dim_customer_history where user_id = $user and as_of <= $as_of order by as_of desc",
        user=asked(view),
    )


def history(view: View) -> pd.DataFrame:
    """One row per moment: the improved RFM, and the segment where one was decided."""
    return view.frame(
        """
        select as_of, segments.segment_name, segments.segment_reason, rfm.f1_orders, rfm.m1_amount, rfm.recency_days,
               rfm.r1_mean_interval_days, rfm.s_relationship_days, rfm.p_category_purchases, rfm.amount_28d,
               scores.probability
        from (select * from marts.fct_customer_rfm where user_id = $user) as rfm
        full join (select * from marts.fct_customer_segment where user_id = $user) as segments using (as_of)
        full join (select * from marts.fct_purchase_propensity where user_id = $user) as scores using (as_of)
        where as_of <= $as_of
        order by as_of desc
        """,
        user=asked(view),
    )


def products(view: View) -> pd.DataFrame:
    """One row per recommended item, the best first."""
    return view.frame(
        """
        select r.rank, r.item_id, coalesce(i.item_name, r.item_id) as item_name, i.category, r.quadrant, r.reason
        from marts.fct_recommendation as r left join marts.dim_item as i using (item_id)
        where r.as_of = $as_of and r.mode = 'tuned' and r.user_id = $user
        order by r.rank
        """,
        user=asked(view),
    )


def said(view: View) -> pd.DataFrame:
    """One row per scored clause of what the customer wrote: subject and sentiment, never the words."""
    return view.frame(
        """
        select document_date, source_table, aspect, sentiment, sentiment_score, item_id
        from marts.fct_text_clause
        where user_id = $user and arrival_date < $as_of
        order by document_date desc, clause_number
        """,
        user=asked(view),
    )


TABLES = {"portrait": portrait, "history": history, "products": products, "said": said, **suggestions.TABLES}


def render(view: View) -> list:
    """The search, and either the customer found or customers worth a look."""
    user = asked(view)
    search = dmc.TextInput(
        id={"filter": "user"}, label="Customer id", value=_written(view),
        debounce=500, placeholder="search one", w={"base": "100%", "sm": 280}, size="sm",
    )  # fmt: skip
    if user is None:
        return [search, *suggestions.render(view)]
    try:
        found = explain(view.connection.cursor(), user, view.as_of)
    except NothingKnown as unknown:
        return [search, parts.missing(_unknown(view, user, str(unknown))), *suggestions.render(view)]
    known = portrait(view).iloc[0].to_dict()
    value = view.one("select * from marts.fct_customer_value where as_of = $as_of and user_id = $user", user=user)
    return [
        search,
        _figures(view, known, found, value),
        _why(found),
        parts.columns(_portrait(view, known), _history(view)),
        _products(view),
        _said(view),
    ]


def _unknown(view: View, user: str, reason: str) -> str:
    """What is known instead: customers whose id begins like what was asked."""
    like = view.frame(
        "select user_id from marts.dim_customer_history where as_of = $as_of and starts_with(user_id, $user) "
        "order by user_id limit 5",
        user=user,
    )["user_id"].tolist()
    return reason[0].upper() + reason[1:] + (f". Ids that begin so: {', '.join(like)}." if like else ".")


def _figures(view: View, known: dict, found: dict, value: dict):
    prediction = found["prediction"]
    horizon = (
        f"over {value['horizon_days']} days; {write(value['alive_probability'], 'share')} likely to be still a customer"
        if value
        else "no order in the reference period"
    )
    return parts.cards(
        [
            parts.figure_card("Segment", label(known["segment_name"]), found["segment"].get("missing", "")),
            parts.figure_card(
                "Chance to buy soon", write(prediction.get("probability"), "share"),
                prediction.get("missing") or f"called a buyer from {write(prediction['threshold'], 'share')} on",
            ),
            parts.figure_card(
                "Predicted value", write(known["predicted_clv_amount"], "amount", view.currency),
                value.get("reason") or horizon,
            ),
            parts.figure_card(
                "Sentiment (-1 to 1)", write(known["sentiment_score"], "number"),
                f"{write(known['scored_clauses'], 'count')} clauses scored"
                if known["scored_clauses"] else "nothing written on record",
            ),
        ]
    )  # fmt: skip


def _why(found: dict):
    answers = [
        html.Div([dmc.Title(question, order=3, size="h6"), *(dmc.Text(_sentence(line), size="sm") for line in lines)])
        for question, lines in in_words(found)
        if question != "Why these products?"  # they have a table of their own
    ]
    return parts.section(
        "What is done, and why",
        dmc.SimpleGrid(answers, cols={"base": 1, "md": 2}, spacing="md"),
        about="From segment to message, each with its reason. Points are what a trait adds to the chance to buy, or "
        "takes off it.",
    )


def _sentence(line: str) -> str:
    return line[0].upper() + line[1:].replace("_", " ") if line else NOTHING


def _portrait(view: View, known: dict):
    groups = []
    for title, facts in PORTRAIT.items():
        lines = [
            (name, write(known[column], kind, view.currency))
            for column, (name, kind) in facts.items()
            if write(known[column], kind) != NOTHING
        ]
        groups.append(dmc.Title(title, order=3, size="h6", mt="xs"))
        groups.append(
            html.Dl([part for name, written in lines for part in (html.Dt(name), html.Dd(written))], className="facts")
            if lines
            else dmc.Text("Nothing on record.", size="sm")
        )
    return parts.section("Portrait", *groups, about="What no source records is left out.")


def _history(view: View):
    title, found = "Over time", history(view)
    if found.empty:
        return parts.section(title, parts.missing("No order in the reference period of any moment on record."))
    told = found.assign(segment_name=found["segment_name"].map(label))
    drawn = found[found["m1_amount"].notna()]
    content = []
    if drawn["m1_amount"].nunique() > 1:
        content.append(
            parts.graph(
                figures.lines(
                    drawn, "as_of", {"m1_amount": "Spent in the reference period"}, view.currency, height=220
                ),
                f"Spent in the reference period from {write(drawn['m1_amount'].iloc[-1], 'amount', view.currency)} to "
                f"{write(drawn['m1_amount'].iloc[0], 'amount', view.currency)} over {len(drawn)} moments.",
            )
        )
    content.append(
        parts.table(
            view, "history", told,
            {
                "as_of": ("As of", "date"), "segment_name": ("Segment", "text"), "f1_orders": ("Orders", "count"),
                "m1_amount": ("Spent", "amount"), "recency_days": ("Since last order", "days"),
                "r1_mean_interval_days": ("Between orders", "days"), "s_relationship_days": ("First to last", "days"),
                "p_category_purchases": ("Category purchases", "count"), "probability": ("Chance to buy", "share"),
            },
            "The customer at every moment on record, the newest first",
        )
    )  # fmt: skip
    return parts.section(
        title,
        *content,
        about="What was spent and ordered in the reference period before each moment. A segment is decided at some "
        "moments only.",
    )


def _products(view: View):
    title, found = "Recommended, and why", products(view)
    if found.empty:
        reason = parts.refusal(view, "ml.recommendation") or "No recommendation on record for this customer."
        return parts.section(title, parts.missing(reason))
    told = found.assign(quadrant=found["quadrant"].map(lambda name: QUADRANTS.get(name, label(name))))
    return parts.section(
        title,
        parts.table(
            view, "products", told,
            {
                "rank": ("Place", "count"), "item_name": ("Item", "text"), "category": ("Category", "text"),
                "reason": ("Why", "prose"), "quadrant": ("Kind", "text"),
            },
            "Recommended items, the best first",
        ),
    )  # fmt: skip


def _said(view: View):
    title, found = "What they said", said(view)
    if found.empty:
        reason = parts.refusal(view, "ml.text_clause") or "This customer has written nothing that was scored."
        return parts.section(title, parts.missing(reason))
    told = found.assign(
        source_table=found["source_table"].map(label), aspect=found["aspect"].map(label),
        sentiment=found["sentiment"].map(label),
    )  # fmt: skip
    return parts.section(
        title,
        parts.table(
            view, "said", told,
            {
                "document_date": ("Day", "date"), "source_table": ("Where", "text"), "aspect": ("About", "text"),
                "sentiment": ("Sentiment", "text"), "sentiment_score": ("Score (-1 to 1)", "number"),
                "item_id": ("Item", "text"),
            },
            "Scored clauses of what the customer wrote, the newest first",
        ),
        about="Subject and sentiment of each clause; the words themselves are not published.",
    )  # fmt: skip
