"""`python -m benchmarks.fuzz_worker TARGET FOLDER FINDINGS CORPUS [OPTIONS of libFuzzer]`: one target, by coverage.

In: a target of tests/fuzz/targets.py, an empty folder for it, where findings go, a corpus that holds its seeds. Out:
for each kind of error the first input that raised it, with the traceback beside it; libFuzzer's figures on stderr. An
error does not end the search; a native crash does, and leaves its input among the findings too.
"""

import hashlib
import json
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

COVERED = ["extract", "shops", "dashboard", "warehouse", "privacy"]


def main() -> None:
    name, folder, findings, corpus, *options = sys.argv[1:]
    import atheris

    with atheris.instrument_imports(include=COVERED):
        from tests.fuzz import targets

        judged = targets.opened(name, Path(folder))
    outcomes: Counter[str] = Counter()
    told = [0.0]

    def one(data: bytes) -> None:
        try:
            outcomes[judged(data)] += 1
        except Exception as error:
            outcomes[f"error: {type(error).__name__}"] += 1
            _keep(Path(findings), data, error)
        if time.monotonic() > told[0] + 1:
            told[0] = time.monotonic()
            (Path(findings) / "outcomes.json").write_text(json.dumps(outcomes))

    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={findings}/native_", corpus], one)
    atheris.Fuzz()


def _keep(findings: Path, data: bytes, error: Exception) -> None:
    """Once for each place that raises a kind of error."""
    frames = traceback.extract_tb(error.__traceback__)
    place = "|".join(f"{frame.filename}:{frame.lineno}" for frame in frames[-2:]) + type(error).__name__
    file = findings / f"error_{hashlib.sha256(place.encode()).hexdigest()[:12]}"
    if not file.exists():
        file.write_bytes(data)
        file.with_suffix(".traceback").write_text("".join(traceback.format_exception(error)), errors="backslashreplace")


if __name__ == "__main__":
    main()
