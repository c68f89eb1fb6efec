"""Two hundred kills over a day of a small shop, each step as often as any other: what breaks, and what readers saw.

Eight passes over the same day, each from its beginning, with a kill in every step (see tests/faults/killed_day.py). The
test of the same name takes one pass.
"""

import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchmarks import figures
from tests.faults import killed_day

KILLS = 200


def run() -> dict:
    """Kills, and how many of them left something else than an undisturbed run. Raises AssertionError when any did."""
    began = time.monotonic()
    with TemporaryDirectory(prefix="kills_", dir=figures.folder()) as made, pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRECISION_RAW", raising=False)
        folder = Path(made)
        day = killed_day.undisturbed(folder)
        kills, reads, troubles, seed = [], 0, [], 0
        while len(kills) < KILLS:
            seed += 1
            home = folder / f"pass_{seed}"
            patch.setenv("PRECISION_HOME", str(home))
            killed_day.begin(day, home)
            with killed_day.Reader() as reader:
                for kill in killed_day.killed(day, home, seed):
                    kills.append(kill)
                    if kill.differs:  # at once: what follows may stop at it
                        what = f"{kill.step} after {kill.seconds} s: {', '.join(kill.differs[:10])}"
                        figures.console.print(what, soft_wrap=True)
            reads, troubles = reads + reader.reads, troubles + reader.troubles
            figures.console.print(f"{len(kills)} kills, {time.monotonic() - began:.0f} s")
    damage = [kill for kill in kills if kill.differs]
    steps = Counter(kill.step for kill in kills)
    figures.show(
        "Kills in the middle of a step",
        [{"step": step, "undisturbed, s": day.seconds[step], "kills": steps[step]} for step in day.seconds],
    )
    found = {
        "kills": len(kills),
        "whole day taken again": sum(kill.started_over for kill in kills),
        "left something else": len(damage),
        "reads meanwhile": reads,
        "reads that failed or were not whole": len(troubles),
        "s": round(time.monotonic() - began),
    }
    figures.show("All kills", [found])
    assert not damage and not troubles, f"{len(damage)} kills left something else; readers: {troubles[:3]}"
    return found
