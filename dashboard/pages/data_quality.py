"""Whether the figures can be trusted and how fresh they are: what was checked, what failed, what arrived."""

from urllib.parse import urlencode

import pandas as pd
from dash import html

from dashboard import figures, parts
from dashboard.formats import label, write
from dashboard.view import View

TITLE = "Data quality and freshness"
QUESTION = "Can these figures be trusted, and how fresh are they?"
FILTERS = ("stage",)
STAGES = {
    "landing": "On arrival", "transform": "Left out on the way", "features": "Before learning",
    "learning": "Learning", "audit": "Before publishing",
}  # fmt: skip
STATUSES = {"passed": "Passed", "info": "Noted", "failed": "Failed"}


def failed(view: View) -> pd.DataFrame:
    """One row per check that failed, those that stop the flow first."""
    return view.frame(
        """
        select stage, dataset, check_name, severity, observed, expected, reason
        from marts.mart_data_quality
        where as_of = $as_of and status = 'failed' and ($stage is null or stage = $stage)
        order by severity <> 'block', stage, dataset, check_name
        """,
        stage=view.filters.get("stage"),
    )


def stages(view: View) -> pd.DataFrame:
    """One row per stage: checks by what came of them."""
    return view.frame(
        """
        select stage, count(*) filter (status = 'passed') as passed, count(*) filter (status = 'info') as info,
               count(*) filter (status = 'failed') as failed, count(distinct dataset) as tables
        from marts.mart_data_quality
        where as_of = $as_of and ($stage is null or stage = $stage)
        group by stage order by list_position(['landing', 'transform', 'features', 'learning', 'audit'], stage)
        """,
        stage=view.filters.get("stage"),
    )


def arrivals(view: View) -> pd.DataFrame:
    """One row per raw table: rows read, stored and set aside, and the last day on which something arrived."""
    return view.frame(
        """
        select dataset,
               max(try_cast(observed as bigint)) filter (check_name = 'rows_raw') as rows_raw,
               max(try_cast(observed as bigint)) filter (check_name = 'rows_landed') as rows_landed,
               max(try_cast(observed as bigint)) filter (check_name = 'rows_quarantined') as rows_quarantined,
               max(try_cast(observed as date)) filter (check_name = 'first_arrival_day') as first_arrival_day,
               max(try_cast(observed as date)) filter (check_name = 'last_arrival_day') as last_arrival_day,
               max(status) filter (check_name = 'data_fresh') as freshness,
               string_agg(replace(check_name, 'rows_quarantined: ', '') || ' (' || observed || ')', ', '
                          order by try_cast(observed as bigint) desc)
                   filter (starts_with(check_name, 'rows_quarantined: ')) as set_aside_for
        from marts.mart_data_quality
        where as_of = $as_of and stage = 'landing' and starts_with(dataset, 'landing.')
        group by dataset order by last_arrival_day nulls first, rows_landed desc nulls last, dataset
        """
    )


def left_out(view: View) -> pd.DataFrame:
    """One row per entity and reason: rows that arrived and are not counted."""
    return view.frame(
        """
        select dataset, replace(check_name, 'rows_excluded: ', '') as why, try_cast(observed as bigint) as excluded
        from marts.mart_data_quality
        where as_of = $as_of and stage = 'transform' and starts_with(check_name, 'rows_excluded: ')
        order by dataset, excluded desc, why
        """
    )


def moments(view: View) -> pd.DataFrame:
    """One row per moment described: checks and failures."""
    return view.frame(
        """
        select as_of, count(*) filter (status <> 'info') as checks, count(*) filter (status = 'failed') as failed,
               count(*) filter (status = 'failed' and severity = 'block') as blocking,
               sum(try_cast(observed as bigint)) filter (stage = 'landing' and check_name = 'rows_landed')
                   as rows_landed,
               sum(try_cast(observed as bigint)) filter (stage = 'landing' and check_name = 'rows_quarantined')
                   as rows_quarantined
        from marts.mart_data_quality group by as_of order by as_of desc
        """
    )


TABLES = {"failed": failed, "stages": stages, "arrivals": arrivals, "left_out": left_out, "moments": moments}


def render(view: View) -> list:
    """Failures first, then what arrived, checks by stage, what was not learned, and earlier moments."""
    checked, found, came = stages(view), failed(view), arrivals(view)
    if checked.empty and not view.filters.get("stage"):
        return [parts.missing(f"No check is on record as of {view.as_of}.")]
    return [
        _first(view, checked, found, came),
        _failed(view, found),
        _arrived(view, came),
        parts.columns(_stages(view, checked), _left_out(view)),
        _moments(view),
    ]


def table_name(dataset: str) -> str:
    """landing.till__orders is orders (till); source.till is all of till; marts.fct_customer_rfm is Customer rfm."""
    schema, _, name = dataset.partition(".")
    if schema == "source":
        return f"All tables ({name})"
    source, _, table = name.partition("__")
    if schema == "landing" and table:
        return f"{label(table)} ({source})"
    for prefix in ("dim_", "fct_", "mart_", "int_"):
        name = name.removeprefix(prefix)
    return label(name or dataset)


