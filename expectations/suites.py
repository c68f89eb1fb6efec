"""Suites: what each table must look like, read from `suites/<stage>/<table>.yml` and checked before use.

A suite names Great Expectations types and their kwargs. `column` in the kwargs is not a column of the table but a
figure of its profile (expectations/profile.py):

    rows, duplicates (of the grain), key.nulls, non_finite, <column>.nulls|min|max|distinct,
    a name under `measures` (an aggregate, per row of the profile), under `queries` (one number of its own, and
    optionally a text that explains it), or a fact that the gate supplies.

`suites/every_table.yml` holds what is expected of every table; a suite overrides it under the same check name.
`may_be_empty: {refused: ml.x}` is short for: learning noted for this moment that it had too little for `ml.x`.

`$as_of`, `$newest` (newest moment ever run), `$window_start` and `$reporting_currency` stand for SQL literals.
"""

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import yaml

from shops.declaration import Table

FOLDER = Path(__file__).parent / "suites"
STAGES = ("landing", "features", "audit")
SEVERITIES = ("block", "warn")
DECLARED = "declared"  # of a raw table: what the shop declares as its `unusual`
STATISTICS = ("nulls", "min", "max", "distinct")
TABLE_FIGURES = ("rows", "duplicates", "key.nulls", "non_finite")
COLUMN_SET = "expect_table_columns_to_match_set"
ALL_TABLES = ("landing", "source.*")  # suites about many raw tables at once, which judge only numbers
RAW_TABLE = "landing.*"
FUTURE = "no_future_moment"
AFTER_NEWEST = "count(*) filter (where as_of > $newest)"
REFUSED = (
    "select exists (select 1 from ops.data_quality where as_of = $as_of and stage = 'learning' "
    "and dataset = '{}' and status = 'failed')"
)


class SuiteError(ValueError):
    """A suite that judges nothing, or not what it must: says which file and what to mend."""


@dataclass(frozen=True)
class Expectation:
    """One sentence about a table. `absent_ok`: no value at all to judge is fine (every ratio may be null)."""

    check: str
    expect: str
    kwargs: dict
    severity: str
    reason: str
    absent_ok: bool = False

    @property
    def figure(self) -> str:
        """The figure of the profile that it judges; empty for those about the column set."""
        return self.kwargs.get("column", "")


@dataclass(frozen=True)
class Suite:
    """Everything expected of one table. `may_be_empty`: {reason, and one of always, without (entities), when (SQL)}."""

    name: str
    dataset: str
    expectations: tuple[Expectation, ...]
    columns: tuple[str, ...] = ()
    grain: tuple[str, ...] = ()
    nullable_key: tuple[str, ...] = ()  # parts of the grain that say nothing in some rows
    unique: bool = True
    profile_by: str = ""
    where: str = ""
    measures: dict[str, str] = field(default_factory=dict)
    queries: dict[str, str] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    may_be_empty: dict = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """Columns that every row fills."""
        return tuple(column for column in self.grain if column not in self.nullable_key)

    def for_raw_table(self, dataset: str, table: Table):
        """The suite of all raw tables, for the one declared so."""
        reason = "the shop's declaration says that this table may bring nothing"
        return replace(
            self,
            dataset=dataset,
            columns=(*table.columns, "ds"),
            grain=table.required,
            may_be_empty={"always": True, "reason": reason} if table.may_be_empty else {},
            expectations=tuple(
                replace(each, severity=table.unusual) if each.severity == DECLARED else each
                for each in self.expectations
            ),
        )


@cache
def load(stage: str) -> tuple[Suite, ...]:
    """All suites of a stage, by name. Raises SuiteError for a stage without suites or a suite that proves nothing."""
    if stage not in STAGES:
        raise SuiteError(f"there is no stage '{stage}'; stages are {', '.join(STAGES)}")
    found = tuple(read(path) for path in sorted((FOLDER / stage).glob("*.yml")))
    if not found:
        raise SuiteError(f"no suite in expectations/suites/{stage}: this gate would judge nothing")
    return found


