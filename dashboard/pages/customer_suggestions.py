"""Which customers are worth a look, when none is searched for: valuable and lapsing, likely to buy, new, unhappy."""

from functools import partial

import pandas as pd

from dashboard import parts
from dashboard.view import View

LISTED = 8  # of each kind on the page; the CSV has a hundred
ENOUGH_SAID = 3  # scored clauses below which a sentiment is one mood

# name: (title, what it says, SQL condition and order)
KINDS = {
    "lapsing": (
        "Valuable and lapsing", "Away far longer than ever before; those who brought most come first.",
        "segment_name = 'lapsing' order by observed_clv_amount desc nulls last",
    ),
    "likely": (
        "Likely to buy", "The highest chance to buy soon.",
        "purchase_probability is not null order by purchase_probability desc",
    ),
    "new": (
        "New and promising", "First order lately; the highest predicted value comes first.",
        "segment_name = 'new' order by predicted_clv_amount desc nulls last",
    ),
    "unhappy": (
        "Unhappy", f"The lowest sentiment in what they wrote, of at least {ENOUGH_SAID} scored clauses.",
        f"scored_clauses >= {ENOUGH_SAID} and sentiment_score < 0 order by sentiment_score",
    ),
}  # fmt: skip
COLUMNS = {
    "last_order_date": ("Last order", "date"), "f1_orders": ("Orders", "count"),
    "m1_amount": ("Spent", "amount"), "purchase_probability": ("Chance to buy", "share"),
}  # fmt: skip
OF_KIND = {"new": {"predicted_clv_amount": ("Predicted value", "amount")},
           "lapsing": {"observed_clv_amount": ("Value so far", "amount")},
           "unhappy": {"sentiment_score": ("Sentiment", "number")}}  # fmt: skip


def customers(view: View, kind: str) -> pd.DataFrame:
    """Up to a hundred customers of one kind, those to look at first on top."""
    return view.frame(
        f"""
        select user_id, segment_name, last_order_date, f1_orders, m1_amount, observed_clv_amount, predicted_clv_amount,
               purchase_probability, sentiment_score, scored_clauses
        from marts.dim_customer_history
        where as_of = $as_of and {KINDS[kind][2]}, user_id limit 100
        """
    )


TABLES = {kind: partial(customers, kind=kind) for kind in KINDS}


def render(view: View) -> list:
    """A short list of each kind, linked to the customers."""
    return [parts.columns(*(_listed(view, kind) for kind in KINDS))]


def _listed(view: View, kind: str):
    title, about, _ = KINDS[kind]
    found = customers(view, kind)
    if found.empty:
        reason = parts.refusal(view, "ml.text_clause") if kind == "unhappy" else None
        return parts.section(title, parts.missing(reason or "No customer is of this kind at this moment."), about=about)
    return parts.section(
        title,
        parts.table(
            view, kind, found.head(LISTED), {"user_id": ("Customer", "text")} | OF_KIND.get(kind, {}) | COLUMNS, title,
            links={"user_id": lambda row: view.link(user=row["user_id"])},
        ),
        about=about,
    )  # fmt: skip
