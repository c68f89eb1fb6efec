"""How good are recommendations beside simple rules, and what do they cost? Complete Journey, split at 2017-11-20.

The models see what was bought before the split; relevant is what was bought in the six weeks from then on.
"""

from datetime import date

import pandas as pd

from benchmarks import figures, measure
from benchmarks.fresh_home import fresh_home, land_and_describe
from shops.declaration import load

SHOP = "complete_journey"
SPLIT = date(2017, 11, 20)
METRICS = ["precision", "recall", "ndcg", "mrr", "coverage", "novelty"]


def run() -> dict:
    with fresh_home():
        prepared = measure.call(prepare)
        found = measure.call(evaluation)
    rows = found.result
    for k in sorted({row["k"] for row in rows}):
        best = [row for row in rows if row["k"] == k and row["quadrant"] == "all"]
        best.sort(key=lambda row: -row["ndcg"])
        figures.show(
            f"First {k} recommended; {best[0]['users']:,} users, split {SPLIT}",
            [{"model": row["model"], **{name: row[name] for name in METRICS}} for row in best],
            digits=4,
        )
    quadrants = pd.DataFrame([row for row in rows if row["k"] == 10 and row["quadrant"] != "all"])
    wide = quadrants.pivot(index="model", columns="quadrant", values="ndcg").reset_index()
    figures.show("NDCG@10 within each quadrant", wide.to_dict("records"), digits=4)
    cost = {"seconds": round(found.seconds, 1), "peak, GB": figures.gigabytes(found.peak_bytes)}
    figures.show("Both modes and every baseline, weights chosen anew", [cost])
    return {"split": SPLIT, "evaluation": rows, **cost, "preparation_seconds": prepared.seconds}


def prepare() -> None:
    """Land Complete Journey and build its features."""
    land_and_describe(load(SHOP), load(SHOP).as_of)


def evaluation() -> list[dict]:
    """The rows that the pipeline publishes as mart_recommendation_evaluation."""
    from ml.recommendation.recommendation_evaluation import evaluate
    from ml.steps.recommend_items import PURCHASES
    from warehouse.engine import open_warehouse

    shop = load(SHOP)
    with open_warehouse(shop.name) as connection:
        purchases = connection.execute(PURCHASES, {"as_of": shop.as_of}).df()
        items = connection.execute("select item_id, category from marts.dim_item order by item_id").df()
    return evaluate(purchases, SPLIT, items=items, timezone=shop.timezone).to_dict("records")
