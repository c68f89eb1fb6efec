"""dbt's parse, kept and given back: used for the next moment, and never where anything that it depends on differs."""

import shutil
from datetime import date

import pytest

from tests.small_shops import BARE
from warehouse import dbt, parsed, paths
from warehouse.engine import open_warehouse

MODEL = "{{ config(enabled=var('shop') != 'closed') }} select '{{ var('as_of') }}' as moment, {} as number"
FIRST, SECOND = date(2024, 1, 1), date(2024, 1, 2)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of one model, and the list of what dbt parsed: True where it had to, False where it was spared."""
    folder, spared = tmp_path / "project", []
    (folder / "models").mkdir(parents=True)
    shutil.copy(dbt.PROJECT / "profiles.yml", folder)
    (folder / "dbt_project.yml").write_text("name: small\nprofile: precision\n")
    (folder / "models" / "told.sql").write_text(MODEL.replace("{}", "1"))
    monkeypatch.setattr(dbt, "PROJECT", folder)
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    recalled = parsed.recalled
    monkeypatch.setattr(parsed, "recalled", lambda *asked: spared.append(found := recalled(*asked)) or found)
    return folder, spared


def told(moment: date, **other) -> list[tuple]:
    variables = dbt.variables(BARE, moment, [moment], moment, moment) | other
    assert dbt.invoke(BARE, ["run"], variables)["models"] == (0 if other.get("shop") == "closed" else 1)
    with open_warehouse(BARE.name) as connection:
        return connection.execute("from marts.told").fetchall()


def parsed_anew(spared: list) -> list[bool]:
    return [found is None for found in spared]


def test_another_moment_is_another_result_of_the_same_parse(project):
    _, spared = project
    assert told(FIRST) == [(str(FIRST), 1)]
    assert told(SECOND) == [(str(SECOND), 1)]
    assert told(FIRST) == [(str(FIRST), 1)]
    assert parsed_anew(spared) == [True, False, False]


def test_a_changed_file_is_parsed(project):
    folder, spared = project
    told(FIRST)
    (folder / "models" / "told.sql").write_text(MODEL.replace("{}", "2"))
    assert told(FIRST) == [(str(FIRST), 2)]
    (folder / "models" / "told.yml").write_text("models: [{name: told, config: {schema: elsewhere}}]")
    dbt.invoke(BARE, ["run"], dbt.variables(BARE, SECOND, [SECOND], SECOND, SECOND))
    with open_warehouse(BARE.name) as connection:
        assert connection.execute("select moment from marts_elsewhere.told").fetchall() == [(str(SECOND),)]
    assert parsed_anew(spared) == [True, True, True]


def test_another_shop_is_parsed(project):
    _, spared = project
    told(FIRST)
    told(FIRST, shop="closed")
    assert told(SECOND) == [(str(SECOND), 1)]
    assert parsed_anew(spared) == [True, True, True]


@pytest.mark.parametrize("damaged", [parsed.MANIFEST, parsed.KEY])
@pytest.mark.parametrize("content", [None, b"", b"{", b"\x81\xa4name"])
def test_what_is_damaged_is_parsed(project, damaged, content):
    _, spared = project
    told(FIRST)
    file = paths.of(BARE.name).dbt / "target" / damaged
    file.write_bytes(content) if content is not None else file.unlink()
    assert told(SECOND) == [(str(SECOND), 1)]
    assert told(FIRST) == [(str(FIRST), 1)]
    assert parsed_anew(spared) == [True, True, False]


def test_a_project_that_cannot_be_parsed_leaves_nothing_to_recall(project):
    folder, spared = project
    told(FIRST)
    (folder / "models" / "told.sql").write_text("select * from {{ ref('nowhere') }}")
    for _ in range(2):
        with pytest.raises(dbt.DbtError, match="nowhere"):
            told(FIRST)
    assert parsed_anew(spared) == [True, True, True]
