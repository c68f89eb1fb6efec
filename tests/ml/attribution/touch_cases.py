"""Small histories of orders and touches, in days from a fixed noon, and random ones for properties."""

import pandas as pd
from hypothesis import strategies as st

START = pd.Timestamp("2024-01-01 12:00:00")
END = START + pd.Timedelta(days=400)


def day(number: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=number)


def orders(*rows: tuple) -> pd.DataFrame:
    """(order_id, user_id, day[, revenue cents])."""
    told = [(order, user, day(at), cents[0] if cents else 1000) for order, user, at, *cents in rows]
    frame = pd.DataFrame(told, columns=["order_id", "user_id", "order_ts", "revenue_cents"])
    frame["order_ts"] = frame["order_ts"].astype("datetime64[us]")
    frame["order_date"] = frame["order_ts"].dt.normalize()
    return frame.assign(margin_cents=(frame["revenue_cents"] * 0.4).astype(int))


def touches(*rows: tuple) -> pd.DataFrame:
    """(user_id, campaign_id, day, touch_type[, channel[, order_id]])."""
    told = [
        (user, campaign, day(at), kind, *rest, *("email", None)[len(rest) :])
        for user, campaign, at, kind, *rest in rows
    ]
    frame = pd.DataFrame(told, columns=["user_id", "campaign_id", "touch_ts", "touch_type", "channel", "order_id"])
    frame["touch_ts"] = frame["touch_ts"].astype("datetime64[us]")
    return frame.assign(touch_date=frame["touch_ts"].dt.normalize())


@st.composite
def histories(draw):
    """(orders, touches) of up to four customers, five campaigns and 90 days; some orders name a campaign."""
    users, days, campaigns = (
        st.sampled_from("uvwx"),
        st.integers(0, 90 * 4).map(lambda n: n / 4),
        st.sampled_from("ABCDE"),
    )
    sold = draw(st.lists(st.tuples(users, days, st.integers(0, 99_999)), max_size=12))
    sold = orders(*((f"o{place:02d}", *row) for place, row in enumerate(sold)))
    kinds = st.sampled_from(["assigned", "sent", "delivered", "opened", "clicked", "converted"])
    reached = draw(st.lists(st.tuples(users, campaigns, days, kinds, st.sampled_from(["email", "push"])), max_size=25))
    named = [
        (
            order.user_id,
            draw(campaigns),
            (order.order_ts - START) / pd.Timedelta(days=1),
            "ordered",
            "ads",
            order.order_id,
        )
        for order in sold.itertuples()
        if draw(st.booleans())
    ]
    return sold, touches(*reached, *named)
