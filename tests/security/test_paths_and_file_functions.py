"""A path or a function that reads files, where a name is expected: no file but those published is reached."""

import duckdb
import pytest

from extract.errors import ExtractError
from extract.reachable import reachable
from shops.declaration import ShopError, load
from tests.commands import conftest as commands
from tests.dashboard import conftest as dashboard
from tests.dashboard.conftest import LOGIN
from warehouse import publish, published
from warehouse.published import NotPublished

pytestmark = pytest.mark.fault(36)
tiny_home, home, door = dashboard.tiny_home, dashboard.home, dashboard.door
call = commands.call
ELSEWHERE = ("../../etc/passwd", "/etc/passwd", "..", "../tiny", "tiny/../../etc", "%2e%2e%2fetc%2fpasswd", "\x00", "")


@pytest.fixture
def version(home):
    return published.version_folder("tiny")


@pytest.fixture
def ask(call, home):
    """`ask("select 1", "--json")`: one statement to the published shop."""
    return lambda statement, *more: call("sql", "--shop", "tiny", "--command", statement, *more)


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


@pytest.mark.parametrize(("shop", "version_name"), [("../tiny", None), ("tiny", "../../tiny"), ("tiny", "current")])
def test_names_that_point_elsewhere_are_refused(version, shop, version_name):
    with pytest.raises(NotPublished):
        publish.open_published(shop, version_name)


@pytest.mark.parametrize(
    "statement",
    [
        "drop table marts.fct_audience",
        "insert into marts.dim_item values ('i9', 'x')",
        "copy (select 1) to '{out}'",
        "attach '{out}'",
        "select * from read_csv('{secret}')",
        "select * from '{secret}'",
        "set enable_external_access = true",
        "install httpfs",
    ],
)
def test_a_statement_of_the_command_line_changes_and_reads_nothing_else(ask, home, tmp_path, statement):
    secret, out = tmp_path / "secret.csv", tmp_path / "out.db"
    secret.write_text("a\ncanary\n")
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    done = ask(statement.format(out=out, secret=secret))
    assert done.exit_code == 1 and "Error" in done.stderr
    assert "canary" not in done.output and not out.exists()
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_a_version_or_a_file_that_was_not_published_is_not_served(door):
    door.cookies.update(LOGIN)
    for query in ("version=../../tiny", "version=2024-03-01_00000000", "shop=../tiny", "shop=nothing"):
        assert door.get(f"/marketing/data_quality_report?{query}").status_code in (404,), query
        assert door.get(f"/marketing/csv/overview/key_figures?shop=tiny&{query}").status_code in (404, 200), query
    report = published.version_folder("tiny") / "data_quality.html"
    assert door.get("/marketing/data_quality_report?shop=tiny").text == report.read_text(encoding="utf-8")
    report.write_text(report.read_text(encoding="utf-8") + "<!-- altered -->", encoding="utf-8")
    assert door.get("/marketing/data_quality_report?shop=tiny").status_code == 404


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_path_for_a_shop_or_a_version_is_refused_by_every_command(call, home, name):
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    for command in (
        ["sql", "--shop", name, "--command", "select 1"],
        ["explain", "u1", "--shop", name],
        ["versions", "--shop", name],
        ["rollback", name or ".", "--shop", "tiny"],
        ["activate", "--shop", name, "--approve"],
        ["settle", "--shop", name, "--campaign", name, "--user", "u1", "--sent"],
        ["backfill", "--shop", name, "--from", "2024-01-01", "--to", "2024-01-01"],
        ["docs", "--shop", name],
        ["run", "--shop", name],
    ):
        done = call(*command)
        assert done.exit_code in (1, 2) and "root:" not in done.output, (command, done.output)
        assert done.exception is None or isinstance(done.exception, SystemExit), (command, done.exception)
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    with pytest.raises(ShopError, match="unknown shop"):
        load(name)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_path_for_a_page_or_a_table_is_not_there(door, name):
    for path in (f"csv/{name}/key_figures", f"csv/overview/{name}", f"assets/{name}", f"_dash-component-suites/{name}"):
        answer = door.get(f"/marketing/{path}?shop=tiny".replace("\0", "%00"), cookies=LOGIN)
        assert "root:" not in answer.text and "text/csv" not in answer.headers.get("content-type", ""), path


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_delivered_link_to_a_file_elsewhere_is_refused(desk, tmp_path, suffix):
    """Whoever may put files into the folder of deliveries may not have others of this machine landed."""
    (tmp_path / f"secret.{suffix}").write_text("order_id,note,price\n1,canary,1.00\n")
    (desk.folder / f"orders.{suffix}").symlink_to(tmp_path / f"secret.{suffix}")
    shop = desk.shop({"path": f"*.{suffix}"})
    for attempt in (lambda: desk.land(shop), lambda: reachable(shop, shop.sources[0])):
        with pytest.raises(ExtractError, match="leads to a file outside"):
            attempt()
    assert desk.rows() == []


def test_a_link_to_the_folder_itself_and_one_within_it_are_fine(desk, tmp_path):
    (desk.folder / "kept").mkdir()
    (desk.folder / "kept" / "march.csv").write_text("order_id,note,price\n1,a,1.00\n")
    (desk.folder / "orders.csv").symlink_to("kept/march.csv")
    (tmp_path / "link").symlink_to(desk.folder)
    desk.folder = tmp_path / "link"
    assert desk.land()["rows_landed"] == 1
