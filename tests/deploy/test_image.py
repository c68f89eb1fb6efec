"""The Dockerfile without an engine: linted, pinned, and what it would hold."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.deploy import rendered
from warehouse import paths

TEXT = rendered.DOCKERFILE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def content(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("image") / "content"
    rendered.copy_image_content(folder)
    return folder


def test_hadolint_finds_nothing_and_nothing_is_ignored():
    command = [Path(sys.executable).parent / "hadolint", "--no-fail", "--disable-ignore-pragma", rendered.DOCKERFILE]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert (done.stdout, done.stderr) == ("", "")


def test_hadolint_would_find_a_fault(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM debian:latest\nRUN apt-get install curl\n")
    command = [Path(sys.executable).parent / "hadolint", tmp_path / "Dockerfile"]
    assert {"DL3007", "DL3008"} <= set(
        re.findall(r"DL\d+", subprocess.run(command, capture_output=True, text=True).stdout)
    )


def test_stages_have_one_exact_base_and_the_last_is_not_root():
    bases = re.findall(r"(?m)^FROM (\S+)", TEXT)
    assert len(bases) == 2 and len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", bases[0])
    assert f'image.base.name="docker.io/library/{bases[0]}"' in TEXT
    assert re.findall(r"(?m)^USER (.*)$", TEXT) == ["10001:10001"]
    assert TEXT.index("\nUSER ") > TEXT.index("\nCOPY . .")


def test_every_package_is_checked_and_none_is_compiled():
    installs = re.findall(r"pip install .*", TEXT)
    assert len(installs) == 2 and all("--require-hashes" in line for line in installs)
    assert "--no-build" in installs[1]
    last = TEXT.split("\nFROM ")[-1]
    assert not re.search(r"gcc|g\+\+|build-essential|-dev\b", last)


def test_the_tested_packages_are_those_of_the_image():
    """Every package of the image stands in this environment at that version, so the tests ran with it."""
    locked = (paths.REPOSITORY / "requirements" / "cluster.txt").read_text(encoding="utf-8")
    pins = re.findall(r"(?m)^([\w.-]+)==([\w.]+)(?: ;(.*?))? \\$", locked)
    assert len(pins) > 200
    assert {name: pin for name, pin, marker in pins if not marker and version(name) != pin} == {}


def test_image_and_project_have_one_version(services):
    project = tomllib.loads((paths.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f'image.version="{project["version"]}"' in TEXT
    airflow = {service["image"] for service in services.values() if "build" in service}
    assert airflow == {f"{project['name']}:{project['version']}"}


def test_what_git_ignores_is_not_in_the_image():
    ignored = (paths.REPOSITORY / ".gitignore").read_text(encoding="utf-8").split()
    left_out = (paths.REPOSITORY / ".dockerignore").read_text(encoding="utf-8").split()
    known = {line.removeprefix("**/").strip("/") for line in left_out}
    assert "/.env" in ignored
    assert [line for line in ignored if line.strip("/") not in known] == []


def test_the_image_holds_the_program_and_no_data(content):
    there = {path.name for path in content.iterdir()}
    assert there >= {
        "activation",
        "dags",
        "dbt_project",
        "deploy",
        "expectations",
        "extract",
        "ml",
        "shops",
        "warehouse",
    }
    assert not there & {"data", "tests", ".git", ".venv", ".env"}
    assert sum(path.stat().st_size for path in content.rglob("*") if path.is_file()) < 20e6
