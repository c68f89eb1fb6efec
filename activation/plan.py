"""The planning step of the `marketing` DAG, after the marts are built: the day's audiences and their campaigns.

In: strategies, measured responses, consent and contacts known at as_of, the do-not-contact list, earlier plans. Out:
the moment's rows of activation.audience, activation.campaign_plan and activation.budget_split. Nothing is sent here.
"""

from datetime import date

import pandas as pd

from activation import audience, campaign_plan, known, suppression
from activation.audience import AUDIENCE, HELD_BACK
from activation.campaign_plan import CAMPAIGN_PLAN
from ml.steps.record import note, note_refusal, save
from ml.strategy import budget
from shops.declaration import Shop
from warehouse.engine import open_warehouse

NO_ADDRESSEE = "no customer's strategy is one that contacts"


def run(shop: Shop, as_of: date) -> dict:
    """Plan the day. Returns {refused, treated, control, held_back}."""
    activation = shop.activation
    listed = frozenset(suppression.listed(shop))
    with open_warehouse(shop.name) as connection:
        _make_tables(connection)
        found = known.load(connection, shop, as_of, listed)
        observed, degrees = known.observed(connection, shop, as_of), known.degrees(connection, as_of)
    refused = "" if len(found.customers) else NO_ADDRESSEE
    planned = campaigns = funded = None
    if not refused:
        planned = audience.plan(found, activation, shop.name, shop.timezone, as_of)
        campaigns = campaign_plan.describe(planned, observed, activation.control_share, activation.response_days, as_of)
        judged = planned[planned["is_funded"].notna()].astype({"is_funded": bool})
        funded = budget.split_table(judged, activation.budget_amount, degrees)
    with open_warehouse(shop.name) as connection:
        save(connection, "activation.audience", AUDIENCE, planned, as_of)
        save(connection, "activation.campaign_plan", CAMPAIGN_PLAN, campaigns, as_of)
        save(connection, "activation.budget_split", budget.COLUMNS, funded, as_of)
        note_refusal(connection, as_of, "activation.audience", refused)
        _note_consent(connection, as_of, planned)
    arms = planned["arm"].value_counts() if planned is not None else {}
    return {"refused": refused, **{arm: int(arms.get(arm, 0)) for arm in ("treated", "control", HELD_BACK)}}


def _make_tables(connection) -> None:
    connection.execute("create schema if not exists activation")
    for name, columns in (("audience", AUDIENCE), ("campaign_plan", CAMPAIGN_PLAN), ("budget_split", budget.COLUMNS)):
        definition = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        connection.execute(f"create table if not exists activation.{name} ({definition})")


def _note_consent(connection, as_of: date, planned: pd.DataFrame | None) -> None:
    """A shop whose sources record no consent contacts nobody: a fact about the data, said where quality is read."""
    without = planned is not None and (planned["held_back_reason"] == suppression.NO_CONSENT_RECORDED).sum()
    found = f"{without} of {len(planned)} customers to contact have no consent recorded" if without else ""
    reason = "Whose consent to no channel is recorded is not contacted, as if it had been refused."
    note(connection, as_of, "activation.consent", "consent_recorded", found, "recorded for everybody", reason)
