"""Who are the customers, how do the segments differ, and who moves between them: fct_customer_segment, the portraits,
movements and regions of the segments, and the groups that a computer finds without rules beside them."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import label, write
from dashboard.pages import segments_portrait as portrait
from dashboard.view import View

TITLE = "Segments"
QUESTION = "Who are the customers, what sets each segment apart, and who moves?"
FILTERS = ("segment",)
RULES = {
    "new": "first order within the last 60 days", "lapsing": "away far longer than ever before",
    "price_sensitive": "saves much more than others do", "high_frequency": "at least twice the usual number of orders",
    "regular": "12 orders or more", "occasional": "everybody else",
}  # fmt: skip
STANDS_OUT = 3.5  # standardised residual that 100 cells would not show by chance (Bonferroni at 5 %)


def sizes(view: View) -> pd.DataFrame:
    """One row per segment: customers, revenue of the reference period, means of the improved RFM."""
    return view.frame(
        """
        with members as (
            select segment_name, count(*) as customers, count(*) / sum(count(*)) over () as share
            from marts.fct_customer_segment where as_of = $as_of group by segment_name
        ),
        hidden as (
            select segment_name, max(reason) as reason
            from marts.mart_segment_portrait
            where as_of = $as_of and attribute_value = 'mean' and users is null group by segment_name
        ),
        sizes as (
            select segment_name, case when reason is null then customers end as customers,
                   case when reason is null then share end as share, reason
            from members left join hidden using (segment_name)
        ),
        money as (
            select dimension_value as segment_name, max(value) filter (kpi = 'revenue') as revenue,
                   max(value) filter (kpi = 'average_order_amount') as average_order_amount,
                   max(value) filter (kpi = 'clv_predicted') as predicted_value
            from marts.mart_kpi
            where as_of = $as_of and period = 'all' and dimension_type = 'segment' group by dimension_value
        ),
        means as (
            select segment_name, max(mean_in_segment) filter (attribute = 'r1_mean_interval_days') as interval_days,
                   max(mean_in_segment) filter (attribute = 'f1_orders') as orders,
                   max(mean_in_segment) filter (attribute = 'm1_amount') as amount,
                   max(mean_in_segment) filter (attribute = 's_relationship_days') as relationship_days,
                   max(mean_in_segment) filter (attribute = 'p_category_purchases') as category_purchases,
                   max(mean_in_segment) filter (attribute = 'recency_days') as recency_days
            from marts.mart_segment_portrait
            where as_of = $as_of and attribute_value = 'mean' group by segment_name
        )
        select sizes.*, money.revenue,
               case when count(money.revenue) over () = count(*) over ()
                   then money.revenue / sum(money.revenue) over () end as revenue_share,
               money.average_order_amount, money.predicted_value, means.* exclude (segment_name)
        from sizes left join money using (segment_name) left join means using (segment_name)
        order by money.revenue desc nulls last, customers desc
        """
    )


def movement(view: View) -> pd.DataFrame:
    """One row per moment, segment before and segment after."""
    return view.frame(
        """
        select as_of, previous_as_of, from_segment, to_segment, users, share, reason
        from marts.mart_segment_movement
        where as_of <= $as_of and ($segment is null or $segment in (from_segment, to_segment))
        order by as_of desc, users desc nulls last, from_segment, to_segment
        """
    )


def regions(view: View) -> pd.DataFrame:
    """One row per region and segment, the least expected first."""
    return view.frame(
        """
        select country, region, segment_name, users, expected_users, location_index, standardised_residual,
               share_of_region, share_of_segment, region_users, segment_users, cramers_v, reason
        from marts.mart_segment_region
        where as_of = $as_of and ($segment is null or segment_name = $segment)
        order by abs(standardised_residual) desc nulls last, users desc
        """
    )


def selection(view: View) -> pd.DataFrame:
    """One row per algorithm and trial of grouping without rules."""
    return view.frame(
        """
        select algorithm, trial, k, eps, min_samples, clusters, noise_share, silhouette, stability_ari, is_chosen,
               measures, reason
        from marts.mart_segment_selection where as_of = $as_of order by algorithm desc, trial
        """
    )


def clusters(view: View) -> pd.DataFrame:
    """One row per group found without rules: its size, its centre, the segment that most of it is named."""
    return view.frame(
        """
        select algorithm, cluster_id, users, share, r1_mean_interval_days, f1_orders, m1_amount, s_relationship_days,
               p_category_purchases, main_segment_name, main_segment_share
        from marts.mart_segment_cluster
        where as_of = $as_of and ($segment is null or main_segment_name = $segment)
        order by algorithm desc, cluster_id
        """
    )


TABLES = {
    "sizes": sizes, "portrait": portrait.traits, "movement": movement, "regions": regions, "selection": selection,
    "clusters": clusters,
}  # fmt: skip


def render(view: View) -> list:
    """Sizes, portrait, movement, regions, groups without rules."""
    found = sizes(view)
    if found.empty:
        reason = parts.refusal(view, "ml.customer_segment") or f"No customer had a segment as of {view.as_of}."
        return [parts.missing(reason)]
    return [_sizes(view, found), portrait.section(view), _movement(view), _regions(view), _groups(view)]


def _sizes(view: View, found: pd.DataFrame):
    told = found.assign(name=found["segment_name"].map(label), rule=found["segment_name"].map(RULES))
    drawn = told[told["share"].notna()]
    drawn = drawn.assign(share=100 * drawn["share"], revenue_share=100 * drawn["revenue_share"])
    series = {"share": "Share of customers"} | (
        {"revenue_share": "Share of revenue"} if drawn["revenue_share"].notna().any() else {}
    )
    return parts.section(
        "Segments and what they bring",
        parts.graph(
            figures.bars_beside(drawn, "name", series, "%"),
            "; ".join(
                f"{row.name}: {row.share:.0f} % of customers, {write(row.revenue_share / 100, 'share')} of revenue"
                for row in drawn.itertuples()
            ) + ".",
        ),
        parts.table(
            view, "sizes", told,
            {
                "name": ("Segment", "text"), "rule": ("Who is in it", "prose"), "customers": ("Customers", "count"),
                "share": ("Of customers", "share"), "revenue": ("Revenue", "amount"),
                "revenue_share": ("Of revenue", "share"), "predicted_value": ("Predicted value each", "amount"),
                "orders": ("Orders each", "number"), "amount": ("Spent each", "amount"),
                "interval_days": ("Between orders", "days"), "recency_days": ("Since last order", "days"),
                "relationship_days": ("First to last order", "days"),
                "category_purchases": ("Category purchases", "number"),
                **({"reason": ("Why nothing is told", "text")} if told["reason"].notna().any() else {}),
            },
            "Segments with size, revenue and means of the reference period",
            links={"name": lambda row: view.link(segment=row["segment_name"])},
        ),
        about="Rules name each customer, the first that holds wins. A revenue bar longer than the customer bar: these "
        "customers bring more than their number. Shares are of customers with an order in the reference period; choose "
        "a segment to see its portrait.",
    )  # fmt: skip


def _movement(view: View):
    title, found = "Who moved where", movement(view)
    if found.empty:
        return parts.section(title, parts.missing("No earlier moment is on record to compare with."))
    last = found[found["as_of"] == found["as_of"].iloc[0]]
    since, until = (write(last[name].iloc[0], "date") for name in ("previous_as_of", "as_of"))
    order = [*RULES, "entering", "leaving"]
    is_told = last["users"].notna()
    cells = last.assign(
        shade=last["share"].fillna(0),  # a cell without a number would show no text
        text=last["users"].map("{:,.0f}".format).where(is_told, "few"),
    ).pivot(index="from_segment", columns="to_segment", values=["shade", "text"])
    grid, texts = cells["shade"].astype(float), cells["text"].fillna("")
    rows, across = (sorted(names, key=lambda n: order.index(n) if n in order else 99) for names in (grid.index, grid))
    grid, texts = grid.loc[rows, across], texts.loc[rows, across]
    moved = last[(last["from_segment"] != last["to_segment"]) & is_told].head(3)
    most = "; ".join(
        f"{row.users:,.0f} from {label(row.from_segment)} to {label(row.to_segment)}" for row in moved.itertuples()
    )
    return parts.section(
        title,
        parts.graph(
            figures.heat(grid.to_numpy(), [_short(n) for n in across], [_short(n) for n in rows], texts.to_numpy()),
            f"Customers by segment on {since} and on {until}. Most moved: "
            f"{most or ('nobody' if is_told.all() else 'too few to tell')}.",
        ),
        parts.table(
            view, "movement", found.assign(
                from_segment=found["from_segment"].map(label), to_segment=found["to_segment"].map(label)
            )[(found["as_of"] == last["as_of"].iloc[0]) & (found["from_segment"] != found["to_segment"])],
            {
                "from_segment": ("From", "text"), "to_segment": ("To", "text"), "users": ("Customers", "count"),
                "share": ("Of the segment before", "share"), "reason": ("Why not told", "text"),
            },
            f"Moves between {since} and {until}; the CSV holds all moments and those who stayed",
        ),
        about=f"Rows: segment on {since}; columns: segment on {until}. Numbers are customers, the colour is the share "
        "of the row. Entering: no order in the reference period before; leaving: none any more. Few: so few customers, "
        "here or in what would give them away, that they are not told.",
    )  # fmt: skip


def _regions(view: View):
    title, found = "Where they live", regions(view)
    compared = found[found["reason"].isna() & found["standardised_residual"].notna()]
    if compared.empty:
        reasons = found["reason"].dropna()
        return parts.section(
            title, parts.missing(reasons.iloc[0] if len(reasons) else "No customer has a region on record.")
        )
    clear = compared[compared["standardised_residual"].abs() >= STANDS_OUT]
    verdict = (
        f"{len(clear)} of {len(compared)} cells stand out." if len(clear)
        else "No segment lives anywhere clearly more or less often than chance would have it."
    )  # fmt: skip
    told = compared.assign(
        segment_name=compared["segment_name"].map(label),
        verdict=[
            ("clearly more" if value > 0 else "clearly fewer") if abs(value) >= STANDS_OUT else "within chance"
            for value in compared["standardised_residual"]
        ],
    ).head(10)
    return parts.section(
        title,
        parts.table(
            view, "regions", told,
            {
                "region": ("Region", "text"), "country": ("Country", "text"), "segment_name": ("Segment", "text"),
                "users": ("Customers", "count"), "expected_users": ("Expected", "number"),
                "location_index": ("Index (100 = expected)", "count"), "verdict": ("Compared with chance", "text"),
            },
            "Regions where a segment is more or less frequent than expected, the most striking first",
        ),
        about=f"Expected is what a region would have if every segment lived everywhere alike. {verdict} The ten most "
        "striking are shown.",
    )  # fmt: skip


def _groups(view: View):
    title, tried, found = "Groups found without rules", selection(view), clusters(view)
    if tried.empty:
        reason = parts.refusal(view, "ml.segment_selection") or "No groups were looked for at this moment."
        return parts.section(title, parts.missing(reason))
    names = {"kmeans": "K-means", "dbscan": "DBSCAN"}
    chosen = tried[tried["is_chosen"]]
    how = "; ".join(
        f"{names.get(row.algorithm, row.algorithm)}: {row.clusters} groups ({row.reason})"
        for row in chosen.itertuples()
    )
    content = [parts.missing("No group is named mostly as this segment.")] if found.empty else [
        parts.table(
            view, "clusters", found.assign(
                algorithm=found["algorithm"].map(names), main_segment_name=found["main_segment_name"].map(label)
            ),
            {
                "algorithm": ("Found by", "text"), "cluster_id": ("Group", "count"), "users": ("Customers", "count"),
                "share": ("Share", "share"), "main_segment_name": ("Mostly named", "text"),
                "main_segment_share": ("Of the group", "share"), "f1_orders": ("Orders", "number"),
                "m1_amount": ("Spent", "amount"), "r1_mean_interval_days": ("Between orders", "days"),
                "s_relationship_days": ("First to last order", "days"),
                "p_category_purchases": ("Category purchases", "number"),
            },
            "Groups found without rules, with their centres",
        )
    ]  # fmt: skip
    told = tried.assign(algorithm=tried["algorithm"].map(names))
    return parts.section(
        title,
        *content,
        parts.table(
            view, "selection", told,
            {
                "algorithm": ("Tried", "text"), "clusters": ("Groups", "count"),
                "silhouette": ("How far apart (1 = far)", "number"),
                "stability_ari": ("Stability (1 = same)", "number"),
                "noise_share": ("Left out as noise", "share"), "is_chosen": ("Chosen", "text"),
                "reason": ("Why", "prose"),
            },
            "How many groups were tried, and which number was chosen",
        ),
        about=f"A check of the rules: groups by buying alone, and how most of each group is named. {how}.",
    )  # fmt: skip


def _short(name: str) -> str:
    return label(name).replace(" ", "<br>")