def read(path: Path) -> Suite:
    """One file. `same_as: features/x` means the suite of that file, judged again at this stage."""
    content = _yaml(path) or {}
    if "same_as" in content:
        return read(path.parent.parent / f"{content['same_as']}.yml")
    return parse(path.stem, content)


def parse(name: str, content: dict) -> Suite:
    """A suite already read. Raises SuiteError when it is incomplete or judges a figure that nobody computes."""
    known = set(Suite.__dataclass_fields__) - {"name"}
    if unknown := sorted(set(content) - known):
        raise SuiteError(f"suite {name}: unknown entries {unknown}; known are {sorted(known)}")
    content = {**content, **_of_every_table(content), **_unless_refused(content)}
    entries = _with_common(content)
    if not entries:
        raise SuiteError(f"suite {name} has no expectations: it would pass whatever the data are")
    try:
        expectations = tuple(Expectation(**entry) for entry in entries)
    except TypeError as error:
        raise SuiteError(f"suite {name}: {error}; an expectation is {list(Expectation.__dataclass_fields__)}") from None
    suite = Suite(
        name=name,
        **{key: tuple(value) if isinstance(value, list) else value for key, value in content.items()}
        | {"expectations": expectations},
    )
    _prove(suite)
    return suite


def _with_common(content: dict) -> list[dict]:
    """The suite's own expectations, after those of every table that it does not state itself."""
    own = content.get("expectations") or []
    if content.get("dataset") in ALL_TABLES:
        return own
    left_out = {entry.get("check") for entry in own}
    left_out |= set() if content.get("unique", True) else {"grain_unique"}
    left_out |= set() if content.get("profile_by") == "as_of" else {FUTURE}
    return [entry for entry in _yaml(FOLDER / "every_table.yml") if entry["check"] not in left_out] + own


@cache
def _yaml(path: Path):
    """A file of this folder; by libyaml, as a hundred of them read in Python take longer than what they ask."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def _of_every_table(content: dict) -> dict:
    """The figure behind `no_future_moment`."""
    if content.get("profile_by") != "as_of":
        return {}
    return {"measures": {"rows_after_newest_run": AFTER_NEWEST, **content.get("measures", {})}}


def _unless_refused(content: dict) -> dict:
    refused = (content.get("may_be_empty") or {}).get("refused")
    if not refused:
        return {}
    return {
        "may_be_empty": {
            "when": REFUSED.format(refused),
            "reason": "there was too little to learn from; stage learning says what",
        }
    }


def _prove(suite: Suite) -> None:
    """Row count, exact columns, key not null, grain unique, finite numbers: every suite of a table must have them."""
    checks = [expectation.check for expectation in suite.expectations]
    if twice := sorted({check for check in checks if checks.count(check) > 1}):
        raise SuiteError(f"suite {suite.name}: checks named twice: {twice}")
    figures = {expectation.figure for expectation in suite.expectations}
    of_table = {*suite.measures, *suite.queries, *suite.facts}
    if suite.dataset not in ALL_TABLES:
        needed = {"rows", "key.nulls", "non_finite"} | ({"duplicates"} if suite.unique else set())
        missing = sorted(needed - figures)
        if COLUMN_SET not in {expectation.expect for expectation in suite.expectations}:
            missing.append("the exact column set")
        if missing:
            raise SuiteError(f"suite {suite.name} does not judge {', '.join(missing)}; every suite must")
    for expectation in suite.expectations:
        place = f"suite {suite.name}, {expectation.check}"
        if expectation.severity not in (*SEVERITIES, *([DECLARED] if suite.dataset == RAW_TABLE else [])):
            raise SuiteError(f"{place}: severity '{expectation.severity}' is neither block nor warn")
        if not str(expectation.reason).strip():
            raise SuiteError(f"{place}: a reason is needed, so that whoever is on call knows what it means")
        if expectation.expect == COLUMN_SET:
            continue
        column, _, statistic = expectation.figure.rpartition(".")
        of_column = statistic in STATISTICS and column in suite.columns
        if not (of_column or expectation.figure in TABLE_FIGURES or expectation.figure in of_table):
            raise SuiteError(f"{place}: nobody computes the figure '{expectation.figure}'")
