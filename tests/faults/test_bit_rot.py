"""A byte of a published file changes on disk: readers are refused, by hash, and told what to do."""

import random

import pytest

from tests.warehouse import hand_built
from tests.warehouse.hand_built import AS_OF
from warehouse import publish
from warehouse.published import PublishedDamaged

pytestmark = pytest.mark.fault(8)


@pytest.fixture
def version(audited):
    return audited / "published" / publish.publish("tiny", AS_OF)


def flip(path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_flipped_byte_is_refused_wherever_it_is(version):
    database = version / "marts.duckdb"
    size, anywhere = database.stat().st_size, random.Random(8)
    for at in [0, size // 2, size - 1, *(anywhere.randrange(size) for _ in range(7))]:
        flip(database, at)
        with pytest.raises(PublishedDamaged, match=r"marts\.duckdb is not the file.*precision rollback"):
            publish.open_published("tiny")
        flip(database, at)
    publish.open_published("tiny").close()


@pytest.mark.parametrize("name", ["dim_item.parquet", "data_quality.html", "dbt_docs.html"])
def test_verify_sees_a_flipped_byte_in_any_file(version, name):
    flip(version / name, (version / name).stat().st_size // 2)
    with pytest.raises(PublishedDamaged, match=name):
        publish.verify(version)


def test_a_damaged_version_cannot_be_rolled_back_to(version):
    flip(version / "dim_item.parquet", 20)
    hand_built.change("update marts.fct_recommendation set score = 1")
    hand_built.pass_audit()
    served = publish.publish("tiny", AS_OF)
    with pytest.raises(PublishedDamaged, match="dim_item"):
        publish.rollback("tiny", version.name)
    assert publish.current("tiny") == served != version.name


def test_a_damaged_version_is_written_anew_by_publishing_again(version):
    victim = version / "dim_item.parquet"
    good = victim.read_bytes()
    flip(victim, len(good) // 2)
    assert publish.publish("tiny", AS_OF) == version.name
    assert victim.read_bytes() == good
    publish.verify(version)
