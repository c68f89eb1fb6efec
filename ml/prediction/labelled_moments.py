"""The frame that purchase prediction learns from and scores: features, orders and labels at the training moments."""

from datetime import date, timedelta

import pandas as pd

from shops.declaration import Shop

KEYS = {"as_of", "user_id", "label"}
NOT_FEATURES = KEYS | {"first_order_date", "last_order_date"}


def labelled_moments(connection, shop: Shop, as_of: date, with_orders: bool = True) -> pd.DataFrame:
    """One row per (as_of, user): features, what they knew of orders, and the label where its window had ended."""
    moments = [*shop.training_as_ofs(as_of), as_of]
    orders = ", rfm.* exclude (as_of, user_id), rhythm.* exclude (as_of, user_id)" if with_orders else ""
    frame = connection.execute(
        f"""
        select features.*{orders}, labels.label
        from marts.fct_user_features as features
        left join marts.fct_customer_rfm as rfm using (as_of, user_id)
        left join intermediate.int_purchase_rhythm as rhythm using (as_of, user_id)
        left join intermediate.int_purchase_labels as labels using (as_of, user_id)
        where list_contains($moments, features.as_of)
        order by features.as_of, features.user_id
        """,
        {"moments": moments},
    ).df()
    frame["as_of"] = pd.to_datetime(frame["as_of"]).dt.date
    ended = as_of - timedelta(days=shop.windows.horizon_days)
    frame.loc[frame["as_of"] > ended, "label"] = pd.NA  # a backfill must not learn from what came after it
    for column in frame.columns.difference(list(NOT_FEATURES)):
        frame[column] = pd.to_numeric(frame[column]).astype("float64")
    return frame
