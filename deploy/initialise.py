"""What the cluster needs before its first process starts: tables, the warehouse's pool, the administrator.

In: the environment of docker-compose.yml. Out: a database that the other services can use. Running it again is safe:
it migrates after an upgrade, and sets the administrator's password to the one that `.env` has now.
"""

import os
import subprocess
import sys

from dags.environment import PREPARATIONS

ADMIN = "admin"


def airflow(*arguments: str, answers: str = "") -> None:
    """One Airflow command; `answers` are typed, so that no password stands in the list of processes."""
    subprocess.run(["airflow", *arguments], input=answers, text=True, check=True, start_new_session=True)


def main() -> int:
    """Exit code 1 when a step fails; what failed stands above it."""
    typed = f"{os.environ['ADMIN_PASSWORD']}\n" * 2
    person = ["--firstname", "Admin", "--lastname", "Admin", "--email", "admin@localhost", "--role", "Admin"]
    try:
        for command in PREPARATIONS:
            airflow(*command)
        airflow("users", "create", "--username", ADMIN, *person, answers=typed)
        airflow("users", "reset-password", "--username", ADMIN, answers=typed)  # where the user was there before
    except subprocess.CalledProcessError as error:
        print(f"airflow {' '.join(error.cmd[1:3])} failed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
