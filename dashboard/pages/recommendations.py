"""Are the recommendations any good: quality against baselines on a time split, by quadrant, what is recommended and
why, and what goes into one basket. From mart_recommendation_evaluation, fct_recommendation, mart_association_rules."""

from textwrap import wrap

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import label, span, write
from dashboard.view import View

TITLE = "Recommendations"
QUESTION = "Are the recommendations better than simple ones, and what goes together?"
FILTERS = ()
K = 10  # length of the list that the charts compare
MODELS = {
    "tuned": "Ours (what is served)", "paper": "Plain equations", "popularity": "Most popular items",
    "own_frequency": "Own favourites", "own_frequency_decayed": "Own favourites, recent first",
    "implicit_als": "Matrix factorisation (ALS)", "implicit_bm25": "Similar items (BM25)",
    "association_rules": "Basket rules", "content": "Similar new items",
}  # fmt: skip
QUADRANTS = {
    "all": "Whole list", "stable_active": "Regular items, active customers",
    "random_active": "Other items, active customers", "stable_inactive": "Regular items, inactive customers",
    "random_inactive": "Other items, inactive customers", "cross_sell": "Never bought, goes with a purchase",
    "content": "New in the shop, like past purchases", "cold": "No purchase yet: what is popular",
}  # fmt: skip
FOUR = ("stable_active", "random_active", "stable_inactive", "random_inactive")
SHORT = dict(zip(FOUR, ("regular,<br>active", "other,<br>active", "regular,<br>inactive", "other,<br>inactive")))


def quality(view: View) -> pd.DataFrame:
    """One row per model, task and length of the list; the best model first."""
    return view.frame(
        """
        select quadrant, k, model, users, ndcg, precision, recall, mrr, coverage, novelty, split_date
        from marts.mart_recommendation_evaluation
        where as_of = $as_of
        order by quadrant <> 'all', quadrant, k = $k desc, k, ndcg desc
        """,
        k=K,
    )


def shares(view: View) -> pd.DataFrame:
    """One row per quadrant of what is served: recommendations and customers."""
    return view.frame(
        """
        select quadrant, count(*) as recommendations, count(distinct user_id) as customers,
               count(distinct item_id) as items, count(*) / sum(count(*)) over () as share
        from marts.fct_recommendation
        where as_of = $as_of and mode = 'tuned'
        group by quadrant order by recommendations desc
        """
    )


def examples(view: View) -> pd.DataFrame:
    """The best-scored recommendations of each quadrant, one customer each, with the reason."""
    return view.frame(
        """
        with ranked as (
            select quadrant, nullif(user_id, 'unknown') as user_id, rank, item_id, reason
            from marts.fct_recommendation
            where as_of = $as_of and mode = 'tuned'
            qualify row_number() over (partition by quadrant order by rank, quadrant_score desc, user_id) <= 3
        )
        select ranked.quadrant, ranked.user_id, ranked.rank, ranked.item_id, items.item_name, items.category,
               ranked.reason
        from ranked left join marts.dim_item as items using (item_id)
        order by ranked.quadrant, ranked.rank, ranked.user_id
        """
    )


def rules(view: View) -> pd.DataFrame:
    """One row per rule of what goes into one basket, the strongest link first."""
    return view.frame(
        """
        select level,
               case when antecedent_name = consequent_name then antecedent_name || ' (' || antecedent || ')'
                    else antecedent_name end as antecedent_name,
               case when antecedent_name = consequent_name then consequent_name || ' (' || consequent || ')'
                    else consequent_name end as consequent_name,
               lift_given_size, confidence, confidence_low, confidence_high,
               baskets, customers, support, lift, leverage, conviction, adjusted_p_value, reason
        from marts.mart_association_rules
        where as_of = $as_of
        order by lift_given_size desc, baskets desc
        """
    )


TABLES = {"quality": quality, "shares": shares, "examples": examples, "rules": rules}


def render(view: View) -> list:
    """Quality, quadrants, what is recommended, baskets."""
    found = quality(view)
    return [_quality(view, found), _quadrants(found), _served(view), _rules(view)]


def _quality(view: View, found: pd.DataFrame):
    title = "Better than simple recommendations?"
    if found.empty:
        return parts.section(title, parts.missing(_refused(view, "No recommendations were evaluated.")))
    whole = found[(found["quadrant"] == "all") & (found["k"] == K)]
    whole = whole.assign(name=whole["model"].map(lambda name: MODELS.get(name, label(name))))
    split, users = found["split_date"].iloc[0], whole["users"].max()
    content = []
    if len(whole):
        figure = figures.bars(
            whole, "name", "ndcg", f"ranking quality (NDCG at {K})", [f"{v:.3f}" for v in whole["ndcg"]]
        )
        figure.update_traces(
            marker_color=[figures.COLOURS[0] if name == "tuned" else figures.QUIET for name in whole["model"]]
        )
        content.append(
            parts.graph(
                figure,
                f"Ranking quality at {K} by model: "
                + "; ".join(f"{name} {value:.3f}" for name, value in zip(whole["name"], whole["ndcg"])) + ".",
            )
        )  # fmt: skip
    told = found.assign(
        model=found["model"].map(lambda name: MODELS.get(name, label(name))),
        quadrant=found["quadrant"].map(lambda name: QUADRANTS.get(name, label(name))),
    )
    content.append(
        parts.table(
            view, "quality", told[found["quadrant"] == "all"],
            {
                "k": ("List of", "count"), "model": ("Recommended by", "text"),
                "ndcg": ("Ranking quality (NDCG)", "number"), "precision": ("Of the list bought", "share"),
                "recall": ("Of the bought listed", "share"), "mrr": ("First hit (MRR)", "number"),
                "coverage": ("Of the catalogue used", "share"), "novelty": ("Novelty (bits)", "number"),
                "users": ("Customers", "count"),
            },
            "Quality of recommendations by length of the list and model; the CSV holds every task",
        )
    )  # fmt: skip
    return parts.section(
        title,
        *content,
        about=f"Every way to recommend learned from purchases before {write(split, 'date')} and was judged by what "
        f"{write(users, 'count')} customers bought afterwards. NDCG is 1 when the list of {K} begins with what was "
        f"bought, 0 when it holds none of it. {_verdict(whole)}",
    )


