"""Publishing: all at once or not at all, only what was audited, the same bytes for the same content."""

import hashlib
import json
import os
from pathlib import Path

import duckdb
import pytest

from tests.warehouse import hand_built
from tests.warehouse.hand_built import AS_OF
from warehouse import dbt_docs, publish
from warehouse.publish import NotAudited
from warehouse.published import NotPublished


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def another_content(step: int) -> None:
    hand_built.change(f"update marts.fct_recommendation set score = {step}")
    hand_built.pass_audit()


def test_a_version_holds_every_mart_twice_with_a_manifest_and_the_report(audited):
    folder = audited / "published" / publish.publish("tiny", AS_OF)
    manifest = publish.verify(folder)
    parquet = {name.removesuffix(".parquet") for name in manifest["files"] if name.endswith(".parquet")}
    assert {"dim_customer", "fct_recommendation", "mart_kpi", "mart_data_quality"} < parquet
    assert {"marts.duckdb", "data_quality.html", "dbt_docs.html"} <= set(manifest["files"])
    assert manifest["files"]["dim_customer.parquet"]["rows"] == 4
    assert list(manifest["files"]["fct_recommendation.parquet"]["columns"])[:3] == ["as_of", "mode", "user_id"]
    with publish.open_published("tiny") as served:
        tables = {row[0] for row in served.execute("select table_name from duckdb_tables()").fetchall()}
        assert tables == parquet
        for mart in parquet:
            stored = duckdb.sql(f"from read_parquet('{folder / mart}.parquet') order by all").fetchall()
            assert stored == served.execute(f"from marts.{mart} order by all").fetchall()


def test_the_database_has_a_storage_version_that_duckdb_1_reads(audited):
    folder = audited / "published" / publish.publish("tiny", AS_OF)
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as served:
        tags = served.execute("select tags from duckdb_databases() where database_name = 'marts'").fetchall()[0][0]
    assert tags["storage_version"].startswith("v1.0.0")


def test_the_dbt_docs_are_of_exactly_this_version(audited):
    folder = audited / "published" / publish.publish("tiny", AS_OF)
    assert dbt_docs.served("tiny") == folder / "dbt_docs.html"
    page = dbt_docs.served("tiny").read_text()
    assert '"id":"num_rows","include":true,"label":"Rows","value":4' in page  # dim_customer, as published
    assert "a person" not in page  # whom dbt's manifest names


def test_without_what_dbt_said_of_the_build_the_old_version_stays_served(audited):
    old = publish.publish("tiny", AS_OF)
    (audited / "dbt" / "target" / "manifest.json").unlink()
    another_content(1)
    with pytest.raises(dbt_docs.ManifestMissing, match="build_plans"):
        publish.publish("tiny", AS_OF)
    assert publish.current("tiny") == old


def test_a_version_from_before_there_were_dbt_docs_stays_valid(audited):
    folder = audited / "published" / publish.publish("tiny", AS_OF)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"]["dbt_docs.html"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "dbt_docs.html").unlink()
    publish.verify(folder)
    publish.rollback("tiny", folder.name)
    with pytest.raises(NotPublished, match="has no dbt docs"):
        dbt_docs.served("tiny")


def test_publishing_twice_changes_nothing(audited):
    version = publish.publish("tiny", AS_OF)
    before = hashes(audited / "published" / version)
    assert publish.publish("tiny", AS_OF) == version
    assert hashes(audited / "published" / version) == before
    assert sorted(os.listdir(audited / "published")) == [version, "current"]


def test_the_same_rows_in_another_order_make_the_same_version_and_bytes(audited):
    version = publish.publish("tiny", AS_OF)
    before = hashes(audited / "published" / version)
    for path in sorted((audited / "published").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    hand_built.change("create table marts.turned as from marts.fct_recommendation order by rank, user_id desc")
    hand_built.change("drop table marts.fct_recommendation")
    hand_built.change("alter table marts.turned rename to fct_recommendation")
    assert publish.publish("tiny", AS_OF) == version
    after = hashes(audited / "published" / version)
    assert {name for name in after if after[name] != before[name]} <= {"marts.duckdb", "manifest.json"}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("update ops.data_quality set status = 'failed' where check_name = 'grain_unique'", "grain_unique: failed"),
        ("delete from ops.data_quality where check_name = 'probability_from'", "probability_from: not judged"),
        ("update ops.data_quality set as_of = as_of - 1", "not judged for this as_of"),
        ("update marts.fct_recommendation set score = 2", "fct_recommendation: changed since the audit"),
        ("create table marts.mart_new as select 1 as x", "mart_new: no audit suite"),
        ("drop table marts.dim_item", "dim_item: does not exist"),
    ],
)
def test_nothing_unaudited_is_served(audited, spoil, said):
    old = publish.publish("tiny", AS_OF)
    hand_built.change(spoil)
    with pytest.raises(NotAudited) as refusal:
        publish.publish("tiny", AS_OF)
    assert said in str(refusal.value)
    assert publish.current("tiny") == old
    assert publish.versions("tiny") == [old]


def test_old_versions_are_removed_but_never_the_one_served(audited, monkeypatch):
    monkeypatch.setattr(publish, "KEPT", 2)
    first = publish.publish("tiny", AS_OF)
    for step in range(1, publish.KEPT):
        another_content(step)
        publish.publish("tiny", AS_OF)
    assert len(publish.versions("tiny")) == publish.KEPT
    assert publish.versions("tiny")[-1] == first
    another_content(99)
    newest = publish.publish("tiny", AS_OF)
    assert publish.versions("tiny")[0] == newest
    assert first not in publish.versions("tiny")
    oldest = publish.versions("tiny")[-1]
    publish.rollback("tiny", oldest)
    assert publish.current("tiny") == oldest
    publish._prune("tiny")
    assert oldest in publish.versions("tiny")
