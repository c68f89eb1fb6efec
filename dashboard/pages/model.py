"""Can the purchase prediction be trusted: which model serves and why, how well it ranks and how right its chances are,
on customers of a later moment than any that it learned from. From fct_model_run and mart_model_evaluation."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import label, write
from dashboard.pages import model_inputs as inputs
from dashboard.view import View

TITLE = "Prediction model"
QUESTION = "Can the predicted chance to buy be trusted, and does it still hold?"
FILTERS = ()
LEARNERS = {
    "stacking": "Stacking (all together)", "gradient_boosting": "Gradient boosting", "random_forest": "Random forest",
    "logistic_regression": "Logistic regression", "linear_svm": "Linear SVM",
}  # fmt: skip
CLASSES = {"0": "did not buy", "1": "bought"}


def runs(view: View) -> pd.DataFrame:
    """One row per model that was fitted up to the moment, the newest first."""
    return view.frame(
        """
        select as_of, model_id, auc, average_precision, brier, accuracy, rows, positives, first_training_as_of,
               last_training_as_of, is_serving, decision, features, package_versions
        from marts.fct_model_run where as_of <= $as_of order by as_of desc, model_id
        """
    )


def evaluation(view: View) -> pd.DataFrame:
    """Every figure of the evaluation of the model that serves, by learner, part, metric, class and point."""
    return view.frame(
        """
        with serving as (
            select coalesce(
                (select max(model_id) from marts.fct_purchase_propensity where as_of = $as_of),
                (select arg_max(model_id, as_of) from marts.fct_model_run where as_of <= $as_of and is_serving)
            ) as model_id
        ),
        judged as (
            select as_of, model_id, test_as_of
            from marts.mart_model_evaluation semi join serving using (model_id)
            where as_of <= $as_of
            order by as_of desc, test_as_of desc limit 1
        )
        select model_id, test_as_of, learner, part, metric, class_label, point, x, value
        from marts.mart_model_evaluation semi join judged using (as_of, model_id, test_as_of)
        order by part, learner, metric, class_label, point
        """
    )


def learners(view: View) -> pd.DataFrame:
    """One row per learner: the figures of the whole, the best at ranking first."""
    return _summary(evaluation(view))


TABLES = {"runs": runs, "learners": learners, "evaluation": evaluation, **inputs.TABLES}


def render(view: View) -> list:
    """The model that serves, ranking, rightness, features, drift."""
    found, models = evaluation(view), runs(view)
    if found.empty:
        reason = parts.refusal(view, "ml.purchase_propensity") or parts.refusal(view, "ml.model_run")
        return [parts.missing(reason or f"No model serves as of {view.as_of}.")]
    whole = _summary(found).set_index("learner")
    if "stacking" not in whole.index:
        return [parts.missing("The serving model has not been evaluated.")]
    return [
        _figures(found, whole),
        _serving(view, models, found),
        _ranking(view, found, whole),
        parts.columns(_confusion(found, whole), _calibration(found)),
        *inputs.render(view, models),
    ]


def _summary(found: pd.DataFrame) -> pd.DataFrame:
    rows = found[found["part"] == "summary"].pivot(index="learner", columns="metric", values="value").reset_index()
    wanted = ["learner", "auc", "average_precision", "brier", "accuracy", "threshold", "base_rate", "rows"]
    return rows.reindex(columns=wanted).sort_values("auc", ascending=False)


def _figures(found: pd.DataFrame, whole: pd.DataFrame):
    stack = whole.loc["stacking"]
    of = f"{write(stack['rows'], 'count')} customers of {write(found['test_as_of'].iloc[0], 'date')}"
    return parts.cards(
        [
            parts.figure_card("Ranking (AUC)", write(stack["auc"], "number"), f"0.5 is chance, 1 perfect; {of}"),
            parts.figure_card(
                "Average precision", write(stack["average_precision"], "number"),
                f"{write(stack['base_rate'], 'number')} by chance, the share that bought",
            ),
            parts.figure_card(
                "Brier score", write(stack["brier"], "number"), "mean squared error of the chance; 0 is perfect"
            ),
            parts.figure_card(
                "Right decisions", write(stack["accuracy"], "share"),
                f"called a buyer from {write(stack['threshold'], 'share')} on",
            ),
        ]
    )  # fmt: skip


def _serving(view: View, models: pd.DataFrame, found: pd.DataFrame):
    model = found["model_id"].iloc[0]
    told = models.assign(serving=[("scores now" if name == model else "") for name in models["model_id"]])
    return parts.section(
        "Which model serves, and why",
        parts.table(
            view, "runs", told,
            {
                "as_of": ("Fitted", "date"), "model_id": ("Model", "text"), "serving": ("Serves", "text"),
                "decision": ("Decision", "prose"), "auc": ("AUC", "number"), "brier": ("Brier", "number"),
                "rows": ("Rows learned from", "count"), "positives": ("That bought", "count"),
                "first_training_as_of": ("From", "date"), "last_training_as_of": ("To", "date"),
            },
            "Models fitted, the newest first",
        ),
        about="A new model serves only if it ranks no worse than the one in use, on the same customers.",
    )  # fmt: skip


def _ranking(view: View, found: pd.DataFrame, whole: pd.DataFrame):
    told = whole.reset_index().assign(name=[LEARNERS.get(n, label(n)) for n in whole.index])
    stack = whole.loc["stacking"]
    best = told[told["learner"] != "stacking"].head(1)
    verdict = (
        f"Best of the single learners: {best['name'].iloc[0]}, AUC {best['auc'].iloc[0]:.3f}; "
        f"all together {stack['auc']:.3f}."
        if len(best) else ""
    )  # fmt: skip
    roc = _curves(found, "roc", "buyers found", "others called buyers by mistake")
    roc.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line={"dash": "dot", "color": figures.QUIET})
    pr = _curves(found, "pr", "called buyers that bought", "buyers found")
    pr.add_hline(y=stack["base_rate"], line_dash="dot", line_color=figures.QUIET)
    return parts.section(
        "How well it tells buyers from others",
        parts.columns(
            parts.graph(roc, f"ROC curves of {len(whole)} learners. " + _each(told, "auc", "AUC")),
            parts.graph(
                pr, f"Precision-recall curves of {len(whole)} learners. " + _each(told, "average_precision", "average")
            ),
        ),
        parts.table(
            view, "learners", told,
            {
                "name": ("Learner", "text"), "auc": ("AUC", "number"),
                "average_precision": ("Average precision", "number"), "brier": ("Brier", "number"),
                "accuracy": ("Right decisions", "share"), "threshold": ("Buyer from", "share"),
            },
            "Learners on the same later customers, the best at ranking first",
        ),
        about="Left (ROC): the higher the curve above the dotted line of chance, the better. Right (precision and "
        f"recall): the dotted line is the share of all customers that bought. {verdict}",
    )  # fmt: skip


def _curves(found: pd.DataFrame, part: str, y: str, x: str):
    figure = figures.dress(figures.go.Figure(), x=x, y=y, height=380)
    rows = found[found["part"] == part]
    for name in [name for name in LEARNERS if name in set(rows["learner"])]:
        curve = rows[rows["learner"] == name]
        width = 3 if name == "stacking" else 1.3
        figure.add_scatter(x=curve["x"], y=curve["value"], name=LEARNERS[name], mode="lines", line={"width": width})
    figure.update_layout(legend={"y": -0.25, "yanchor": "top"}, margin={"t": 8})
    return figure


def _each(told: pd.DataFrame, column: str, words: str) -> str:
    return "; ".join(f"{name}: {words} {value:.3f}" for name, value in zip(told["name"], told[column])) + "."


def _confusion(found: pd.DataFrame, whole: pd.DataFrame):
    stack = found[found["learner"] == "stacking"]
    cells = stack[stack["part"] == "confusion"].pivot(index="class_label", columns="metric", values="value")
    cells = cells.reindex(index=["1", "0"], columns=["predicted_1", "predicted_0"])
    by_class = stack[(stack["part"] == "class") & (stack["class_label"] == "1")].set_index("metric")["value"]
    wrong = cells.loc["0", "predicted_1"], cells.loc["1", "predicted_0"]
    return parts.section(
        "Right and wrong decisions",
        parts.graph(
            figures.heat(
                cells.div(cells.sum(axis=1), axis=0).to_numpy(), ["called a buyer", "called no buyer"],
                [CLASSES[name] for name in cells.index], cells.map(lambda value: f"{value:,.0f}").to_numpy(),
                height=260,
            ),
            f"Of those who bought, {cells.loc['1', 'predicted_1']:,.0f} were called buyers and {wrong[1]:,.0f} were "
            f"not; of those who did not, {wrong[0]:,.0f} were called buyers and {cells.loc['0', 'predicted_0']:,.0f} "
            "were not.",
        ),
        about="Customers by what they did and what was said, from a chance of "
        f"{write(whole.loc['stacking', 'threshold'], 'share')} on. "
        f"{write(by_class.get('precision'), 'share')} of those called buyers bought (precision); "
        f"{write(by_class.get('recall'), 'share')} of the buyers were called so (recall).",
    )  # fmt: skip


def _calibration(found: pd.DataFrame):
    rows = found[(found["part"] == "calibration") & (found["learner"] == "stacking")]
    points = rows.pivot(index="point", columns="metric", values="value").assign(
        said=rows[rows["metric"] == "observed_rate"].set_index("point")["x"]
    )
    top = max(points["said"].max(), points["observed_rate"].max()) * 1.05
    figure = figures.dress(figures.go.Figure(), "chance that was said", "share that bought", height=300, legend=False)
    figure.add_shape(type="line", x0=0, y0=0, x1=top, y1=top, line={"dash": "dot", "color": figures.QUIET})
    figure.add_scatter(x=points["said"], y=points["observed_rate"], mode="lines+markers", marker={"size": 8})
    figure.update_xaxes(tickformat=".0%")
    figure.update_yaxes(tickformat=".0%")
    return parts.section(
        "Is 30 % really 30 %?",
        parts.graph(
            figure,
            "Chance said and share that bought, by group: "
            + "; ".join(
                f"{write(row.said, 'share')} said, {write(row.observed_rate, 'share')} bought"
                for row in points.itertuples()
            ) + ".",
        ),
        about=f"Customers in {len(points)} groups by predicted chance, of about "
        f"{write(points['rows'].median(), 'count')} each. On the dotted line the chance is as said; "
        "below it too high, above it too low.",
    )  # fmt: skip
