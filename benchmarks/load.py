"""Fifty readers while twenty versions are published: do they meet errors, do they see two versions in one answer?

Needs a published demo shop (`make run SHOP=demo_shop`), of which a copy is used. Every version carries its number in
three places of two marts: as turnover, as number of orders, and in the description of each key figure. A
reader who sees two numbers in one answer, or another than that of the version it names, has seen a mixture. Readers
pause between two requests, as people do.
"""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from statistics import quantiles

from benchmarks import dashboard, figures
from warehouse import paths, published

SHOP = "demo_shop"
READERS = {"page": 24, "csv": 12, "sql": 14}
BUILDS = 20
PAUSE_SECONDS = (1.0, 4.0)
LAST_WORD_SECONDS = 5  # readers go on after the last version
BASE = 1_000_000  # turnover of version 0; no other figure of the shop is near it
PAGES = ("overview", "segments", "campaigns", "data_quality", "value")


def run() -> dict:
    """Rows per kind of reader: answers, errors, mixtures, and seconds."""
    if not published.current(SHOP):
        raise FileNotFoundError(f"{SHOP} is not published: make run SHOP={SHOP}")
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        shutil.copytree(
            paths.of(SHOP).root, Path(folder) / SHOP, symlinks=True, ignore=shutil.ignore_patterns("landing")
        )
        environment = {**os.environ, "PRECISION_HOME": folder}
        found = _child("session", [BUILDS, READERS], environment, Path(folder) / "found.json")
    rows = [_told(kind, found["answers"][kind]) for kind in READERS]
    figures.show(f"{sum(READERS.values())} readers while {BUILDS} versions of {SHOP} were published", rows)
    seen = {number for kind in found["answers"].values() for each in kind for number in each["numbers"]}
    figures.console.print(f"{len(seen)} of {len(found['builds'])} versions were seen by somebody")
    return {"shop": SHOP, "builds": found["builds"], "versions_seen": len(seen), "rows": rows}


