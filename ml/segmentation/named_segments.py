"""Why: a segment that a marketer can act on has a name and a rule with figures in it (Z Table 5, X 2.3).
In: improved RFM, the customer's own rhythm and what was bought at a discount. Out: one segment each, with the reason.

The first rule that holds names the customer: new, lapsing, price_sensitive, high_frequency, regular, else occasional.
A newcomer cannot lapse yet, who is leaving must be won back before anything else, and who buys mostly at a discount
needs an offer however often they buy.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

# What a segment is numbered for good; the order is that of a table, not of the rules.
SEGMENTS = {"high_frequency": 1, "occasional": 2, "new": 3, "price_sensitive": 4, "lapsing": 5, "regular": 6}


@dataclass(frozen=True)
class RuleParameters:
    new_days: int = 60  # two months: long enough for a second order, short enough for a welcome
    rhythm_orders: int = 3  # from the third order on, two intervals make a rhythm of one's own
    rhythm_users: int = 30  # with one of their own, before their rhythm speaks for those without
    rhythm_quantile: float = 0.75  # of the others' intervals and pauses: three of four were back by then
    lapse_ratio: float = 2.0  # times the usual interval: one whole order has been left out
    lapse_min_days: int = 30  # whoever comes twice a week has not gone after a fortnight's holiday
    frequent_ratio: float = 2.0  # times the orders of the median customer
    frequent_min_orders: int = 4  # where the median is one order, two are not frequent yet
    regular_orders: int = 12  # one a month: nobody calls that occasional, not even where most buy weekly
    discount_ratio: float = 1.5  # times the shop's discount share
    confidence_z: float = 1.645  # one-sided 95 %: three lucky offers in four purchases prove nothing


def name_customers(frame: pd.DataFrame, as_of: date, records_from: date | None, p: RuleParameters) -> pd.DataFrame:
    """segment_id, segment_name, segment_reason, in the rows and the order of `frame`.

    frame: recency_days, f1_orders, first_order_date, median_gap_days, max_gap_days (fct_customer_rfm,
    int_purchase_rhythm), lines, discount_lines, paid_amount, discount_amount, listed_lines, below_list_lines,
    paid_listed_amount, list_amount (int_discount_habits). records_from: day of the shop's first known order.
    """
    told = {
        "new": _new(frame, as_of, records_from, p),
        "lapsing": _lapsing(frame, p),
        "price_sensitive": _price_sensitive(frame, p),
        **_by_orders(frame["f1_orders"], p),
    }
    holds, reasons = zip(*told.values())
    name = pd.Series(np.select(holds, list(told), ""), index=frame.index, dtype="object")
    reason = pd.Series(np.select(holds, reasons, ""), index=frame.index, dtype="object")
    return pd.DataFrame({"segment_id": name.map(SEGMENTS), "segment_name": name, "segment_reason": reason})


def _new(frame, as_of, records_from, p):
    """First order ever within `new_days`, and as long a time of records before it, else nobody knows."""
    first = pd.to_datetime(frame["first_order_date"])
    age = (pd.Timestamp(as_of) - first).dt.days
    seen_before = (first - pd.Timestamp(records_from or as_of)).dt.days >= p.new_days
    text = "first order " + age.astype(str) + f" days ago; new up to {p.new_days}"
    return ((age <= p.new_days) & seen_before).to_numpy(), text


def _lapsing(frame, p):
    """Away for longer than ever before and than `lapse_ratio` usual intervals; for few orders the shop's rhythm."""
    own = (frame["f1_orders"] >= p.rhythm_orders) & frame["median_gap_days"].notna()
    others = frame.loc[own, ["median_gap_days", "max_gap_days"]].quantile(p.rhythm_quantile)
    if own.sum() < p.rhythm_users:
        others[:] = np.nan
    usual, longest = (frame[column].where(own, others[column]) for column in others.index)
    away = frame["recency_days"]
    gone = (away > p.lapse_ratio * usual) & (away > longest) & (away >= p.lapse_min_days)
    text = "last order " + _whole(away) + " days ago; " + np.where(own, "usually every ", "most others every ")
    return gone.to_numpy(bool), text + _whole(usual) + " days, longest pause " + _whole(longest)


def _price_sensitive(frame, p):
    """Saves far more than the shop's customers do, and on so many order lines that it is no chance."""
    if frame["discount_amount"].notna().any():
        full = frame["paid_amount"] + frame["discount_amount"]
        saved, cheap, lines, words = frame["discount_amount"], frame["discount_lines"], frame["lines"], "at a discount"
    else:  # no discounts on record: what was paid for the same goods against their list price
        full = frame["list_amount"]
        saved, lines, words = full - frame["paid_listed_amount"], frame["listed_lines"], "below list price"
        cheap = frame["below_list_lines"]
    share, of_all = saved / full.where(full > 0), _ratio(saved.sum(), full.sum())
    chance = _ratio(cheap.sum(), lines.sum())
    lines = lines.where(lines > 0)
    sure = _lower_end(cheap / lines, lines, p.confidence_z) > chance
    text = "saves " + _whole(share * 100) + f"% of the full price, all customers {of_all:.0%}; " + _whole(cheap)
    text = text + " of " + _whole(lines) + f" order lines {words}, all customers {chance:.0%}"
    return ((share >= p.discount_ratio * of_all) & (share > 0) & sure).to_numpy(bool), text


def _by_orders(orders, p):
    """high_frequency, regular and occasional: the first of them that holds counts."""
    frequent = max(p.frequent_min_orders, int(np.ceil(p.frequent_ratio * orders.median()))) if len(orders) else 0
    text = "orders in the reference period: " + _whole(orders) + f"; high frequency from {frequent}"
    if p.regular_orders < frequent:
        text = text + f", regular from {p.regular_orders}"
    return {
        "high_frequency": ((orders >= frequent).to_numpy(), text),
        "regular": ((orders >= p.regular_orders).to_numpy(), text),
        "occasional": (np.ones(len(orders), bool), text),
    }


def _lower_end(share, trials, z):
    """Lower end of Wilson's interval of a share."""
    middle = share + z**2 / (2 * trials)
    return (middle - z * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))) / (1 + z**2 / trials)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else np.nan


def _whole(numbers: pd.Series) -> pd.Series:
    return numbers.round().astype("Int64").astype("string").fillna("?").astype("object")
