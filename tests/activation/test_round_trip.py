"""What was carried out comes back: plan, file, ledger, landing, contacts with their control group."""

from datetime import date, datetime, timedelta

import pytest

from activation.deliver import deliver
from extract.ingest import ingest
from privacy.pseudonym import key, pseudonym
from tests.activation import tiny_plan
from tests.activation.tiny_plan import AS_OF, CAMPAIGN, NOON, contact
from warehouse import dbt, landing
from warehouse.engine import open_warehouse


@pytest.mark.slow
def test_assigned_and_sent_come_back_as_contacts_and_the_plan_as_a_campaign(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    monkeypatch.delenv("PRECISION_RAW", raising=False)
    (tmp_path / "users.csv").write_text("user_id\nu1\nu2\nc1\nh1\n", encoding="utf-8")
    shop = tiny_plan.delivering("files", tmp_path)
    ingest(shop, "files", "users", AS_OF - timedelta(days=1), AS_OF)
    u1, u2, c1, h1 = (pseudonym(key(shop), user) for user in ("u1", "u2", "c1", "h1"))
    tiny_plan.publish(shop, [contact(u1), contact(u2), contact(c1, "control"), contact(h1, "held_back")])
    deliver(shop, AS_OF, clock=lambda: NOON + timedelta(hours=8))
    day = AS_OF + timedelta(days=1)
    landed = {
        table: ingest(shop, "activation", table, AS_OF - timedelta(days=3), day) for table in ("campaigns", "contacts")
    }
    assert {table: (each["rows_landed"], each["rows_quarantined"]) for table, each in landed.items()} == {
        "campaigns": (1, 0),
        "contacts": (5, 0),
    }
    with open_warehouse(shop.name) as connection:
        landing.register(connection, shop)
    variables = dbt.variables(shop, day, [day], day, date(1900, 1, 1))
    dbt.invoke(shop, ["run", "--select", "+int_contacts_accepted"], variables)
    with open_warehouse(shop.name) as connection:
        contacts = connection.execute(
            "select user_id, contact_type, is_control, contact_ts, channel, arrival_date, campaign_id "
            "from intermediate.int_contacts_accepted order by user_id, contact_type"
        ).fetchall()
        campaigns = connection.execute(
            "select campaign_id, strategy, channel, start_date, end_date, source "
            "from intermediate.int_campaigns_current"
        ).fetchall()
    noted, same = datetime(2026, 1, 5, 20), ("email", AS_OF, CAMPAIGN)
    assert contacts == sorted([
        (c1, "assigned", True, noted, *same),
        (u1, "assigned", False, noted, *same),
        (u1, "sent", False, noted, *same),
        (u2, "assigned", False, noted, *same),
        (u2, "sent", False, noted, *same),
    ])  # fmt: skip
    assert campaigns == [
        (CAMPAIGN, "win_back", "email", AS_OF, AS_OF + timedelta(days=13), "activation"),
    ]


def test_landing_again_gives_the_same_bytes_and_other_days_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    shop = tiny_plan.shop()
    tiny_plan.publish(shop, [contact("u1"), contact("c1", "control")])
    tiny_plan.land_addresses(shop, tiny_plan.mails(["u1"]))
    deliver(shop, AS_OF, clock=lambda: NOON)
    part = tmp_path / "tiny" / "landing" / "activation" / "contacts" / f"ds={AS_OF}" / "part.parquet"
    found = []
    for _ in range(2):
        assert ingest(shop, "activation", "contacts", AS_OF, AS_OF + timedelta(days=1))["rows_landed"] == 3
        found.append(part.read_bytes())
    assert found[0] == found[1]
    assert ingest(shop, "activation", "contacts", AS_OF + timedelta(days=1), AS_OF + timedelta(days=9))["rows_raw"] == 0


def test_a_shop_that_has_sent_nothing_has_an_empty_source(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    shop = tiny_plan.shop()
    assert ingest(shop, "activation", "contacts", AS_OF, AS_OF + timedelta(days=1))["rows_landed"] == 0
