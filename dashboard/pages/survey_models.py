"""What moves the answers of the survey: regressions as the paper lays them out, and what lies between."""

import dash_mantine_components as dmc
import pandas as pd
from dash import html

from dashboard import figures, parts
from dashboard.formats import estimate, estimates, label, span
from dashboard.view import View

PATHS = {
    "c": "Whole effect", "a": "On what lies between", "b": "From there to the outcome", "c_prime": "Direct effect",
    "indirect": "Effect through what lies between", "share_mediated": "Share through what lies between",
}  # fmt: skip
B = ("b", "b_low", "b_high")
ESTIMATE = ("estimate", "low", "high")


def regressions(view: View) -> pd.DataFrame:
    """One row per model and predictor of the outcome chosen (L Tables 7, 9, 10, 11)."""
    return view.frame(
        """
        select * exclude (as_of) from marts.mart_survey_regression
        where as_of = $as_of and ($outcome is null or outcome = $outcome)
        order by try_cast(table_id as integer), outcome, predictor_level = 'dimensions', model_id, position
        """,
        outcome=view.filters.get("outcome"),
    )


def mediation(view: View) -> pd.DataFrame:
    """One row per path of each triple."""
    return view.frame(
        """
        select * exclude (as_of) from marts.mart_survey_mediation
        where as_of = $as_of
        order by mediation_id, list_position(['c', 'indirect', 'c_prime', 'a', 'b'], path), position
        """
    )


TABLES = {"regressions": regressions, "mediation": mediation}


def render(view: View) -> list:
    """Regressions of the outcome chosen, and mediation."""
    return [_regressions(view), _mediation(view)]


def _regressions(view: View):
    found = regressions(view)
    known = view.frame(
        "select distinct outcome from marts.mart_survey_regression where as_of = $as_of order by outcome"
    )["outcome"].tolist()
    title = "What moves the answers"
    asked = view.filters.get("outcome")
    if not known:
        return parts.section(
            title, parts.missing(parts.refusal(view, "ml.survey_regression") or "No model was asked for.")
        )
    options = [{"value": name, "label": label(name)} for name in known]
    chosen = parts.choice("outcome", "Outcome", options, asked if asked in known else None, clearable=True)
    if asked and asked not in known:
        return parts.section(title, chosen, parts.missing(f"No model explains '{asked}'."))
    effects = found[(found["predictor"] != "constant") & found["b"].notna()]
    charts = []
    wanted = asked or ("purchase_intention" if "purchase_intention" in known else known[0])
    of_outcome = effects[(effects["outcome"] == wanted) & (effects["predictor_level"] == "dimensions")]
    for table_id, rows in of_outcome.groupby("table_id", sort=False):
        drawn = rows.assign(name=rows["predictor"].map(label))
        heading = f"Table {table_id}: points of {label(wanted).lower()} per point"
        charts.append(
            html.Div(
                [
                    dmc.Text(heading, size="sm", fw=600),
                    parts.graph(figures.intervals(drawn, "name", *B), f"{heading}: {_in_words(drawn, B)}"),
                ]
            )
        )
    why = found["reason"].dropna().unique()
    told = effects.assign(
        outcome=effects["outcome"].map(label),
        predictor=effects["predictor"].map(label),
        table_id="Table " + effects["table_id"].astype(str),
        model=effects["predictor_level"].map({"overall": "alone", "dimensions": "beside the others"}.get),
        written=estimates(effects, B, "decimal"),
    )
    return parts.section(
        title,
        chosen,
        parts.columns(*charts) if charts else parts.missing(why[0] if len(why) else "No model has dimensions."),
        parts.table(
            view,
            "regressions",
            told,
            {
                "table_id": ("Paper", "text"),
                "outcome": ("Outcome", "text"),
                "predictor": ("Explained by", "text"),
                "model": ("Taken", "text"),
                "written": ("B (95 % interval)", "written"),
                "beta": ("Beta", "decimal"),
                "beta_corrected": ("Beta without errors of measurement", "decimal"),
                "p_value": ("By chance (p)", "probability"),
                "vif": ("VIF", "decimal"),
                "adjusted_r2": ("Adjusted R²", "decimal"),
            },
            "Regressions",
        ),
        about=f"How many points {label(wanted).lower()} rises with a point of each, the others held: an interval "
        "across the dotted line shows no effect. Beta compares effects on one scale. A chart for each table of the "
        "paper with this outcome.",
    )


def _mediation(view: View):
    found = mediation(view)
    known = found[found["estimate"].notna() & (found["path"] != "share_mediated")]
    title = "What lies between"
    if known.empty:
        why = found["reason"].dropna().unique()
        told = parts.refusal(view, "ml.survey_mediation") or (why[0] if len(why) else "No triple is declared.")
        return parts.section(title, parts.missing(told))
    shown = []
    for _, rows in known.groupby("mediation_id", sort=False):
        first = rows.iloc[0]
        share = found[(found["mediation_id"] == first["mediation_id"]) & (found["path"] == "share_mediated")]
        through = estimate(*share.iloc[0][list(ESTIMATE)], "share") if len(share) else ""
        drawn = rows.assign(name=rows["path"].map(lambda path: PATHS.get(path, label(path))))
        who = f"{label(first['predictor'])} → {label(first['mediator']).lower()} → {label(first['outcome']).lower()}"
        shown.append(dmc.Text(f"{who}: {through} of the effect through the middle", size="sm", fw=600))
        figure = figures.intervals(drawn, "name", *ESTIMATE, "Points per point")
        shown.append(parts.graph(figure, f"{who}: {_in_words(drawn, ESTIMATE)}; share through the middle {through}"))
    told = found.assign(
        name=found["path"].map(lambda path: PATHS.get(path, label(path))),
        triple=[" → ".join(map(label, each)) for each in zip(found["predictor"], found["mediator"], found["outcome"])],
        written=estimates(found, ESTIMATE, "decimal"),
        bca=[span(*each, "decimal") for each in found[["bca_low", "bca_high"]].itertuples(index=False)],
    )
    return parts.section(
        title,
        *shown,
        parts.table(
            view,
            "mediation",
            told,
            {
                **({"triple": ("From → through → to", "text")} if told["triple"].nunique() > 1 else {}),
                "name": ("Path", "text"),
                "written": ("Estimate (95 % interval)", "written"),
                "bca": ("Interval, bias-corrected", "written"),
                "corrected": ("Without errors of measurement", "decimal"),
                "reason": ("Why it is missing", "text"),
            },
            "What lies between",
        ),
        about="How much of an effect runs through what lies between: the whole effect is the direct one and the one "
        "through the middle together. Intervals by bootstrap.",
    )


def _in_words(rows: pd.DataFrame, columns: tuple[str, str, str]) -> str:
    return "; ".join(f"{name} {each}" for name, each in zip(rows["name"], estimates(rows, columns, "decimal")))
