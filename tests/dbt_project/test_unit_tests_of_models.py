"""dbt's own unit tests, on a shop that has no source at all: every model must build there too, empty and typed."""

from datetime import date

import duckdb
import pytest

from activation import plan
from tests.small_shops import BARE
from warehouse import dbt, paths

AS_OF = date(2020, 6, 1)


@pytest.fixture(scope="module")
def bare_shop(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(tmp_path_factory.mktemp("bare")))
        dbt.build(BARE, AS_OF, "features")
        dbt.build(BARE, AS_OF, "outcomes")
        plan.run(BARE, AS_OF)
        dbt.build(BARE, AS_OF, "plans")
        yield BARE


def test_worked_examples_of_every_formula(bare_shop):
    moments = sorted({AS_OF, *bare_shop.training_as_ofs(AS_OF)})
    variables = dbt.variables(bare_shop, AS_OF, moments, AS_OF, dbt.LONG_AGO)  # those of the builds: parsed once
    passed = dbt.invoke(bare_shop, ["test", "--select", "test_type:unit"], variables)["tests"]
    assert passed >= 13


def test_a_shop_in_which_nothing_happened_has_every_mart_and_says_why_kpis_are_missing(bare_shop):
    with duckdb.connect(str(paths.of(bare_shop.name).warehouse), read_only=True) as connection:
        marts = {
            name: connection.execute(f"select count(*) from marts.{name}").fetchall()[0][0]
            for (name,) in connection.execute(
                "select table_name from information_schema.tables where table_schema = 'marts'"
            ).fetchall()
        }
        told = connection.execute("select count(*), count(value), count(reason) from marts.mart_kpi").fetchall()[0]
        members = connection.execute("select user_id from marts.dim_customer").fetchall()
    filled = {name for name, rows in marts.items() if rows}
    assert filled == {"mart_kpi", "mart_kpi_cell", "dim_metric", "dim_customer", "dim_item", "mart_data_quality"}
    assert told[0] > 30
    assert told[1] == 0
    assert told[2] == told[0]
    assert members == [("unknown",)]
