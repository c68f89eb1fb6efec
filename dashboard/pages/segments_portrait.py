"""What sets the segments apart: the portraits of mart_segment_portrait, of all segments or of the chosen one."""

from textwrap import wrap

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import NOTHING, label, write
from dashboard.view import View

MEANS = {  # attribute: (what it is, how it is written)
    "recency_days": ("Days since the last order", "days"), "r1_mean_interval_days": ("Days between orders", "days"),
    "f1_orders": ("Orders", "number"), "m1_amount": ("Spent", "amount"),
    "mean_order_amount": ("Amount of an order", "amount"), "s_relationship_days": ("First to last order", "days"),
    "p_category_purchases": ("Category purchases", "number"), "discount_share": ("Saved by discounts", "share"),
    "views": ("Views", "number"), "carts": ("Cart additions", "number"),
    "category_share": ("Share of the favourite category", "share"), "brand_loyalty": ("Brand loyalty", "share"),
    "purchase_probability": ("Chance to buy soon", "share"), "sentiment_score": ("Sentiment (-1 to 1)", "number"),
    "observed_clv_amount": ("Value so far", "amount"), "predicted_clv_amount": ("Predicted value", "amount"),
}  # fmt: skip
SHOWN = 14
CAP = 200  # index at which the colour of the chart ends; the figure itself is written


def traits(view: View) -> pd.DataFrame:
    """One row per segment, attribute and value; of the chosen segment, or of all. What differs most comes first."""
    return view.frame(
        """
        select segment_name, attribute, attribute_value, users, segment_users, share_in_segment, share_overall,
               mean_in_segment, mean_overall, index_100, effect_size, reason
        from marts.mart_segment_portrait
        where as_of = $as_of and ($segment is null or segment_name = $segment)
        order by segment_name, abs(effect_size) desc nulls last, attribute, attribute_value
        """
    )


def section(view: View):
    """The portrait of the chosen segment, or the means of all segments side by side."""
    found = traits(view)
    known = found[found["index_100"].notna()]
    title = f"Portrait: {label(view.segment)}" if view.segment else "What sets the segments apart"
    if known.empty:
        reasons = found["reason"].dropna()
        return parts.section(
            title, parts.missing(reasons.iloc[0] if len(reasons) else "There is no portrait of this moment.")
        )
    return _one(view, known, title) if view.segment else _all(view, known, title)


def _all(view: View, known: pd.DataFrame, title: str):
    means = known[(known["attribute_value"] == "mean") & known["attribute"].isin(MEANS)]
    grid = means.pivot(index="attribute", columns="segment_name", values="index_100")
    grid = grid.reindex([name for name in MEANS if name in grid.index])
    texts = grid.map(lambda value: "" if pd.isna(value) else f"{value:,.0f}")
    striking = known.reindex(known["effect_size"].abs().sort_values(ascending=False).index)
    striking = striking.groupby("segment_name", sort=False).head(3).sort_values("segment_name", kind="stable")
    return parts.section(
        title,
        parts.graph(
            figures.heat(
                grid.clip(upper=CAP).to_numpy(),
                [label(name).replace(" ", "<br>") for name in grid],
                ["<br>".join(wrap(MEANS[name][0], 18)) for name in grid.index],
                texts.to_numpy(),
                middle=100,
                height=110 + 38 * len(grid),
            ),
            "Index of the means of each segment. "
            + "; ".join(
                f"{label(row.segment_name)}: {_name(row)} {row.index_100:,.0f}" for row in striking.itertuples()
            ) + ".",
        ),
        parts.table(
            view, "portrait", _told(view, striking).assign(segment=striking["segment_name"].map(label)),
            {"segment": ("Segment", "text")} | COLUMNS,
            "The three most striking traits of each segment",
            links={"segment": lambda row: view.link(segment=row["segment_name"])},
        ),
        about="Index: 100 is the mean of all customers, 200 is twice as much (bluer), 50 half as much (redder). Below "
        "the three most striking traits of each segment; the CSV holds all.",
    )  # fmt: skip


def _one(view: View, known: pd.DataFrame, title: str):
    drawn = known[known["attribute_value"] != "other"].head(SHOWN)
    drawn = drawn.assign(trait=[_name(row) for row in drawn.itertuples()])
    figure = figures.bars(
        drawn.assign(more=drawn["index_100"].clip(upper=3 * CAP) - 100), "trait", "more", "index (100 = all customers)",
        [f"{value:,.0f}" for value in drawn["index_100"]],
    )  # fmt: skip
    figure.update_traces(
        base=100,
        marker_color=[figures.COLOURS[0] if value >= 100 else figures.COLOURS[1] for value in drawn["index_100"]],
    )
    figure.add_vline(x=100, line_color=figures.QUIET)
    return parts.section(
        title,
        parts.graph(
            figure,
            f"The {len(drawn)} traits that differ most: "
            + "; ".join(f"{row.trait}: index {row.index_100:,.0f}" for row in drawn.itertuples()) + ".",
        ),
        parts.table(view, "portrait", _told(view, known), COLUMNS, f"Portrait of the segment {label(view.segment)}"),
        about=f"{write(known['segment_users'].max(), 'count')} customers beside all others, what differs most on top. "
        "100 is the level of all customers: to the right more, to the left less.",
    )  # fmt: skip


COLUMNS = {
    "trait": ("Trait", "text"), "here": ("In the segment", "text"), "overall": ("All customers", "text"),
    "index_100": ("Index", "count"), "difference": ("Difference", "text"), "users": ("Customers", "count"),
}  # fmt: skip


def _told(view: View, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the trait in words and its two levels written in its own unit."""
    levels = [_levels(row, view.currency) for row in rows.itertuples()]
    return rows.assign(
        trait=[_name(row) for row in rows.itertuples()],
        here=[here for here, _ in levels],
        overall=[overall for _, overall in levels],
        difference=[_strength(value) for value in rows["effect_size"]],
    )


def _name(row) -> str:
    if row.attribute_value == "mean":
        return MEANS.get(row.attribute, (label(row.attribute), ""))[0]
    return f"{label(row.attribute)}: {row.attribute_value}"


def _levels(row, currency: str) -> tuple[str, str]:
    if row.attribute_value == "mean":
        kind = MEANS.get(row.attribute, ("", "number"))[1]
        return write(row.mean_in_segment, kind, currency), write(row.mean_overall, kind, currency)
    return write(row.share_in_segment, "share"), write(row.share_overall, "share")


def _strength(effect: float) -> str:
    """Cohen's words for an effect size (h of shares, d of means), and its direction."""
    if pd.isna(effect):
        return NOTHING
    size = abs(effect)
    words = "hardly any" if size < 0.2 else "small" if size < 0.5 else "medium" if size < 0.8 else "large"
    return words if size < 0.2 else f"{words}, {'more' if effect > 0 else 'less'}"
