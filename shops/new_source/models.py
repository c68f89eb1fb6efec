"""The staging models of a new shop: SQL per canonical entity.

In: a plan. Out: {model name after `stg_<shop>__`: Model}, `sales` and `actions` first: the entities select from these.
"""

from shops.new_source import tables as raw
from shops.new_source.canonical import columns, filled, named
from shops.new_source.plan import Plan
from shops.new_source.renaming import (
    cte,
    instant,
    names,
    ranked,
    ref,
    row_id,
    select,
    selected,
    source,
    source_name,
    steps_and,
)
from shops.new_source.reviews_model import review_stats, reviews
from shops.new_source.sales_model import Model, sales_model
from shops.new_source.tables import RawTable

USER_COLUMNS = (
    "registered_date", "gender", "age_band", "country", "region", "city", "postal_prefix", "latitude", "longitude",
    "income_band", "household_size", "acquisition_channel", "consent_email",
)  # fmt: skip
ITEM_COLUMNS = ("item_name", "category", "subcategory", "brand", "supplier_id", "list_price")


def models(plan: Plan) -> dict[str, Model]:
    """Every model to be written."""
    found: dict[str, Model] = {}
    if raw.ACTIONS in plan.roles:
        found["actions"] = _actions(plan)
    if plan.sells:
        found["sales"] = sales_model(plan)
        found["order_lines"] = Model(_order_lines(plan, found["sales"].columns), ())
        found["orders"] = Model(_orders(plan, found["sales"].columns), ())
    found["events"] = Model(_events(plan), ())
    found["users"] = Model(_users(plan, found), ())
    if "items" in plan.entities:
        found["items"] = Model(_items(plan, found), ())
    if raw.REVIEWS in plan.roles:
        found["reviews"] = Model(reviews(plan), ())
        if "item_review_stats" in plan.entities:
            found["item_review_stats"] = Model(review_stats(plan), ())
    return found


def _actions(plan: Plan) -> Model:
    table = plan.roles[raw.ACTIONS]
    own = list(names(table).values())
    ts, day = instant(plan, table)
    number = ranked(["ds", *own], "ds", "equal_row_number")
    cases = "\n".join(f"        when {_literal(value)} then '{behaviour}'" for value, behaviour in plan.actions.items())
    excluded = (
        "case\n        when equal_row_number > 1 then 'exact duplicate'\n"
        "        when behaviour = 'none' then 'no behaviour'\n    end"
    )
    behaviour = f"case action\n{cases}\n        else 'none'\n    end as behaviour"
    rest = [name for name in own if name not in ("user_id", "item_id", "placed", "placed_time", "action")]
    known = {
        "event_id": "event_id",
        "user_id": "coalesce(user_id, 'unknown')",
        "item_id": "item_id" if table.has("item") else "cast(null as string)",
        "behaviour": "behaviour",
        "event_ts": "event_ts",
        "event_date": "event_date",
        **{name: name for name in rest},
        "exclusion_reason": excluded,
        "arrival_date": "ds",
    }
    steps = [
        cte("raw_actions", select([*selected(plan, table), "ds"], source(plan, table))),
        cte("numbered", select(["*", number], "raw_actions")),
        cte(
            "understood",
            select(
                [
                    "*",
                    row_id(own, "event_id"),
                    behaviour.replace("\n", "\n    "),
                    named(ts, "event_ts"),
                    named(day, "event_date"),
                ],
                "numbered",
            ),
        ),
    ]
    final = select([named(expression, name) for name, expression in known.items()], "understood", 0)
    return Model(steps_and(steps, final), tuple(known))


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _order_lines(plan: Plan, known: tuple[str, ...]) -> str:
    given = {column.name: column.name for column in columns("order_lines") if column.name in known}
    given |= _currency(known, plan) | _channel(known) | source_name(plan)
    return select(filled("order_lines", given), ref(plan, "sales"), 0) + "\n"


def _currency(known: tuple[str, ...], plan: Plan) -> dict[str, str]:
    if "amount" not in known and "list_price" not in known:
        return {}
    return {"currency": f"coalesce(currency, '{plan.currency}')" if "currency" in known else f"'{plan.currency}'"}


