"""Do the locked packages have known vulnerabilities? `make audit`.

In: the locks, and a service that knows (OSV's, or a copy of it by `--service`). Out: what was found, and an exit code
that tells three ends apart: 0 nothing is known, 1 a package has a known vulnerability, 3 the service could not be
asked, so nobody knows.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

LOCKS = Path(__file__).resolve().parent.parent / "requirements"
SERVICE = "https://api.osv.dev/v1/query"
NONE_KNOWN, FOUND, NOT_ASKED = 0, 1, 3


def audit(locks: list[Path], service: str) -> int:
    """Ask for every package of `locks`, once each; the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
        command += ["-s", "osv", "--osv-url", service, "--format", "json", "--output", str(answer)]
        command += [part for lock in locks for part in ("-r", str(lock))]
        done = subprocess.run(command, capture_output=True, text=True)
        # it ends with 1 both when it finds something and when it could not ask; only the former leaves an answer
        packages = json.loads(answer.read_text(encoding="utf-8"))["dependencies"] if answer.exists() else []
    asked = [package for package in packages if "version" in package]
    if not asked:
        last = (done.stderr.strip() or "it gave no answer").splitlines()[-1]
        print(f"Nobody knows: {service} could not be asked about the locked packages.\n{last}", file=sys.stderr)
        return NOT_ASKED
    found = [(package, hole) for package in asked for hole in package["vulns"]]
    for package, hole in found:
        mended = ", ".join(hole["fix_versions"]) or "no version yet"
        also = f" ({', '.join(hole['aliases'])})" if hole["aliases"] else ""
        print(f"{package['name']} {package['version']}: {hole['id']}{also}, mended in {mended}: {hole['description']}")
    if found:
        print("Raise the version in pyproject.toml, or wait for one with the package left out, then `make lock`.")
        return FOUND
    print(f"{len(asked)} locked packages, no vulnerability known to {service}")
    return NONE_KNOWN


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--service", default=SERVICE, help="address that answers OSV's queries")
    parser.add_argument("locks", nargs="*", type=Path, default=[LOCKS / "installer.txt", LOCKS / "dev.txt"])
    given = parser.parse_args()
    return audit(given.locks, given.service)


if __name__ == "__main__":
    sys.exit(main())
