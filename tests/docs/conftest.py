"""The site, built once per process as `make site` builds it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.paths import REPOSITORY


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The folder of the built site. A warning of mkdocs (a dead link, a page outside the navigation) fails it."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=REPOSITORY,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder
