"""The cluster's secrets, generated into `.env`, which docker compose reads and git never sees.

    python3 deploy/write_env.py

In: nothing but Python, so that it runs on a host that has only Docker besides. Out: `.env` beside docker-compose.yml,
readable by its owner alone. What is already there stays: to replace one secret, remove its line and run this again
(docs/cluster.md says what else each of them needs).
"""

import argparse
import base64
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path


def password() -> str:
    """192 random bits in letters, digits, - and _: safe inside a connection address."""
    return secrets.token_urlsafe(24)


def fernet_key() -> str:
    """32 random bytes as Fernet wants them."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


SECRETS: dict[str, Callable[[], str]] = {
    "POSTGRES_PASSWORD": password,
    "REDIS_PASSWORD": password,
    "AIRFLOW_FERNET_KEY": fernet_key,  # encrypts connections and variables in the database
    "AIRFLOW_API_SECRET_KEY": password,  # signs sessions of the UI
    "AIRFLOW_JWT_SECRET": lambda: secrets.token_urlsafe(64),  # signs tokens of people and of tasks
    "AIRFLOW_ADMIN_PASSWORD": password,  # of the user admin
}


def write(path: Path) -> list[str]:
    """Add what is missing to `path`; the names of what was added.

    Raises ValueError when a line there is empty (`NAME=`), or when `path` is a link: neither is ours to decide.
    """
    if path.is_symlink():
        raise ValueError(f"{path} is a link: secrets are written into a file of their own, so remove the link")
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)  # also where the file was there before
        text = file.read()
        present = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
        empty = [name for name in SECRETS if name in present and not present[name].strip()]
        if empty:
            raise ValueError(f"{path} has no value for {', '.join(empty)}: remove these lines and run this again")
        missing = [name for name in SECRETS if name not in present]
        if text and not text.endswith("\n"):
            file.write("\n")
        file.writelines(f"{name}={SECRETS[name]()}\n" for name in missing)
    return missing


def main(arguments: list[str] | None = None) -> int:
    """Say what was written, never what it is. 1 when the file cannot be used."""
    parser = argparse.ArgumentParser(description="Generate the secrets of docker-compose.yml.")
    parser.add_argument("--file", type=Path, default=Path(__file__).resolve().parent.parent / ".env")
    path = parser.parse_args(arguments).file
    try:
        added = write(path)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{path}: " + (f"added {', '.join(added)}" if added else "every secret is there, nothing changed"))
    print("Start: docker compose up -d --build --wait\nLogin: admin, with AIRFLOW_ADMIN_PASSWORD of that file")
    return 0


if __name__ == "__main__":
    sys.exit(main())
