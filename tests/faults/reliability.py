"""What became of every promise in one run of the tests, as a page.

In: reports of tests marked `fault(number)` (see promises.yml). Out: `docs/reliability.md`, when pytest is given
`--reliability` (that is `make reliability`). Loaded as a plugin by tests/conftest.py.
"""

from collections import defaultdict
from pathlib import Path

import pytest
import yaml

PROMISES = Path(__file__).with_name("promises.yml")
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
HEAD = """# Reliability

What can go wrong with data, machines and people, what is promised then, and the tests that hold it. Each was seen to
fail with its defence taken out. The page is written by `make reliability` from a run of these tests; killing at two
hundred moments, ten minutes of fuzzing and fifty readers under twenty builds are part of `make bench`.

"""


def promises() -> dict[int, dict[str, str]]:
    """{number: {fault, promise}}"""
    return yaml.safe_load(PROMISES.read_text(encoding="utf-8"))


class Results:
    """Collects outcomes, also those that processes of a parallel run send."""

    def __init__(self) -> None:
        self.outcomes: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def pytest_runtest_logreport(self, report) -> None:
        if report.when != "call" and report.outcome == "passed":
            return
        for name, number in report.user_properties:
            if name == "fault":
                file, _, test = report.nodeid.partition("::")
                self.outcomes[number][f"{file}::{test.partition('[')[0]}"].append(report.outcome)

    def pytest_sessionfinish(self) -> None:
        before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        PAGE.write_text(page(self.outcomes, before), encoding="utf-8")


def page(outcomes: dict[int, dict[str, list[str]]], before: str = "") -> str:
    """The page in Markdown. outcomes: {number: {test: [outcome of each of its cases]}}; `before`: the page as it was,
    whose rows stay where no test of theirs ran.
    """
    old = {line.split(" | ")[0]: line for line in before.splitlines()}
    lines = ["| | Fault | Promise | Test | Last result |", "|---:|---|---|---|---|"]
    for number, each in promises().items():
        if number not in outcomes and f"| {number}" in old:
            lines.append(old[f"| {number}"])
            continue
        tests = outcomes.get(number, {})
        cases = [outcome for of_test in tests.values() for outcome in of_test]
        files: dict[str, list[str]] = defaultdict(list)
        for test in sorted(tests):
            file, _, name = test.partition("::")
            files[file].append(f"`{name}`")
        named = "<br>".join(f"{file.removeprefix('tests/')}: {', '.join(names)}" for file, names in files.items())
        lines.append(f"| {number} | {each['fault']} | {each['promise']} | {named or 'none'} | {_told(cases)} |")
    held = sum("| passed (" in line for line in lines)
    return f"{HEAD}**{held} of {len(promises())}** held when last tried.\n\n" + "\n".join(lines) + "\n"


def _told(cases: list[str]) -> str:
    if not cases:
        return "not run"
    if "failed" in cases:
        return f"**failed** ({cases.count('failed')} of {len(cases)})"
    if set(cases) == {"skipped"}:
        return "left out"
    return f"passed ({cases.count('passed')})"


def pytest_addoption(parser) -> None:
    parser.addoption("--reliability", action="store_true", help="write docs/reliability.md from this run")


def pytest_configure(config) -> None:
    if config.getoption("--reliability") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Results(), "reliability-results")


@pytest.hookimpl(trylast=True)
def pytest_itemcollected(item) -> None:
    item.user_properties += [("fault", number) for mark in item.iter_markers("fault") for number in mark.args]
