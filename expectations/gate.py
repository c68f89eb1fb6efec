"""The gate between two stages: profile every table of the stage, have it judged, record each result, block or let pass.

In: shop, as_of, stage ('landing', 'features', 'audit'). Out: rows of ops.data_quality for (as_of, stage), a page in
`reports/`, and GateFailed when an expectation that blocks is not met. A gate that judged nothing fails too.
"""

from dataclasses import replace
from datetime import date

import pandas as pd

from expectations import arrivals, report, suites
from expectations.arrivals import note
from expectations.judgement import Judge
from expectations.profile import Profile, measure, parameters
from shops.declaration import Shop
from warehouse import landing, paths
from warehouse.engine import open_warehouse, quote, replace_rows

TABLE = "ops.data_quality"
COLUMNS = {
    "as_of": "date",
    "stage": "varchar",
    "dataset": "varchar",
    "check_name": "varchar",
    "severity": "varchar",
    "status": "varchar",
    "observed": "varchar",
    "expected": "varchar",
    "reason": "varchar",
}
CONTENT = "content"  # check_name under which the audit notes what it has seen; publishing compares
EXCLUSIONS = "intermediate.int_exclusions_counted"


class GateFailed(ValueError):
    """Data that may not be used: names each table, what was observed, what was expected, and why it matters."""


def check(shop: Shop, as_of: date, stage: str) -> dict:
    """Judge a stage. Returns {stage, passed, warned, informed}; raises GateFailed."""
    wanted = suites.load(stage)
    judge = Judge()
    with open_warehouse(shop.name) as connection:
        prepare(connection)
        # an earlier run's verdict must neither be judged by this one nor outlive it, should this one be killed
        # (and the first gate opens the moment anew: nothing that was found after it then holds any more)
        anew = stage == "landing"
        connection.execute(f"delete from {TABLE} where as_of = ? and (stage = ? or ?)", [as_of, stage, anew])
        if stage == "landing":
            landing.register(connection, shop)
        literals = parameters(connection, shop, as_of)
        rows = _landing(connection, judge, shop, as_of, wanted, literals) if stage == "landing" else []
        if stage != "landing":
            for suite in wanted:
                rows += judge.judge(suite, measure(connection, shop, suite, as_of, literals))
        if stage == "audit":
            rows += [
                note(suite.dataset, CONTENT, fingerprint(connection, suite.dataset), "publishing refuses anything else")
                for suite in wanted
                if suite.dataset != "marts.mart_data_quality"  # grows by this very audit
            ]
        record(connection, as_of, stage, rows)
        if stage == "features":
            record(connection, as_of, "transform", _exclusions(connection))
        page = report.write(shop, as_of, paths.of(shop.name).reports / str(as_of), connection)
    return _decide(shop, as_of, stage, rows, page)


def prepare(connection) -> None:
    """Make the table of results when absent."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"create schema if not exists ops; create table if not exists {TABLE} ({columns})")


def record(connection, as_of: date, stage: str, rows: list[dict]) -> None:
    """Replace the results of (as_of, stage)."""
    frame = pd.DataFrame([{"as_of": as_of, "stage": stage, **row} for row in rows], columns=list(COLUMNS))
    frame = frame.sort_values(["dataset", "check_name"], kind="stable")
    replace_rows(connection, TABLE, COLUMNS, frame, {"as_of": as_of, "stage": stage})


def fingerprint(connection, dataset: str) -> str:
    """Rows and an order-independent hash of a table's content."""
    relation = ".".join(map(quote, dataset.split(".", 1)))
    if not connection.execute(
        "select 1 from information_schema.tables where table_catalog = current_database() "
        "and table_schema || '.' || table_name = ?",
        [dataset],
    ).fetchall():
        return "absent"
    rows, total = connection.execute(
        f"select count(*), coalesce(sum(cast(hash(r) as hugeint)), 0) from {relation} as r"
    ).fetchall()[0]
    return f"{rows} rows, hash {int(total):x}"


def _landing(connection, judge: Judge, shop: Shop, as_of: date, wanted, literals: dict[str, str]) -> list[dict]:
    """The suite of raw tables for each declared table, the suite of all of them together, and the account of rows."""
    found = arrivals.before(shop, as_of)
    rows = []
    for suite in wanted:
        if suite.dataset == "landing":
            rows += judge.judge(suite, Profile(numbers={"rows_in_window": arrivals.window(shop, found, as_of)}))
            continue
        if suite.dataset == "source.*":
            for source in shop.sources:
                numbers = arrivals.of_source([each for each in found if each.source is source], as_of)
                rows += judge.judge(replace(suite, dataset=f"source.{source.name}"), Profile(numbers=numbers))
            continue
        for table in found:
            own = suite.for_raw_table(table.dataset, table.table)
            profile = measure(connection, shop, own, as_of, literals)
            seen = int(profile.rows["rows"].sum()) if len(profile.rows) else 0
            profile.numbers |= arrivals.facts(table, None if profile.missing else seen, as_of)
            rows += judge.judge(own, profile)
    return rows + [row for table in found for row in arrivals.account(table)]


def _exclusions(connection) -> list[dict]:
    """Landed rows that do not count, by source, entity and reason."""
    if fingerprint(connection, EXCLUSIONS) == "absent":
        return []
    counted = connection.execute(f"select entity, source, reason, rows_excluded from {EXCLUSIONS} order by all")
    return [
        note(entity, f"rows_excluded: {source}: {reason}", str(count), "landed, kept, and not counted for this")
        for entity, source, reason, count in counted.fetchall()
    ]


def _decide(shop: Shop, as_of: date, stage: str, rows: list[dict], page) -> dict:
    failed = [row for row in rows if row["status"] == "failed"]
    blocking = [row for row in failed if row["severity"] == "block"]
    passed = sum(row["status"] == "passed" for row in rows)
    if not passed and not failed:
        raise GateFailed(f"{shop.name}, as of {as_of}, {stage}: nothing was judged, so nothing is proven; check suites")
    if blocking:
        lines = [
            f"  {row['dataset']}, {row['check_name']}: observed {row['observed']}; expected {row['expected']}. "
            f"{row['reason']}"
            for row in blocking
        ]
        raise GateFailed(
            f"{shop.name}, as of {as_of}: {len(blocking)} blocking checks failed at stage {stage}; nothing is "
            "published and what is served stays.\n" + "\n".join(lines) + f"\nAll results: {page}. Mend the source or "
            "its declaration and land the days again, or, where the data are right, the suite in expectations/suites."
        )
    return {
        "stage": stage,
        "passed": passed,
        "warned": len(failed),
        "informed": sum(row["status"] == "info" for row in rows),
    }
