"""What the model looks at, and whether that has changed since it learned: the rounds of feature selection, and the
chances and inputs of now beside those of earlier moments. From mart_feature_selection, fct_purchase_propensity and
mart_drift."""

import dash_mantine_components as dmc
import pandas as pd

from dashboard import figures, parts
from dashboard.formats import label, write
from dashboard.view import View

ACTIONS = {
    "view": "views", "click": "clicks", "collect": "items kept", "cart": "cart additions", "uncart": "cart removals",
    "buy": "purchases",
}  # fmt: skip
FAMILIES = {  # prefix of a feature: what it says of an action
    "comments_per_item": "Reviews per item of {}", "comments": "Reviews of the items of {}",
    "bad_rate": "Bad reviews of the items of {}", "item_cvr": "Rate of items bought to items of {}",
    "cvr": "Rate of purchases to {}", "share": "Share of {} in all actions", "variety": "Variety of {}",
    "n": "Number of {}", "k": "Different items of {}",
}  # fmt: skip
NAMES = {
    "r1_mean_interval_days": "Days between orders", "f1_orders": "Orders in the reference period",
    "m1_amount": "Spent in the reference period", "s_relationship_days": "Days from first to last order",
    "p_category_purchases": "Category purchases", "recency_days": "Days since the last order",
    "avg_buy_price": "Mean price bought at", "avg_buy_gap_days": "Mean days between purchases",
    "max_gap_days": "Longest pause", "sd_gap_days": "Spread of the pauses", "amount_28d": "Spent in 28 days",
    "orders_7d": "Orders in 7 days", "orders_14d": "Orders in 14 days", "orders_28d": "Orders in 28 days",
    "n_total": "Actions in all", "mean_order_amount": "Amount of an order",
}  # fmt: skip
MOMENTS = 3  # whose chances are drawn beside one another


def rounds(view: View) -> pd.DataFrame:
    """One row per round of feature selection: features left, their score, the one that leaves."""
    return view.frame(
        """
        select selection_round, count(*) as features, max(round_score) as round_score,
               max(feature) filter (is_eliminated) as leaves
        from marts.mart_feature_selection
        where as_of = (select max(as_of) from marts.mart_feature_selection where as_of <= $as_of)
        group by selection_round order by selection_round
        """
    )


def features(view: View) -> pd.DataFrame:
    """One row per feature that was looked at: how long it stayed, and whether it was kept."""
    return view.frame(
        """
        select feature, elimination_rank, is_selected, is_in_seed,
               arg_max(weight, selection_round) as weight
        from marts.mart_feature_selection
        where as_of = (select max(as_of) from marts.mart_feature_selection where as_of <= $as_of)
        group by feature, elimination_rank, is_selected, is_in_seed
        order by elimination_rank
        """
    )


def chances(view: View) -> pd.DataFrame:
    """One row per moment and tenth of the predicted chance: customers and their share."""
    return view.frame(
        """
        select as_of, least(floor(probability * 10), 9) / 10 as chance_from, count(*) as customers,
               count(*) / sum(count(*)) over (partition by as_of) as share
        from marts.fct_purchase_propensity where as_of <= $as_of
        group by as_of, chance_from order by as_of desc, chance_from
        """
    )


def drift(view: View) -> pd.DataFrame:
    """One row per input of the model in use, and for its probability, which comes first; then what drifted most."""
    return view.frame(
        """
        select kind, name as feature, psi, psi_by_chance, verdict, mean_reference, mean_now, moved, missing_reference,
               missing_now, first_reference_as_of, last_reference_as_of
        from marts.mart_drift where as_of = $as_of
        order by kind desc, psi desc, name
        """
    )


TABLES = {"rounds": rounds, "features": features, "chances": chances, "drift": drift}


def render(view: View, models: pd.DataFrame) -> list:
    """Feature selection and drift."""
    return [_selection(view), _drift(view, models)]


def in_words(feature: str) -> str:
    """A feature as people say it."""
    if feature in NAMES:
        return NAMES[feature]
    family, _, action = feature.rpartition("_")
    if family in FAMILIES and action in ACTIONS:
        return FAMILIES[family].format(ACTIONS[action])
    return label(feature)


