"""What is a customer worth, and when does winning one pay back: cost and value of cohorts, and their curves."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import write
from dashboard.pages import value_predicted
from dashboard.pages.channels_credit import channel_name
from dashboard.pages.value_predicted import counted_in
from dashboard.view import View

TITLE = "Value of a customer"
QUESTION = "What is a customer worth, and when does winning one pay back?"
FILTERS = ("channel",)
ALL = "all"
LINES = 7  # cohorts drawn beside the whole, the largest: a colour and a mark for each
MARKS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "circle-open")


def cohorts(view: View) -> pd.DataFrame:
    """One row per month of the first order of the channel chosen, all months together first."""
    return view.frame(
        """
        select cohort_month, acquisition_channel, customers, months_over, clv_basis, spend_amount, cac_amount,
               observed_clv_amount, predicted_clv_amount, lifetime_value_amount, observed_clv_to_cac, clv_to_cac,
               clv_to_cac_reason, payback_months, payback_reason
        from marts.mart_clv_cohort
        where as_of = $as_of and acquisition_channel = $channel order by cohort_month <> 'all', cohort_month
        """,
        channel=_channel(view),
    )


def channels(view: View) -> pd.DataFrame:
    """One row per acquisition channel, all months together, the most customers first; 'all' is left out."""
    return view.frame(
        """
        select acquisition_channel, customers, clv_basis, spend_amount, cac_amount, observed_clv_amount,
               predicted_clv_amount, lifetime_value_amount, observed_clv_to_cac, clv_to_cac, clv_to_cac_reason,
               payback_months, payback_reason
        from marts.mart_clv_cohort
        where as_of = $as_of and cohort_month = 'all' and acquisition_channel <> 'all'
        order by customers desc, acquisition_channel
        """
    )


def curves(view: View) -> pd.DataFrame:
    """One row per cohort and month of the relationship of the channel chosen; `value` is on clv_basis."""
    return view.frame(
        """
        select cohort_month, acquisition_channel, month_number, customers, clv_basis, revenue_per_customer,
               margin_per_customer, cumulative_revenue_per_customer, cumulative_margin_per_customer,
               case clv_basis when 'margin' then cumulative_margin_per_customer
                              else cumulative_revenue_per_customer end as value
        from marts.mart_clv_cohort_month
        where as_of = $as_of and acquisition_channel = $channel order by cohort_month, month_number
        """,
        channel=_channel(view),
    )


TABLES = {"cohorts": cohorts, "channels": channels, "curves": curves, **value_predicted.TABLES}


def render(view: View) -> list:
    """Figures of the channel chosen, cohorts, channels, curves, errors of prediction, customers."""
    known = channels(view)
    if known.empty:
        return [parts.missing(f"No customer had a first order before {view.as_of}, so there is no cohort to look at.")]
    names = known["acquisition_channel"].tolist()
    options = [{"value": ALL, "label": "All channels"}, *({"value": n, "label": channel_name(n)} for n in names)]
    asked = _channel(view)
    page = []
    if len(names) > 1 or asked != ALL:
        page.append(parts.choice("channel", "Won through", options, asked if asked in (ALL, *names) else None))
    if asked not in (ALL, *names):
        return [*page, parts.missing(f"No customer was won through a channel '{asked}'.")]
    found = cohorts(view)
    whole = {name: None if pd.isna(value) else value for name, value in found.iloc[0].items()}
    page += [_cards(view, whole), _curves(view, whole), _cohorts(view, found)]
    if len(names) > 1:
        page.append(_channels(view, known))
    return [*page, *value_predicted.render(view)]


def _channel(view: View) -> str:
    return view.filters.get("channel") or ALL


def _cards(view: View, whole: dict):
    def amount(column):
        return write(whole[column], "amount", view.currency)

    paid, counted = whole["payback_months"], counted_in(whole["clv_basis"])
    unknown = None if whole["predicted_clv_amount"] else parts.refusal(view, "ml.customer_value")
    return parts.cards([
        parts.figure_card("Worth in all", amount("lifetime_value_amount"), unknown or f"in {counted}"),
        parts.figure_card("Brought so far", amount("observed_clv_amount"),
                          f"mean of {write(whole['customers'], 'count')} customers"),
        parts.figure_card("Expected of one", amount("predicted_clv_amount"),
                          unknown or "by the model, from now on"),
        parts.figure_card("Cost of winning one", amount("cac_amount"),
                          "" if whole["cac_amount"] else whole["clv_to_cac_reason"] or ""),
        parts.figure_card("Worth for each 1 spent", write(whole["clv_to_cac"], "decimal"),
                          whole["clv_to_cac_reason"] or "worth in all / cost of winning one"),
        parts.figure_card("Paid back", f"in month {paid}" if paid else write(None),
                          whole["payback_reason"] or "of the relationship, 1 = that of the first order"),
    ], most=3)  # fmt: skip


def _curves(view: View, whole: dict):
    title, found = "What a customer brings over the months", curves(view)
    found = found[found["value"].notna()]
    if found.empty:
        return parts.section(title, parts.missing("No month of the relationship is over for any cohort."))
    wide = found.pivot(index="month_number", columns="cohort_month", values="value")
    sizes = found[found["cohort_month"] != ALL].groupby("cohort_month")["customers"].max()
    drawn = [*sorted(sizes.nlargest(LINES).index), *([ALL] if ALL in wide else [])]
    names = {name: "All together" if name == ALL else name for name in drawn}
    figure = figures.lines(wide[drawn].reset_index(), "month_number", names, f"{view.currency} per customer",
                           height=400)  # fmt: skip
    for trace, name, mark, colour in zip(figure.data, drawn, MARKS, figures.COLOURS):
        trace.update(marker={"symbol": mark, "size": 7}, line={"color": colour, "width": 4 if name == ALL else 1.5})
    paid = ""
    if whole["cac_amount"]:
        paid = "Where the thick line passes the dotted one, winning a customer has paid back. "
        figure.add_hline(y=whole["cac_amount"], line_dash="dot", line_color=figures.QUIET,
                         annotation_text="cost of winning one", annotation_position="bottom right")  # fmt: skip
    figure.update_xaxes(dtick=1, title_text="Month since the first order")
    last = found.groupby("cohort_month").last().loc[drawn]
    words = "; ".join(
        f"{names[row.Index]} {write(row.value, 'amount', view.currency)} by month {row.month_number}"
        for row in last.itertuples()
    )
    return parts.section(
        title,
        parts.graph(figure, f"Brought by a customer since the first order: {words}."),
        parts.table(
            view, "curves", found[found["cohort_month"] == ALL],
            {
                "month_number": ("Month", "count"), "customers": ("Customers who reached it", "count"),
                "revenue_per_customer": ("Revenue in it", "amount"), "margin_per_customer": ("Margin in it", "amount"),
                "value": ("Brought until its end", "amount"),
            },
            "All cohorts together by month since the first order; the CSV holds every cohort",
        ),
        about=f"Added up, in {counted_in(whole['clv_basis'])}, a line per month of the first order ({LINES} at most). "
        f"{paid}A month counts only customers who have reached its end.",
    )  # fmt: skip


COLUMNS = {
    "customers": ("Customers", "count"), "cac_amount": ("Cost of winning one", "amount"),
    "observed_clv_amount": ("Brought so far", "amount"), "predicted_clv_amount": ("Expected", "amount"),
    "lifetime_value_amount": ("Worth in all", "amount"), "clv_to_cac": ("Worth for each 1 spent", "decimal"),
    "payback_months": ("Paid back in month", "count"), "payback_reason": ("Why not, or why it is not known", "prose"),
}  # fmt: skip


def _cohorts(view: View, found: pd.DataFrame):
    rows = found[found["cohort_month"] != ALL].tail(24)
    drawn = rows.assign(name=[f"{m} ({write(n, 'count')})" for m, n in zip(rows["cohort_month"], rows["customers"])])
    predicted = drawn["lifetime_value_amount"].notna().any()
    worth, name = ("lifetime_value_amount", "Worth in all") if predicted else ("observed_clv_amount", "Brought so far")
    series, costly = {worth: name}, ""
    if drawn["cac_amount"].notna().any():
        series["cac_amount"] = "Cost of winning one"
        costly = "A circle left of its orange mark is a customer who costs more than is to be had. "
    figure = figures.dots(drawn, "name", series, f"{view.currency} per customer")
    figure.update_xaxes(rangemode="tozero")
    words = "; ".join(
        f"{row.cohort_month} {write(getattr(row, worth), 'amount', view.currency)}"
        + (f" at {write(row.cac_amount, 'amount', view.currency)}" if row.cac_amount == row.cac_amount else "")
        for row in drawn.itertuples()
    )
    return parts.section(
        "Worth and cost, by month of the first order",
        parts.graph(figure, f"{name}, and cost of winning one: {words}."),
        parts.table(
            view, "cohorts", found.assign(cohort_month=found["cohort_month"].replace(ALL, "All together")),
            {"cohort_month": ("First order in", "text")} | COLUMNS, "Cohorts by month of the first order",
        ),
        about=f"Per customer; in brackets how many there are: a few say little. {costly}Worth in all: what was brought "
        "and what is expected, discounted to the first order, so a little less than their sum. Cost of winning one: "
        "marketing spend of the month / customers won in it. The first month on record also holds earlier customers.",
    )  # fmt: skip


def _channels(view: View, known: pd.DataFrame):
    told = known.assign(name=known["acquisition_channel"].map(channel_name))
    return parts.section(
        "By the channel that won them",
        parts.table(view, "channels", told, {"name": ("Channel", "text")} | COLUMNS, "Value and cost by channel",
                    links={"name": lambda row: view.link(channel=row["acquisition_channel"])}),
        about="The channel that brought the customer, as the source has it; one without spend has no cost of winning.",
    )  # fmt: skip
