"""Credits of orders added up per campaign, channel, model and month, exactly.

In:  touches of orders with their credits (credit_rules), the orders' amounts in cents, the campaigns there were.
Out: one row per model, period ('all' or 'month'), campaign and channel; a campaign without a touch has zero.
"""

import numpy as np
import pandas as pd

from ml.attribution.credit_rules import MODELS, WHOLE
from ml.attribution.touch_paths import TOUCH

CELL = ["model", "period", "period_start", *TOUCH]


def totals(credited: pd.DataFrame, campaigns: pd.DataFrame) -> pd.DataFrame:
    """conversions, revenue, margin, orders_touched and touch_type per cell, sorted by cell.

    credited:  order_id, order_date, campaign_id, channel, touch_type, a column per model (millionths), revenue_cents,
               margin_cents (null: a cost is not known)
    campaigns: campaign_id, channel of all that had begun: each has a row for 'all', 0 if nothing was credited
    Amounts are added as whole cents and millionths of cents, so the order of the rows cannot matter, and rounded once.
    A margin is null as soon as a credited order's is. Credits that are 0 are left out of the months.
    """
    months = credited["order_date"].astype("datetime64[ms]").dt.to_period("M").dt.start_time
    no_start = pd.Series(pd.NaT, index=credited.index, dtype=months.dtype)
    parts = []
    for model in MODELS:
        given = credited.assign(model=model, credit=credited[model])
        for period, start in (("all", no_start), ("month", months)):
            kept = given.assign(period=period, period_start=start)
            parts.append(kept if period == "all" else kept[kept["credit"] > 0])
    untouched = [
        campaigns[TOUCH].assign(model=model, period="all", order_id=None, touch_type=None, credit=0, revenue_cents=0)
        for model in MODELS
    ]
    rows = pd.concat([*parts, *untouched], ignore_index=True)
    rows["revenue"], rows["revenue_rest"] = _parts(rows["revenue_cents"], rows["credit"])
    known = rows["margin_cents"].notna() | rows["credit"].eq(0)
    rows["margin"], rows["margin_rest"] = _parts(rows["margin_cents"].fillna(0), rows["credit"])
    rows["without_margin"] = ~known
    cells = rows.groupby(CELL, dropna=False, sort=True)
    found = cells[["credit", "revenue", "revenue_rest", "margin", "margin_rest", "without_margin"]].sum().reset_index()
    found["orders_touched"] = cells["order_id"].count().to_numpy()
    found["touch_type"] = cells["touch_type"].agg(_types).to_numpy()
    found["conversions"] = found["credit"] / WHOLE
    for amount in ("revenue", "margin"):
        rest = np.floor(found[f"{amount}_rest"] / WHOLE + 0.5)
        found[amount] = (found[amount] + rest) / 100
    found["margin"] = found["margin"].where(found["without_margin"].eq(0))
    return found[[*CELL, "orders_touched", "conversions", "revenue", "margin", "touch_type"]]


def _parts(cents: pd.Series, credit: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Whole cents and millionths of cents of the product: their sums stay within 64 bits for any shop."""
    product = cents.to_numpy(np.int64) * credit.to_numpy(np.int64)
    return product // WHOLE, product % WHOLE


def _types(kinds: pd.Series) -> str | None:
    return ", ".join(sorted(kinds.dropna().unique())) or None
