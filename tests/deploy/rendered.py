"""docker-compose.yml as the real compose program understands it, and the Dockerfile's parts that a test can hold on to.

In: an `.env` as deploy/write_env.py writes it. Out: plain dictionaries, secrets filled in.
"""

import fnmatch
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import yaml

from warehouse import paths

COMPOSE = Path(sysconfig.get_path("purelib")) / "compose" / "docker-compose"  # its wrapper hides the exit code
DOCKERFILE = paths.REPOSITORY / "Dockerfile"


def compose(env_file: Path, *arguments: str) -> subprocess.CompletedProcess:
    """The compose program with this project's file, and no variable but those of `env_file`."""
    command = [COMPOSE, "--project-directory", paths.REPOSITORY, "--env-file", env_file, *arguments]
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    return subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True)


def rendered(env_file: Path) -> dict:
    """The whole file with every variable filled in and every anchor resolved."""
    done = compose(env_file, "config")
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout.replace("$$", "$"))  # compose doubles each $ of a value


def image_environment() -> dict[str, str]:
    """What ENV sets in the last stage of the Dockerfile."""
    last = re.split(r"(?m)^FROM ", DOCKERFILE.read_text(encoding="utf-8"))[-1].replace("\\\n", " ")
    lines = re.findall(r"(?m)^ENV (.*)$", last)
    return dict(pair.split("=", 1) for line in lines for pair in line.split())


def copy_image_content(folder: Path) -> None:
    """What `COPY . .` puts into the image: this checkout without what .dockerignore names."""
    lines = (paths.REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    anywhere = [pattern.removeprefix("**/") for pattern in patterns if pattern.startswith("**/")]
    rooted = {pattern for pattern in patterns if pattern.startswith("/")}
    assert len(anywhere) + len(rooted) == len(patterns)

    def left_out(directory: str, names: list[str]) -> list[str]:
        below = Path("/") / Path(directory).relative_to(paths.REPOSITORY)
        return [
            name
            for name in names
            if str(below / name) in rooted or any(fnmatch.fnmatch(name, pattern) for pattern in anywhere)
        ]

    shutil.copytree(paths.REPOSITORY, folder, ignore=left_out)
