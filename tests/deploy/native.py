"""The services of docker-compose.yml as plain processes of this machine, for machines without a Docker engine.

In: the rendered compose file. Out: PostgreSQL and Redis from Debian's packages, every other service by its own command,
with nothing in its environment but what the image and the compose file give it, started in the order of `depends_on`
and waited for by its own health check. Where this machine permits, a service may also write only where its volumes and
tmpfs say, and has no capability. Names of services and folders of volumes become local ones; that alone differs.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import psutil

from tests.deploy import rendered
from tests.extract import postgres_server

# A mount namespace of its own: everything is read only ($1 named apart, should it lie on another disk) but $2.
CONFINED = """
mount -o remount,bind,ro /
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$PWD"
for folder in $2; do mount --bind "$folder" "$folder" && mount -o remount,bind,rw "$folder"; done
shift 2
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""


class Topology:
    """All services, running while used as a context; `folder` holds code, volumes, temporary files and logs."""

    def __init__(self, folder: Path, services: dict, extra_environment: dict[str, str]):
        self.folder, self.services, self.extra = folder, services, extra_environment
        self.code, self.data = folder / "code", folder / "data"
        self.ports = {name: _free_port() for name in ("api-server", "redis", "scheduler")}
        self.processes: dict[str, subprocess.Popen] = {}
        self.database: postgres_server.Server | None = None
        for name in ("data", "logs", "queue", "output"):
            (folder / name).mkdir()
        rendered.copy_image_content(self.code)

    def __enter__(self) -> "Topology":
        try:
            graph = TopologicalSorter({name: set(s.get("depends_on", ())) for name, s in self.services.items()})
            graph.prepare()
            while graph.is_active():
                for name in (ready := graph.get_ready()):
                    for needed, how in self.services[name].get("depends_on", {}).items():
                        self.wait(needed, how["condition"])
                    self.start(name)
                graph.done(*ready)
            for name, service in self.services.items():
                if service["restart"] != "no":
                    self.wait(name, "service_healthy")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        try:
            for process in reversed(self.processes.values()):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
            _, alive = psutil.wait_procs(self.left(), timeout=30)
            for process in alive:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            for process in self.processes.values():
                process.kill()
                process.wait()
        finally:
            if self.database:
                self.database.stop()
                shutil.rmtree(self.database.folder)

    def left(self) -> list[psutil.Process]:
        """Processes that work in the folder: those started here and whatever they started."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.cwd().startswith(str(self.folder)):
                    found.append(process)
        return found

    def replicas(self, service: str) -> list[str]:
        """Host names, as Docker would give each container one."""
        count = self.services[service].get("deploy", {}).get("replicas", 1)
        return [f"{service}-{number}" for number in range(1, count + 1)] if count > 1 else [service]

    def start(self, service: str) -> None:
        """Start every replica of a service; do not wait."""
        if service == "postgres":
            self.database = postgres_server.started()
            given = self.services[service]["environment"]
            user, database = given["POSTGRES_USER"], given["POSTGRES_DB"]
            self.database.run(
                f"create role {user} superuser login password '{given['POSTGRES_PASSWORD']}'",
                f"create database {database} owner {user}",
            )
            return
        for host in self.replicas(service):
            (self.folder / "tmp" / host).mkdir(parents=True)
            with open(self.folder / "output" / f"{host}.log", "wb") as output:
                self.processes[host] = self.run(service, host, self.services[service]["command"], output)

    def run(self, service: str, host: str, command: list[str], output) -> subprocess.Popen:
        """`docker compose exec`: a command with the environment and the folders of a service."""
        return subprocess.Popen(
            self.confined(service, host, command),
            env=self.environment(service, host), cwd=self.code, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def confined(self, service: str, host: str, command: list[str]) -> list[str]:
        """The command with the file system and the rights that the compose file leaves the service, if permitted."""
        local = [self.local(part, host) for part in command]
        if service == "postgres" or not may_confine():
            return local
        declared = self.services[service]
        assert (declared["read_only"], declared["cap_drop"]) == (True, ["ALL"])
        writable = [mount["target"] for mount in declared["volumes"] if not mount.get("read_only")]
        folders = [self.local(target, host) for target in [*writable, *declared.get("tmpfs", ())]]
        return ["unshare", "--mount", "sh", "-ec", CONFINED, "sh", str(self.folder), " ".join(folders), *local]

    def environment(self, service: str, host: str) -> dict[str, str]:
        """What the image sets, what the compose file sets, the host's name; nothing of this machine."""
        airflow = "build" in self.services[service]
        image = rendered.image_environment() if airflow else {"PATH": f"{postgres_server.programs()}:/usr/bin:/bin"}
        given = {**image, **self.services[service].get("environment", {}), **(self.extra if airflow else {})}
        local = {name: self.local(value, host) for name, value in given.items()}
        port = {"PGPORT": str(self.database.port)} if service == "postgres" else {}
        temporary = {"TMPDIR": self.local("/tmp", host)}
        return {**local, **port, **temporary, "HOSTNAME": host}

    def local(self, text: str, host: str) -> str:
        """Addresses and folders of containers as those of this machine."""
        api, redis = (f"127.0.0.1:{self.ports[name]}" for name in ("api-server", "redis"))
        there = {
            "/opt/venv/bin": str(Path(sys.executable).parent),
            "/opt/precision": str(self.code),
            "/var/lib/precision": str(self.data),
            "/var/log/precision": str(self.folder / "logs"),
            "/tmp": str(self.folder / "tmp" / host),
            "/data": str(self.folder / "queue"),
            "redis-server -": f"redis-server - --bind 127.0.0.1 --port {self.ports['redis']}",
            "redis-cli": f"redis-cli -p {self.ports['redis']}",
            "@redis:6379": f"@{redis}",
            "@postgres:5432": f"@127.0.0.1:{self.database.port}",
            "//api-server:8080": f"//{api}",
            "127.0.0.1:8080": api,
            "127.0.0.1:8974": f"127.0.0.1:{self.ports['scheduler']}",
            "0.0.0.0": "127.0.0.1",
        }
        whole = {"8080": str(self.ports["api-server"]), "8974": str(self.ports["scheduler"])}
        pattern = "|".join(map(re.escape, there))
        return whole.get(text) or re.sub(pattern, lambda found: there[found[0]], text)

    def healthy(self, service: str, host: str) -> subprocess.CompletedProcess:
        """The service's own health check, once."""
        check = self.services[service]["healthcheck"]
        how, *test = check["test"]
        command = test if how == "CMD" else ["sh", "-c", *test]
        seconds = float(check["timeout"].removesuffix("s"))
        return subprocess.run(
            self.confined(service, host, command), env=self.environment(service, host), cwd=self.code,
            capture_output=True, text=True, timeout=seconds,
        )  # fmt: skip

    def wait(self, service: str, condition: str, seconds: float = 300) -> None:
        """Until `condition` of depends_on holds for every replica. Fails with the end of its output."""
        deadline = time.monotonic() + seconds
        for host in self.replicas(service):
            if condition == "service_completed_successfully":
                assert self.processes[host].wait(seconds) == 0, self.said(host)
                continue
            while True:
                process = self.processes.get(host)
                assert process is None or process.poll() is None, f"{host} has ended:\n{self.said(host)}"
                with suppress(subprocess.TimeoutExpired):
                    if (last := self.healthy(service, host)).returncode == 0:
                        break
                assert time.monotonic() < deadline, f"{host} is not healthy: {last}\n{self.said(host)}"
                time.sleep(0.5)

    def said(self, host: str) -> str:
        """The end of what a process wrote."""
        return (self.folder / "output" / f"{host}.log").read_text(errors="replace")[-4000:]


@cache
def may_confine() -> bool:
    """Whether this machine lets us make a mount namespace: as root, outside of a strict container."""
    tried = ["unshare", "--mount", "sh", "-ec", CONFINED, "sh", "/tmp", "", "true"]
    return bool(shutil.which("setpriv")) and subprocess.run(tried, capture_output=True).returncode == 0


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
