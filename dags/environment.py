"""The settings that every Airflow process of this project runs with: local, closed to the outside, below one root."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse import paths

ADDRESS = "127.0.0.1"
PORT = 8080
PRIVATE = 0o077  # umask: what is made is its owner's alone
# What a new database of Airflow needs, on a laptop and in the cluster (deploy/initialise.py).
PREPARATIONS = (("db", "migrate"), ("pools", "set", "warehouse", "1", "One writer at a time"))


def settings() -> dict[str, str]:
    """Environment variables for Airflow; what the caller has set already wins, but for the folders."""
    home = paths.home() / "airflow"
    defaults = {
        **shared_settings(),
        # not left to airflow.cfg, which would name the folder that it was made in after a copy or a restore
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home / "logs" / "dag_processor"),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",  # 32 by default, 5.7 GB of idle workers
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",  # name:role; the password is generated
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file()),
        "AIRFLOW__API__HOST": ADDRESS,  # 0.0.0.0 by default
        "AIRFLOW__API__PORT": str(PORT),
        "AIRFLOW__API__BASE_URL": f"http://{ADDRESS}:{PORT}",
    }
    fixed = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(paths.REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(paths.REPOSITORY / "dashboard" / "plugin"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(paths.REPOSITORY), os.environ.get("PYTHONPATH")])),
        "PRECISION_HOME": str(paths.home()),
        "PATH": os.pathsep.join(
            [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
        ),  # standalone calls `airflow`
    }
    return {**defaults, **os.environ, **fixed}


def shared_settings() -> dict[str, str]:
    """What the cluster has in common with this machine: docker-compose.yml reads the same file."""
    lines = (paths.REPOSITORY / "deploy" / "airflow.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def airflow(*arguments: str, log: Path | None = None) -> None:
    """One Airflow command with these settings. Raises RuntimeError with the end of its output when it fails."""
    command = [sys.executable, "-m", "airflow", *arguments]
    done = subprocess.run(
        command, env=settings(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, umask=PRIVATE
    )
    if log:
        log.write_text(done.stdout, encoding="utf-8")
    if done.returncode:
        raise RuntimeError(f"airflow {' '.join(arguments)} failed:\n{done.stdout[-2000:]}")


def prepare() -> None:
    """A database, the pool and a password, made once: the warehouse has one writer, so its pool has one slot."""
    home = paths.home() / "airflow"
    marker = home / "prepared"
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)  # also where it was there before: settings, database, logs and password lie in it
    if marker.exists():
        return
    for number, command in enumerate(PREPARATIONS):
        airflow(*command, log=home / f"prepare_{number}.log")
    if not password_file().exists():  # made here, so that Airflow does not print one into its log
        handle = os.open(password_file(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({"admin": secrets.token_urlsafe(18)}, file)
    marker.touch()


def password_file() -> Path:
    """Where the generated password of the user `admin` is kept."""
    return paths.home() / "airflow" / "passwords.json"


PARTS = ("scheduler", "dag-processor", "triggerer", "api-server")
SERVING_LOGS = ("scheduler", "triggerer")  # unless told not to


@contextmanager
def running(
    environment: dict[str, str], output=None, parts: tuple[str, ...] = PARTS
) -> Iterator[list[subprocess.Popen]]:
    """Parts of Airflow as processes of this one, stopped together; the api-server alone is UI and front door.

    Not `airflow standalone`: that also serves logs, on every network interface.
    """
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "airflow", part, *(["--skip-serve-logs"] if part in SERVING_LOGS else [])],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
        )
        for part in parts
    ]
    try:
        yield processes
    finally:
        for stop in (signal.SIGTERM, signal.SIGKILL):
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, stop)
            with contextlib.suppress(subprocess.TimeoutExpired):
                for process in processes:
                    process.wait(15)
