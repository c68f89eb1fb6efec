"""What tests of several attacks share: a landing area of one's own, a real PostgreSQL."""

from tests.extract.conftest import postgres, postgres_started  # noqa: F401
from tests.faults.conftest import desk, home, raw  # noqa: F401
