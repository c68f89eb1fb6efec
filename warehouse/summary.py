"""What a published version says at a glance: the figures that `make run` prints."""


def headline(connection) -> list[tuple[str, str]]:
    """(label, figure) pairs from published marts, in the order of the flow; what a shop lacks is left out."""
    found = []
    for label, pattern, query in FIGURES:
        row = next(iter(connection.execute(query).fetchall()), None)
        if row and all(value is not None for value in row):
            found.append((label, pattern.format(*row)))
    return found


NEWEST = "(select max(as_of) from marts.fct_user_features)"

FIGURES = (
    (
        "customers, items",
        "{:,} · {:,}",
        "select (select count(*) from marts.dim_customer), count(*) from marts.dim_item",
    ),
    (
        "raw rows: landed, quarantined",
        "{:,.0f} · {:,.0f}",
        f"""select sum(try_cast(observed as bigint)) filter (check_name = 'rows_landed'),
                   sum(try_cast(observed as bigint)) filter (check_name = 'rows_quarantined')
            from marts.mart_data_quality where stage = 'landing' and as_of = {NEWEST}""",
    ),
    (
        "customers described (51 features)",
        "{:,} as of {}",
        f"select count(*), max(as_of) from marts.fct_user_features where as_of = {NEWEST}",
    ),
    (
        "orders, revenue",
        "{:,.0f} · {:,.2f} {}",
        f"""select max(value) filter (kpi = 'orders'), max(value) filter (kpi = 'revenue'),
                   max(unit) filter (kpi = 'revenue')
            from marts.mart_kpi where as_of = {NEWEST} and period = 'all' and dimension_type = 'total'""",
    ),
    (
        "repeat-purchase rate",
        "{:.1%}",
        f"""select max(value) from marts.mart_kpi where as_of = {NEWEST} and period = 'all'
              and dimension_type = 'total' and kpi = 'repeat_purchase_rate'""",
    ),
    (
        "features selected",
        "{} of {}",
        f"""select count(distinct feature) filter (is_selected), count(distinct feature)
            from marts.mart_feature_selection where as_of = {NEWEST}""",
    ),
    (
        "purchase propensity, Stacking",
        "AUC {:.3f} · average precision {:.3f}",
        f"select max(auc), max(average_precision) from marts.fct_model_run where as_of = {NEWEST}",
    ),
    (
        "recommendations, NDCG@10",
        "tuned {:.3f} · paper {:.3f} · popularity {:.3f}",
        f"""select max(ndcg) filter (model = 'tuned'), max(ndcg) filter (model = 'paper'),
                   max(ndcg) filter (model = 'popularity')
            from marts.mart_recommendation_evaluation
            where as_of = {NEWEST} and quadrant = 'all' and k = 10""",
    ),
    (
        "recommended, by quadrant",
        "{}",
        f"""select string_agg(quadrant || ' ' || share, ' · ' order by quadrant) from (
              select quadrant, cast(round(100 * count(*) / sum(count(*)) over ()) as integer) || '%' as share
              from marts.fct_recommendation where as_of = {NEWEST} and mode = 'tuned' group by quadrant)""",
    ),
    (
        "checks: passed, failed",
        "{:,} · {:,}",
        f"""select count(*) filter (status = 'passed'), count(*) filter (status = 'failed')
            from marts.mart_data_quality where as_of = {NEWEST}""",
    ),
)
