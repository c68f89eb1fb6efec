"""Why: a budget belongs where the next unit of it brings most, not where most was spent before.

In: one candidate contact per customer, with the response expected of it, an order's amount, margin, discount and cost.
Out: per candidate its expected gain and whether it is funded (`split`); per strategy and channel what was funded, and
what the same budget would bring divided over channels by their grey relational degrees (`split_table`).

Expected gain of a contact, reporting currency: r A (m - d) - p A d - c, with r extra buyers per contact, A amount of an
order at full price, m margin rate, d discount rate, p chance of buying anyway (who buys anyway takes the discount too),
c cost of the contact. Candidates are funded by falling gain per unit of cost (Dantzig 1957, "Discrete-variable extremum
problems"): exact where contacts cost the same; else the loss is below the gain of the first one that did not fit.
"""

import numpy as np
import pandas as pd

KEYS = ("user_id", "strategy", "channel")
INPUTS = (
    "expected_response_rate", "expected_order_amount", "margin_rate", "discount_rate", "buying_anyway_probability",
    "contact_cost_amount",
)  # fmt: skip
INTERVAL = ("expected_response_low", "expected_response_high")  # optional: interval of the response rate
COST_UNIT = 1_000_000  # costs are summed as whole millionths: exact, whatever the order
# of the table that `split_table` makes, for whoever saves it
COLUMNS = {
    "as_of": "date",
    "strategy": "varchar",
    "channel": "varchar",
    "budget_amount": "decimal(18,2)",
    "candidates": "bigint",
    "contacts": "bigint",
    "cost_amount": "decimal(18,2)",
    "share": "double",
    "expected_gain_amount": "decimal(18,2)",
    "expected_gain_low": "decimal(18,2)",
    "expected_gain_high": "decimal(18,2)",
    "marginal_return": "double",
    "gain_basis": "varchar",
    "grey_degree": "double",
    "grey_share": "double",
    "grey_contacts": "bigint",
    "grey_cost_amount": "decimal(18,2)",
    "grey_gain_amount": "decimal(18,2)",
    "gain_over_grey_amount": "decimal(18,2)",
    "reason": "varchar",
}
NO_DEGREE = "no grey degree of {}: activity of these channels is not in mart_grey_relation"


class BudgetError(ValueError):
    """Candidates that cannot be compared: says which and what to do."""


def split(candidates: pd.DataFrame, budget_amount: float | None = None) -> pd.DataFrame:
    """Which contacts to pay for. candidates: KEYS (one row per user_id), INPUTS, and INTERVAL where it is known.

    Returns the same rows (same index and order) with expected_gain_amount, expected_gain_low, expected_gain_high
    (reporting currency, cost of the contact taken off), gain_basis (margin, or revenue where margin_rate is null),
    marginal_return (gain per unit of cost; null for a contact without cost), is_funded and budget_reason (why not).
    Where an input is null, so is the gain: such a contact is funded only without a budget, as it cannot be ranked.
    budget_amount None: no limit, everything with a positive gain is funded.
    Raises BudgetError for a customer with two candidates, for negative costs or a negative budget.
    """
    _check(candidates, budget_amount)
    number = candidates[list(INPUTS)].astype("float64")
    value = pd.DataFrame(index=candidates.index)
    value["expected_gain_amount"] = _gain(number, number["expected_response_rate"])
    for side in ("low", "high"):
        rate = candidates.get(f"expected_response_{side}", pd.Series(np.nan, index=candidates.index))
        value[f"expected_gain_{side}"] = _gain(number, rate.astype("float64"))
    value["gain_basis"] = np.where(number["margin_rate"].isna(), "revenue", "margin")
    cost = number["contact_cost_amount"]
    value["marginal_return"] = (value["expected_gain_amount"] / cost.where(cost > 0)).astype("float64")
    gain = value["expected_gain_amount"]
    unlimited = budget_amount is None
    wanted = (gain > 0) | (gain.isna() & unlimited)
    limit = None if unlimited else _whole(budget_amount)
    value["is_funded"] = wanted & _affordable(candidates["user_id"], gain.where(wanted), _whole(cost), limit)
    value["budget_reason"] = np.select(
        [value["is_funded"], gain.isna(), gain <= 0],
        [
            None,
            "what it brings is not known: amount, response or chance of buying anyway is missing",
            "nothing to gain",
        ],
        "beyond the budget",
    )
    return candidates.assign(**{name: value[name] for name in value})


def split_table(funded: pd.DataFrame, budget_amount: float | None, degrees: dict[str, float]) -> pd.DataFrame:
    """What `split` funded, per strategy and channel and for ('all', 'all'), beside the split by grey degrees.

    degrees: {channel: grey relational degree of its activity against sales} (`channel_degrees`). The budget that was
    used is divided over channels in proportion to them; within its part each channel funds its best candidates, and
    none without gain. Where nothing costs anything contacts are divided instead of money.
    Returns rows of COLUMNS without as_of, sorted by strategy and channel.
    """
    funded = funded.sort_values("user_id", kind="stable").reset_index(drop=True)
    cost = _whole(funded["contact_cost_amount"].astype("float64"))
    used = int(cost[funded["is_funded"]].sum())
    unit = cost if used else pd.Series(COST_UNIT, index=funded.index)
    total = int(unit[funded["is_funded"]].sum())
    channels = sorted(funded["channel"].unique())
    lacking = [channel for channel in channels if not degrees.get(channel, 0) > 0]
    weight = {channel: degrees.get(channel, 0) for channel in channels}
    grey = pd.Series(False, index=funded.index)
    for channel in channels if not lacking else []:
        own = funded[(funded["channel"] == channel) & (funded["expected_gain_amount"] > 0)]
        part = int(total * weight[channel] / sum(weight.values()))
        grey[own.index] = _affordable(own["user_id"], own["expected_gain_amount"], unit[own.index], part)
    funded = funded.assign(is_grey=grey, unit=unit, cost=cost)
    rows = [
        _row(group, strategy, channel, total, degrees.get(channel), lacking)
        for (strategy, channel), group in funded.groupby(["strategy", "channel"], sort=True)
    ]
    if len(funded):
        rows.insert(0, _row(funded, "all", "all", total, None, lacking))
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name not in ("as_of", "budget_amount")])
    return table.assign(budget_amount=budget_amount)


