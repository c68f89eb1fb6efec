"""The page on erasing says what is so: its commands exist, its table of periods is the code's."""

import re

import yaml
from typer.main import get_command

import precision
from privacy.keep_days import DEFAULT
from shops.declaration import parse
from warehouse import paths

PAGE = (paths.REPOSITORY / "docs" / "erase_a_customer.md").read_text(encoding="utf-8")


def test_its_commands_exist_with_their_options():
    commands = get_command(precision.app).commands
    called = re.findall(r"^\./precision (\w+) (.*)$", PAGE, re.MULTILINE)
    assert {name for name, _ in called} == {"erase", "retention"}
    for name, arguments in called:
        known = {option for each in commands[name].params for option in each.opts}
        assert set(re.findall(r"--[\w-]+", arguments)) <= known


def test_its_periods_are_those_of_the_code():
    told = dict(re.findall(r"^\| `(\w+)` \|.*\| (\w+) \|$", PAGE, re.MULTILINE))
    assert {kind: int(days) for kind, days in told.items() if days != "kept"} == DEFAULT
    schema = parse("tiny", _with(dict.fromkeys(told, 1)))
    assert set(schema.personal.keep_days) == set(told)


def test_its_declaration_is_accepted():
    block = re.search(r"```yaml\n(personal:.*?)```", PAGE, re.DOTALL)[1]
    given = yaml.safe_load(block)["personal"]["keep_days"]
    assert parse("tiny", _with(given)).personal.keep_days == given


def _with(keep_days: dict) -> dict:
    content = yaml.safe_load((paths.REPOSITORY / "shops" / "files.yml").read_text(encoding="utf-8"))
    return {**content, "personal": {"keep_days": keep_days}}
