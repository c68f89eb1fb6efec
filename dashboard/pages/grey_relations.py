"""What goes with sales, loyalty and value: likeness of curves, and how much sales answer."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import estimates, label, write
from dashboard.pages import grey_relations_points
from dashboard.view import View

TITLE = "What goes with sales"
QUESTION = "What goes with sales, loyalty and value?"
FILTERS = ("analysis", "model")
ANALYSES = {
    "drivers_of_sales": "Drivers of sales, by week",
    "marketing_over_time": "Marketing and sales, by week",
    "campaigns": "Campaigns and what their audience bought",
    "customer_loyalty": "What loyal customers have in common",
    "customer_value": "What valuable customers have in common",
    "supplier_selection": "Suppliers against the ideal one",
}
REFERENCES = {
    "amount": "amount sold", "units": "units sold", "orders": "orders per customer", "repeat_rate": "buyers who return",
    "audience_amount": "amount bought by the audience", "ideal": "the ideal supplier",
}  # fmt: skip
MODELS = {
    "amount_week": "Amount, by week", "amount_day": "Amount, by day",
    "units_week": "Units, by week", "units_day": "Units, by day",
}  # fmt: skip


def relations(view: View) -> pd.DataFrame:
    """One row per reference and factor of the analysis chosen, the most alike first."""
    return view.frame(
        """
        select analysis, reference, transform, factor, is_cost, points, factors, degree, rank, rank_best_rho,
               rank_worst_rho, rank_best_dropped, rank_worst_dropped, rank_kept_share, degree_by_chance, p_by_chance,
               rank_by_chance_share, p_by_shift, reason,
               max(rank) filter (transform = 'initial_value') over same as rank_initial_value
        from marts.mart_grey_relation
        where as_of = $as_of and analysis = $analysis
        window same as (partition by analysis, reference, factor)
        qualify transform <> 'initial_value' or count(*) over same = 1
        order by reference, degree desc nulls last, factor
        """,
        analysis=_analysis(view),
    )


def answers(view: View) -> pd.DataFrame:
    """One row per regressor of the model chosen, over the whole shop (Z Table 3)."""
    return view.frame(
        """
        select model, regressor, is_logged, coefficient, standard_error, p, elasticity, elasticity_low, elasticity_high,
               standardised, strength_rank, vif, n, r2, durbin_watson, lags, reason
        from marts.mart_response_regression
        where as_of = $as_of and model = $model and unit_type = 'total'
        order by elasticity is null, strength_rank, regressor
        """,
        model=_model(view),
    )


def by_category(view: View) -> pd.DataFrame:
    """One row per category and regressor of the model chosen."""
    return view.frame(
        """
        select model, unit, regressor, elasticity, elasticity_low, elasticity_high, p, n, r2, reason
        from marts.mart_response_regression
        where as_of = $as_of and model = $model and unit_type = 'category' order by unit, regressor
        """,
        model=_model(view),
    )


def points(view: View) -> pd.DataFrame:
    """One row per point of the factor most alike, of the analysis chosen."""
    return grey_relations_points.points(view, _analysis(view))


TABLES = {"relations": relations, "points": points, "answers": answers, "by_category": by_category}


def render(view: View) -> list:
    """Likeness of curves, the curves, then how much sales answer, over all and by category."""
    curves = grey_relations_points.section(view, points(view), REFERENCES)
    return [_relations(view), curves, _answers(view), _categories(view)]


def _analysis(view: View) -> str:
    asked = view.filters.get("analysis")
    return asked if asked in ANALYSES else "drivers_of_sales"


def _model(view: View) -> str:
    asked = view.filters.get("model")
    return asked if asked in MODELS else "amount_week"


def _relations(view: View):
    found = relations(view)
    options = [{"value": value, "label": text} for value, text in ANALYSES.items()]
    chosen = parts.choice("analysis", "Look at", options, _analysis(view))
    title = "What moves alike"
    if found["degree"].isna().all():
        refused = parts.refusal(view, f"ml.grey_relation: {_analysis(view)}") or parts.refusal(view, "ml.grey_relation")
        why = found["reason"].dropna().unique()
        told = refused or (why[0] if len(why) else "Too little is recorded to compare.")
        return parts.section(title, chosen, parts.missing(told.removesuffix(".") + "."))
    charts = []
    for reference, rows in found[found["degree"].notna()].groupby("reference", sort=False):
        drawn = rows.head(16).assign(name=lambda part: part["factor"].map(label))
        heading = f"Likeness to {REFERENCES.get(reference, label(reference).lower())}, 0 to 1"
        figure = figures.dots(drawn, "name", {"degree": "Likeness", "degree_by_chance": "By chance"}, heading)
        charts.append(
            parts.graph(
                figure,
                "Likeness, and what chance would give: "
                + "; ".join(
                    f"{n} {write(d, 'decimal')} (chance {write(c, 'decimal')})"
                    for n, d, c in zip(drawn["name"], drawn["degree"], drawn["degree_by_chance"])
                ),
            )
        )
    told = found.assign(
        name=found["factor"].map(label),
        against=[REFERENCES.get(name, label(name)) for name in found["reference"]],
        rho=_ranks(found, "rank_best_rho", "rank_worst_rho"),
        dropped=_ranks(found, "rank_best_dropped", "rank_worst_dropped"),
        verdict=[_verdict(row) for row in found[["p_by_chance", "p_by_shift", "reason"]].itertuples(index=False)],
    )
    return parts.section(
        title,
        chosen,
        parts.columns(*charts) if len(charts) > 1 else charts[0],
        parts.table(
            view,
            "relations",
            told,
            {
                "name": ("Factor", "text"),
                **({"against": ("Against", "text")} if len(charts) > 1 else {}),
                "degree": ("Likeness", "decimal"),
                "degree_by_chance": ("By chance", "decimal"),
                "verdict": ("More than chance?", "text"),
                "rank": ("Rank", "count"),
                "rho": ("Rank, other sharpness", "written"),
                "dropped": ("Rank, one point left out", "written"),
                "rank_initial_value": ("Rank, scaled by first value", "count"),
                "p_by_chance": ("p, shuffled", "probability"),
                "p_by_shift": ("p, turned in time", "probability"),
            },
            "What moves alike",
        ),
        about=f"{ANALYSES[_analysis(view)]}. How alike two curves are once their units are taken out (grey relational "
        "analysis): nearly anything looks alike, so only what lies well right of its orange mark says something, and a "
        "rank is worth as much as it stays the same. It shows what goes together, not what causes it.",
    )


def _ranks(rows: pd.DataFrame, best: str, worst: str) -> list[str]:
    """The best and the worst rank, once where they are the same."""
    return [
        write(low, "count") if low == high or low != low else f"{write(low, 'count')} to {write(high, 'count')}"
        for low, high in zip(rows[best].astype(float), rows[worst].astype(float))
    ]


def _verdict(row) -> str:
    """Whether a likeness is more than chance, by shuffling and, where points have an order, by turning them in time."""
    if row.reason:
        return row.reason
    tests = [p for p in (row.p_by_chance, row.p_by_shift) if p == p]
    if not tests:
        return "not tested"
    return "yes" if max(tests) < 0.05 else "hardly: seasons may do it" if tests[0] < 0.05 else "no"


def _answers(view: View):
    found = answers(view)
    options = [{"value": value, "label": text} for value, text in MODELS.items()]
    chosen = parts.choice("model", "Sales measured as", options, _model(view))
    title = "How much sales answer"
    known = found[found["elasticity"].notna()]
    if known.empty:
        why = found["reason"].dropna().unique()
        told = parts.refusal(view, "ml.response_regression") or (why[0] if len(why) else "Too few periods.")
        return parts.section(title, chosen, parts.missing(told.removesuffix(".") + "."))
    drawn = known.assign(name=known["regressor"].map(label))
    told = found.assign(
        name=found["regressor"].map(label),
        written=estimates(found, ("elasticity", "elasticity_low", "elasticity_high"), "decimal"),
        shown=[
            "" if low != low else "yes" if low > 0 or high < 0 else "no effect shown"
            for low, high in zip(found["elasticity_low"], found["elasticity_high"])
        ],
    )
    first = known.iloc[0]
    return parts.section(
        title,
        chosen,
        parts.graph(
            figures.intervals(
                drawn, "name", "elasticity", "elasticity_low", "elasticity_high", "% of sales per % of it"
            ),
            "Elasticities: " + "; ".join(f"{n} {e}" for n, e in zip(told["name"], told["written"])),
        ),
        parts.table(
            view,
            "answers",
            told,
            {
                "name": ("Lever", "text"),
                "written": ("Elasticity (95 % interval)", "written"),
                "shown": ("Effect shown?", "text"),
                "strength_rank": ("Rank of strength", "count"),
                "p": ("By chance (p)", "probability"),
                "vif": ("VIF", "decimal"),
                "reason": ("Why it is missing, or a doubt", "prose"),
            },
            "How much sales answer to each lever",
        ),
        about="By how many per cent sales differ when a lever differs by one per cent, the others held, trend and "
        f"seasons taken out; an interval across the dotted line shows no effect. {write(first['n'], 'count')} periods; "
        f"the model accounts for {write(first['r2'], 'share')} of the ups and downs.",
    )


def _categories(view: View):
    found = by_category(view)
    title = "By category"
    known = found[found["elasticity"].notna()]
    if known.empty:
        return parts.section(
            title, parts.missing("By category there are models by the week only: choose one of these.")
        )
    ends = zip(known["elasticity"], known["elasticity_low"], known["elasticity_high"])
    told = known.assign(written=[f"{e:+.2f}{' *' if low > 0 or high < 0 else ''}" for e, low, high in ends])
    wide = told.pivot(index="unit", columns="regressor", values="elasticity")
    written = told.pivot(index="unit", columns="regressor", values="written").fillna("")
    figure = figures.heat(
        wide.clip(-3, 3),
        [label(name) for name in wide.columns],
        [label(name) for name in wide.index],
        written,
        middle=0,
    )
    return parts.section(
        title,
        parts.graph(
            figure,
            f"Elasticities of {len(wide)} categories; shown to differ from none: "
            + "; ".join(
                f"{label(row.unit)}, {label(row.regressor).lower()} {row.elasticity:+.2f}"
                for row in known[(known["elasticity_low"] > 0) | (known["elasticity_high"] < 0)].head(10).itertuples()
            ),
        ),
        parts.table(
            view,
            "by_category",
            found.assign(
                name=found["regressor"].map(label),
                category=found["unit"].map(label),
                written=estimates(found, ("elasticity", "elasticity_low", "elasticity_high"), "decimal"),
            ),
            {
                "category": ("Category", "text"),
                "name": ("Lever", "text"),
                "written": ("Elasticity (95 % interval)", "written"),
                "p": ("By chance (p)", "probability"),
                "reason": ("Why it is missing, or a doubt", "prose"),
            },
            "Elasticities by category",
        ),
        about="The same, for each category: blue raises its sales, red lowers them; * the interval does not hold 0. Of "
        "many cells some are starred by chance.",
    )
