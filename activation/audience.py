"""From strategies to an audience: who is contacted through what and when, who is held out, who is held back and why.

In: the customers whose strategy contacts them, with what is known of each. Out: one row per customer. Nothing here asks
a database or a clock: the same input gives the same rows, in whatever order it comes.
"""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from activation import arms, channels, quiet_hours, suppression
from ml.strategy import budget
from shops.declaration import Activation

HELD_BACK = "held_back"
NO_CHANNEL = "none"  # stands in a campaign's id for those whom no channel may reach
AUDIENCE = {
    "as_of": "date",
    "user_id": "varchar",
    "campaign_id": "varchar",
    "strategy": "varchar",
    "channel": "varchar",
    "arm": "varchar",
    "held_back_reason": "varchar",
    "stratum": "varchar",
    "send_after_ts": "timestamp",
    "send_until_ts": "timestamp",
    "user_timezone": "varchar",
    "item_id": "varchar",
    "discount_rate": "decimal(9,6)",
    "payment_method": "varchar",
    "message_template": "varchar",
    "channel_reason": "varchar",
    "channel_rate": "double",
    "expected_response_rate": "double",
    "expected_gain_amount": "double",
    "contact_cost_amount": "double",
}


@dataclass(frozen=True)
class Known:
    """What planning knows at as_of. Frames in any order of rows.

    customers: one row per customer whose strategy contacts: user_id, strategy, segment_name, vip_tier, discount_rate,
    item_id, payment_method, message_template, consent_<channel>, user_timezone, and budget.INPUTS with budget.INTERVAL
    but for the cost. history: user_id, channel, sent, responded. recent: user_id, contacts (within the cap's days).
    running: user_id, strategy (assigned within the response window). recorded: user_id, campaign_id, is_control (what
    is known to have been assigned on this very day).
    """

    customers: pd.DataFrame
    history: pd.DataFrame
    recent: pd.DataFrame
    running: pd.DataFrame
    recorded: pd.DataFrame
    unsubscribed: frozenset[str]
    listed: frozenset[str]


def campaign_ids(strategies, channel_names, as_of: date) -> dict[str, tuple[str, str]]:
    """{campaign_id: (strategy, channel)} of all campaigns that a day can have."""
    return {campaign_id(s, c, as_of): (s, c) for s in sorted(strategies) for c in channel_names}


def campaign_id(strategy: str, channel: str, as_of: date) -> str:
    """'<strategy>-<channel>-YYYYMMDD'."""
    return f"{strategy}-{channel}-{as_of:%Y%m%d}"


def plan(known: Known, activation: Activation, salt: str, shop_zone: str, as_of: date) -> pd.DataFrame:
    """One row per customer of `known.customers`, by user_id: AUDIENCE without as_of, the customers' other columns, and
    the columns of `budget.split` (null for those held back before it).

    Raises ArmsError, BudgetError, QuietHoursError for declarations or input that no plan can be made of.
    """
    names = tuple(activation.channels)
    people = known.customers.sort_values("user_id", kind="stable").reset_index(drop=True)
    people = people.join(_assigned_before(people, known.recorded, names, as_of))
    people = people.join(channels.choose(people, known.history, names))
    people["contact_cost_amount"] = people["channel"].map(
        {name: channel.contact_cost_amount for name, channel in activation.channels.items()}
    )
    people["held_back_reason"] = suppression.reason(_facts(people, known, activation, names))
    people = _funded(people, activation.budget_amount)
    people["campaign_id"] = [
        campaign_id(strategy, channel, as_of) if pd.notna(channel) else None
        for strategy, channel in zip(people["strategy"], people["channel"], strict=True)
    ]
    people["stratum"] = people["segment_name"].fillna("no segment") + ", " + people["vip_tier"].fillna("no tier")
    people["arm"] = HELD_BACK
    reached = people[people["held_back_reason"].isna()]
    people.loc[reached.index, "arm"] = arms.assign(reached, salt, activation.control_share)
    return people.join(_times(people, activation, shop_zone, as_of))


