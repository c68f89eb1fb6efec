"""The compose file rendered with secrets that were generated for these tests."""

import pytest

from deploy import write_env
from tests.deploy import rendered


@pytest.fixture(scope="session")
def env_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("secrets") / ".env"
    write_env.write(path)
    return path


@pytest.fixture(scope="session")
def generated(env_file) -> dict[str, str]:
    """{name: secret}."""
    return dict(line.split("=", 1) for line in env_file.read_text().splitlines())


@pytest.fixture(scope="session")
def services(env_file) -> dict:
    return rendered.rendered(env_file)["services"]
