"""`precision doctor`: every check on something that is in order and on something that is not."""

import json
import os
import shutil
import socket
import sqlite3
import time
from types import SimpleNamespace

import psutil
import pytest

from commands.checks import FAILED, OK, WARNING, airflow, machine
from commands.checks import shop as of_shop
from dags import environment
from shops import declaration
from warehouse import lock, paths, published

GB = 10**9


@pytest.fixture
def own_shops(tmp_path, monkeypatch):
    """A folder of declarations of one's own, with the project's schema."""
    folder = tmp_path / "shops"
    folder.mkdir()
    shutil.copy(declaration.FOLDER / "schema.json", folder)
    shutil.copy(declaration.FOLDER / "files.yml", folder)
    monkeypatch.setattr(declaration, "FOLDER", folder)
    declaration.load.cache_clear()
    yield folder
    declaration.load.cache_clear()


def states(checks) -> dict[str, str]:
    return {check.name: check.state for check in checks}


def mendable(check) -> bool:
    """What is not in order says what to do, in a sentence."""
    return check.state == OK or (check.mend.endswith(".") and len(check.mend.split()) > 2)


@pytest.mark.parametrize(("version", "state"), [((3, 10, 9), FAILED), ((3, 11, 0), OK), ((3, 14, 0), FAILED)])
def test_python(version, state):
    check = machine.python(version)
    assert check.state == state and mendable(check)


def test_the_libraries_of_this_environment_are_the_locked_ones():
    check = machine.lock(paths.REPOSITORY / "requirements" / "runtime.txt")
    assert check.state == OK, check.found
    assert int(check.found.split()[0]) > 100


def test_a_library_that_differs_or_is_missing_is_named(tmp_path):
    file = tmp_path / "runtime.txt"
    file.write_text(
        "typer==0.0.1 \\\n    --hash=sha256:00\n    # via nobody\nno-such-library==1.0\n"
        "only-elsewhere==1.0 ; sys_platform == 'nowhere'\n"
    )
    check = machine.lock(file)
    assert check.state == FAILED and mendable(check)
    assert "typer" in check.found and "no-such-library missing" in check.found and "elsewhere" not in check.found


@pytest.mark.parametrize(("free", "state"), [(0.5 * GB, FAILED), (2 * GB, WARNING), (50 * GB, OK)])
def test_disk(monkeypatch, tmp_path, free, state):
    asked = []
    monkeypatch.setattr(shutil, "disk_usage", lambda path: asked.append(path) or SimpleNamespace(free=free))
    check = machine.disk(tmp_path / "not" / "made" / "yet")
    assert check.state == state and mendable(check)
    assert asked == [tmp_path]


@pytest.mark.parametrize(("available", "state"), [(0.5 * GB, FAILED), (2 * GB, WARNING), (5 * GB, OK)])
def test_memory(monkeypatch, available, state):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=available, total=8 * GB))
    check = machine.memory()
    assert check.state == state and mendable(check)


def test_a_folder_that_nobody_may_write_to_is_a_failure(home):
    assert machine.writable(home).state == OK and not home.exists()
    check = machine.writable(type(home)("/proc/precision"))
    assert check.state == FAILED and mendable(check)


def test_a_clock_before_what_it_stamped_is_a_failure(versions, home):
    assert machine.clock(home).state == OK
    ahead = time.time() + 86_400
    os.utime(home / "tiny" / "published" / versions[0] / published.MANIFEST, (ahead, ahead))
    check = machine.clock(home)
    assert check.state == FAILED and mendable(check)


def test_a_password_that_others_may_read(home):
    file = environment.password_file()
    assert airflow.password(file).state == OK
    file.parent.mkdir(parents=True)
    file.write_text('{"admin": "canary"}')
    file.chmod(0o640)
    check = airflow.password(file)
    assert check.state == FAILED and mendable(check) and "640" in check.found and "canary" not in str(check)
    file.chmod(0o600)
    assert airflow.password(file).state == OK


