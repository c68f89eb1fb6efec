"""The report: values are text, never markup; nothing is loaded from anywhere; the same results give the same bytes."""

import re

from expectations import report
from tests.warehouse.hand_built import AS_OF

ROWS = [
    ("audit", "marts.t", "good", "block", "passed", "1", "rows >= 1", "Because."),
    ("audit", "marts.t", "bad", "block", "failed", "<script>alert(1)</script>", "a < b & c", 'It\'s "so".'),
    ("landing", "landing.s__t", "odd", "warn", "failed", None, "x", "Because."),
]


def test_values_are_escaped():
    page = report.render("<b>Tiny</b>", AS_OF, ROWS)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>Tiny" not in page
    assert "a &lt; b &amp; c" in page


def test_the_page_stands_alone_and_is_the_same_every_time():
    page = report.render("Tiny", AS_OF, ROWS)
    assert not re.search(r"https?:|src=|<link|@import|url[(]", page)
    assert page == report.render("Tiny", AS_OF, ROWS)
    assert "1 blocking checks failed" in page


def test_failed_checks_come_first(tiny):
    from expectations import gate
    from warehouse.engine import open_warehouse

    with open_warehouse("tiny") as connection:
        names = ("dataset", "check_name", "severity", "status", "observed", "expected", "reason")
        gate.record(connection, AS_OF, "learning", [])  # the tiny shop learned nothing, and says so
        for stage in ("landing", "audit"):
            gate.record(connection, AS_OF, stage, [dict(zip(names, row[1:])) for row in ROWS if row[0] == stage])
        found = [row[2] for row in report.rows_of(connection, AS_OF)]
    assert found == ["odd", "bad", "good"]
    page = report.write(tiny, AS_OF, tiny_folder())
    assert page.name == "data_quality.html"
    text = page.read_text()
    assert text.index("odd") < text.index(">bad<") < text.index(">good<")


def tiny_folder():
    from warehouse import paths

    return paths.of("tiny").reports
