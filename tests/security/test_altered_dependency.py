"""A package whose bytes are not those that were locked is not installed, and a known hole fails the audit.

The commands are those of the Makefile and the Dockerfile; the package is made here, the service of vulnerabilities too.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from warehouse import paths

pytestmark = pytest.mark.fault(40)
LOCKS = ("installer", "runtime", "dev", "cluster")
TREE = paths.REPOSITORY
MAKE = ("make", "--no-print-directory", "-n")  # also when make has started the tests


def wheel(folder: Path, text: str) -> Path:
    """A package of one module, `tiny_locked` 1.0."""
    folder.mkdir(exist_ok=True)
    files = {
        "tiny_locked.py": f"SAID = {text!r}\n",
        "tiny_locked-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny-locked\nVersion: 1.0\n",
        "tiny_locked-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "tiny_locked-1.0.dist-info/RECORD"
    lines = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).decode().rstrip("=")
        lines.append(f"{name},sha256={digest},{len(content.encode())}")
    path = folder / "tiny_locked-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**files, record: "\n".join([*lines, f"{record},,", ""])}.items():
            archive.writestr(name, content)
    return path


def of_the_makefile(place: Path) -> list[str]:
    """Every command that installs packages, as make would run it with the environment at `place`."""
    asked = [*MAKE, "-B", f"VENV={place}", f"{place}/.dev"]
    said = subprocess.run(asked, cwd=TREE, capture_output=True, text=True, check=True).stdout
    return [line for line in said.splitlines() if "pip install" in line]


def of_the_dockerfile(place: Path) -> list[str]:
    text = (TREE / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").replace("/opt/venv", str(place))
    found = [part.strip() for line in text.splitlines() if line.startswith("RUN") for part in line[4:].split("&&")]
    return [re.sub(r"^pip ", f"{place}/bin/pip ", part) for part in found if "pip install" in part]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """An environment with nothing in it but what installs."""
    place = tmp_path_factory.mktemp("install") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    (place / "bin" / "uv").symlink_to(Path(sys.executable).parent / "uv")
    return place


@pytest.mark.parametrize("number", range(5))
def test_a_package_that_was_altered_is_not_installed(place, tmp_path, number):
    command = [*of_the_makefile(place), *of_the_dockerfile(place)][number]
    locked = hashlib.sha256(wheel(tmp_path / "wheels", "as locked").read_bytes()).hexdigest()
    (tmp_path / "lock.txt").write_text(f"tiny-locked==1.0 --hash=sha256:{locked}\n")
    command, replaced = re.subn(r"-r \S+\.txt", f"-r {tmp_path / 'lock.txt'}", command)
    assert replaced == 1
    wheels = str(tmp_path / "wheels")
    offline = {"UV_FIND_LINKS": wheels, "UV_NO_INDEX": "1", "UV_NO_CACHE": "1", "UV_NO_CONFIG": "1"}
    offline |= {"PIP_FIND_LINKS": wheels, "PIP_NO_INDEX": "1", "PIP_NO_CACHE_DIR": "1", "PIP_CONFIG_FILE": os.devnull}
    offline["PATH"] = f"{place / 'bin'}:{os.environ['PATH']}"

    def install() -> subprocess.CompletedProcess:
        remove = [place / "bin" / "uv", "pip", "uninstall", "-q", "--python", place / "bin" / "python", "tiny-locked"]
        subprocess.run(remove, capture_output=True)
        return subprocess.run(command, shell=True, env={**os.environ, **offline}, capture_output=True, text=True)

    def said() -> subprocess.CompletedProcess:
        ask = [place / "bin" / "python", "-c", "import tiny_locked; print(tiny_locked.SAID)"]
        return subprocess.run(ask, capture_output=True, text=True)

    done = install()
    assert done.returncode == 0, done.stderr
    assert said().stdout == "as locked\n"
    wheel(tmp_path / "wheels", "altered")
    done = install()
    assert done.returncode != 0 and re.search("hash", done.stderr, re.I), done.stderr
    assert said().returncode != 0  # not there at all
    (tmp_path / "lock.txt").write_text("tiny-locked==1.0\n")
    assert install().returncode != 0 and said().returncode != 0  # nor without a hash


def test_every_command_that_installs_was_tried(place):
    assert len([*of_the_makefile(place), *of_the_dockerfile(place)]) == 5
    written = [(TREE / name).read_text(encoding="utf-8") for name in ("Makefile", "Dockerfile", ".ci/run")]
    installs = [line for text in written for line in text.splitlines() if "pip install" in line]
    assert len(installs) == 5 and all("--require-hashes" in line for line in installs)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_version_and_hashes_and_names_no_host(lock):
    text = (TREE / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert packages and all(re.match(r"[\w.\[\],-]+==\S+.*--hash=sha256:[0-9a-f]{64}", line) for line in packages)
    assert "://" not in "".join(packages)


@pytest.fixture
def service():
    """A service that answers as OSV does. `known`: {package: vulnerability}; `asked`: what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.asked.append((asked["package"]["name"], asked["version"]))
            found = self.server.known.get(asked["package"]["name"])
            body = json.dumps({"vulns": [found]} if found else {}).encode()
            self.send_response(self.server.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.known, server.asked, server.status = {}, [], 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def audit(service, *locks: Path) -> subprocess.CompletedProcess:
    """`make audit` with this service."""
    said = subprocess.run([*MAKE, "audit"], cwd=TREE, capture_output=True, text=True, check=True).stdout
    _, *script = said.splitlines()[-1].split()
    address = f"http://127.0.0.1:{service.server_address[1]}/v1/query"
    command = [sys.executable, *script, "--service", address, *map(str, locks)]
    return subprocess.run(command, cwd=TREE, capture_output=True, text=True)


HOLE = {
    "id": "PYSEC-2026-1", "aliases": ["CVE-2026-1234"], "summary": "Runs what it is sent",
    "affected": [{"package": {"name": "uv", "ecosystem": "PyPI"},
                  "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}]}],
}  # fmt: skip


def test_a_known_hole_fails_the_audit_and_says_which_version_has_none(service):
    lock = TREE / "requirements" / "installer.txt"
    done = audit(service, lock)
    assert done.returncode == 0 and "no vulnerability known" in done.stdout, done.stderr
    service.known["uv"] = HOLE
    done = audit(service, lock)
    assert done.returncode == 1
    assert "PYSEC-2026-1 (CVE-2026-1234), mended in 99.1: Runs what it is sent" in done.stdout


def test_every_package_that_is_installed_is_asked_about(service):
    done = audit(service)
    assert done.returncode == 0, done.stderr
    asked = {name for name, _ in service.asked}
    assert {"apache-airflow", "duckdb", "uv", "pip-audit", "celery"} <= asked and len(asked) > 250


@pytest.mark.parametrize("trouble", ["broken", "gone"])
def test_a_service_that_cannot_be_asked_is_no_good_news_and_not_told_as_a_hole(service, trouble):
    service.known["uv"] = HOLE
    service.status = 500
    if trouble == "gone":
        service.shutdown()
        service.server_close()
    done = audit(service, TREE / "requirements" / "installer.txt")
    assert done.returncode == 3 and "could not be asked" in done.stderr and "PYSEC" not in done.stdout


def test_the_inventory_names_every_package_of_the_image_with_its_hashes(tmp_path):
    asked = [*MAKE, "sbom", f"PRECISION_HOME={tmp_path}"]
    said = subprocess.run(asked, cwd=TREE, capture_output=True, text=True, check=True).stdout
    command = next(line for line in said.splitlines() if "cyclonedx_py" in line).split(maxsplit=1)[1]
    subprocess.run(f"{sys.executable} {command}", shell=True, cwd=TREE, check=True)
    found = json.loads((tmp_path / "sbom.json").read_text())["components"]
    lock = (TREE / "requirements" / "cluster.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    locked = set(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", lock, re.M))
    assert {(each["name"], each["version"]) for each in found} == locked and len(locked) > 200
    for each in found:
        hashes = [entry["content"] for place in each["externalReferences"] for entry in place.get("hashes", ())]
        assert hashes and all(f"sha256:{digest}" in lock for digest in hashes), each["name"]


@pytest.mark.parametrize(
    "line",
    [
        'password: "correct horse battery"',  # pragma: allowlist secret
        "AIRFLOW_CONN_SHOP=postgres://shop:Tr0ub4dor@db/shop",  # pragma: allowlist secret
        "-----BEGIN RSA PRIVATE KEY-----",  # pragma: allowlist secret
        "key = 'AKIAQZ3VHTJ2WNLXK5RB'",  # pragma: allowlist secret
    ],
)
def test_a_secret_in_a_file_fails_the_linters(tmp_path, line):
    said = subprocess.run([*MAKE, "lint"], cwd=TREE, capture_output=True, text=True, check=True).stdout
    command = next(line for line in said.splitlines() if "detect-secrets" in line).partition("xargs -0 ")[2]
    program = command.split()[0]
    command = command.replace(program, str(Path(sys.executable).parent / Path(program).name))
    file = tmp_path / "shop.yml"
    for text, code in ((line, 1), ("title: A shop\n", 0)):
        file.write_text(text)
        assert subprocess.run(f"{command} {file}", shell=True, cwd=TREE, capture_output=True).returncode == code
