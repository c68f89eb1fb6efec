"""Every promise has a test, and the page of the last run tells of all of them."""

import ast
from pathlib import Path

from tests.faults import reliability

TESTS = Path(__file__).parents[1]


def marked() -> dict[int, set[str]]:
    """{number: {path::test}} of the marks as written."""
    found: dict[int, set[str]] = {}
    for path in sorted((*TESTS.glob("faults/test_*.py"), *TESTS.glob("security/test_*.py"))):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        of_file = [n for node in tree.body if isinstance(node, ast.Assign) for n in numbers(node.value)]
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                own = [n for decorator in node.decorator_list for n in numbers(decorator)]
                for number in (*of_file, *own):
                    found.setdefault(number, set()).add(f"{path.relative_to(TESTS)}: {node.name}")
    return found


def numbers(expression: ast.expr) -> list[int]:
    """The numbers in `pytest.mark.fault(…)`, alone or in a list."""
    return [
        argument.value
        for call in ast.walk(expression)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "fault"
        for argument in call.args
    ]


def test_every_promise_has_a_test():
    assert list(reliability.promises()) == list(range(1, 41))
    assert set(marked()) == set(reliability.promises())


def test_the_page_tells_of_every_test():
    rows = [line.split(" | ") for line in reliability.PAGE.read_text(encoding="utf-8").splitlines() if "| " in line]
    rows = {int(row[0].strip("| ")): row for row in rows if row[0].strip("| ").isdigit()}
    for number, tests in marked().items():
        for test in tests:
            file, name = test.split(": ")
            assert file in rows[number][3] and f"`{name}`" in rows[number][3], f"make reliability: {test} is not on it"


def test_a_failure_is_told():
    page = reliability.page({3: {"tests/faults/test_a.py::test_b": ["passed", "failed"]}})
    assert "| **failed** (1 of 2) |" in page and "**0 of 40** held" in page
    assert "| not run |" in page and "| left out |" in reliability.page({4: {"a": ["skipped"]}}, page)
    assert "**failed** (1 of 2)" in reliability.page({4: {"a": ["passed"]}}, page)
