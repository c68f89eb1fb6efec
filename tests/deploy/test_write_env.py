"""Secrets of the cluster: generated once, kept to their owner, never overwritten, never shown."""

import base64
import subprocess
import sys

import pytest

from deploy import write_env


def lines(path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def test_every_secret_is_new_long_and_its_own(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    assert write_env.write(one) == list(write_env.SECRETS)
    write_env.write(other)
    values = [*lines(one).values(), *lines(other).values()]
    assert len(set(values)) == len(values) == 2 * len(write_env.SECRETS)
    assert min(map(len, values)) >= 32
    assert len(base64.urlsafe_b64decode(lines(one)["AIRFLOW_FERNET_KEY"])) == 32


def test_only_the_owner_may_read_even_a_file_that_was_there(tmp_path):
    path = tmp_path / ".env"
    path.write_text("# ours\n")
    path.chmod(0o644)
    write_env.write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().startswith("# ours\n")


def test_a_second_run_changes_nothing(tmp_path):
    path = tmp_path / ".env"
    write_env.write(path)
    before = path.read_bytes()
    assert write_env.write(path) == []
    assert path.read_bytes() == before


def test_a_removed_line_is_the_only_one_that_comes_anew(tmp_path):
    path = tmp_path / ".env"
    write_env.write(path)
    before = lines(path)
    path.write_text("\n".join(f"{name}={value}" for name, value in before.items() if name != "REDIS_PASSWORD"))
    assert write_env.write(path) == ["REDIS_PASSWORD"]
    after = lines(path)
    assert after.pop("REDIS_PASSWORD") != before.pop("REDIS_PASSWORD")
    assert after == before


def test_an_empty_secret_and_a_link_are_refused(tmp_path):
    path, target, link = tmp_path / ".env", tmp_path / "target", tmp_path / "link"
    path.write_text("REDIS_PASSWORD=\n")
    with pytest.raises(ValueError, match="no value for REDIS_PASSWORD"):
        write_env.write(path)
    assert path.read_text() == "REDIS_PASSWORD=\n"
    target.touch()
    link.symlink_to(target)
    with pytest.raises(ValueError, match="link"):
        write_env.write(link)
    assert target.read_text() == ""


def test_it_runs_without_our_packages_and_shows_no_secret(tmp_path):
    path = tmp_path / ".env"
    command = [sys.executable, "-S", "-I", write_env.__file__, "--file", path]  # no site-packages
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not [value for value in lines(path).values() if value in done.stdout + done.stderr]
    path.write_text("REDIS_PASSWORD=\n")
    assert subprocess.run(command, capture_output=True).returncode == 1
