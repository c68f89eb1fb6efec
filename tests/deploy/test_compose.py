"""docker-compose.yml, judged by the real compose program and by what it renders."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dags import environment
from deploy import write_env
from tests.deploy import rendered
from warehouse import paths

FILE = paths.REPOSITORY / "docker-compose.yml"
LONG_RUNNING = {"postgres", "redis", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
AIRFLOW = LONG_RUNNING - {"postgres", "redis"} | {"init"}


def test_the_real_program_accepts_it(env_file):
    done = rendered.compose(env_file, "config", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", write_env.SECRETS)
def test_it_refuses_to_start_while_a_secret_is_missing_or_empty(env_file, tmp_path, name):
    kept = [line for line in env_file.read_text().splitlines() if not line.startswith(f"{name}=")]
    for lines in (kept, [*kept, f"{name}="]):
        (tmp_path / ".env").write_text("\n".join(lines) + "\n")
        done = rendered.compose(tmp_path / ".env", "config", "-q")
        assert done.returncode != 0
        assert f"{name} is missing a value: run python3 deploy/write_env.py" in done.stderr


def test_it_follows_the_compose_specification():
    command = [Path(sys.executable).parent / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", FILE]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_topology(services):
    assert set(services) == LONG_RUNNING | {"init"}
    assert services["worker"]["deploy"]["replicas"] == 2


def test_no_secret_stands_in_the_file(services):
    """Every value whose name says secret comes from a variable, and from nothing else."""
    literal = re.findall(
        r"(?im)^\s*\w*(?:password|secret|_key|auth__jwt\w*|conn|broker_url)\w*:(.*)$", FILE.read_text()
    )
    assert len(literal) >= 7
    assert all("${" in value and ":?" in value for value in literal)


def test_secrets_reach_only_who_needs_them(services, generated):
    """By value, wherever in a service it stands: environment, command or label."""
    everybody, inside = AIRFLOW | {"redis"}, AIRFLOW - {"worker"}
    who = {
        "POSTGRES_PASSWORD": inside | {"postgres"},
        "REDIS_PASSWORD": everybody,
        "AIRFLOW_FERNET_KEY": inside,
        "AIRFLOW_API_SECRET_KEY": inside,
        "AIRFLOW_JWT_SECRET": inside,
        "AIRFLOW_ADMIN_PASSWORD": {"init"},
    }
    assert set(who) == set(generated)
    for name, value in generated.items():
        assert {service for service in services if value in str(services[service])} == who[name], name
        assert not [s for s in services if value in str(services[s].get("command"))], f"{name} in a command line"


def test_one_port_on_this_host_alone(services):
    published = {
        (name, port["host_ip"], port["published"]) for name in services for port in services[name].get("ports", ())
    }
    assert published == {("api-server", "127.0.0.1", "8080")}
    assert not [name for name in services if services[name].get("network_mode")]


def test_database_and_queue_reach_nobody_outside(env_file, services):
    networks = rendered.rendered(env_file)["networks"]
    assert networks["inside"]["internal"] is True
    assert [set(services[name]["networks"]) for name in ("postgres", "redis")] == [{"inside"}, {"inside"}]


@pytest.mark.parametrize("name", sorted(LONG_RUNNING | {"init"}))
def test_a_service_can_do_no_more_than_it_must(services, name):
    service = services[name]
    user, group = service["user"].split(":")
    assert int(user) > 0 and int(group) > 0
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service and "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert int(service["deploy"]["resources"]["limits"]["memory"]) > 0
    assert re.fullmatch(r"[a-z-]+:\d+\.\d+[\w.-]*", service["image"]), "a tag that names an exact version"
    assert all(mount["type"] == "volume" for mount in service["volumes"]), "nothing of the host is mounted"


@pytest.mark.parametrize("name", sorted(LONG_RUNNING))
def test_a_service_says_how_it_is_and_comes_back(services, name):
    assert services[name]["restart"] == "unless-stopped"
    check = services[name]["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL") and len(check["test"]) > 1 and check["retries"] >= 3
    if name in AIRFLOW:
        assert services[name]["depends_on"]
        needed = services[name]["depends_on"].get("init") or services[name]["depends_on"]["api-server"]
        assert needed["condition"] in ("service_completed_successfully", "service_healthy")


def test_only_workers_write_data(services):
    mounts = {name: {m["target"]: m.get("read_only", False) for m in services[name]["volumes"]} for name in services}
    home = rendered.image_environment()["PRECISION_HOME"]
    assert {name: mount[home] for name, mount in mounts.items() if home in mount} == {
        "worker": False,
        "api-server": True,
    }


def test_airflow_knows_every_variable_it_is_given(services):
    """A misspelt variable of Airflow is ignored without a word."""
    from airflow.configuration import conf

    known = {(section, option) for section in conf.configuration_description for option in
             conf.configuration_description[section]["options"]}  # fmt: skip
    known |= {(section, option) for section in ("celery", "fab") for option in conf.getsection(section) or {}}
    given = {name for service in AIRFLOW for name in services[service]["environment"] if name.startswith("AIRFLOW__")}
    given |= set(environment.shared_settings())
    asked = {tuple(name.lower().split("__", 2)[1:]) for name in given}
    assert len(asked) > 15
    assert sorted(asked - known) == []


def test_laptop_and_cluster_share_their_common_settings(services):
    shared = environment.shared_settings()
    assert len(shared) >= 5
    assert shared.items() <= environment.settings().items()
    for service in AIRFLOW:
        assert shared.items() <= services[service]["environment"].items()
    own = FILE.read_text() + (paths.REPOSITORY / "dags" / "environment.py").read_text()
    assert not [name for name in shared if name in own], "written twice"
