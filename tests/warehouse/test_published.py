"""Reading what is served: damaged bytes are refused, and a reader's SQL reaches nothing but the marts."""

import shutil

import pytest

from tests.warehouse.hand_built import AS_OF
from warehouse import publish
from warehouse.published import NotPublished, PublishedDamaged


@pytest.fixture
def version(audited):
    return audited / "published" / publish.publish("tiny", AS_OF)


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


def test_nothing_published_says_what_to_do(audited):
    with pytest.raises(NotPublished, match="make run"):
        publish.open_published("tiny")
