"""The models of reviews: what customers wrote and how many stars they gave, and what that says of each product.

In: a plan with a table of reviews. Out: SQL.
"""

from shops.new_source import tables as raw
from shops.new_source.canonical import filled
from shops.new_source.plan import Plan
from shops.new_source.renaming import (
    cte,
    instant,
    names,
    ref,
    row_id,
    select,
    selected,
    source,
    source_name,
    steps_and,
)


def reviews(plan: Plan) -> str:
    """One row per review; ratings of another scale become 1 to 5."""
    table = plan.roles[raw.REVIEWS]
    own = list(names(table).values())
    ts, day = instant(plan, table) if table.has("date") else ("cast(ds as timestamp)", "ds")
    most = max((float(cell.replace(",", ".")) for cell in table.cells("rating") if cell), default=5)
    rating = "rating" if most <= 5 else f"rating * 5 / {10 if most <= 10 else 100}"
    given = {
        "review_id": "review_number"
        if table.is_key("review")
        else row_id(own, "review_id", 4).removesuffix(" as review_id"),
        "order_id": "order_number",
        **{c: c for c in ("item_id", "supplier_id", "title", "review_text", "language")},
        "user_id": "coalesce(user_id, 'unknown')",
        "review_ts": ts,
        "review_date": day,
        "rating": f"cast({rating} as decimal(4, 2))",
        "arrival_date": "ds",
    }
    needs = {"order_id": "order_number", "user_id": "user_id"}
    given = {
        c: e
        for c, e in given.items()
        if needs.get(c, c) in own or c in ("review_id", "review_ts", "review_date", "rating", "arrival_date")
    }
    given |= {} if "user_id" in given else {"user_id": "'unknown'"}
    given |= source_name(plan)
    steps = [cte("raw_reviews", select([*selected(plan, table), "ds"], source(plan, table)))]
    return steps_and(steps, select(filled("reviews", given), "raw_reviews", 0))


def review_stats(plan: Plan) -> str:
    """How many reviews a product had so far, and how many bad ones."""
    daily = select(
        [
            "item_id",
            "arrival_date",
            "count(*) as comment_count",
            "sum(case when rating <= 2 then 1 else 0 end) as bad_count",
        ],
        ref(plan, "reviews"),
    )
    window = "over (partition by item_id order by arrival_date)"
    so_far = select(
        [
            "item_id",
            "arrival_date",
            f"sum(comment_count) {window} as comment_count",
            f"sum(bad_count) {window} as bad_count",
        ],
        "daily",
    )
    given = {
        "item_id": "item_id",
        "stats_date": "arrival_date",
        "comment_count": "cast(comment_count as decimal(18, 4))",
        "bad_review_rate": "cast(cast(bad_count as decimal(18, 6)) / comment_count as decimal(9, 6))",
        "arrival_date": "arrival_date",
        **source_name(plan),
    }
    steps = [
        cte("daily", daily + "\n    where item_id is not null\n    group by item_id, arrival_date"),
        cte("so_far", so_far),
    ]
    return steps_and(steps, select(filled("item_review_stats", given), "so_far", 0))
