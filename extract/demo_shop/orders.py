"""Orders and their lines as the shop system delivers them; a refund is a line of its own, on the day it happens.

In: the world and days. Out: one day's rows as codes (with planted faults), and those codes as delivered text.
Amounts are net of discount, in the customer's own currency, shipping apart. `delivered_date` is the carrier's confirmed
day and is already known when the order arrives: readers compare it with their own day.
"""

import numpy as np
import pandas as pd

from extract.demo_shop import columns as as_text
from extract.demo_shop import faults
from extract.demo_shop.columns import Rows
from extract.demo_shop.customers import COUNTRIES
from extract.demo_shop.master_data import CITIES
from extract.demo_shop.purchases import purchases
from extract.demo_shop.randomness import integers, uniform
from extract.demo_shop.world import CURRENCIES, World

CHANNELS = ("web", "app", "marketplace")
PAYMENTS = ("card", "paypal", "invoice", "instalments")
STATUSES = ("completed", "cancelled")
COUPON_IDS = ("SAVE10", "SAVE15", "SAVE20")
LONGEST_RETURN = 27  # days from the order to its last possible refund


def orders_of(shop: World, day: int) -> Rows:
    plan = purchases(shop, day)
    rows = {
        "number": plan.number,
        "user": plan.user,
        "instant": plan.instant,
        "status": plan.cancelled.astype(np.int64),
        "channel": plan.channel,
        "payment": plan.payment,
        "campaign": plan.campaign,
        "coupon": np.where(plan.coupon > 0, plan.coupon // 5 - 2, -1),
        "amount": plan.amount,
        "discount": plan.discount,
        "shipping": plan.shipping,
        "promised": plan.promised,
        "delivered": plan.delivered,
        "arrival": np.full(len(plan.user), day),
    }
    return faults.plant(shop, "orders", day, rows, "number")


def orders_text(shop: World, rows: Rows) -> pd.DataFrame:
    people, start = shop.customers, shop.parameters.start
    user, country = rows["user"], people.country[rows["user"]]
    return pd.DataFrame(
        {
            "order_id": as_text.label("o", rows["number"]),
            "user_id": as_text.label("u", user, 6),
            "order_ts": as_text.instants(rows["instant"]),
            "status": as_text.named(STATUSES, rows["status"]),
            "country": as_text.named(COUNTRIES, country),
            "region": as_text.named([city.region for city in CITIES], country * 3 + people.city[user]),
            "channel": as_text.named(CHANNELS, rows["channel"]),
            "payment_method": as_text.named(PAYMENTS, rows["payment"]),
            "campaign_id": as_text.label("c", rows["campaign"], 3),
            "coupon_id": as_text.named(COUPON_IDS, rows["coupon"]),
            "currency": as_text.named(CURRENCIES, shop.currency(user)),
            "amount": as_text.money(rows["amount"]),
            "discount_amount": as_text.money(rows["discount"]),
            "shipping_amount": as_text.money(rows["shipping"]),
            "promised_date": as_text.dates(start, rows["promised"]),
            "delivered_date": as_text.dates(start, rows["delivered"]),
        }
    )


def refunds(shop: World, day: int) -> Rows:
    """Which lines of a day's orders are sent back, and when (positions, days, seconds)."""
    plan = purchases(shop, day)
    chance = shop.catalogue.return_rate[shop.catalogue.supplier[plan.item]]
    returned = (uniform(shop.seed, "returned", plan.line) < chance) & ~plan.cancelled[plan.order]
    line = np.flatnonzero(returned)
    back = plan.delivered[plan.order[line]] + integers(2, 14, shop.seed, "return day", plan.line[line])
    second = integers(8 * 3600, 18 * 3600, shop.seed, "return second", plan.line[line])
    return {"position": line, "day": back, "instant": shop.drivers.midnight[back] + second}


def lines_of(shop: World, day: int) -> Rows:
    plan, back = purchases(shop, day), refunds(shop, day)
    count = len(plan.line)
    which = np.concatenate([np.arange(count), back["position"]])
    is_refund = np.arange(len(which)) >= count
    order, quantity = plan.order[which], plan.quantity[which]
    rows = {
        "number": plan.line[which] * 10 + is_refund,
        "order": plan.number[order],
        "user": plan.user[order],
        "item": plan.item[which],
        "instant": np.concatenate([plan.instant[plan.order], back["instant"]]),
        "type": is_refund.astype(np.int64),
        "quantity": quantity,
        "unit": plan.unit_cents[which],
        "amount": plan.unit_cents[which] * quantity,
        "discount": (plan.unit_gross_cents - plan.unit_cents)[which] * quantity,
        "cost": plan.unit_cost_cents[which] * quantity,
        "channel": plan.channel[order],
        "arrival": np.concatenate([np.full(count, day), back["day"]]),
    }
    return faults.plant(shop, "order_lines", day, rows, "number", plain=~is_refund)


def lines_text(shop: World, rows: Rows) -> pd.DataFrame:
    user = rows["user"]
    return pd.DataFrame(
        {
            "line_id": as_text.label("l", rows["number"]),
            "order_id": as_text.label("o", rows["order"]),
            "user_id": as_text.label("u", user, 6),
            "item_id": as_text.label("i", rows["item"], 4),
            "supplier_id": as_text.label("s", shop.catalogue.supplier[rows["item"]], 2),
            "order_ts": as_text.instants(rows["instant"]),
            "line_type": as_text.named(["sale", "refund"], rows["type"]),
            "quantity": as_text.label("", rows["quantity"]),
            "unit_price": as_text.money(rows["unit"]),
            "amount": as_text.money(rows["amount"]),
            "discount_amount": as_text.money(rows["discount"]),
            "cost_amount": as_text.money(rows["cost"]),
            "currency": as_text.named(CURRENCIES, shop.currency(user)),
            "country": as_text.named(COUNTRIES, shop.customers.country[user]),
            "channel": as_text.named(CHANNELS, rows["channel"]),
        }
    )
