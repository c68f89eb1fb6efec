"""Too little memory: the work spills below the shop's folder, up to a limit, or fails; what is served stays."""

import json
import os
import subprocess
import sys

import pytest
import yaml

from tests.warehouse import hand_built
from tests.warehouse.hand_built import AS_OF
from warehouse import dbt, engine, lock, paths, publish

pytestmark = pytest.mark.fault(7)
MB = 1024 * 1024


def sort_with_little_memory(free: int) -> dict:
    """In a process of its own, whose memory can be measured."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.little_memory", str(free)],
        cwd=paths.REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(paths.REPOSITORY)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_does_not_fit_into_memory_spills_below_the_shop_and_ends_well(audited):
    told = sort_with_little_memory(free=4_000 * MB)
    assert told["failed"] == ""
    assert told["spilled"] > 50 * MB
    assert told["grown_kb"] < 200 * 1024


def test_what_spills_too_much_fails_and_the_old_version_is_served_on(audited):
    version = publish.publish("tiny", AS_OF)
    told = sort_with_little_memory(free=60 * MB)
    assert "max_temp_directory_size" in told["failed"]
    assert told["spilled"] <= 30 * MB  # half of what is free
    assert publish.current("tiny") == version
    publish.verify(audited / "published" / version)
    assert hand_built.ask("select count(*) from marts.dim_item") == [(3,)]


def test_dbt_works_within_the_same_limits(home, monkeypatch):
    """It opens the warehouse with its own profile, which says what the engine says."""

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(lock, "exclusive", stop)
    monkeypatch.setattr(engine, "MEMORY_LIMIT", "123MB")
    with pytest.raises(KeyboardInterrupt):
        dbt.invoke(hand_built.shop(), ["parse"])
    assert os.environ["PRECISION_MEMORY_LIMIT"] == "123MB"
    assert os.environ["PRECISION_SPILL"] == str(home / "tiny" / "spill")
    assert int(os.environ["PRECISION_SPILL_LIMIT"].removesuffix("B")) > 0
    profile = yaml.safe_load((dbt.PROJECT / "profiles.yml").read_text(encoding="utf-8"))["precision"]["outputs"][
        "duckdb"
    ]
    assert "PRECISION_MEMORY_LIMIT" in profile["config_options"]["memory_limit"]
    assert "PRECISION_SPILL'" in profile["config_options"]["temp_directory"]
    assert "PRECISION_SPILL_LIMIT" in profile["settings"]["max_temp_directory_size"]
