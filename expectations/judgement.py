"""Great Expectations judges profiles: one result per expectation, with what was observed beside what was expected.

Its `success` alone is not trusted: it is true for an empty suite, an empty frame and a column of missing values, so a
figure that has no value fails here unless the suite says that it may be absent. Importing the library takes 6 to 8
seconds; do it once per task, by making one `Judge`.
"""

import os
import warnings

import pandas as pd

from expectations.profile import Profile
from expectations.suites import COLUMN_SET, Expectation, Suite, SuiteError

SHOWN = 3  # moments named in one result; the rest are counted
DECIMALS = 12  # told of a figure: what lies below is the rounding of its sums


class Judge:
    """Great Expectations without files, network or progress bars."""

    def __init__(self):
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        with warnings.catch_warnings():  # it tries every engine that it finds, and they complain
            warnings.simplefilter("ignore")
            import great_expectations as gx
            from great_expectations.data_context.types.base import (
                DataContextConfig,
                InMemoryStoreBackendDefaults,
                ProgressBarsConfig,
            )

        config = DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        )
        self._gx = gx
        context = gx.get_context(mode="ephemeral", project_config=config)
        asset = context.data_sources.add_pandas("profile").add_dataframe_asset("profile")
        self._batch = asset.add_batch_definition_whole_dataframe("whole")

    def judge(self, suite: Suite, profile: Profile) -> list[dict]:
        """One row per expectation: dataset, check_name, severity, status, observed, expected, reason."""
        results, frames = {}, {}
        for expectation in suite.expectations:
            frame, verdict = _look(expectation, suite, profile)
            if verdict:
                results[expectation.check] = verdict
            else:  # figures seen at the same moments go to the judge together: each call costs far more than a figure
                together = (expectation.expect == COLUMN_SET, *frame.index)
                whole, expectations = frames.setdefault(together, (frame, []))
                for figure in frame.columns.difference(whole.columns):
                    whole[figure] = frame[figure]
                expectations.append(expectation)
        for frame, expectations in frames.values():
            for expectation, found in zip(expectations, self._validate(frame, suite, expectations)):
                status = "passed" if found["success"] else "failed"
                results[expectation.check] = (status, _observed(expectation, frame, found, profile))
        return [
            {
                "dataset": suite.dataset,
                "check_name": expectation.check,
                "severity": expectation.severity,
                "status": results[expectation.check][0],
                "observed": results[expectation.check][1],
                "expected": describe(expectation, suite),
                "reason": " ".join(str(expectation.reason).split()),
            }
            for expectation in suite.expectations
        ]

    def _validate(self, frame: pd.DataFrame, suite: Suite, expectations: list[Expectation]) -> list[dict]:
        """Results in the order of the expectations; GX reorders them, so each carries its name."""
        from great_expectations.exceptions import GreatExpectationsError
        from great_expectations.expectations.registry import get_expectation_impl

        made = []
        for expectation in expectations:
            kwargs = {key: list(suite.columns) if value == "$columns" else value for key, value in
                      expectation.kwargs.items()}  # fmt: skip
            try:
                made.append(get_expectation_impl(expectation.expect)(**kwargs, meta={"check": expectation.check}))
            except (GreatExpectationsError, ValueError, TypeError) as error:
                raise SuiteError(f"suite {suite.name}, {expectation.check}: {error}") from error
        batch = self._batch.get_batch({"dataframe": frame})
        outcome = batch.validate(self._gx.ExpectationSuite(name=suite.name, expectations=made))
        found = {}
        for result in outcome.results:
            raised = (result.exception_info or {}).get("raised_exception", True)
            found[result.expectation_config.meta["check"]] = {
                "success": bool(result.success) and not raised,
                "raised": raised,
                "result": result.result or {},
            }
        nothing = {"success": False, "raised": True, "result": {}}
        return [found.get(expectation.check, nothing) for expectation in expectations]


