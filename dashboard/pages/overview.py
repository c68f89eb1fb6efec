"""How is the shop doing: key figures with their trend and change, and why one is missing."""

import pandas as pd

from dashboard import parts
from dashboard.formats import of_unit, write
from dashboard.view import View

TITLE = "Overview"
QUESTION = "How is the shop doing, and what has changed?"
FILTERS = ("country", "segment")
FIRST = (
    "revenue", "orders", "active_customers", "average_order_amount", "repeat_purchase_rate", "new_customers",
    "gross_margin", "marketing_spend", "cac", "clv_predicted", "roi", "incremental_revenue", "conversion_rate", "csi",
    "nps", "propensity_auc",
)  # fmt: skip
SUBJECTS = {
    "sales": "Sales", "acquisition": "Acquisition", "value": "Value of a customer", "spend": "Spend",
    "contact": "Contacts", "return": "Return", "effect": "Effect, by experiment", "satisfaction": "Satisfaction",
    "strategy": "Strategies", "learning": "Learned models",
}  # fmt: skip


def key_figures(view: View) -> pd.DataFrame:
    """One row per key figure: over the whole reference period, and why it is missing."""
    kind, value = _cell(view)
    return view.frame(
        """
        select m.subject, k.kpi, m.label, k.value, k.unit, k.reason, m.better, m.description, m.not_by
        from marts.mart_kpi as k join marts.dim_metric as m using (kpi)
        where k.as_of = $as_of and k.period = 'all' and k.dimension_type = $kind and k.dimension_value = $value
        order by m.subject, m.label
        """,
        kind=kind,
        value=value,
    )


def months(view: View) -> pd.DataFrame:
    """One row per key figure and complete month."""
    kind, value = _cell(view)
    return view.frame(
        """
        select kpi, period_start, value, unit
        from marts.mart_kpi
        where as_of = $as_of and period = 'month' and dimension_type = $kind and dimension_value = $value
          and period_start + interval 1 month <= $as_of and value is not null
        order by kpi, period_start
        """,
        kind=kind,
        value=value,
    )


def days(view: View) -> pd.DataFrame:
    """One row per day: revenue and orders of the last days before as_of."""
    kind, value = _cell(view)
    return view.frame(
        """
        select period_start,
               max(value) filter (kpi = 'revenue') as revenue, max(value) filter (kpi = 'orders') as orders
        from marts.mart_kpi
        where as_of = $as_of and period = 'day' and dimension_type = $kind and dimension_value = $value
          and kpi in ('revenue', 'orders') and value is not null
        group by period_start order by period_start
        """,
        kind=kind,
        value=value,
    )


def hidden(view: View) -> dict[str, str]:
    """{period: why its figures are not told here}, of what rests on too few customers."""
    kind, value = _cell(view)
    rows = view.records(
        """
        select period, max(reason) as reason
        from marts.mart_kpi
        where as_of = $as_of and period in ('month', 'day') and dimension_type = $kind and dimension_value = $value
          and kpi = 'revenue' and reason is not null
        group by period
        """,
        kind=kind,
        value=value,
    )
    return {row["period"]: row["reason"] for row in rows}


TABLES = {"key_figures": key_figures, "months": months, "days": days}


def render(view: View) -> list:
    """Cards of the first figures, revenue by month and day, and every figure in a table."""
    all_figures, monthly, daily = key_figures(view), months(view), days(view)
    by_name = all_figures.set_index("kpi").to_dict("index")
    shown = [_card(name, by_name[name], monthly[monthly["kpi"] == name]) for name in FIRST if name in by_name]
    page = [parts.cards(shown)]
    revenue = monthly[monthly["kpi"] == "revenue"]
    trends = []
    if len(revenue):
        trends.append(
            parts.section(
                f"Revenue by month, {view.currency}",
                parts.trend(
                    revenue.assign(month=revenue["period_start"].dt.strftime("%Y-%m")), "month", "value", "Revenue",
                    f"Line of revenue over {len(revenue)} complete months.",
                ),
                about="Complete months only; refunds are taken off in the month of the refund.",
            )
        )  # fmt: skip
    if len(daily):
        trends.append(
            parts.section(
                f"Revenue by day, {view.currency}",
                parts.trend(
                    daily.assign(day=daily["period_start"].dt.strftime("%Y-%m-%d")), "day", "revenue", "Revenue",
                    f"Line of revenue over the last {len(daily)} days.",
                ),
                about=f"The last {len(daily)} days with orders before {view.as_of}.",
            )
        )  # fmt: skip
    kept_back = hidden(view)
    if trends:
        page.append(parts.columns(*trends))
    elif not kept_back:
        page.append(parts.missing("No complete month and no day has revenue here."))
    page += [parts.missing(f"Revenue by {period} is not shown: {why}.") for period, why in sorted(kept_back.items())]
    page.append(_everything(view, all_figures))
    return page


def _cell(view: View) -> tuple[str, str]:
    """The cell of the KPI mart: it is kept by country and by segment, not by both together (the segment wins)."""
    if view.segment:
        return "segment", view.segment
    return ("country", view.country) if view.country else ("total", "all")


def _card(name: str, found: dict, monthly: pd.DataFrame):
    value = of_unit(found["value"], found["unit"])
    if found["reason"]:
        return parts.figure_card(found["label"], value, found["reason"], about=found["description"])
    below, tone = _change(monthly["value"].tolist(), found["unit"], found["better"])
    return parts.figure_card(found["label"], value, below, tone, monthly["value"].tolist(), found["description"])


def _change(values: list[float], unit: str, better: str) -> tuple[str, str]:
    """The last complete month against the one before, and whether that is good."""
    known = values[-2:]
    if len(known) < 2 or any(v != v for v in known) or (unit != "share" and not known[0]):
        return "", ""
    before, last = known
    difference = last - before
    if unit == "share":
        written = write(difference, "points")
    elif unit.startswith(("points", "stars")):
        written = f"{difference:+,.1f} {unit.split()[0]}"
    else:
        written = f"{100 * difference / abs(before):+,.1f} %"
    good = {"up": difference > 0, "down": difference < 0}.get(better)
    tone = "" if good is None or not difference else "good" if good else "bad"
    return f"last month {written}", tone


def _everything(view: View, all_figures: pd.DataFrame):
    told = all_figures.assign(
        subject=all_figures["subject"].map(lambda name: SUBJECTS.get(name, name)),
        written=[of_unit(v, u) for v, u in zip(all_figures["value"], all_figures["unit"])],
    )
    return parts.section(
        "Every key figure",
        parts.table(
            view,
            "key_figures",
            told,
            {
                "subject": ("Subject", "text"),
                "label": ("Key figure", "text"),
                "written": ("Value", "text"),
                "reason": ("Why it is missing", "text"),
                "description": ("What it means", "text"),
            },
            "Key figures over the whole reference period",
        ),
    )
