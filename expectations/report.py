"""The quality report: every check of one run as a page that needs no network.

In: ops.data_quality at one as_of. Out: `data_quality.html`; the same results give the same bytes.
"""

from collections.abc import Sequence
from datetime import date
from html import escape
from pathlib import Path

from shops.declaration import Shop
from warehouse.engine import open_warehouse

FILE = "data_quality.html"
ORDER = {"landing": 0, "transform": 1, "features": 2, "learning": 3, "audit": 4}
TITLES = {
    "landing": "Landing: what the sources delivered",
    "transform": "Transformation: rows that do not count, and why",
    "features": "Features: canonical entities and features",
    "learning": "Learning: what was too little to learn from",
    "audit": "Audit: the marts, before they are served",
}
STYLE = """
:root { color-scheme: light dark; --ink: #1c1f23; --paper: #fff; --line: #d5d9de; --quiet: #626b75; --bad: #b3261e;
  --warn: #8a5a00; --good: #1d6b36; --tint: #f4f6f8 }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaee; --paper: #15181c; --line: #363c44; --quiet: #9aa4af;
  --bad: #ff8a80; --warn: #f2b84b; --good: #7fd197; --tint: #1d2127 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 75rem; padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p { color: var(--quiet); margin: .3rem 0 } .scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; vertical-align: top; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line) }
th { color: var(--quiet); font-weight: 600 } td { overflow-wrap: anywhere } .reason { color: var(--quiet) }
.failed { background: var(--tint) } .mark { font-weight: 600; white-space: nowrap }
.block { color: var(--bad) } .warn { color: var(--warn) } .passed { color: var(--good) } .info { color: var(--quiet) }
"""


def write(shop: Shop, as_of: date, folder: Path, connection=None) -> Path:
    """Write the page into `folder`; `connection` when the warehouse is open already. Returns its path."""
    if connection is None:
        with open_warehouse(shop.name) as own:
            return write(shop, as_of, folder, own)
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / FILE
    page.write_text(render(shop.title, as_of, rows_of(connection, as_of)), encoding="utf-8")
    return page


def rows_of(connection, as_of: date) -> list[tuple]:
    """(stage, dataset, check, severity, status, observed, expected, reason), by stage, failed first."""
    rows = connection.execute(
        "select stage, dataset, check_name, severity, status, observed, expected, reason "
        "from ops.data_quality where as_of = ?",
        [as_of],
    ).fetchall()
    rank = {"failed": 0, "passed": 1, "info": 2}
    return sorted(rows, key=lambda r: (ORDER.get(r[0], 9), rank.get(r[4], 9), r[3] != "block", r[1], r[2]))


def render(title: str, as_of: date, rows: Sequence[tuple]) -> str:
    """The page as text. Every value is escaped: names and observed values come from the data."""
    blocked = sum(row[4] == "failed" and row[3] == "block" for row in rows)
    warned = sum(row[4] == "failed" and row[3] != "block" for row in rows)
    passed = sum(row[4] == "passed" for row in rows)
    verdict = f"{blocked} blocking checks failed" if blocked else "No blocking check failed"
    parts = [
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width, initial-scale=1'>",
        f"<title>Data quality: {escape(title)}, as of {as_of}</title><style>{STYLE}</style></head><body>",
        f"<h1>Data quality: {escape(title)}</h1>",
        f"<p>As of {as_of}. <b class='{'block' if blocked else 'passed'}'>{verdict}</b>, {warned} warnings, "
        f"{passed} passed.</p>",
    ]
    for stage in sorted({row[0] for row in rows}, key=lambda name: (ORDER.get(name, 9), name)):
        parts.append(f"<h2>{escape(TITLES.get(stage, stage))}</h2><div class='scroll'><table><thead><tr>")
        parts += [f"<th>{head}</th>" for head in ("Result", "Table", "Check", "Observed", "Expected", "Why")]
        parts.append("</tr></thead><tbody>")
        parts += [_line(row) for row in rows if row[0] == stage]
        parts.append("</tbody></table></div>")
    return "\n".join([*parts, "</body></html>\n"])


def _line(row: tuple) -> str:
    _, dataset, check, severity, status, observed, expected, reason = (escape(str(value or "")) for value in row)
    failed = status == "failed"
    mark = {"block": "blocked", "warn": "warning"}.get(severity, severity) if failed else status
    kind = severity if failed else status
    return (
        f"<tr{' class=failed' if failed else ''}><td class='mark {kind}'>{mark}</td><td>{dataset}</td><td>{check}</td>"
        f"<td>{observed}</td><td>{expected}</td><td class='reason'>{reason}</td></tr>"
    )
