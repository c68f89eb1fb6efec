"""Which items, and which categories, go into a basket together: rules for cross-selling."""

from datetime import date, timedelta

import pandas as pd

from ml.recommendation.association_rules import KEY, RULE_COLUMNS, RuleParameters, mine
from ml.recommendation.extra_candidates import named
from ml.steps.recommend_items import NEWEST_LINES
from ml.steps.record import note_refusal, save, unless_refused
from shops.declaration import Shop
from warehouse.engine import open_warehouse

ASSOCIATION_RULES = {
    "as_of": "date",
    "level": "varchar",
    "antecedent": "varchar",
    "antecedent_1": "varchar",
    "antecedent_2": "varchar",
    "consequent": "varchar",
    "antecedent_name": "varchar",
    "consequent_name": "varchar",
    "baskets": "bigint",
    "antecedent_baskets": "bigint",
    "consequent_baskets": "bigint",
    "all_baskets": "bigint",
    "customers": "bigint",
    "support": "double",
    "confidence": "double",
    "confidence_low": "double",
    "confidence_high": "double",
    "lift": "double",
    "leverage": "double",
    "conviction": "double",
    "expected_baskets": "double",
    "lift_given_size": "double",
    "p_value": "double",
    "adjusted_p_value": "double",
    "reason": "varchar",
}
LEVELS = {"item": "item_id", "category": "category"}

LINES = f"""
    select distinct order_id, order_ts, user_id, nullif(item_id, 'unknown') as item_id, category
    from intermediate.int_order_lines_accepted
    where line_type = 'sale' and arrival_date < $as_of and order_date >= $first and order_date < $as_of
    {NEWEST_LINES}
"""


def run(shop: Shop, as_of: date) -> dict:
    """Mine both levels from the reference period; a level that has too little says so by itself."""
    first = as_of - timedelta(days=shop.windows.reference_days)
    with open_warehouse(shop.name) as connection:
        lines = connection.execute(LINES, {"as_of": as_of, "first": first}).df()
        names = connection.execute("select item_id, item_name from marts.dim_item order by item_id").df()
    params = shop.parameters("association_rules", RuleParameters)
    found, refusals = [], {}
    for level, column in LEVELS.items():
        baskets = lines[["order_id", "order_ts", "user_id", column]].rename(columns={column: "item"})
        rules, refusals[level] = unless_refused(lambda baskets=baskets: mine(baskets, params))
        if rules is not None:
            found.append(described(rules, level, names.set_index("item_id")["item_name"]))
            if rules.empty:
                refusals[level] = "no two of them are together in baskets more often than by chance"
    rules = pd.concat(found, ignore_index=True) if found else None
    refused = "" if rules is not None and len(rules) else "; ".join(f"{key}: {why}" for key, why in refusals.items())
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.association_rules", ASSOCIATION_RULES, rules, as_of)
        note_refusal(connection, as_of, "ml.association_rules", refused)
        for level, why in refusals.items():
            note_refusal(connection, as_of, f"ml.association_rules/{level}", why)
    return {"refused": refused, "rules": 0 if rules is None else len(rules)}


def described(rules: pd.DataFrame, level: str, name_of: pd.Series) -> pd.DataFrame:
    """With names (a category is its own) and a sentence that says what the rule is worth."""
    name_of = name_of if level == "item" else pd.Series(dtype=object)
    first, second, consequent = (named(rules[column], name_of) for column in KEY)
    joined = [f"{one} + {two}" if two else one for one, two in zip(first, second, strict=True)]
    ids = rules["antecedent_1"].str.cat(rules["antecedent_2"].fillna(""), sep=" + ").str.removesuffix(" + ")
    reason = [
        f"In {row.confidence:.1%} of the {row.antecedent_baskets} baskets with {one} there is {other} too "
        f"({row.confidence_low:.1%} to {row.confidence_high:.1%}), {row.lift_given_size:.1f} times as often as chance "
        f"puts it into baskets of that size; {row.customers} customers."
        for one, other, row in zip(joined, consequent, rules[RULE_COLUMNS].itertuples(), strict=True)
    ]
    return rules.assign(level=level, antecedent=ids, antecedent_name=joined, consequent_name=consequent, reason=reason)
