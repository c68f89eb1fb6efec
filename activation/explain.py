"""Why does this customer get this message? The chain from segment to message of one customer, from what is published.

In:  a read-only connection to a published version (warehouse.published), a user_id, a moment.
Out: a dictionary of plain values, one entry per question: segment, prediction, products, strategy, message. An entry of
     which nothing is on record says so under `missing`. The command line prints `in_words`; a dashboard shows the same.
"""

from datetime import date
from decimal import Decimal

PRODUCTS = 5  # of a list of twenty, what fits into a message
KNOWN_AS_OF = "dim_customer_history"  # the mart of everybody known at a moment

# question: the mart that answers it with one row, what is said where it has none
QUESTIONS = {
    "segment": ("fct_customer_segment", "no segment: no order in the reference period"),
    "prediction": (
        "fct_purchase_propensity",
        "no prediction: nothing done in the observation window, or no model serves yet",
    ),
    "strategy": ("fct_customer_strategy", "no strategy was decided at this moment"),
    "message": ("fct_audience", "no message: the strategy asks for none, or no audience was planned"),
}
# Every column, so that a version published by an older project is read too: what it lacks is not said.
ANSWER = "select * from marts.{} where user_id = $user_id and as_of = $as_of"
NAMED = ANSWER.format(KNOWN_AS_OF)
RECOMMENDED = f"""
    select recommendations.rank, recommendations.item_id, items.item_name, recommendations.quadrant,
           recommendations.reason
    from marts.fct_recommendation as recommendations
    left join marts.dim_item as items on recommendations.item_id = items.item_id
    where recommendations.user_id = $user_id and recommendations.as_of = $as_of and recommendations.mode = 'tuned'
    order by recommendations.rank limit {PRODUCTS}
"""
# A segment without a row of its own answers as all do.
RESPONSE = """
    select basis, segment_name, response_rate, response_low, response_high, reason
    from marts.mart_strategy_response
    where as_of = $as_of and strategy = $strategy and segment_name in ('all', $segment)
    order by segment_name = 'all' limit 1
"""


class NothingKnown(ValueError):
    """No such customer, or no such moment, in what is published: says which there are."""


def explain(connection, user_id: str, as_of: date | None = None, names: tuple[str, ...] = ()) -> dict:
    """Segment, prediction, products, strategy and message of a customer, at `as_of` or the newest moment.

    `names`: the words that the marts may have for this customer (privacy.pseudonym.known_as), if not `user_id` alone.
    Probabilities and rates are shares, amounts in the reporting currency, instants UTC.
    Raises NothingKnown for a moment that is not described or a customer who was not known then.
    """
    marts = {row["name"] for row in _rows(connection, "select table_name as name from information_schema.tables")}
    if KNOWN_AS_OF not in marts:
        raise NothingKnown("what is published describes no customer by name; run the marketing flow again")
    asked: dict = {"as_of": _moment(connection, as_of)}
    known = [name for name in names or (user_id,) if _rows(connection, NAMED, asked | {"user_id": name})]
    if not known:
        raise NothingKnown(
            f"no customer '{user_id}' was known as of {asked['as_of']}; "
            "write the id as the shop does, or user_id as in the marts"
        )
    asked["user_id"] = known[0]
    found: dict = {"user_id": known[0], "as_of": asked["as_of"]}
    for question, (mart, missing) in QUESTIONS.items():
        rows = _rows(connection, ANSWER.format(mart), asked) if mart in marts else []
        found[question] = rows[0] if rows else {"missing": missing if mart in marts else f"{mart} is not published"}
        if question == "prediction":
            found["products"] = _rows(connection, RECOMMENDED, asked) if "fct_recommendation" in marts else []
    if "mart_strategy_response" in marts and found["strategy"].get("is_contacted"):
        segment = found["segment"].get("segment_name", "all")
        response = {"as_of": asked["as_of"], "strategy": found["strategy"]["strategy"], "segment": segment}
        found["strategy"]["expected"] = next(iter(_rows(connection, RESPONSE, response)), None)
    return found


