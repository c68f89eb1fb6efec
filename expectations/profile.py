"""A table in figures: one aggregating SQL pass, whatever its size, so that the judge never holds the rows.

In: an open warehouse, a suite. Out: `Profile`: the table's columns, one row of figures per moment (or one in all), and
single numbers from the suite's queries. Only figures that the suite judges are computed.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb
import pandas as pd

from expectations.suites import Suite
from shops.declaration import Shop
from warehouse.engine import quote


@dataclass
class Profile:
    """What was found. `empty_because`: no rows at this moment, and that is allowed; `missing`: cannot be read, why."""

    columns: list[str] = field(default_factory=list)
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    numbers: dict[str, tuple[float | None, str]] = field(default_factory=dict)
    details: dict[str, dict[str, str]] = field(default_factory=dict)
    empty_because: str = ""
    missing: str = ""


def parameters(connection, shop: Shop, as_of: date) -> dict[str, str]:
    """SQL literals that suites may use."""
    newest = connection.execute("select max(as_of) from ops.data_quality").fetchall()[0][0]
    window_start = as_of - timedelta(days=shop.windows.observation_days)
    return {
        "$as_of": f"date '{as_of}'",
        "$newest": f"date '{max(as_of, newest or as_of)}'",
        "$window_start": f"date '{window_start}'",
        "$reporting_currency": f"'{shop.reporting_currency}'",
    }


def measure(connection, shop: Shop, suite: Suite, as_of: date, literals: dict[str, str]) -> Profile:
    """The profile of a suite's table."""
    schema, _, name = suite.dataset.partition(".")
    types = dict(
        connection.execute(
            "select column_name, data_type from information_schema.columns where table_catalog = current_database() "
            "and table_schema = ? and table_name = ? order by ordinal_position",
            [schema, name],
        ).fetchall()
    )
    if not types:
        return Profile(missing=f"{suite.dataset} does not exist")
    profile = Profile(columns=list(types))
    profile.numbers = {figure: _number(connection, sql, literals) for figure, sql in suite.queries.items()}
    if set(types) != set(suite.columns):
        extra, absent = sorted(set(types) - set(suite.columns)), sorted(set(suite.columns) - set(types))
        profile.missing = f"not judged: columns unexpected {extra}, missing {absent}"
        return profile
    try:
        profile.rows, profile.details = _aggregate(connection, suite, types, as_of, literals)
    except duckdb.Error as error:
        profile.missing = f"cannot be read: {str(error).splitlines()[0]}"
        return profile
    if not profile.rows["rows"].iloc[-1]:
        profile.empty_because = _excuse(connection, shop, suite, literals)
        if profile.empty_because:
            profile.rows = profile.rows.iloc[:-1]
    return profile


def fill(sql: str, literals: dict[str, str]) -> str:
    """SQL of a suite with its parameters in place."""
    for name, literal in literals.items():
        sql = sql.replace(name, literal)
    return sql


def _number(connection, sql: str, literals: dict[str, str]) -> tuple[float | None, str]:
    """One number, and the text that explains it where the query gives one."""
    try:
        value, *text = connection.execute(fill(sql, literals)).fetchall()[0]
    except duckdb.Error as error:
        return None, f"query failed: {str(error).splitlines()[0]}"
    return None if value is None else float(value), str(text[0]) if text and text[0] else ""


def _aggregate(connection, suite: Suite, types: dict[str, str], as_of: date, literals: dict[str, str]):
    """Figures per moment, the run's own moment last (with 0 rows when it has none); details of composed figures."""
    floats = [column for column, kind in types.items() if kind in ("DOUBLE", "FLOAT")]
    aggregates = {"rows": "count(*)"}
    aggregates |= {f"null in {column}": f"count(*) - count({quote(column)})" for column in suite.key}
    aggregates |= {
        f"not finite in {column}": f"count(*) filter (where not isfinite({quote(column)}))" for column in floats
    }
    for figure in {expectation.figure for expectation in suite.expectations}:
        column, _, statistic = figure.rpartition(".")
        if column not in types:
            continue
        if statistic == "nulls":
            aggregates[figure] = f"count(*) - count({quote(column)})"
        elif statistic == "distinct":
            aggregates[figure] = f"count(distinct {quote(column)})"
        elif statistic in ("min", "max"):  # NaN sorts above every number and would hide behind a maximum
            finite = f" filter (where isfinite({quote(column)}))" if column in floats else ""
            aggregates[figure] = f"{statistic}({quote(column)}){finite}"
    aggregates |= {name: fill(sql, literals) for name, sql in suite.measures.items()}
    moment = quote(suite.profile_by) if suite.profile_by else "null"
    relation = ".".join(map(quote, suite.dataset.split(".", 1)))
    if suite.where:
        relation = f"(select * from {relation} where {fill(suite.where, literals)})"
    selected = ", ".join(f"{sql} as {quote(name)}" for name, sql in aggregates.items())
    frame = connection.execute(f"select {moment} as moment, {selected} from {relation} group by 1 order by 1").df()
    grain = ", ".join(map(quote, suite.grain))
    if suite.unique and suite.grain:
        repeated = connection.execute(
            f"select {moment} as moment, sum(times - 1) as duplicates from "
            f"(select {grain}, count(*) as times from {relation} group by {grain} having count(*) > 1) group by 1"
        ).df()
        frame = frame.merge(repeated, on="moment", how="left") if len(repeated) else frame.assign(duplicates=0)
        frame["duplicates"] = frame["duplicates"].fillna(0)
    labels = [str(moment)[:10] for moment in frame.pop("moment")] if suite.profile_by else [""] * len(frame)
    frame = frame.astype("float64").set_axis(labels)
    own = str(as_of) if suite.profile_by else ""
    if own not in frame.index:
        frame.loc[own] = pd.Series({"rows": 0.0})
    frame = pd.concat([frame.drop(own), frame.loc[[own]]])
    details = {}
    for figure, prefix in (("key.nulls", "null in "), ("non_finite", "not finite in ")):
        parts = frame[[column for column in frame if column.startswith(prefix)]]
        details[figure] = {
            label: ", ".join(f"{column} {int(count)}" for column, count in row.items() if count > 0)
            for label, row in parts.iterrows()
        }
        frame[figure] = parts.sum(axis=1, min_count=1) if len(parts.columns) else 0.0
    return frame, details


def _excuse(connection, shop: Shop, suite: Suite, literals: dict[str, str]) -> str:
    """Why having no rows is all right here; empty when it is not."""
    rule = suite.may_be_empty
    if not rule:
        return ""
    allowed = bool(rule.get("always"))
    if "without" in rule:
        allowed = allowed or not any(shop.promises(entity) for entity in rule["without"])
    if "when" in rule:
        allowed = allowed or _number(connection, rule["when"], literals)[0] == 1
    return str(rule["reason"]) if allowed else ""