def _channel(known: tuple[str, ...]) -> dict[str, str]:
    return {} if "channel" in known else {"channel": "'online'"}


def _orders(plan: Plan, known: tuple[str, ...]) -> str:
    sums = {
        name: f"cast(sum(case when is_counted then {name} end) as decimal(18, 2))"
        for name in ("discount_amount",)
        if name in known
    }
    if "amount" in known:
        sums["amount"] = "cast(abs(coalesce(sum(signed_amount), 0)) as decimal(18, 2))"
    if "shipping_amount" in known:
        how = "max" if _is_of_order(plan, "shipping") else "sum"
        sums["shipping_amount"] = f"cast({how}(shipping_amount) as decimal(18, 2))"
    dates = {name: f"max({name})" for name in ("promised_date", "delivered_date") if name in known}
    texts = (
        "user_id",
        "order_ts",
        "order_date",
        "country",
        "region",
        "store_id",
        "payment_method",
        "campaign_id",
        "coupon_id",
    )
    given = {
        "order_id": "order_id",
        **{name: f"min({name})" for name in texts if name in known},
        # An order of which no line was sold is no purchase; where its lines only take goods back, its amount is theirs.
        "status": "case when sum(is_sold) = 0 then 'cancelled' else 'completed' end",
        "channel": "min(channel)" if "channel" in known else "'online'",
        **{k: "min(currency)" if "currency" in known else v for k, v in _currency(known, plan).items()},
        **sums,
        **dates,
        "exclusion_reason": (
            "case\n"
            "        when max(case when is_counted or exclusion_reason = 'order cancelled' then 1 else 0 end) = 0\n"
            "            then 'no line that counts'\n    end"
        ),
        "arrival_date": "min(arrival_date)",
        **source_name(plan),
    }
    judged = [
        "*",
        "exclusion_reason is null as is_counted",
        "case when exclusion_reason is null and line_type = 'sale' then 1 else 0 end as is_sold",
    ]
    if "amount" in known:
        sign = (
            "\n            when line_type = 'sale' then amount\n            else -amount\n        end as signed_amount"
        )
        judged.append(f"case\n            when exclusion_reason is not null then 0{sign}")
    sales = cte("sales", select(judged, ref(plan, "sales")))
    return steps_and([sales], select(filled("orders", given), "sales", 0) + "\ngroup by order_id")


def _is_of_order(plan: Plan, meaning: str) -> bool:
    """Does each line of an order repeat it?"""
    table = next(t for t in (plan.headers, plan.sales) if t and t.has(meaning))
    if not table.has("order"):
        return False
    seen: dict[str, set[str]] = {}
    for order, cell in zip(table.cells("order"), table.cells(meaning)):
        seen.setdefault(order, set()).add(cell)
    return all(len(cells) == 1 for cells in seen.values())


def _events(plan: Plan) -> str:
    bought = f"{{{{ buy_event_from_line(ref('stg_{plan.name}__order_lines')) }}}}"
    if raw.ACTIONS not in plan.roles:
        return bought + "\n"
    table = plan.roles[raw.ACTIONS]
    known = tuple(names(table).values())
    also_lines = plan.sales.kind != raw.ACTIONS
    given = {c: c for c in ("event_id", "user_id", "item_id", "behaviour", "event_ts", "event_date", "arrival_date")}
    given |= {c: c for c in ("device", "country", "channel") if c in known} | _channel(known) | source_name(plan)
    given["exclusion_reason"] = "exclusion_reason"
    if also_lines:
        given["exclusion_reason"] = (
            "case when behaviour = 'buy' then 'counted from the order lines' else exclusion_reason end"
        )
    events = select(filled("events", given), ref(plan, "actions"), 0)
    return f"{events}\n\nunion all\n\n{bought}\n" if also_lines else events + "\n"


