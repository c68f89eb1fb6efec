"""Reading what is served: damaged bytes are refused, and a reader's SQL reaches nothing but the marts."""

import shutil

import duckdb
import pytest

from tests.warehouse.hand_built import AS_OF
from warehouse import publish
from warehouse.published import NotPublished, PublishedDamaged


@pytest.fixture
def version(audited):
    return audited / "published" / publish.publish("tiny", AS_OF)


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_flipped_byte_is_refused(version):
    flip(version / "marts.duckdb")
    with pytest.raises(PublishedDamaged, match=r"marts\.duckdb is not the file"):
        publish.open_published("tiny")


@pytest.mark.parametrize("name", ["dim_item.parquet", "data_quality.html", "dbt_docs.html"])
def test_verify_sees_a_flipped_byte_in_any_file(version, name):
    flip(version / name)
    with pytest.raises(PublishedDamaged, match=name):
        publish.verify(version)


def test_verify_sees_a_stray_file_a_missing_one_and_a_broken_manifest(version):
    (version / "marts.duckdb.wal").write_bytes(b"changes that were never published")
    with pytest.raises(PublishedDamaged, match=r"never published: marts\.duckdb\.wal"):
        publish.open_published("tiny")
    (version / "marts.duckdb.wal").unlink()
    (version / "dim_item.parquet").unlink()
    with pytest.raises(PublishedDamaged, match="missing"):
        publish.verify(version)
    (version / "manifest.json").write_text("{")
    with pytest.raises(PublishedDamaged, match="manifest"):
        publish.verify(version)


def test_a_manifest_put_under_another_name_is_refused(version):
    other = version.with_name("2024-03-01_00000000")
    shutil.copytree(version, other)
    with pytest.raises(PublishedDamaged, match="describes"):
        publish.open_published("tiny", other.name)


@pytest.mark.parametrize(
    "sql",
    [
        "from read_text('/etc/passwd')",
        "from read_text('../../../../etc/passwd')",
        "from '/etc/passwd'",
        "from glob('/etc/*')",
        "from read_blob('{folder}/marts.duckdb')",
        "copy dim_item to '{folder}/out.csv'",
        "copy dim_item to '{folder}/marts.duckdb.wal'",
        "export database '{folder}'",
        "attach '{folder}/../../warehouse.duckdb' as warehouse",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set disabled_filesystems = ''",
        "reset disabled_filesystems",
        "set lock_configuration = false",
        "create table mine as select 1",
        "delete from dim_item",
        "from frame_of_the_caller",
    ],
)
def test_sql_of_a_reader_reaches_nothing_but_the_marts(version, sql):
    frame_of_the_caller = duckdb.sql("select 42").df()
    before = sorted(path.name for path in version.iterdir())
    with publish.open_published("tiny") as served:
        with pytest.raises(duckdb.Error):
            served.execute(sql.format(folder=version))
        assert served.execute("select count(*) from marts.dim_item").fetchall() == [(3,)]
    assert sorted(path.name for path in version.iterdir()) == before
    assert len(frame_of_the_caller) == 1


def test_a_filter_with_quotes_is_a_value(version):
    with publish.open_published("tiny") as served:
        found = served.execute("from marts.dim_item where item_id = ?", ["' or 1=1 --"]).fetchall()
    assert found == []


@pytest.mark.parametrize(("shop", "version_name"), [("../tiny", None), ("tiny", "../../tiny"), ("tiny", "current")])
def test_names_that_point_elsewhere_are_refused(version, shop, version_name):
    with pytest.raises(NotPublished):
        publish.open_published(shop, version_name)


def test_nothing_published_says_what_to_do(audited):
    with pytest.raises(NotPublished, match="make run"):
        publish.open_published("tiny")


def test_rolling_back_to_a_damaged_version_is_refused(version):
    flip(version / "dim_item.parquet")
    with pytest.raises(PublishedDamaged):
        publish.rollback("tiny", version.name)
