"""What the cluster needs before its first process starts: tables, the warehouse's pool, the administrator.

In: the environment of docker-compose.yml. Out: a database that the other services can use. Running it again is safe:
it migrates after an upgrade, and sets the administrator's password to the one that `.env` has now.
"""

import os

from dags.environment import PREPARATIONS

ADMIN = "admin"


def main() -> None:
    """Airflow's commands one after the other in this process, so that no list of processes shows the password."""
    from airflow.cli.cli_parser import get_parser

    login = ["--username", ADMIN, f"--password={os.environ['ADMIN_PASSWORD']}"]  # may begin with a dash
    person = ["--firstname", "Admin", "--lastname", "Admin", "--email", "admin@localhost", "--role", "Admin"]
    parser = get_parser()
    for command in (
        *PREPARATIONS,
        ("users", "create", *login, *person),
        ("users", "reset-password", *login),  # where the user was there before
    ):
        arguments = parser.parse_args(command)
        arguments.func(arguments)


if __name__ == "__main__":
    main()
