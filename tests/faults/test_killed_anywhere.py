"""SIGKILL anywhere: what is served stays whole, and the next run leaves the bytes of a run that nobody disturbed.

At 25 random moments of a day here; `python -m benchmarks kills` takes two hundred.
"""

import shutil
from datetime import date, timedelta

import pytest

from extract import land
from tests.faults import killed_day
from tests.faults.everything_kept import differing, everything
from tests.faults.killed_between_changes import END, FIRST, TABLE, killed_before_each
from tests.landing_desk import Desk
from tests.warehouse import hand_built
from tests.warehouse.hand_built import AS_OF
from warehouse import publish

pytestmark = pytest.mark.fault(1)


@pytest.mark.slow
def test_killed_25_times_a_day_ends_as_the_undisturbed_one(tmp_path, monkeypatch):
    monkeypatch.delenv("PRECISION_RAW", raising=False)
    day = killed_day.undisturbed(tmp_path)
    home = tmp_path / "killed"
    monkeypatch.setenv("PRECISION_HOME", str(home))
    killed_day.begin(day, home)
    with killed_day.Reader() as reader:
        kills = list(killed_day.killed(day, home, seed=25))
    assert [kill for kill in kills if kill.differs] == []
    assert len(kills) == 25 and {kill.step for kill in kills} == set(day.seconds)
    assert reader.troubles == []
    assert reader.versions == day.served and reader.reads > len(kills)


def test_killed_before_any_change_that_publishing_makes(audited, tmp_path, monkeypatch):
    monkeypatch.setattr(publish, "KEPT", 2)  # as killed_between_changes has it
    for step in (1, 2, 3):  # the next one has an old version to remove
        hand_built.change(f"update marts.fct_recommendation set score = {step}")
        hand_built.pass_audit()
        if step < 3:
            publish.publish("tiny", AS_OF)
    old, home = publish.current("tiny"), audited.parent
    left = killed_before_each("publish", home, tmp_path / "killed")
    assert {"os.rename", "os.symlink", "os.remove", "open"} <= {change.split()[0] for change in left.values()}

    shutil.copytree(home, tmp_path / "undisturbed", symlinks=True)
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "undisturbed"))
    new = publish.publish("tiny", AS_OF)
    expected = everything(tmp_path / "undisturbed")
    served = set()
    for killed, change in left.items():
        monkeypatch.setenv("PRECISION_HOME", str(killed))
        served.add(publish.current("tiny"))
        publish.verify(publish.version_folder("tiny"))
        assert publish.publish("tiny", AS_OF) == new
        assert differing(everything(killed), expected) == [], change
    assert served == {old, new}


def test_killed_before_any_change_that_landing_makes(raw, home, tmp_path, monkeypatch):
    desk, shop = Desk(raw), Desk(raw).shop(TABLE)
    days = [FIRST + timedelta(days=n) for n in range((END - FIRST).days)]
    deliver(raw, {day: "old" for day in days})
    desk.land(shop, FIRST, END)
    old = desk.hashes()
    deliver(raw, {days[0]: "new", days[1]: ""})  # some rows changed, one day has rejects only, one nothing any more
    (tmp_path / "killed").mkdir()
    (tmp_path / "killed" / "raw").symlink_to(raw)
    left = killed_before_each("land", home, tmp_path / "killed")
    assert len(left) > 20

    shutil.copytree(home, tmp_path / "undisturbed")
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "undisturbed"))
    desk.land(shop, FIRST, END)
    new, expected = desk.hashes(), everything(tmp_path / "undisturbed")
    for killed, change in left.items():
        monkeypatch.setenv("PRECISION_HOME", str(killed))
        land.prepare(shop, shop.sources[0], shop.sources[0].tables[0])
        found = desk.hashes()
        for path in old.keys() | new.keys():
            assert found.get(path) in (old.get(path), new.get(path)), f"{path} is neither, killed before {change}"
        desk.land(shop, FIRST, END)
        assert differing(everything(killed), expected) == [], change


def deliver(raw, notes: dict[date, str]) -> None:
    """A file of orders: five a day, whose note says which delivery they are of; without a note the key is bad."""
    lines = [f"{n if note else ''},{note},{day}" for day, note in notes.items() for n in range(5)]
    (raw / "a.csv").write_text("\n".join(["order_id,note,day", *lines]) + "\n")
