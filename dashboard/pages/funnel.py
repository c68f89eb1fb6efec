"""Where do visitors become buyers, and where are they lost: the six behaviours of the observation window, from
mart_conversion. Rates are purchases per 100 actions, because one cart may hold several purchases: a share it is not."""

import dash_mantine_components as dmc
import pandas as pd

from dashboard import figures, parts
from dashboard.formats import label, span, write
from dashboard.view import View

TITLE = "Funnel and conversion"
QUESTION = "Where do visitors become buyers, and where are they lost?"
FILTERS = ("country",)
STEPS = {
    "view": "Viewed", "click": "Clicked", "collect": "Kept for later", "cart": "Put into the cart",
    "uncart": "Taken out of the cart", "buy": "Bought",
}  # fmt: skip
WORDS = {"view": "views", "click": "clicks", "collect": "items kept", "cart": "cart additions", "buy": "purchases"}
ACTIONS = ("view", "click", "collect", "cart")  # those that a purchase may follow
STEPS_NOTE = (
    "Customers need not take every step: nobody has to keep an item for later to buy it. More than 100 purchases per "
    "100 cart additions means that people also buy past the cart."
)
ENOUGH = 200  # actions below which a rate moves too much by chance to be ranked
SHOWN_CATEGORIES = 12
SHOWN_DAYS = 14  # in the table; the chart and the CSV have all


def steps(view: View) -> pd.DataFrame:
    """One row per behaviour of the shop or of the chosen country: actions, customers, items, purchases per 100."""
    selects = [
        f"""select {number} as step, '{behaviour}' as behaviour, n_{behaviour} as actions,
               users_{behaviour} as customers, users_{behaviour} / nullif(users_view, 0) as share_of_viewers,
               {f"k_{behaviour}" if behaviour != "uncart" else "null::bigint"} as items,
               {f"100 * cvr_{behaviour}" if behaviour in ACTIONS else "null::double"} as purchases_per_100,
               {f"100 * item_cvr_{behaviour}" if behaviour in ACTIONS else "null::double"} as bought_items_per_100
        from cell"""
        for number, behaviour in enumerate(STEPS, 1)
    ]
    return view.frame(
        f"""
        with cell as (
            select * from marts.mart_conversion
            where as_of = $as_of and dimension_type = $kind and dimension_value = $value
        )
        {" union all ".join(selects)} order by step
        """,
        kind="country" if view.country else "total",
        value=view.country or "all",
    )


def _cells(view: View, kind: str, order: str) -> pd.DataFrame:
    rates = ", ".join(f"100 * cvr_{name} as buys_per_100_{name}" for name in ACTIONS)
    items = ", ".join(f"100 * item_cvr_{name} as bought_items_per_100_{name}" for name in ACTIONS)
    return view.frame(
        f"""
        select dimension_type, dimension_value, n_view, n_click, n_collect, n_cart, n_uncart, n_buy,
               users_view, users_cart, users_buy, {rates}, {items}
        from marts.mart_conversion
        where as_of = $as_of and dimension_type = $kind
        order by {order}
        """,
        kind=kind,
    )


def categories(view: View) -> pd.DataFrame:
    """One row per category, the lowest rate first."""
    return _cells(view, "category", "cvr_view nulls last, cvr_click nulls last, cvr_cart nulls last, n_buy desc")


def countries(view: View) -> pd.DataFrame:
    """One row per country, the lowest rate first."""
    return _cells(view, "country", "cvr_view nulls last, n_buy desc")


def channels(view: View) -> pd.DataFrame:
    """One row per channel of the actions, the lowest rate first."""
    return _cells(view, "channel", "cvr_view nulls last, n_buy desc")


def days(view: View) -> pd.DataFrame:
    """One row per day of the observation window."""
    return _cells(view, "day", "dimension_value")


TABLES = {"steps": steps, "categories": categories, "countries": countries, "channels": channels, "days": days}


def render(view: View) -> list:
    """The funnel, the categories with the worst rates, countries, channels, days."""
    found = steps(view)
    if found.empty:
        return [parts.missing(f"No behaviour of {view.country or 'this shop'} is on record as of {view.as_of}.")]
    recorded = found[found["actions"].fillna(0) > 0]["behaviour"].tolist()
    base = next((name for name in ACTIONS if name in recorded and "buy" in recorded), None)
    return [
        _funnel(view, found, recorded),
        _categories(view, base),
        parts.columns(
            _places(view, "countries", countries(view), "Country by country", "Country", base),
            _places(view, "channels", channels(view), "Channel by channel", "Channel", base),
        ),
        _days(view, base),
    ]