def _child(function: str, arguments: list, environment: dict, result: Path) -> dict:
    """In an interpreter of its own, because the home of its shops is another."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.child",
        "benchmarks.load",
        function,
        json.dumps(arguments),
        str(result),
    ]
    subprocess.run(command, env=environment, cwd=paths.REPOSITORY, check=True)
    return json.loads(result.read_text(encoding="utf-8"))


def session(builds: int, readers: dict[str, int]) -> dict:
    """Serve the shop of PRECISION_HOME, read and publish it; what every reader saw."""
    with _Server() as port:
        published_as = dict([_publish(0)])  # what readers find first
        stop, answers = threading.Event(), defaultdict(list)
        threads = [
            threading.Thread(target=_read, args=(kind, number, port, stop, answers[kind]))
            for kind, many in readers.items()
            for number in range(many)
        ]
        for thread in threads:
            thread.start()
        published_as |= dict(_publish(number) for number in range(1, builds + 1))
        time.sleep(LAST_WORD_SECONDS)
        stop.set()
        for thread in threads:
            thread.join()
    number_of = {version: each["number"] for version, each in published_as.items()}
    for each in [each for kind in answers.values() for each in kind]:
        each["mixed"] = len({*each["numbers"], *filter(None.__ne__, [number_of.get(each["version"])])}) > 1
    return {"answers": answers, "builds": list(published_as.values())}


class _Server:
    """The dashboard behind its front door, in a process of its own, as in the API server of Airflow."""

    def __enter__(self) -> int:
        import socket

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.process = subprocess.Popen([sys.executable, "-c", dashboard.SERVER, str(port)], cwd=paths.REPOSITORY)
        try:
            dashboard.answers(port)
        except TimeoutError:
            self.__exit__()
            raise
        return port

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait()


def _publish(number: int) -> tuple[str, dict]:
    """Another version of everything: its name, its number and the seconds of publishing."""
    from expectations import gate
    from warehouse.engine import open_warehouse
    from warehouse.publish import publish

    as_of = date.fromisoformat(published.current(SHOP)[:10])
    with open_warehouse(SHOP) as connection:
        connection.execute(
            "update marts.mart_kpi set value = ? where kpi in ('revenue', 'orders') and period = 'all' "
            "and dimension_type = 'total' and as_of = ?",
            [BASE + number, as_of],
        )
        connection.execute("update marts.dim_metric set description = ?", [_mark(number)])
        for name in ("marts.mart_kpi", "marts.dim_metric"):
            connection.execute(
                "update ops.data_quality set observed = ? where as_of = ? and dataset = ? and check_name = ?",
                [gate.fingerprint(connection, name), as_of, name, gate.CONTENT],
            )
    began = time.perf_counter()
    version = publish(SHOP, as_of)
    return version, {"number": number, "seconds": round(time.perf_counter() - began, 2)}


def _mark(number: int) -> str:
    return f"version number {BASE + number} of the load test"


def _read(kind: str, number: int, port: int, stop: threading.Event, answers: list[dict]) -> None:
    chance = random.Random(f"{kind} {number}")
    while not stop.is_set():
        began = time.perf_counter()
        told = {"version": None, "numbers": [], "error": None}
        try:
            told |= {"page": _page, "csv": _csv, "sql": _sql}[kind](port, chance)
        except Exception as error:
            told["error"] = f"{type(error).__name__}: {error}"[:300]
        answers.append({**told, "seconds": time.perf_counter() - began})
        stop.wait(chance.uniform(*PAUSE_SECONDS))


def _page(port: int, chance: random.Random) -> dict:
    """The callback that draws, as a browser asks it: any page, the first one every second time."""
    import httpx

    page = chance.choice((*PAGES, *["overview"] * (len(PAGES) - 1)))
    question = {
        "output": "..shop-switch.children...pages.children...page.children..",
        "outputs": [{"id": name, "property": "children"} for name in ("shop-switch", "pages", "page")],
        "inputs": [
            {"id": "address", "property": "pathname", "value": f"/marketing/{page}"},
            {"id": "address", "property": "search", "value": f"?shop={SHOP}"},
        ],
        "changedPropIds": ["address.pathname"],
        "state": [],
    }
    answer = httpx.post(f"http://127.0.0.1:{port}/marketing/_dash-update-component", json=question, timeout=120)
    answer.raise_for_status()
    drawn = answer.json()["response"]["page"]["children"]["props"]
    if "could not be drawn" in answer.text:
        raise RuntimeError(f"{page} could not be drawn")
    return {"version": drawn["data-version"], "numbers": _numbers(answer.text)}


def _csv(port: int, chance: random.Random) -> dict:
    """A table of the version served: key figures, or what another page holds."""
    import httpx

    table = chance.choice(("overview/key_figures", "overview/key_figures", "overview/months", "segments/sizes"))
    answer = httpx.get(f"http://127.0.0.1:{port}/marketing/csv/{table}?shop={SHOP}", timeout=120)
    answer.raise_for_status()
    numbers = _numbers(answer.text)
    if table == "overview/key_figures" and not numbers:
        raise RuntimeError(f"{table} holds no number of a version")
    return {"numbers": numbers}


def _sql(_: int, __: random.Random) -> dict:
    """Both marts, one after the other, on one connection."""
    numbers: set[int] = set()
    with published.open_published(SHOP) as served:
        for sql in (
            "select string_agg(distinct value::bigint::varchar, ' ') from marts.mart_kpi "
            "where kpi in ('revenue', 'orders') and period = 'all' and dimension_type = 'total' "
            "and as_of = (select max(as_of) from marts.mart_kpi)",
            "select string_agg(distinct description, ' ') from marts.dim_metric",
        ):
            told = _numbers(served.execute(sql).fetchall()[0][0])
            if not told:
                raise RuntimeError(f"nothing told by {sql}")
            numbers |= set(told)
    return {"numbers": sorted(numbers)}


def _numbers(text: str) -> list[int]:
    """The numbers of versions that an answer holds, whether written 1000003 or 1,000,003."""
    return sorted({int(found.replace(",", "")) - BASE for found in re.findall(r"\b1,?000,?0\d\d\b", text)})


def _told(kind: str, answers: list[dict]) -> dict:
    seconds = [each["seconds"] for each in answers if each["error"] is None]
    cuts = quantiles(seconds, n=20, method="inclusive")
    for error in sorted({each["error"] for each in answers if each["error"]}):
        figures.console.print(f"{kind}: {error}")
    return {
        "reader": kind,
        "readers": READERS[kind],
        "answers": len(answers),
        "errors": sum(each["error"] is not None for each in answers),
        "of two versions": sum(each["mixed"] for each in answers),
        "p50, s": round(cuts[9], 3),
        "p95, s": round(cuts[18], 3),
        "longest, s": round(max(seconds), 3),
    }
