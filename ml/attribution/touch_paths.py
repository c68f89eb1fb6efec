"""Which touches an order had, and which journeys of customers ended without an order.

In:  orders (one row each: order_id, user_id or null, order_ts, order_date) and touches (one row per event of
     intermediate.int_touchpoints: touch_type, order_id, user_id, campaign_id, channel, touch_ts, touch_date).
Out: one row per order and touch; one row per touch of a journey.
A touch is a contact, i.e. a customer in one campaign and channel, however many events it has.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

# From the surest sign that a contact was noticed to none at all; the first that a channel records counts.
EVIDENCE = ("clicked", "opened", "delivered", "sent", "assigned")
ORDERED, CONVERTED = "ordered", "converted"  # the order itself names the campaign; a conversion does on the order's day
OWN = "order"  # touch type of both
TOUCH = ["campaign_id", "channel"]
BLOCK = 20_000  # customers whose orders and touches are joined at a time


@dataclass(frozen=True)
class AttributionParameters:
    window_days: int = 30  # a touch older than this is not credited; the window that ad platforms default to
    touch_types: tuple[str, ...] = ()  # contact types that count; none: the surest that the channel records (EVIDENCE)
    half_life_days: float = 7.0  # time decay: a touch a week before the order counts half of one at it
    first_share: float = 0.4  # position-based: the customary 40/20/40
    last_share: float = 0.4  # the rest goes to those between
    least_journeys: int = 30  # of a campaign with a state of its own in the chain; rarer ones share their channel's
    most_states: int = 400  # of the chain, which is solved exactly and dense: a matrix of 400 x 400 takes milliseconds

    def __post_init__(self):
        wrong = [
            f"{name} must be {rule}, not {getattr(self, name)!r}"
            for name, rule, fine in (
                ("window_days", "at least 1", self.window_days >= 1),
                ("touch_types", f"among {', '.join(EVIDENCE)}", set(self.touch_types) <= set(EVIDENCE)),
                ("half_life_days", "above 0", self.half_life_days > 0),
                ("first_share", "at least 0", self.first_share >= 0),
                ("last_share", "at least 0", self.last_share >= 0),
                ("least_journeys", "at least 1", self.least_journeys >= 1),
                ("most_states", "at least 1", self.most_states >= 1),
            )
            if not fine
        ]
        if self.first_share + self.last_share > 1:
            wrong.append("first_share and last_share together must not exceed 1")
        if wrong:
            raise ValueError("attribution: " + "; ".join(wrong) + ". Correct ml/attribution of the shop.")

    @property
    def window(self) -> pd.Timedelta:
        return pd.Timedelta(days=self.window_days)


DEFAULTS = AttributionParameters()


def counted_types(touches: pd.DataFrame, params: AttributionParameters = DEFAULTS) -> dict[str, tuple[str, ...]]:
    """{channel: contact types that count as a touch there}: as configured, else the surest that it records."""
    recorded = touches[touches["touch_type"].isin(EVIDENCE)].groupby("channel")["touch_type"].agg(set)
    if params.touch_types:
        return {channel: params.touch_types for channel in sorted(recorded.index)}
    return {channel: (next(kind for kind in EVIDENCE if kind in kinds),) for channel, kinds in sorted(recorded.items())}


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Text and instants in one type each, so that an empty column joins like a full one."""
    kinds = {"order_ts": "datetime64[us]", "touch_ts": "datetime64[us]", "order_date": "datetime64[us]"}
    kinds |= {"touch_date": "datetime64[us]", **dict.fromkeys(("order_id", "user_id", "touch_type", *TOUCH), "str")}
    return frame.astype({column: kind for column, kind in kinds.items() if column in frame})


def contact_touches(touches: pd.DataFrame, params: AttributionParameters = DEFAULTS) -> pd.DataFrame:
    """The events that count: user_id, campaign_id, channel, touch_type, touch_ts; sorted, equal ones once."""
    kinds = counted_types(touches, params)
    pairs = pd.MultiIndex.from_tuples(
        [(channel, kind) for channel in kinds for kind in kinds[channel]] or [("", "")], names=["channel", "touch_type"]
    )
    counted = touches[pd.MultiIndex.from_frame(touches[["channel", "touch_type"]]).isin(pairs)]
    columns = ["user_id", "touch_ts", *TOUCH, "touch_type"]
    return counted[columns].drop_duplicates().sort_values(columns, ignore_index=True)


