"""A shop with decimal commas, days first, semicolons, two encodings, refunds and nameless customers: sample to staging.

Every figure was worked out by hand from tests/fixtures/new_source.
"""

import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

import precision
from extract.ingest import ingest
from privacy import vault
from privacy.pseudonym import key, pseudonym
from shops import declaration
from warehouse import dbt, landing, paths
from warehouse.engine import open_warehouse

FIXTURES = Path(__file__).parent.parent / "fixtures" / "new_source"
FIRST, AS_OF = date(2024, 3, 5), date(2024, 4, 1)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of what `new-source` writes into, so that the repository keeps its shops."""
    root = tmp_path_factory.mktemp("project")
    for part in ("macros", "models/staging"):  # what lies downstream is the same for every shop, and slow to parse
        shutil.copytree(dbt.PROJECT / part, root / "dbt_project" / part)
    for part in ("dbt_project.yml", "profiles.yml", "models/groups.yml"):
        shutil.copy(dbt.PROJECT / part, root / "dbt_project" / part)
    (root / "shops").mkdir()
    shutil.copy(declaration.FOLDER / "schema.json", root / "shops")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt, "PROJECT", root / "dbt_project")
        patch.setattr(declaration, "FOLDER", root / "shops")
        patch.setenv("PRECISION_HOME", str(root / "home"))
        patch.setenv("PRECISION_RAW", str(FIXTURES))
        yield root


@pytest.fixture(scope="module")
def shop(project):
    """Written by the command, landed, staging built."""
    files = [str(path) for path in sorted(FIXTURES.glob("*.csv"))]
    result = CliRunner().invoke(precision.app, ["new-source", "laden", *files, "--timezone", "Europe/Vienna", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["next"].startswith("make run SHOP=laden RAW=")
    shop = declaration.load("laden")
    for table in shop.sources[0].tables:
        ingest(shop, "laden", table.name, FIRST, AS_OF)
    with open_warehouse(shop.name) as connection:
        landing.register(connection, shop)
    values = dbt.variables(shop, AS_OF, [AS_OF], AS_OF, dbt.LONG_AGO)
    built = dbt.invoke(shop, ["run", "--select", "path:models/staging/laden"], values)
    assert built["models"] == 6
    return shop


def read(shop, sql: str) -> list[tuple]:
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(sql).fetchall()


def test_amounts_are_those_worked_out_by_hand(shop):
    found = read(
        shop,
        "select line_type, coalesce(exclusion_reason, ''), count(*), sum(amount), sum(quantity) "
        "from staging.stg_laden__order_lines group by all order by all",
    )
    assert found == [
        ("refund", "", 1, Decimal("12.00"), 1),
        ("sale", "", 4, Decimal("3725.40"), 14),
        ("sale", "order cancelled", 1, Decimal("2.97"), 3),
    ]


def test_orders_add_up_and_a_cancelled_one_or_one_taken_back_is_no_purchase(shop):
    found = read(shop, "select order_id, user_id, status, amount from staging.stg_laden__orders order by order_id")
    anna, bea = (pseudonym(key(shop), number) for number in ("00017", "00021"))
    assert found == [
        ("1001", anna, "completed", Decimal("2481.00")),
        ("1002", "unknown", "completed", Decimal("1234.50")),
        ("1003", bea, "cancelled", Decimal("0.00")),
        ("1004", anna, "cancelled", Decimal("12.00")),
        ("1005", bea, "completed", Decimal("9.90")),
    ]


def test_days_are_those_of_the_shop_also_when_clocks_change(shop):
    found = read(
        shop,
        "select order_id, order_date, strftime(order_ts, '%Y-%m-%d %H:%M') from staging.stg_laden__orders "
        "where order_id in ('1001', '1005') order by order_id",
    )
    assert found == [
        ("1001", date(2024, 3, 5), "2024-03-04 23:00"),
        ("1005", date(2024, 3, 31), "2024-03-30 23:00"),
    ]


def test_customers_keep_leading_zeros_and_nothing_personal_lands(shop):
    users = read(shop, "select user_id, city, postal_prefix from staging.stg_laden__users order by postal_prefix")
    assert users == [
        (pseudonym(key(shop), "00017"), "Dresden", "01067"),
        (pseudonym(key(shop), "00021"), "Berlin", "10115"),
    ]
    assert vault.values(shop, [user for user, *_ in users]) == {users[0][0]: "00017", users[1][0]: "00021"}
    landed = {row[0] for row in read(shop, "select column_name from (describe landing.laden__kunden)")}
    assert landed == {"Kundennummer", "PLZ", "Ort", "ds"}


def test_letters_of_either_encoding_arrive(shop):
    names = read(shop, "select distinct item_id, item_name from staging.stg_laden__items order by item_id")
    assert names == [("A-1", "Käse"), ("B-2", "Öl"), ("C-3", "Weiß")]


def test_each_sale_is_a_buy_and_each_model_has_its_columns_described(shop, project):
    assert read(shop, "select behaviour, count(*) from staging.stg_laden__events group by 1") == [("buy", 5)]
    for path in (project / "dbt_project/models/staging/laden").glob("stg_*.yml"):
        (model,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        table = f"staging.{model['name']}"
        columns = [row[0] for row in read(shop, f"select column_name from (describe {table})")]
        assert columns == [column["name"] for column in model["columns"]]
        assert all(column["description"] for column in model["columns"])


def test_other_shops_do_not_see_its_models(shop):
    """The same project, parsed for a shop that has another source."""
    values = {**dbt.variables(shop, AS_OF, [AS_OF], AS_OF, dbt.LONG_AGO), "sources": [], "entities": {}}
    built = dbt.invoke(shop, ["run", "--select", "path:models/staging"], values)
    assert built["models"] == 0


def test_a_second_time_is_refused_and_changes_nothing(shop, project):
    before = {path: path.read_bytes() for path in (project / "shops").glob("*")}
    result = CliRunner().invoke(precision.app, ["new-source", "laden", str(FIXTURES / "kunden.csv")])
    assert result.exit_code == 1
    assert {path: path.read_bytes() for path in (project / "shops").glob("*")} == before