def _funnel(view: View, found: pd.DataFrame, recorded: list[str]):
    told = found.assign(
        name=found["behaviour"].map(STEPS),
        written=[
            write(row.customers, "count")
            + ("" if pd.isna(row.share_of_viewers) else f" ({write(row.share_of_viewers, 'share')})")
            for row in found.itertuples()
        ],
    )
    seen = told[told["behaviour"].isin(recorded)]
    absent = [STEPS[name].lower() for name in STEPS if name not in recorded]
    content = []
    if len(seen) > 1:
        content.append(
            parts.graph(
                figures.bars(seen, "name", "customers", "customers", seen["written"].tolist()),
                "Customers by behaviour, and their share of those who viewed: "
                + "; ".join(f"{row.name}: {row.written}" for row in seen.itertuples())
                + ".",
            )
        )
    if absent:
        content.append(
            dmc.Text(
                f"Not recorded by any source of this shop: {', '.join(absent)}. A rate from them needs the entity "
                "events to hold them.",
                size="sm",
            )
        )
    content.append(
        parts.table(
            view, "steps", seen if len(seen) else told,
            {
                "name": ("Behaviour", "text"), "actions": ("Actions", "count"), "customers": ("Customers", "count"),
                "share_of_viewers": ("Of those who viewed", "share"), "items": ("Items", "count"),
                "purchases_per_100": ("Purchases per 100 actions", "number"),
                "bought_items_per_100": ("Items bought per 100 items", "number"),
            },
            "Behaviours from the first look to the purchase",
        )
    )  # fmt: skip
    where = view.country or "the whole shop"
    return parts.section(
        "From looking to buying",
        *content,
        about=f"Known customers who did each thing at least once in the observation window, of {where}. {_loss(seen)} "
        + (STEPS_NOTE if len(seen) > 1 else ""),
    )


def _loss(seen: pd.DataFrame) -> str:
    """The funnel in one sentence, as far as it is recorded."""
    share = seen.set_index("behaviour")["share_of_viewers"]
    if not {"view", "cart", "buy"} <= set(share.index):
        return ""
    return (
        f"Of 100 customers who viewed something, {100 * share['cart']:.0f} put something into the cart and "
        f"{100 * share['buy']:.0f} bought."
    )


def _columns(frame: pd.DataFrame, heading: str, base: str | None) -> dict[str, tuple[str, str]]:
    """Columns of a table of cells: those that anything is recorded in."""
    wanted = {
        "dimension_value": (heading, "date" if heading == "Day" else "text"),
        **({f"buys_per_100_{base}": (f"Purchases per 100 {WORDS[base]}", "number")} if base else {}),
        "n_view": ("Views", "count"), "n_cart": ("Cart additions", "count"), "n_uncart": ("Taken out", "count"),
        "n_buy": ("Purchases", "count"), "users_view": ("Customers viewing", "count"),
        "users_buy": ("Customers buying", "count"), "buys_per_100_cart": ("Purchases per 100 cart additions", "number"),
    }  # fmt: skip
    return {name: shown for name, shown in wanted.items() if frame[name].notna().any()}


def _categories(view: View, base: str | None):
    found = categories(view)
    title, of = "Categories that lose most", " Of the whole shop." if view.country else ""
    if found.empty:
        return parts.section(title, parts.missing("No item has a category on record."))
    content = []
    if base:
        found = found.sort_values(f"buys_per_100_{base}", kind="stable")
        found = found.sort_values(f"n_{base}", key=lambda n: n < ENOUGH, kind="stable")  # too few to rank: last
        worst = found[found[f"n_{base}"] >= ENOUGH].head(SHOWN_CATEGORIES)
        worst = worst.assign(dimension_value=worst["dimension_value"].map(label))
        rates = worst[f"buys_per_100_{base}"]
        if len(worst):
            content.append(
                parts.graph(
                    figures.bars(
                        worst, "dimension_value", f"buys_per_100_{base}", f"purchases per 100 {WORDS[base]}",
                        [write(value, "number") for value in rates.round(1)],
                    ),
                    f"{len(worst)} categories, from {worst['dimension_value'].iloc[0]} with {rates.iloc[0]:.1f} to "
                    f"{worst['dimension_value'].iloc[-1]} with {rates.iloc[-1]:.1f} purchases per 100 {WORDS[base]}.",
                )
            )  # fmt: skip
        else:
            content.append(parts.missing(f"No category has {ENOUGH} {WORDS[base]}: too few to rank them."))
        about = f"The lowest rate first, among categories with at least {ENOUGH} {WORDS[base]}; the table has all."
    else:
        title = "Purchases by category"
        about = "Only purchases are recorded, so categories are ordered by them: where one loses customers is unknown."
    content.append(parts.table(view, "categories", found, _columns(found, "Category", base), "Conversion by category"))
    return parts.section(title, *content, about=about + of)


def _places(view: View, name: str, found: pd.DataFrame, title: str, heading: str, base: str | None):
    if found.empty:
        return parts.section(title, parts.missing(f"No source records the {heading.lower()} of an action."))
    columns = _columns(found, heading, base)
    columns = {key: columns[key] for key in list(columns) if key not in ("n_uncart", "users_view", "n_cart")}
    return parts.section(
        title,
        parts.table(view, name, found, columns, f"Conversion by {heading.lower()}"),
        about=("The lowest rate first; of the whole shop." if base else "Of the whole shop."),
    )


def _days(view: View, base: str | None):
    found = days(view)
    title = "Day by day"
    if found.empty:
        return parts.section(title, parts.missing("No day of the observation window has behaviour on record."))
    column, axis = (f"buys_per_100_{base}", f"purchases per 100 {WORDS[base]}") if base else ("n_buy", "purchases")
    known = found[column].dropna()
    return parts.section(
        title,
        parts.graph(
            figures.lines(found, "dimension_value", {column: label(axis)}, axis, height=280),
            f"{label(axis)} over {len(found)} days: {span(known.min(), known.max())}.",
        ),
        parts.table(
            view,
            "days",
            found.iloc[::-1].head(SHOWN_DAYS),
            _columns(found, "Day", base),
            "Conversion by day, the newest first",
        ),
        about="Of the whole shop. Single days move by chance: look for a level that stays changed.",
    )