def test_a_port_that_is_taken_says_by_whom(home, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings = environment.settings() | {"AIRFLOW__API__PORT": str(taken.getsockname()[1])}
        assert airflow.port(settings).state == OK  # bound, but nobody listens
        taken.listen()
        check = airflow.port(settings)
        assert check.state == WARNING and f"process {os.getpid()}" in check.found and mendable(check)
        monkeypatch.setattr(airflow, "_home_of", {os.getpid(): settings["AIRFLOW_HOME"]}.get)
        check = airflow.port(settings)
        assert check.state == OK and "this project's Airflow" in check.found


def test_an_airflow_database_of_another_release(home):
    settings = environment.settings()
    assert airflow.database(settings).state == OK  # nothing there yet
    folder = home / "airflow"
    folder.mkdir(parents=True)
    (folder / "prepared").touch()
    check = airflow.database(settings)
    assert check.state == FAILED and "cannot be opened" in check.found and mendable(check)
    with sqlite3.connect(folder / "airflow.db") as database:
        database.execute("create table alembic_version (version_num varchar(32))")
        database.execute("insert into alembic_version values ('0123456789ab')")
    check = airflow.database(settings)
    assert check.state == FAILED and "0123456789ab" in check.found and mendable(check)
    wanted = check.found.split("{'")[1].split("'")[0]
    with sqlite3.connect(folder / "airflow.db") as database:
        database.execute("update alembic_version set version_num = ?", [wanted])
    assert airflow.database(settings).state == OK


@pytest.mark.parametrize("spoilt", ["title: [", "title: x\n", "- no mapping\n"])
def test_a_declaration_that_cannot_be_used(own_shops, spoilt):
    (own_shops / "odd.yml").write_text(spoilt)
    (check,) = of_shop.checks("odd", in_use=False)
    assert check.state == FAILED and mendable(check)


def test_files_that_are_not_there_stop_a_shop_in_use_and_only_warn_of_another(own_shops, tmp_path, monkeypatch):
    assert states(of_shop.checks("files", in_use=False))["source files"] == WARNING
    found = {check.name: check for check in of_shop.checks("files", in_use=True)}
    assert found["source files"].state == FAILED and "RAW=folder" in found["source files"].mend
    monkeypatch.setenv("PRECISION_RAW", str(tmp_path / "gone"))
    declaration.load.cache_clear()
    found = {check.name: check for check in of_shop.checks("files", in_use=True)}
    assert "does not exist" in found["source files"].found and mendable(found["source files"])
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "orders.csv").write_text("order_id\n")
    found = {check.name: check for check in of_shop.checks("files", in_use=True)}
    assert found["source files"].state == OK and found["source files"].found.startswith("files found: 1, for 1 of ")


def test_versions_are_read_byte_by_byte(versions):
    older, newer = versions
    assert [(check.state, check.found) for check in of_shop.versions("tiny")] == [
        (OK, f"2 as published, {newer} is served")
    ]
    for version, state in ((older, WARNING), (newer, FAILED)):  # the one that is served matters more
        with open(paths.of("tiny").published / version / published.DATABASE, "r+b") as file:
            file.write(b"\0")
        found = {check.name: check for check in of_shop.versions("tiny")}
        assert found[f"version {version}"].state == state and mendable(found[f"version {version}"])
    shutil.rmtree(paths.of("tiny").published / newer)
    assert states(of_shop.versions("tiny"))["served version"] == FAILED


def test_a_held_lock_names_its_holder(home):
    assert of_shop.lock("tiny").state == OK
    with lock.exclusive(paths.of("tiny").lock):
        check = of_shop.lock("tiny")
        assert check.state == WARNING and f"process {os.getpid()}:" in check.found and mendable(check)
    assert of_shop.lock("tiny").state == OK
    assert paths.of("tiny").lock.read_text() == str(os.getpid())  # looking changes nothing


def test_the_command_says_all_and_ends_with_1_only_where_something_failed(call, own_shops, versions, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=50 * GB))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=5 * GB, total=8 * GB))
    shutil.copy(own_shops / "files.yml", own_shops / "tiny.yml")
    paths.of("tiny").landing.mkdir()
    done = call("doctor", "--json")
    found = json.loads(done.stdout)
    failed = [(check["about"], check["name"]) for check in found if check["state"] == FAILED]
    assert failed == [("tiny", "source files")] and done.exit_code == 1  # landed before, and its files are gone
    assert {"machine", "Airflow", "files", "tiny"} == {check["about"] for check in found}
    only = call("doctor", "--shop", "tiny", env={"COLUMNS": "100"})
    assert only.exit_code == 1 and "→ Give it as RAW=folder" in only.stdout and "1 failed" in only.stdout
    shutil.rmtree(paths.of("tiny").landing)
    assert call("doctor").exit_code == 0  # never landed: a shop that came with the project
    assert call("doctor", "--shop", "nosuch").exit_code == 1
