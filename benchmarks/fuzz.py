"""Does anything strange that arrives get through the readers, the declarations or the dashboard?

Ten minutes of inputs that atheris lets coverage guide, over the targets that tests/fuzz describes; each target in a
process of its own, so that a crash in native code is a finding and not the end. Inputs that raised anything are kept in
`benchmarks/fuzz/` below PRECISION_HOME: each becomes a file of tests/fixtures/fuzz.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import figures
from tests.fuzz import targets
from warehouse import paths

SECONDS = 600
AT_ONCE = max(1, min(4, os.cpu_count() or 1))
LONGEST_INPUT = 4096  # bytes; of Parquet enough for a small file whole
DONE = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/")


def run(seconds: float = SECONDS, names: tuple[str, ...] = targets.TARGETS) -> dict:
    """Figures of every target. `seconds`: of the clock, for all of them together."""
    if importlib.util.find_spec("atheris") is None:
        skipped = [{"skipped": "fuzzing", "because": "atheris is not installed: it has no build for this platform"}]
        figures.show("Not measured", skipped)
        return {"figures": [], "skipped": skipped}
    kept = figures.folder() / "fuzz"
    shutil.rmtree(kept, ignore_errors=True)
    each = seconds * AT_ONCE / len(names)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(lambda name: _fuzz(name, each, kept / name), names))
    figures.show(f"Fuzzing, {each:.0f} s a target", rows)
    for row in rows:
        for file in sorted((kept / row["target"]).glob("*_*")):
            if file.suffix != ".traceback":
                figures.console.print(f"found by {row['target']}: {file}", soft_wrap=True)
    outcomes = {row["target"]: _outcomes(kept / row["target"]) for row in rows}
    return {"figures": rows, "outcomes": outcomes, "findings": sum(row["errors"] + row["crashes"] for row in rows)}


def _fuzz(name: str, seconds: float, findings: Path) -> dict:
    """One target, begun again after a native crash with what is left of its time."""
    findings.mkdir(parents=True)
    executed, covered, inputs, crashes, ends = 0, 0, 0, 0, time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, seed in enumerate(targets.seeds(name)):
            (corpus / f"seed_{number}").write_bytes(seed)
        while (left := ends - time.monotonic()) > 1:
            done = _worker(name, Path(folder) / f"run_{crashes}", findings, corpus, int(left) or 1)
            said = [tuple(map(int, found)) for found in DONE.findall(done.stderr)]
            executed += said[-1][0] if said else 0
            covered, inputs = (max(covered, said[-1][1]), said[-1][3]) if said else (covered, inputs)
            if done.returncode == 0:
                break
            crashes += 1
            (findings / f"native_{crashes}.traceback").write_text(done.stderr[-20_000:])
    errors = len([file for file in findings.glob("error_*") if file.suffix != ".traceback"])
    return {
        "target": name, "inputs tried": executed, "edges covered": covered, "inputs kept": inputs, "errors": errors,
        "crashes": crashes,
    }  # fmt: skip


def _worker(name: str, folder: Path, findings: Path, corpus: Path, seconds: int) -> subprocess.CompletedProcess:
    folder.mkdir()
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST_INPUT}", "-timeout=60", "-rss_limit_mb=6000"]
    options.append("-report_slow_units=60")
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.fuzz_worker", name, str(folder), str(findings), str(corpus), *options],
        cwd=paths.REPOSITORY, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip


def _outcomes(findings: Path) -> dict:
    file = findings / "outcomes.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
