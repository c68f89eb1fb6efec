"""A folder and a PRECISION_HOME of its own for each target; examples that are the same in every run."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.fuzz import targets

SAME_EACH_TIME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """`target(name)`: the function of bytes. PRECISION_HOME is its own until another is asked for."""
    homes: dict[str, tuple] = {}

    def open_(name: str):
        if name not in homes:
            homes[name] = targets.opened(name, tmp_path_factory.mktemp(name)), os.environ["PRECISION_HOME"]
        judged, os.environ["PRECISION_HOME"] = homes[name]
        return judged

    with pytest.MonkeyPatch.context() as patch:
        for name in ("PRECISION_HOME", "PRECISION_RAW"):
            patch.setenv(name, "")
        yield open_