def _users(plan: Plan, written: dict[str, Model]) -> str:
    if table := plan.roles.get(raw.CUSTOMERS):
        known = [c for c in USER_COLUMNS if c in names(table).values()]
        landed = select([*selected(plan, table), "ds as arrival_date"], source(plan, table))
        return steps_and([cte("customers", landed)], _known_users(plan, "customers", known))
    sales, actions = written.get("sales"), written.get("actions")
    main, model = ("sales", sales) if sales and plan.sales.kind != raw.ACTIONS else ("actions", actions)
    known = [c for c in USER_COLUMNS if c in model.columns]
    seen = select(["user_id", *known, "arrival_date"], ref(plan, main))
    if main == "sales" and actions:
        nulls = [f"null as {name}" for name in known]
        seen += "\n    union all\n" + select(["user_id", *nulls, "arrival_date"], ref(plan, "actions"))
    order = ", ".join(f"{name} desc" for name in known) or "user_id"
    recency = ranked(["user_id", "arrival_date"], order, "recency")
    steps = [cte("seen", seen), cte("numbered", select(["*", recency], "seen") + "\n    where user_id <> 'unknown'")]
    return steps_and(steps, _known_users(plan, "numbered", known) + "\nwhere recency = 1")


def _known_users(plan: Plan, relation: str, known: list[str]) -> str:
    pairs = "".join(f"\n    '{name}': '{name}'," for name in known)
    return (
        f"{{{{ user_known_by('{relation}', '{plan.name}', {{{pairs}\n}}) }}}}"
        if known
        else (f"{{{{ user_known_by('{relation}', '{plan.name}', {{}}) }}}}")
    )


def _items(plan: Plan, written: dict[str, Model]) -> str:
    if table := plan.roles.get(raw.PRODUCTS):
        return _items_of_products(plan, table)
    base = "actions" if raw.ACTIONS in plan.roles and plan.roles[raw.ACTIONS].has("item") else "sales"
    known = [c for c in ITEM_COLUMNS if c in written[base].columns]
    price = next((c for c in ("list_price", "unit_price", "price") if c in written[base].columns), "")
    first = ["item_id", *[c for c in known if c != "list_price"], "arrival_date"]
    if price:
        first.append(f"max({price}) over (partition by item_id, arrival_date) as list_price")
    named_first = "case when item_name is null then 1 else 0 end,\n            " if "item_name" in known else ""
    order = named_first + ",\n            ".join([*(f"{c} desc" for c in known if c != "list_price"), "item_id"])
    first.append(ranked(["item_id", "arrival_date"], order, "recency"))
    where = "\n    where item_id is not null" + (" and exclusion_reason is null" if base == "sales" else "")
    given = {c: c for c in ("item_id", *known, "arrival_date")} | source_name(plan)
    if price:
        given |= {"list_price": "list_price", "currency": f"'{plan.currency}'"}
    final = select(filled("items", given), "offered", 0) + "\nwhere recency = 1"
    return steps_and([cte("offered", select(first, ref(plan, base)) + where)], final)


def _items_of_products(plan: Plan, table: RawTable) -> str:
    steps = [cte("products", select([*selected(plan, table), "ds"], source(plan, table)))]
    known = list(names(table).values())
    given = {c: f"products.{c}" for c in ("item_id", *ITEM_COLUMNS) if c in known}
    if price := next((c for c in ("list_price", "price", "amount") if c in known), ""):
        given |= {"list_price": f"products.{price}", "currency": f"'{plan.currency}'"}
    joins = ""
    for codes in plan.codes:
        if codes.names_for not in known:
            continue
        alias = codes.name
        landed = select([*selected(plan, codes), "ds"], source(plan, codes))
        steps += [cte(f"raw_{alias}", landed), cte(alias, f"    {{{{ first_landed('raw_{alias}', ['code']) }}}}")]
        given[codes.names_for] = f"coalesce({alias}.name, products.{codes.names_for})"
        joins += f"\nleft join {alias} on products.{codes.names_for} = {alias}.code"
    given |= {"arrival_date": "products.ds"} | source_name(plan)
    return steps_and(steps, select(filled("items", given), "products", 0) + joins)
