"""One fit for all tests of this folder: loading the library and fitting take seconds."""

import pytest

from ml.value import lifetime_value, value_holdout
from tests.ml.value import simulated_customers

PARAMS = lifetime_value.LifetimeValueParameters(holdout_days=7 * simulated_customers.AFTER_WEEKS)


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("library")


@pytest.fixture(scope="session")
def simulated():
    return simulated_customers.customers()


@pytest.fixture(scope="session")
def evaluated(simulated, cache_folder):
    """(metrics on what came after, the model fitted on what was known)."""
    return value_holdout.evaluate(simulated, cache_folder, PARAMS)
