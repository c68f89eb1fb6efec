"""What holds for every command: refusals in words, faults of the code with a traceback, exit codes, a quick start."""

import subprocess
import sys

import pytest

import precision
from commands import terminal
from warehouse import paths
from warehouse.lock import Locked
from warehouse.published import NotPublished

COMMANDS = (
    "run", "backfill", "airflow", "dashboard", "docs", "doctor", "sources", "explain", "sql", "versions", "rollback",
    "activate", "settle",
)  # fmt: skip
HEAVY = {"airflow", "dbt", "pandas", "sklearn", "numpy", "pyarrow", "duckdb", "great_expectations", "sqlalchemy"}


def test_a_refusal_is_words_on_stderr_and_exit_code_1(call):
    done = call("rollback", "2024-01-01_00000000", "--shop", "tiny")
    assert done.exit_code == 1
    assert "has no version" in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_fault_of_the_code_keeps_its_traceback(call, monkeypatch):
    monkeypatch.setattr("warehouse.published.versions", lambda shop: int("no number"))
    done = call("versions", "--shop", "tiny")
    assert isinstance(done.exception, ValueError) and done.exc_info[2] is not None
    assert done.exit_code == 1


def test_only_this_projects_named_errors_are_refusals():
    assert (
        terminal.is_refusal(NotPublished())
        and terminal.is_refusal(Locked())
        and terminal.is_refusal(terminal.Refused())
    )
    assert not any(map(terminal.is_refusal, (ValueError(), KeyError(), UnicodeDecodeError("utf8", b"", 0, 0, ""))))


@pytest.mark.parametrize(
    "arguments", [["nosuch"], ["rollback"], ["versions", "--nosuch"], ["backfill", "--from", "yesterday", "--to", "x"]]
)
def test_called_wrongly_is_exit_code_2(call, arguments):
    assert call(*arguments).exit_code == 2


def test_help_names_every_command_and_the_exit_codes(call):
    said = call("--help", env={"COLUMNS": "120"}).stdout
    assert "0 done, 1 failed or refused, 2 called wrongly" in said
    assert [name for name in COMMANDS if f" {name} " not in said] == []
    assert all(call(name, "--help").exit_code == 0 for name in COMMANDS)


@pytest.mark.parametrize("arguments", [["--help"], ["versions", "--shop", "tiny"]])
def test_nothing_heavy_is_imported_to_answer(arguments, versions):
    """An import that one command needs must not be paid for by all: half a second is what a person waits for."""
    code = f"""
import sys, precision
try:
    precision.app({arguments!r})
except SystemExit as end:
    assert not end.code
print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=paths.REPOSITORY)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == "[]"


def test_the_script_works_from_any_folder(versions, tmp_path):
    done = subprocess.run(
        [paths.REPOSITORY / "precision", "versions", "--shop", "tiny"], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert versions[0] in done.stdout


def test_commands_are_registered_once():
    names = [command.callback.__name__ for command in precision.app.registered_commands]
    assert len(names) == len(set(names)) and set(COMMANDS) <= {name.replace("_", "-") for name in names}
