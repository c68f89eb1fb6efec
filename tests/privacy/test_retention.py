"""Retention: each kind after its own days, counted from the run's day; what is served and what bears no day stays."""

from dataclasses import replace
from datetime import date

import pytest

from privacy.retention import enforce, expired
from shops.personal import Personal
from tests.activation import tiny_plan
from warehouse import paths, published

AS_OF = date(2026, 6, 1)
OLD, YOUNG = "2026-03-02", "2026-03-03"  # 91 and 90 days before


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Two of each kind, one day apart; one version served and one not."""
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    shop = tiny_plan.shop()
    root, airflow = paths.of(shop.name).root, tmp_path / "airflow" / "logs"
    for day in (OLD, YOUNG):
        campaign = f"win_back-email-{day.replace('-', '')}"
        for folder in (
            *(root / kind / "crm" / "people" / f"ds={day}" for kind in ("landing", "quarantine", "vault")),
            root / "reports" / day,
            root / "activation" / "outbox" / campaign,
            root / "activation" / "preview" / day,
            airflow / f"dag_id=ingest_{shop.name}" / f"run_id=manual__{day}T00:00:00",
            airflow / "dag_id=ingest_another_tiny" / f"run_id=manual__{day}T00:00:00",
        ):
            folder.mkdir(parents=True)
            (folder / "file").write_text("x", encoding="utf-8")
        ledger = root / "activation" / "ledger" / f"{campaign}.jsonl"
        ledger.parent.mkdir(exist_ok=True)
        ledger.write_text("{}", encoding="utf-8")
    (root / "reports" / "run.log").write_text("x", encoding="utf-8")
    tiny_plan.publish(shop, [tiny_plan.contact("u1", as_of=date(2026, 1, 1))])
    tiny_plan.publish(shop, [tiny_plan.contact("u1", as_of=date(2026, 1, 2))])
    return shop


def kept(shop, days: dict):
    return replace(shop, personal=Personal(keep_days=days))


def files(shop) -> set[str]:
    return {str(path.relative_to(paths.home())) for path in paths.home().rglob("*") if path.is_file()}


def test_nothing_landed_goes_unless_the_shop_says_so(shop):
    before = files(shop)
    assert enforce(shop, AS_OF) == {"quarantine": 1, "logs": 2, "outbox": 2}
    gone = before - files(shop)
    assert len(gone) == 5 and not any(
        path.startswith(("tiny/landing", "tiny/vault", "tiny/published")) for path in gone
    )
    assert all(OLD in path or OLD.replace("-", "") in path for path in gone)
    assert not any("another_tiny" in path for path in gone)


def test_each_kind_has_its_own_days_and_a_second_run_finds_nothing(shop):
    shop = kept(shop, dict.fromkeys(("landing", "vault", "ledger", "quarantine", "logs", "outbox"), 89))
    assert enforce(shop, AS_OF) == {
        "landing": 2, "vault": 2, "ledger": 2, "quarantine": 2, "logs": 4, "outbox": 4
    }  # fmt: skip
    assert not any(enforce(shop, AS_OF).values())


def test_days_are_counted_from_the_run_and_not_from_the_clock(shop):
    assert not any(expired(shop, date(2026, 5, 31)).values())


def test_the_version_that_is_served_stays(shop):
    served = published.current(shop.name)
    assert enforce(kept(shop, {"published": 1}), AS_OF)["published"] == 1
    assert published.versions(shop.name) == [served]


def test_killed_in_between_the_next_run_sweeps_up(shop):
    folder = paths.of(shop.name).quarantine / "crm" / "people"
    (folder / f"ds={OLD}").rename(folder / f".expired-ds={OLD}")
    enforce(shop, AS_OF)
    assert [path.name for path in folder.iterdir()] == [f"ds={YOUNG}"]