def in_words(found: dict) -> list[tuple[str, list[str]]]:
    """(question, lines that answer it), in the order of the flow."""
    segment, prediction, strategy, message = (found[question] for question in QUESTIONS)
    return [
        (
            "Why this segment?",
            [segment.get("missing") or f"{segment['segment_name']}: {segment['segment_reason']}"],
        ),
        (
            "Why this prediction?",
            [prediction.get("missing") or _prediction(prediction)]
            + ([prediction["reason"]] if prediction.get("reason") else []),
        ),
        (
            "Why these products?",
            [f"{row['rank']}. {row['item_name'] or row['item_id']}: {row['reason']}" for row in found["products"]]
            or ["no recommendation on record"],
        ),
        ("Why this strategy?", [strategy["missing"]] if "missing" in strategy else _strategy(strategy)),
        ("Why this message?", [message["missing"]] if "missing" in message else _message(message)),
    ]


def _prediction(row: dict) -> str:
    verdict = "expected to buy" if row["decision"] else "not expected to buy"
    return f"{row['probability']:.1%} within the horizon, {verdict} (from {row['threshold']:.1%} on)"


def _strategy(row: dict) -> list[str]:
    lines = [f"{row['strategy']}: {row['reason']} (rule {row['rule_id']}, priority {row['priority']})", *_offer(row)]
    if row.get("passed_over"):
        lines.append(f"passed over: {row['passed_over']}")
    if expected := row.get("expected"):
        low, high = expected["response_low"], expected["response_high"]
        lines.append(
            f"expected: {expected['response_rate']:.1%} extra buyers per contacted customer ({low:.1%} to {high:.1%}), "
            f"basis {expected['basis']}, {expected['segment_name']} customers"
        )
    return lines


def _message(row: dict) -> list[str]:
    if row["arm"] == "held_back":
        return [f"held back: {row['held_back_reason']}"]
    by = f"{row['campaign_id']} by {row['channel']}" + (
        f": {row['channel_reason']}" if row.get("channel_reason") else ""
    )
    if row["arm"] == "control":
        return [by, "control group by lot: no message, so that the effect on the others can be measured"]
    lines = [by, f"template {row['message_template']}, not before {row['send_after_ts']} UTC", *_offer(row)]
    if row.get("expected_gain_amount") is not None:
        lines.append(f"expected gain of the contact: {row['expected_gain_amount']:.2f}")
    return lines


def _offer(row: dict) -> list[str]:
    offers = (
        (row["discount_rate"], f"{row['discount_rate'] or 0:.0%} off"),
        (row["item_id"], f"item {row['item_id']}"),
        (row["payment_method"], f"for paying by {row['payment_method']}"),
    )
    offered = ", ".join(words for value, words in offers if value)
    return [f"offer: {offered}"] if offered else []


def _moment(connection, as_of: date | None) -> date:
    moments = [
        row["as_of"] for row in _rows(connection, f"select distinct as_of from marts.{KNOWN_AS_OF} order by as_of")
    ]
    if not moments:
        raise NothingKnown("no moment is described in what is published")
    if as_of and as_of not in moments:
        raise NothingKnown(f"{as_of} is not described; published moments: {', '.join(map(str, moments[-10:]))}")
    return as_of or moments[-1]


def _rows(connection, query: str, parameters: dict | None = None) -> list[dict]:
    """Rows as dictionaries of plain values; a query is given only the parameters that it names."""
    named = {name: value for name, value in (parameters or {}).items() if f"${name}" in query}
    cursor = connection.execute(query, named) if named else connection.execute(query)
    columns = [column[0] for column in cursor.description]
    return [
        {name: float(value) if isinstance(value, Decimal) else value for name, value in zip(columns, row)}
        for row in cursor.fetchall()
    ]
