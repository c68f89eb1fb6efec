"""A real PostgreSQL server for tests, from the packages of the system: started, asked, broken off, stopped.

In: an empty folder of its own. Out: a server on a free port of localhost that asks for a password.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from adbc_driver_postgresql import dbapi

PASSWORD = "canary p@ss/word"


@dataclass(frozen=True)
class Server:
    """One running server with one empty database."""

    programs: Path
    folder: Path
    port: int

    def connection(self, password: str = PASSWORD) -> str:
        """As Airflow keeps it, in JSON."""
        import json

        kept = {"conn_type": "postgres", "host": "127.0.0.1", "port": self.port, "schema": "postgres"}
        return json.dumps({**kept, "login": "shop", "password": password})

    def run(self, *statements: str) -> None:
        """Statements as the owner of the database."""
        from urllib.parse import quote

        address = f"postgresql://shop:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/postgres"
        with closing(dbapi.connect(address, autocommit=True)) as database, closing(database.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)
                if cursor.description:
                    cursor.fetchall()

    def control(self, *arguments: str) -> None:
        """`pg_ctl` as a user that is not root, which the server demands."""
        _as_nobody([self.programs / "pg_ctl", "-D", self.folder / "data", "-w", *arguments])

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off -c shared_buffers=16MB"
        self.control("-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self.control("-m", "immediate", "stop")


def programs() -> Path | None:
    """Where Debian's package put them, newest version first; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: -int(path.parts[4]))
    initdb = str(found[0]) if found else shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def started() -> Server:
    """A new server; `stop` and remove its folder afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="precision_postgres_", dir="/tmp"))  # a socket's path must be short
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        server = Server(programs(), folder, probe.getsockname()[1])
    (folder / "password").write_text(PASSWORD)
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        shutil.chown(folder / "password", "nobody")
    initdb = [server.programs / "initdb", "-D", folder / "data", "-U", "shop", f"--pwfile={folder / 'password'}"]
    _as_nobody([*initdb, "-A", "scram-sha-256", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"])
    server.start()
    return server


def _as_nobody(command: list) -> None:
    user = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(
        [str(part) for part in command], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        timeout=60, check=False, **user,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr}")