def _selection(view: View):
    title, found, each = "What it looks at", features(view), rounds(view)
    if found.empty:
        reason = parts.refusal(view, "ml.feature_selection") or "No features were selected at this moment."
        return parts.section(title, parts.missing(reason))
    kept, scored = found[found["is_selected"]], each[each["round_score"].notna()]
    if scored.empty:
        return parts.section(title, parts.missing("No round of the selection was scored."))
    told = found.assign(
        name=found["feature"].map(in_words), kept=found["is_selected"].map({True: "kept", False: "dropped"})
    )
    figure = figures.lines(scored, "features", {"round_score": "Score"}, "score on held-out customers", height=280)
    figure.update_xaxes(autorange="reversed", title_text="features left")
    figure.add_vline(x=len(kept), line_dash="dot", line_color=figures.QUIET)
    first = scored["round_score"].iloc[0]
    at = scored[scored["features"] == len(kept)]["round_score"]
    return parts.section(
        title,
        parts.graph(
            figure,
            f"Score by number of features left, from {write(first, 'number')} with "
            f"{scored['features'].iloc[0]} features"
            + (f" to {write(at.iloc[0], 'number')} with the {len(kept)} kept." if len(at) else "."),
        ),
        parts.table(
            view, "features", told,
            {
                "elimination_rank": ("Place", "count"), "name": ("Feature", "text"), "feature": ("Column", "text"),
                "kept": ("Kept", "text"), "weight": ("Last weight", "number"),
            },
            "Features by how long they stayed",
        ),
        parts.table(
            view, "rounds", each.tail(8).assign(leaves=each["leaves"].map(in_words, na_action="ignore")),
            {
                "features": ("Features left", "count"), "round_score": ("Score", "number"),
                "leaves": ("Leaves", "text"),
            },
            "The last rounds of the elimination; the CSV holds all",
        ),
        about="A linear machine drops the lightest feature round by round (SVM-RFE); a score that falls says that "
        f"something needed is gone. The dotted line is where {len(kept)} are left. The model selects anew inside each "
        "fold of its learning, so it may use more.",
    )  # fmt: skip


def _drift(view: View, models: pd.DataFrame):
    spread, moved = chances(view), drift(view)
    content = []
    tested = models[["as_of", "auc", "brier"]].dropna().sort_values("as_of")
    if len(tested) > 1:
        content.append(
            parts.graph(
                figures.lines(tested, "as_of", {"auc": "Ranking (AUC)", "brier": "Brier"}, "", height=240),
                "Quality by moment: "
                + "; ".join(
                    f"{row.as_of:%Y-%m-%d} AUC {row.auc:.3f}, Brier {row.brier:.3f}" for row in tested.itertuples()
                ) + ".",
            )
        )  # fmt: skip
    else:
        content.append(dmc.Text("One model has been judged so far: quality over time begins with the next.", size="sm"))
    if len(spread):
        content.append(_chances(spread))
    if len(moved):
        content.append(_moved(view, moved))
    else:
        reason = parts.refusal(view, "ml.drift") or "Inputs were not compared at this moment."
        content.append(dmc.Text(reason, size="sm"))
    return parts.section(
        "Does it still hold? (drift)",
        *content,
        about="First the quality of each model on later customers, then the predicted chances, then the inputs: what "
        "has moved since the model learned may make it wrong before its quality can be measured. PSI compares shares "
        "of customers in bins fixed when the model was trained: up to .1 steady, beyond .25 drifted.",
    )


def _chances(spread: pd.DataFrame):
    figure = figures.dress(figures.go.Figure(), "predicted chance to buy", "share of customers", height=280)
    shown = sorted(spread["as_of"].unique())[-MOMENTS:]
    for moment in shown:
        rows = spread[spread["as_of"] == moment]
        figure.add_bar(
            x=[f"{100 * low:.0f}–{100 * low + 10:.0f} %" for low in rows["chance_from"]], y=rows["share"],
            name=write(pd.Timestamp(moment), "date"),
        )  # fmt: skip
    figure.update_layout(showlegend=len(shown) > 1)
    figure.update_xaxes(categoryorder="array", categoryarray=[f"{low}–{low + 10} %" for low in range(0, 100, 10)])
    figure.update_yaxes(tickformat=".0%")
    now = spread[spread["as_of"] == shown[-1]]
    return parts.graph(
        figure,
        "Share of customers by predicted chance: "
        + "; ".join(f"from {row.chance_from:.0%}: {row.share:.1%}" for row in now.itertuples()) + ".",
    )  # fmt: skip


def _moved(view: View, moved: pd.DataFrame):
    told = moved.assign(
        name=[
            "Predicted chance to buy" if kind == "prediction" else in_words(feature)
            for kind, feature in zip(moved["kind"], moved["feature"])
        ],
    ).head(12)
    return parts.table(
        view, "drift", told,
        {
            "name": ("Input", "text"), "psi": ("Drift (PSI)", "number"), "verdict": ("Verdict", "text"),
            "mean_reference": ("Mean when learned", "number"), "mean_now": ("Mean now", "number"),
            "moved": ("Moved, in standard deviations", "number"),
        },
        "The predicted chance, and the inputs that drifted most since the model learned",
    )  # fmt: skip
