"""What fuzzing found once: every file of tests/fixtures/fuzz, and what must become of it."""

import pytest
import yaml

from tests.fuzz import targets

OUTCOMES = yaml.safe_load((targets.FOUND / "outcomes.yml").read_text(encoding="utf-8"))
FILES = sorted(
    path.relative_to(targets.FOUND).as_posix() for path in targets.FOUND.glob("*/*") if path.name != "outcomes.yml"
)


def test_every_finding_has_an_outcome():
    assert sorted(OUTCOMES) == FILES


@pytest.mark.parametrize("file", FILES)
def test_a_finding_stays_mended(target, file):
    kind = file.partition("/")[0]
    content = (targets.FOUND / file).read_bytes()
    if kind in ("csv", "jsonl", "parquet"):
        desk = target(kind if kind == "parquet" else f"{kind}_landed").__self__
        outcome = desk.deliver(file.split("/")[1].split(".")[0] if kind != "parquet" else "plain", content)
    else:
        outcome = target(f"{kind}_landed" if kind == "declaration" else kind)(content)
    assert outcome == OUTCOMES[file]