def _verdict(whole: pd.DataFrame) -> str:
    served, others = whole[whole["model"] == "tuned"], whole[~whole["model"].isin(["tuned", "paper"])]
    if served.empty or others.empty:
        return ""
    best = others.iloc[0]
    return (
        f"What is served reaches {served['ndcg'].iloc[0]:.3f}, the best of the others "
        f"({best['name']}) {best['ndcg']:.3f}."
    )


def _quadrants(found: pd.DataFrame):
    title = "By kind of item and customer"
    cells = found[found["quadrant"].isin(FOUR) & (found["k"] == K)]
    if cells.empty:
        return parts.section(title, parts.missing("No quadrant was evaluated."))
    wide = cells.pivot(index="model", columns="quadrant", values="ndcg")
    wide = wide.reindex([name for name in MODELS if name in wide.index])[[q for q in FOUR if q in wide]]
    wide = wide.dropna(axis="columns", how="all")  # nobody belongs there
    if wide.empty:
        return parts.section(title, parts.missing("Nobody bought anew in any quadrant."))
    texts = wide.map(lambda value: "" if pd.isna(value) else f"{value:.2f}")
    figure = figures.heat(
        wide.to_numpy(),
        [SHORT[name] for name in wide],
        ["<br>".join(wrap(MODELS[name], 18)) for name in wide.index],
        texts.to_numpy(),
        height=130 + 38 * len(wide),
    )
    best = wide.idxmax()
    return parts.section(
        title,
        parts.graph(
            figure,
            f"Ranking quality at {K} by quadrant. Best: "
            + "; ".join(f"{QUADRANTS[q]}: {MODELS[best[q]]} {wide[q].max():.2f}" for q in wide) + ".",
        ),
        about="The same measure, task by task (kind of item, kind of customer): regular items are "
        "those that their buyers come back for at steady gaps. "
        "The stronger the blue, the better.",
    )  # fmt: skip


def _served(view: View):
    title = "What is recommended, and why"
    found, shown = shares(view), examples(view)
    if found.empty:
        return parts.section(title, parts.missing(_refused(view, "Nobody has recommendations.")))
    named = found.assign(quadrant=found["quadrant"].map(lambda name: QUADRANTS.get(name, label(name))))
    told = shown.assign(
        quadrant=shown["quadrant"].map(lambda name: QUADRANTS.get(name, label(name))),
        item_name=shown["item_name"].fillna(shown["item_id"]),
    )
    refused = parts.refusal(view, "ml.recommendation/content")
    return parts.section(
        title,
        parts.table(
            view, "shares", named,
            {
                "quadrant": ("Kind", "text"), "recommendations": ("Recommendations", "count"),
                "share": ("Share", "share"), "customers": ("Customers", "count"), "items": ("Different items", "count"),
            },
            "Recommendations by kind",
        ),
        *([parts.missing(f"New items like past purchases: {refused}.")] if refused else []),
        parts.table(
            view, "examples", told,
            {
                "quadrant": ("Kind", "text"), "user_id": ("Customer", "text"), "rank": ("Place", "count"),
                "item_name": ("Item", "text"), "category": ("Category", "text"), "reason": ("Why", "prose"),
            },
            "Examples of recommendations, three of each kind",
            links={"user_id": lambda row: view.link("customer", user=row["user_id"])},
        ),
        about="Every customer's list, counted by why an item is on it; below three examples of each kind. A customer's "
        "whole list is on the customer's page.",
    )  # fmt: skip


def _rules(view: View):
    title = "What goes into one basket"
    found = rules(view)
    if found.empty:
        return parts.section(
            title,
            parts.missing(
                parts.refusal(view, "ml.association_rules")
                or "No two items are in enough baskets together, and more often than chance puts them there."
            ),
        )
    told = found.assign(
        level=found["level"].map(label),
        interval=[span(low, high, "share") for low, high in zip(found["confidence_low"], found["confidence_high"])],
        times=[f"{value:.1f} times" for value in found["lift_given_size"]],
    )
    return parts.section(
        title,
        parts.table(
            view, "rules", told,
            {
                "level": ("Level", "text"), "antecedent_name": ("Who buys", "text"),
                "consequent_name": ("also buys", "text"), "times": ("Than by chance", "text"),
                "confidence": ("In how many of those baskets", "share"), "interval": ("95 % interval", "text"),
                "baskets": ("Baskets", "count"), "customers": ("Customers", "count"),
                "adjusted_p_value": ("p, adjusted", "probability"),
            },
            "Rules of what goes into one basket, the strongest link first",
        ),
        about="Times as often as chance would put both into baskets of that size, the strongest first. p is adjusted "
        "for the number of pairs that were looked at: only rules with at most .01 are listed.",
    )  # fmt: skip


def _refused(view: View, otherwise: str) -> str:
    return parts.refusal(view, "ml.recommendation") or parts.refusal(view, "ml.recommendation_evaluation") or otherwise
