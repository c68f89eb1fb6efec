"""The settings that every Airflow process of this project runs with: local, closed to the outside, below one root."""

import os
import subprocess
import sys
from pathlib import Path

from warehouse import paths

ADDRESS = "127.0.0.1"
PORT = 8080


def settings() -> dict[str, str]:
    """Environment variables for Airflow; what the caller has set already wins, but for the folders."""
    home = paths.home() / "airflow"
    defaults = {
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",  # 32 by default, 5.7 GB of idle workers
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "true",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",  # name:role; the password is generated
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__API__HOST": ADDRESS,  # 0.0.0.0 by default
        "AIRFLOW__API__PORT": str(PORT),
        "AIRFLOW__API__BASE_URL": f"http://{ADDRESS}:{PORT}",
        "AIRFLOW__API__EXPOSE_CONFIG": "false",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "false",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
    }
    fixed = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(paths.REPOSITORY / "dags"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(paths.REPOSITORY), os.environ.get("PYTHONPATH")])),
        "PRECISION_HOME": str(paths.home()),
        "PATH": os.pathsep.join(
            [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
        ),  # standalone calls `airflow`
    }
    return {**defaults, **os.environ, **fixed}


def airflow(*arguments: str, log: Path | None = None) -> None:
    """One Airflow command with these settings. Raises RuntimeError with the end of its output when it fails."""
    command = [sys.executable, "-m", "airflow", *arguments]
    done = subprocess.run(command, env=settings(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if log:
        log.write_text(done.stdout, encoding="utf-8")
    if done.returncode:
        raise RuntimeError(f"airflow {' '.join(arguments)} failed:\n{done.stdout[-2000:]}")


def prepare() -> None:
    """A database and the pool, made once: the warehouse has one writer, so its pool has one slot."""
    home = paths.home() / "airflow"
    marker = home / "prepared"
    if marker.exists():
        return
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    airflow("db", "migrate", log=home / "migrate.log")
    airflow("pools", "set", "warehouse", "1", "One writer at a time")
    marker.touch()