def channel_degrees(relations: pd.DataFrame) -> dict[str, float]:
    """{channel: mean grey degree of its activities}, of rows of mart_grey_relation of one moment.

    Analysis marketing_over_time, transform mean (T): its factors are named '<activity>: <channel>'. Initial values
    cannot rank a channel whose first week had no activity.
    """
    rows = relations[(relations["analysis"] == "marketing_over_time") & (relations["transform"] == "mean")]
    rows = rows.dropna(subset=["degree"]).sort_values("factor")
    channel = rows["factor"].str.split(": ", n=1).str[1]
    return {name: float(own.mean()) for name, own in rows["degree"].groupby(channel)}


def _row(group: pd.DataFrame, strategy: str, channel: str, total: int, degree, lacking: list[str]) -> dict:
    chosen, grey = group[group["is_funded"]], group[group["is_grey"]]
    bases = sorted(set(group["gain_basis"]))
    reasons = [NO_DEGREE.format(", ".join(lacking))] if lacking else []
    if unknown := int(group["expected_gain_amount"].isna().sum()):
        reasons.append(f"what {unknown} of {len(group)} contacts bring is not known")
    if "revenue" in bases:
        reasons.append("costs of goods are not known: gains are revenue, not margin")
    gain, grey_gain = _sum(chosen["expected_gain_amount"]), _sum(grey["expected_gain_amount"])
    return {
        "strategy": strategy,
        "channel": channel,
        "candidates": len(group),
        "contacts": len(chosen),
        "cost_amount": chosen["cost"].sum() / COST_UNIT,
        "share": chosen["unit"].sum() / total if total else None,
        "expected_gain_amount": gain,
        "expected_gain_low": _sum(chosen["expected_gain_low"]),
        "expected_gain_high": _sum(chosen["expected_gain_high"]),
        "marginal_return": chosen["marginal_return"].min() if len(chosen) else None,
        "gain_basis": bases[0] if len(bases) == 1 else "mixed",
        "grey_degree": degree,
        "grey_share": None if lacking or not total else grey["unit"].sum() / total,
        "grey_contacts": None if lacking else len(grey),
        "grey_cost_amount": None if lacking else grey["cost"].sum() / COST_UNIT,
        "grey_gain_amount": None if lacking else grey_gain,
        "gain_over_grey_amount": None if lacking or gain is None or grey_gain is None else gain - grey_gain,
        "reason": "; ".join(reasons) or None,
    }


def _sum(values: pd.Series) -> float | None:
    """Null where one of them is: a sum of what is known would pass for the whole."""
    return None if values.isna().any() else float(values.sum())


def _gain(number: pd.DataFrame, response: pd.Series) -> pd.Series:
    amount, discount = number["expected_order_amount"], number["discount_rate"]
    margin = number["margin_rate"].fillna(1.0)  # without costs of goods: revenue, and gain_basis says so
    # nobody who buys anyway costs anything where there is no discount, so the chance need not be known
    given_away = (number["buying_anyway_probability"] * amount * discount).where(discount != 0, 0.0)
    return response * amount * (margin - discount) - given_away - number["contact_cost_amount"]


def _affordable(user_id: pd.Series, gain: pd.Series, cost: pd.Series, limit: int | None) -> pd.Series:
    """True for those that fit, best gain per cost first; ties by gain, then by user_id. gain null: not wanted."""
    taken = pd.Series(False, index=gain.index)
    if limit is None:
        return ~taken
    rate = np.where(cost > 0, gain / cost.where(cost > 0, 1), np.inf)
    left = pd.DataFrame({"rate": rate, "gain": gain, "user_id": user_id, "cost": cost})[gain.notna()]
    left = left.sort_values(["rate", "gain", "user_id"], ascending=[False, False, True])
    while len(left := left[left["cost"] <= limit]):  # each round drops what no longer fits and takes what does
        fits = left["cost"].cumsum() <= limit
        first_out = int(np.argmin(fits)) if not fits.all() else len(left)
        taken[left.index[:first_out]] = True
        limit -= int(left["cost"].iloc[:first_out].sum())
        left = left.iloc[first_out:]
    return taken


def _whole(amount):
    return np.rint(amount * COST_UNIT).astype("int64") if isinstance(amount, pd.Series) else round(amount * COST_UNIT)


def _check(candidates: pd.DataFrame, budget_amount: float | None) -> None:
    if lacking := [name for name in (*KEYS, *INPUTS) if name not in candidates]:
        raise BudgetError(f"candidates lack {', '.join(lacking)}; a null is fine where a value is not known")
    if (twice := candidates["user_id"].duplicated()).any():
        named = ", ".join(sorted(candidates.loc[twice, "user_id"].astype(str).unique())[:3])
        raise BudgetError(f"{int(twice.sum())} customers have two candidates ({named}): choose one contact each first")
    if not (candidates["contact_cost_amount"].astype("float64") >= 0).all():
        raise BudgetError("contact_cost_amount is negative or null; a contact without cost has 0 (activation/channels)")
    if budget_amount is not None and budget_amount < 0:
        raise BudgetError(f"budget_amount {budget_amount} is negative; leave it out for no limit")