def _first(view: View, checked: pd.DataFrame, found: pd.DataFrame, came: pd.DataFrame):
    blocking = int((found["severity"] == "block").sum())
    last = came["last_arrival_day"].dropna()
    landed, aside = came["rows_landed"].sum(), came["rows_quarantined"].sum()
    return parts.cards(
        [
            parts.figure_card("Checks passed", write(checked["passed"].sum(), "count")),
            parts.figure_card(
                "Failed, and would stop publishing", write(blocking, "count"),
                "none: these figures may be used" if not blocking else "see below", "bad" if blocking else "good",
            ),
            parts.figure_card("Failed, worth a look", write(len(found) - blocking, "count"), "warnings, see below"),
            parts.figure_card(
                "Last arrival", write(last.max() if len(last) else None, "date"), f"figures are as of {view.as_of}"
            ),
            parts.figure_card("Rows stored", write(landed, "count"), f"from {len(came)} tables"),
            parts.figure_card("Rows set aside", write(aside, "count"), "unreadable or not plausible, kept with reason"),
        ],
        most=3,
    )  # fmt: skip


def _failed(view: View, found: pd.DataFrame):
    options = [{"value": value, "label": text} for value, text in STAGES.items()]
    asked = view.filters.get("stage")
    chosen = parts.choice("stage", "When", options, asked if asked in STAGES else None, clearable=True)
    report = f"data_quality_report?{urlencode({'shop': view.shop, 'version': view.version})}"
    link = html.P(html.A("The full report of every check", href=report, target="_blank"), className="below")
    if found.empty:
        return parts.section(
            "What failed",
            chosen,
            parts.missing("Nothing failed" + (" here." if asked else ": every check passed.")),
            link,
        )
    told = found.assign(
        stage=found["stage"].map(lambda name: STAGES.get(name, label(name))),
        name=found["dataset"].map(table_name),
        check=found["check_name"].map(label),
        severity=found["severity"].map({"block": "stops publishing", "warn": "warning"}.get),
    )
    return parts.section(
        "What failed",
        chosen,
        parts.table(
            view,
            "failed",
            told,
            {
                "severity": ("Weight", "text"),
                "stage": ("When", "text"),
                "name": ("Table", "text"),
                "check": ("Check", "text"),
                "observed": ("Seen", "prose"),
                "reason": ("Why it matters", "prose"),
            },
            "Checks that failed",
        ),
        link,
        about="A failure that stops publishing leaves the version before in place, so what is served never has one. "
        "'Enough to learn from' names what could not be learned, and what would be needed.",
    )


def _arrived(view: View, found: pd.DataFrame):
    if found.empty:
        return parts.section("What arrived", parts.missing("No source of this shop has landed anything."))
    late = {"passed": "yes", "failed": "no: days are missing", "info": "comes whole, not by day"}
    told = found.assign(
        name=found["dataset"].map(table_name),
        fresh=[
            late.get(status, "not judged") if last == last else "nothing has arrived"
            for status, last in zip(found["freshness"], found["last_arrival_day"])
        ],
    )
    return parts.section(
        "What arrived",
        parts.table(
            view,
            "arrivals",
            told,
            {
                "name": ("Table (source)", "text"),
                "last_arrival_day": ("Last arrival", "date"),
                "fresh": (f"Up to {view.as_of}?", "text"),
                "rows_raw": ("Rows read", "count"),
                "rows_landed": ("Stored", "count"),
                "rows_quarantined": ("Set aside", "count"),
                "set_aside_for": ("Set aside for", "prose"),
            },
            "Rows and freshness by table",
        ),
        about="Rows read are stored or set aside, none is lost. Tables without a recent day come first: a source that "
        "stopped looks like customers who stopped.",
    )


def _stages(view: View, checked: pd.DataFrame):
    if checked.empty:
        return parts.section("Checks by stage", parts.missing("No check was made then."))
    told = checked.assign(name=[STAGES.get(name, label(name)) for name in checked["stage"]])
    figure = figures.bars_beside(told, "name", STATUSES, "Checks", stacked=True)
    for trace, colour in zip(figure.data, (figures.COLOURS[2], figures.QUIET, figures.COLOURS[4])):
        trace.marker.color = colour
    return parts.section(
        "Checks by stage",
        parts.graph(
            figure,
            "Checks: "
            + "; ".join(
                f"{row.name} {row.passed} passed, {row.info} noted, {row.failed} failed"
                for row in told[["name", "passed", "info", "failed"]].itertuples(index=False)
            ),
        ),
        about="From arrival to publishing. 'Noted' counts without judging: rows, days, tables that may be empty.",
    )


def _left_out(view: View):
    found = left_out(view)
    title = "Arrived, but not counted"
    if found.empty:
        return parts.section(title, parts.missing("Every row that was stored is counted."))
    return parts.section(
        title,
        parts.table(
            view,
            "left_out",
            found.assign(name=found["dataset"].map(label), why=found["why"].map(label)),
            {"name": ("Of", "text"), "why": ("Source: reason", "text"), "excluded": ("Rows", "count")},
            "Rows that are not counted, and why",
        ),
        about="Rows that were stored and then left out by rule, such as what was delivered twice.",
    )


def _moments(view: View):
    found = moments(view)
    shown = [
        parts.table(
            view,
            "moments",
            found,
            {
                "as_of": ("As of", "date"),
                "checks": ("Checks", "count"),
                "failed": ("Failed", "count"),
                "blocking": ("Of these would stop publishing", "count"),
                "rows_landed": ("Rows stored up to then", "count"),
                "rows_quarantined": ("Set aside up to then", "count"),
            },
            "Checks by moment",
            links={"as_of": lambda row: view.link(as_of=f"{row['as_of']:%Y-%m-%d}")},
        )
    ]
    if len(found) > 2:
        line = figures.lines(found, "as_of", {"failed": "Failed"}, "Checks that failed", height=240)
        line.update_yaxes(rangemode="tozero", tickformat=",d")
        shown.insert(0, parts.graph(line, f"Line of failed checks over {len(found)} moments."))
    return parts.section(
        "Earlier moments",
        *shown,
        about="Every run judges its own moment again; this version remembers each.",
    )