def _assigned_before(people: pd.DataFrame, recorded: pd.DataFrame, names: tuple[str, ...], as_of: date) -> pd.DataFrame:
    """fixed_channel and assigned_arm of who is known to be in the campaign already; is_elsewhere: in another one."""
    first = recorded.sort_values(["user_id", "campaign_id"]).drop_duplicates("user_id")
    found = people[["user_id", "strategy"]].merge(first, on="user_id", how="left", validate="many_to_one")
    of_campaign = campaign_ids(people["strategy"].unique(), names, as_of)
    strategy, channel = (
        found["campaign_id"].map({campaign: pair[n] for campaign, pair in of_campaign.items()}) for n in (0, 1)
    )
    is_same = strategy.eq(found["strategy"])
    arm = found["is_control"].map({True: arms.CONTROL, False: arms.TREATED})
    return pd.DataFrame(
        {
            "fixed_channel": channel.where(is_same).astype("object"),
            "assigned_arm": arm.where(is_same).astype("object"),
            "is_elsewhere": found["campaign_id"].notna() & ~is_same,
        },
        index=people.index,
    )


def _facts(people: pd.DataFrame, known: Known, activation: Activation, names: tuple[str, ...]) -> suppression.Facts:
    users = people["user_id"]
    contacts = users.map(known.recent.set_index("user_id")["contacts"]).fillna(0)
    running = set(zip(known.running["user_id"], known.running["strategy"], strict=True))
    in_running = [pair in running for pair in zip(users, people["strategy"], strict=True)]
    return suppression.Facts(
        listed=users.isin(known.listed),
        unsubscribed=users.isin(known.unsubscribed),
        consent_not_recorded=people[[f"consent_{name}" for name in names]].isna().all(axis=1),
        no_consent=people["channel"].isna(),
        other_campaign=people["is_elsewhere"].astype(bool),
        running=pd.Series(in_running, index=people.index, dtype=bool),
        over_cap=contacts + 1 > activation.cap_contacts,
    )


def _funded(people: pd.DataFrame, budget_amount: float | None) -> pd.DataFrame:
    """Who is left, against the budget. Who was assigned before is paid for first, whatever the estimate says now."""
    left = people[people["held_back_reason"].isna()]
    is_before = left["assigned_arm"].notna()
    spent = left.loc[is_before & (left["assigned_arm"] == arms.TREATED), "contact_cost_amount"].sum()
    before = budget.split(left[is_before], None).assign(is_funded=True, budget_reason=None)
    rest = None if budget_amount is None else max(budget_amount - spent, 0.0)
    judged = pd.concat([budget.split(left[~is_before], rest), before]).sort_index()
    made = [column for column in judged.columns if column not in people.columns]
    people = people.join(judged[made])
    not_funded = people["is_funded"].eq(False)
    no_gain = not_funded & (people["expected_gain_amount"] <= 0)
    people["held_back_reason"] = people["held_back_reason"].mask(no_gain, suppression.NOTHING_TO_GAIN)
    people["held_back_reason"] = people["held_back_reason"].mask(not_funded & ~no_gain, suppression.BEYOND_BUDGET)
    return people


def _times(people: pd.DataFrame, activation: Activation, shop_zone: str, as_of: date) -> pd.DataFrame:
    """send_after_ts and send_until_ts of who is reached; the zone is the shop's where the customer's is not known."""
    zone_of = {zone: zone if _is_zone(zone) else shop_zone for zone in people["user_timezone"].dropna().unique()}
    zones = people["user_timezone"].map(zone_of).fillna(shop_zone)
    hours = activation.quiet_from_hour, activation.quiet_until_hour
    windows = {zone: quiet_hours.window(as_of, zone, *hours) for zone in sorted(zones.unique())}
    reached = people["arm"] != HELD_BACK
    times = {
        name: pd.to_datetime(zones.map({zone: pair[n] for zone, pair in windows.items()}).where(reached))
        for n, name in enumerate(("send_after_ts", "send_until_ts"))
    }
    people["user_timezone"] = zones
    return pd.DataFrame(times, index=people.index)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
