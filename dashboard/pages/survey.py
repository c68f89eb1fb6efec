"""What the survey says: how precision marketing, perceived value, loyalty and the wish to buy hang together."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import estimates, label, span, write
from dashboard.pages import survey_models
from dashboard.view import View

TITLE = "Survey"
QUESTION = "How do customers see the marketing, and what does it go with?"
FILTERS = ("outcome",)
OUTCOMES = {
    "counted": "counted", "superseded": "replaced by a later answer", "redelivered": "delivered twice",
    "no_day": "without a day", "dated_after_the_moment": "dated after the moment", "before_window": "too old",
    "unmapped_question": "a question that is not declared", "no_respondent": "without a respondent",
    "no_answer": "left empty", "out_of_scale": "outside the scale",
}  # fmt: skip


def scores(view: View) -> pd.DataFrame:
    """One row per dimension, group and question: mean, spread and reliability (L Table 6)."""
    return view.frame(
        """
        select * exclude (as_of) from marts.mart_survey_descriptives where as_of = $as_of
        order by list_position(['dimension', 'group', 'item'], level), position, variable
        """
    )


def correlations(view: View) -> pd.DataFrame:
    """One row per pair of dimensions or groups (L Table 8)."""
    return view.frame(
        """
        select * exclude (as_of, is_default) from marts.mart_survey_correlation
        where as_of = $as_of and is_default order by position, other_position
        """
    )


def answers(view: View) -> pd.DataFrame:
    """One row per question and what became of its answers."""
    return view.frame(
        """
        select * exclude (as_of) from marts.mart_survey_answers
        where as_of = $as_of order by outcome, question_id
        """
    )


TABLES = {"scores": scores, "correlations": correlations, "answers": answers, **survey_models.TABLES}


def render(view: View) -> list:
    """Answers, scores, correlations, regressions and what lies between."""
    found = scores(view)
    if found.empty:
        told = parts.refusal(view, "ml.survey_descriptives") or "No survey has answers."
        return [parts.missing(told.removesuffix(".") + ".")]
    return [_answers(view, found), _scores(view, found), _correlations(view), *survey_models.render(view)]


def _answers(view: View, found: pd.DataFrame):
    counted = view.records(
        """
        select outcome, sum(answers) as answers, min(first_survey_date) as first_day, max(last_survey_date) as last_day
        from marts.mart_survey_answers where as_of = $as_of group by outcome order by outcome <> 'counted', answers desc
        """
    )
    questions = found[found["level"] == "item"]
    alphas = found.loc[found["level"] == "dimension", "cronbach_alpha"].dropna()
    kept = next((each for each in counted if each["outcome"] == "counted"), {})
    left = [f"{write(each['answers'], 'count')} {OUTCOMES.get(each['outcome'], label(each['outcome']).lower())}"
            for each in counted if each["outcome"] != "counted"]  # fmt: skip
    days = f"{write(kept.get('first_day'), 'date')} to {write(kept.get('last_day'), 'date')}" if kept else ""
    return parts.cards(
        [
            parts.figure_card("Respondents", write(questions["respondents"].max(), "count"), days),
            parts.figure_card("Questions", write(len(questions), "count"), f"in {len(alphas)} dimensions"),
            parts.figure_card("Answers counted", write(kept.get("answers"), "count"), "; ".join(left)),
            parts.figure_card(
                "Reliability",
                span(alphas.min(), alphas.max(), "decimal"),
                "Cronbach's alpha of a dimension; .7 will do",
            ),
        ]
    )


def _scores(view: View, found: pd.DataFrame):
    drawn = found[(found["level"] == "dimension") & found["mean"].notna()]
    scale = found["scale_maximum"].dropna()
    figure = figures.bars(
        drawn.assign(name=drawn["variable"].map(label)), "name", "mean", "Mean answer",
        text=[write(value, "decimal") for value in drawn["mean"]],
    )  # fmt: skip
    if len(scale):
        figure.update_xaxes(range=[found["scale_minimum"].min(), scale.max()])
    told = found.assign(name=found["variable"].map(label), level=found["level"].map({"item": "question"}.get))
    told["level"] = told["level"].fillna(found["level"])
    return parts.section(
        "What was answered",
        parts.columns(
            parts.graph(
                figure,
                "Mean answers: "
                + "; ".join(f"{label(v)} {write(m, 'decimal')}" for v, m in zip(drawn["variable"], drawn["mean"])),
            ),
            parts.table(
                view,
                "scores",
                told,
                {
                    "name": ("Variable", "text"),
                    "level": ("Is a", "text"),
                    "respondents": ("Respondents", "count"),
                    "mean": ("Mean", "decimal"),
                    "standard_deviation": ("Spread", "decimal"),
                    "cronbach_alpha": ("Alpha", "decimal"),
                    "alpha_if_deleted": ("Alpha without it", "decimal"),
                    "reason": ("Why it is missing", "text"),
                },
                "Dimensions, groups and questions",
            ),
        ),
        about="Mean answer of each dimension on the scale of the sheet. Alpha says how well the questions of a "
        "dimension agree; a question whose removal raises it measures something else.",
    )


def _correlations(view: View):
    found = correlations(view)
    known = found[found["r"].notna()]
    if known.empty:
        why = found["reason"].dropna().unique()
        return parts.section("What goes together", parts.missing(why[0] if len(why) else "Too few answers."))
    order = known.drop_duplicates("variable")["variable"].tolist()
    others = known[known["variable"] != known["other_variable"]]
    cells = others.assign(written=[f"{r:.2f}{stars or ''}" for r, stars in zip(others["r"], others["stars"])]).pivot(
        index="variable", columns="other_variable", values=["r", "written"]
    )
    r, written = (cells[value].reindex(index=order, columns=order) for value in ("r", "written"))
    names = [label(name) for name in order]
    figure = figures.heat(r.astype(float), names, names, written.fillna(""), middle=0)
    pairs = known[(known["position"] < known["other_position"]) & (known["level"] == known["other_level"])].sort_values(
        "r", ascending=False
    )
    return parts.section(
        "What goes together",
        parts.wide(
            parts.graph(
                figure,
                "Correlations, strongest first: "
                + "; ".join(
                    f"{label(row.variable)} with {label(row.other_variable).lower()} {row.r:.2f}"
                    for row in pairs.head(6).itertuples()
                ),
            ),
            "Matrix of correlations",
        ),
        parts.table(
            view,
            "correlations",
            pairs.assign(
                one=pairs["variable"].map(label),
                other=pairs["other_variable"].map(label),
                written=estimates(pairs, ("r", "r_low", "r_high"), "decimal"),
            ),
            {
                "one": ("Dimension", "text"),
                "other": ("and", "text"),
                "written": ("Correlation (95 % interval)", "written"),
                "r_corrected": ("Without errors of measurement", "decimal"),
                "p_adjusted": ("By chance, all pairs allowed for (p)", "probability"),
                "respondents": ("Respondents", "count"),
            },
            "Pairs, the strongest first",
        ),
        about="From -1 (one high, the other low) over 0 (nothing in common) to 1 (alike). * by chance less than one "
        "time in 20, ** in 100. What goes together need not cause one another.",
    )
