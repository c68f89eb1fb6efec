"""Why: what goes out day by day is too small to be judged day by day, and would be for ever. Together it is not.
In: own campaigns that are over and were too small, and who was assigned to each. Out: one campaign per strategy and
channel of all of them, to be judged like any other.

Each was divided by lot with the same planned share, so all of them together are as well. A customer counts with the
first assignment: whether a second one follows depends on what the first one did.
"""

import pandas as pd


def together(campaigns: list[dict], assigned: dict[str, pd.DataFrame]) -> list[tuple[dict, pd.DataFrame]]:
    """[(campaign, users)] of every strategy and channel with two small campaigns or more.

    campaigns: campaign_id, strategy, channel, source, start_date, window_end_date, is_complete, …; assigned: users of
    each campaign, one row per customer.
    """
    groups: dict[tuple[str, str], list[dict]] = {}
    for campaign in sorted(campaigns, key=lambda each: (each["start_date"], each["campaign_id"])):
        if campaign["strategy"]:
            groups.setdefault((campaign["strategy"], campaign["channel"]), []).append(campaign)
    found = []
    for (strategy, channel), own in sorted(groups.items()):
        if len(own) < 2:
            continue
        users = pd.concat([assigned[each["campaign_id"]] for each in own], ignore_index=True)
        users = users.drop_duplicates("user_id", keep="first", ignore_index=True)
        pool = own[0] | {
            "campaign_id": f"{strategy}-{channel}-pooled",
            "campaign_name": f"{len(own)} small campaigns of {strategy} by {channel}",
            "window_end_date": max(each["window_end_date"] for each in own),
        }
        known = users["segments_as_of"]
        # the oldest one is of before every start; where one campaign has none, the pool has no segments
        oldest = None if known.isna().any() else known.min()
        segments = users["segment_name"] if oldest else None
        found.append(
            (pool, users.assign(campaign_id=pool["campaign_id"], segments_as_of=oldest, segment_name=segments))
        )
    return found