def _look(expectation: Expectation, suite: Suite, profile: Profile):
    """(frame for Great Expectations, None), or (None, (status, observed)) where there is nothing for it to see."""
    if expectation.expect == COLUMN_SET:
        if not profile.columns:
            return None, ("failed", profile.missing)
        return pd.DataFrame(columns=profile.columns), None
    figure = expectation.figure
    if figure in profile.numbers:
        value, text = profile.numbers[figure]
        if value is None:
            allowed = (expectation.absent_ok or profile.empty_because) and not text.startswith("query failed")
            return None, ("info" if allowed else "failed", f"no value; {text}" if text else "no value")
        return pd.DataFrame({figure: [value]}, index=[""]), None
    if profile.missing:
        return None, ("failed", profile.missing)
    if figure == "rows" and profile.empty_because:
        return None, ("passed", f"0, allowed: {profile.empty_because}")
    seen = profile.rows if figure == "rows" else profile.rows[profile.rows.get("rows", pd.Series()) > 0]
    if not len(seen):
        return None, ("info", "no rows to judge, allowed") if profile.empty_because else ("failed", "no rows to judge")
    values = seen[[figure]].dropna()
    if len(values) < len(seen) and not expectation.absent_ok:
        where = ", ".join(label for label in seen.index[seen[figure].isna()][:SHOWN] if label)
        return None, ("failed", f"nothing to judge: every value is null or not finite{f' at {where}' if where else ''}")
    if not len(values):
        return None, ("info", "no value")
    return values, None


def _observed(expectation: Expectation, frame: pd.DataFrame, found: dict, profile: Profile) -> str:
    """What was seen: the offending moments where it failed, the range where it passed."""
    if found["raised"]:
        return "Great Expectations could not evaluate this expectation"
    if expectation.expect == COLUMN_SET:
        mismatched = found["result"].get("details", {}).get("mismatched", {})
        extra, absent = mismatched.get("unexpected", []), mismatched.get("missing", [])
        if mismatched:
            return f"unexpected {sorted(extra)}, missing {sorted(absent)}"
        return f"{len(profile.columns)} columns"
    figure = expectation.figure
    values = frame[figure]
    if not found["success"]:
        at = found["result"].get("partial_unexpected_index_list") or list(values.index)
        details = profile.details.get(figure, {})
        told = []
        for label in list(dict.fromkeys(at))[-SHOWN:]:
            detail = details.get(label, "") or profile.numbers.get(figure, (None, ""))[1]
            told.append(f"{f'{label}: ' if label else ''}{number(values[label])}{f' ({detail})' if detail else ''}")
        more = len(at) - len(told)
        return "; ".join(told) + (f"; and at {more} earlier moments" if more > 0 else "")
    low, high = number(values.min()), number(values.max())
    text = profile.numbers.get(figure, (None, ""))[1]
    span = low if low == high else f"{low} to {high}"
    return span + (f" over {len(values)} moments" if len(values) > 1 else "") + (f" ({text})" if text else "")


def describe(expectation: Expectation, suite: Suite) -> str:
    """The expectation as a person would say it."""
    if expectation.expect == COLUMN_SET:
        return f"just the {len(suite.columns)} declared columns"
    low, high = expectation.kwargs.get("min_value"), expectation.kwargs.get("max_value")
    if expectation.expect == "expect_column_values_to_be_between":
        less = " <" if expectation.kwargs.get("strict_min") else " <="
        if low is not None and low == high:
            return f"{expectation.figure} = {number(low)}"
        left = f"{number(low)}{less} " if low is not None else ""
        return left + expectation.figure + (f" <= {number(high)}" if high is not None else "")
    rest = {key: value for key, value in sorted(expectation.kwargs.items()) if key != "column"}
    return f"{expectation.figure} {expectation.expect.removeprefix('expect_column_values_')} {rest}"


def number(value: float) -> str:
    """The same text on every run: whole numbers whole, others to six digits.

    The last digits of a sum depend on the order of its rows, so a difference that should be nought is 0 or 2e-16.
    """
    told = round(float(value), DECIMALS)
    return str(int(told)) if told.is_integer() else f"{told:.6g}"
