"""A Parquet file that arrives half written: refused by its name, in whatever way it is half, and other days stay."""

import subprocess
import sys
from datetime import date, timedelta

import duckdb
import pytest

from expectations import arrivals, gate
from extract.errors import UnreadableFile
from tests.landing_desk import Desk
from warehouse import paths
from warehouse.landing import LandingError

pytestmark = pytest.mark.fault(9)
DAY_FILES = {"path": "{ds}.parquet", "arrival": {"by": "file_day"}}
FIRST = date(2024, 1, 1)
# In a process of its own: a reader that crashes on what it finds there would take the tests with it.
CHILD = """
from pathlib import Path
from extract.errors import UnreadableFile
from tests.landing_desk import Desk
raw = Path({folder!r})
whole = (raw / "whole.parquet").read_bytes()
desk = Desk(raw)
for tenth in range(10):
    (raw / "cut.parquet").write_bytes(whole[: len(whole) * tenth // 10])
    try:
        desk.land(desk.shop({{"path": "cut.parquet"}}))
    except UnreadableFile as error:
        print("refused", error)
"""


def parquet(path, rows: int = 5000) -> bytes:
    """Large enough that each tenth of it cuts another part."""
    duckdb.execute(
        f"copy (select range order_id, hash(range)::varchar note, 1.50 price from range({rows})) to '{path}'"
    )
    return path.read_bytes()


def child(program: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=paths.REPOSITORY, capture_output=True, text=True, timeout=300
    )


def test_cut_at_ten_places_it_is_refused_by_name_and_nothing_lands(desk, raw):
    parquet(raw / "whole.parquet")
    done = child(CHILD.format(folder=str(raw)))
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stdout.splitlines() if line.startswith("refused")]
    assert len(said) == 10
    assert all("cut.parquet" in line and "no readable Parquet" in line for line in said)
    assert desk.hashes() == {}


@pytest.mark.parametrize("tenth", range(1, 9))
def test_of_its_full_length_but_with_a_part_never_written(desk, raw, tenth):
    """As a download in pieces leaves it: the footer is there, so a count of rows would still be answered."""
    whole = bytearray(parquet(raw / "holes.parquet"))
    start = len(whole) * tenth // 10
    whole[start : start + 1000] = bytes(1000)
    (raw / "holes.parquet").write_bytes(whole)
    with pytest.raises(UnreadableFile, match=r"holes\.parquet.*no readable Parquet"):
        desk.land(desk.shop({"path": "holes.parquet"}))
    assert desk.hashes() == {}


def test_other_days_stay_and_go_on_landing(desk: Desk, raw):
    days = [FIRST + timedelta(days=n) for n in range(3)]
    for day in days:
        parquet(raw / f"{day}.parquet", rows=50)
    shop = desk.shop(DAY_FILES)
    desk.land(shop, days[0], days[-1])
    before = desk.hashes()
    cut = raw / f"{days[1]}.parquet"
    cut.write_bytes(cut.read_bytes()[:-20])
    with pytest.raises(UnreadableFile, match=str(days[1])):
        desk.land(shop, days[1])
    assert desk.hashes() == before
    desk.land(shop, days[2])
    assert {path: digest for path, digest in desk.hashes().items() if path in before} == before
    assert len(desk.hashes()) == 3


@pytest.mark.parametrize("tenth", range(10))
def test_a_landed_day_that_was_cut_since_is_seen_before_anybody_reads_it(desk, raw, tenth):
    parquet(raw / f"{FIRST}.parquet", rows=50)
    shop = desk.shop(DAY_FILES)
    desk.land(shop, FIRST)
    part = next(paths.of(shop.name).landing.rglob("part.parquet"))
    part.write_bytes(part.read_bytes()[: part.stat().st_size * tenth // 10])
    (landed,) = arrivals.before(shop, FIRST + timedelta(days=1))
    assert arrivals.facts(landed, None, FIRST + timedelta(days=1))["files_changed"] == (1, f"arrival days {FIRST}")


@pytest.mark.parametrize(
    ("cut", "said"), [(True, "what had landed cannot be read.*2024-01-01"), (False, "files_as_landed")]
)
def test_and_the_gate_lets_nothing_pass_that_was_built_on_it(desk, raw, one_judge, cut, said):
    parquet(raw / f"{FIRST}.parquet", rows=50)
    shop = desk.shop(DAY_FILES)
    desk.land(shop, FIRST)
    gate.check(shop, FIRST + timedelta(days=1), "landing")
    part = next(paths.of(shop.name).landing.rglob("part.parquet"))
    whole = bytearray(part.read_bytes())
    whole[10] ^= 1
    part.write_bytes(whole[:-20] if cut else whole)
    with pytest.raises((gate.GateFailed, LandingError), match=said):
        gate.check(shop, FIRST + timedelta(days=1), "landing")