def order_touches(
    orders: pd.DataFrame, touches: pd.DataFrame, params: AttributionParameters = DEFAULTS
) -> pd.DataFrame:
    """One row per order, campaign and channel that reached its customer within the window before it.

    Columns: order_id, order_ts, campaign_id, channel, touch_type ('order', or the surest type), first_ts, last_ts;
    sorted by order_id and last_ts, so that the last row of an order is its last touch. What the order itself names is
    a touch at the order, of the channel through which the campaign reached the customer, where that is known.
    """
    orders, touches = typed(orders), typed(touches)
    contacts = contact_touches(touches, params)
    parts = [_in_window(orders, block, params) for block in _blocks(contacts)]
    reached = pd.concat(parts, ignore_index=True) if parts else _in_window(orders.iloc[:0], contacts, params)
    own = _named_by_orders(orders, touches)
    latest = reached.sort_values(["touch_ts", "channel"]).drop_duplicates(["order_id", "campaign_id"], keep="last")
    own = own.merge(latest[["order_id", *TOUCH]], on=["order_id", "campaign_id"], how="left", suffixes=("", "_reached"))
    own["channel"] = own["channel_reached"].fillna(own["channel"])
    both = pd.concat([reached, own[reached.columns]], ignore_index=True)
    rank = both["touch_type"].map({kind: place for place, kind in enumerate((OWN, *EVIDENCE))})
    found = (
        both.assign(rank=rank)
        .groupby(["order_id", *TOUCH], sort=True)
        .agg(
            order_ts=("order_ts", "first"),
            first_ts=("touch_ts", "min"),
            last_ts=("touch_ts", "max"),
            rank=("rank", "min"),
        )
        .reset_index()
    )
    # Of touches at the same instant the one that the order names is the last.
    found = found.sort_values(
        ["order_id", "last_ts", "rank", *TOUCH], ascending=[True, True, False, True, True], ignore_index=True
    )
    found["touch_type"] = found.pop("rank").map(dict(enumerate((OWN, *EVIDENCE)))).astype(object)
    return found[["order_id", "order_ts", *TOUCH, "touch_type", "first_ts", "last_ts"]]


def journeys(
    orders: pd.DataFrame, touches: pd.DataFrame, end: pd.Timestamp, params: AttributionParameters = DEFAULTS
) -> pd.DataFrame:
    """The contacts of customers as sequences that end with an order or without one: what the chain learns from.

    Columns: journey, campaign_id, channel, touch_ts, is_converted; sorted by journey and time. An order within the
    window ends the journey of all contacts since the one before it. Contacts without one form a journey as long as
    they follow each other within the window. A contact whose window is not over at `end` has no outcome yet and is
    left out. What is known from an order alone is too: it could not have been seen to fail.
    """
    orders, touches = typed(orders), typed(touches)
    events = contact_touches(touches, params).sort_values(["touch_ts", "user_id", *TOUCH], ignore_index=True)
    known = orders.dropna(subset=["user_id"]).sort_values(["order_ts", "order_id"])
    following = pd.merge_asof(
        events,
        known[["user_id", "order_ts", "order_id"]],
        left_on="touch_ts",
        right_on="order_ts",
        by="user_id",
        direction="forward",
        tolerance=params.window,
    )
    following["is_converted"] = following["order_id"].notna()
    over = following["touch_ts"] <= end - params.window
    told = following[following["is_converted"] | over]
    told = told.sort_values(["user_id", "touch_ts", *TOUCH], ignore_index=True)
    before = told.shift()
    same_order = told["is_converted"] & told["order_id"].eq(before["order_id"])
    near = told["touch_ts"] - before["touch_ts"] <= params.window
    both_without = ~told["is_converted"] & before["is_converted"].eq(False) & near
    continued = told["user_id"].eq(before["user_id"]) & (same_order | both_without)
    told["journey"] = np.cumsum(~continued.to_numpy())
    columns = ["journey", *TOUCH, "touch_ts", "is_converted"]
    return told[columns].drop_duplicates(["journey", *TOUCH]).reset_index(drop=True)


def _blocks(contacts: pd.DataFrame):
    """The contacts of so many customers at a time, so that the join below stays small."""
    place, users = pd.factorize(contacts["user_id"], sort=True)
    for start in range(0, len(users), BLOCK):
        yield contacts[(place >= start) & (place < start + BLOCK)]


def _in_window(orders: pd.DataFrame, contacts: pd.DataFrame, params: AttributionParameters) -> pd.DataFrame:
    """order_id, order_ts, campaign_id, channel, touch_type, touch_ts."""
    pairs = orders[["order_id", "user_id", "order_ts"]].merge(contacts, on="user_id")
    age = pairs["order_ts"] - pairs["touch_ts"]
    inside = (age >= pd.Timedelta(0)) & (age <= params.window)
    return pairs.loc[inside, ["order_id", "order_ts", *TOUCH, "touch_type", "touch_ts"]]


def _named_by_orders(orders: pd.DataFrame, touches: pd.DataFrame) -> pd.DataFrame:
    """Campaigns that orders themselves name, or that the customer was recorded to convert for on the order's day."""
    by_order = touches.loc[touches["touch_type"].eq(ORDERED), ["order_id", *TOUCH]]
    conversions = touches.loc[touches["touch_type"].eq(CONVERTED), ["user_id", "touch_date", *TOUCH]]
    of_day = orders[["order_id", "user_id", "order_date"]].merge(
        conversions.rename(columns={"touch_date": "order_date"}), on=["user_id", "order_date"]
    )
    # A campaign that both name is one touch; the channel of the conversion is the customer's own.
    named = pd.concat([of_day[["order_id", *TOUCH]], by_order], ignore_index=True)
    named = named.drop_duplicates(["order_id", "campaign_id"])
    named = named.merge(orders[["order_id", "order_ts"]], on="order_id")
    return named.assign(touch_type=OWN, touch_ts=named["order_ts"])
