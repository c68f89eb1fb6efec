"""Every declared shop can be used; a faulty declaration is refused with the place of the fault."""

import copy
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest
import yaml

from shops import declaration
from shops.declaration import ShopError

NAMES = declaration.names()


@pytest.mark.parametrize("name", NAMES)
def test_declared_shop_loads_and_has_dates_to_learn_from(name):
    shop = declaration.load(name)
    if shop.as_of:
        assert shop.training_as_ofs(shop.as_of), "no earlier date to learn from"


@pytest.mark.parametrize("name", NAMES)
def test_types_and_checks_are_sql(name):
    for source in declaration.load(name).sources:
        for table in source.tables:
            columns = ", ".join(f'cast(null as {kind}) as "{column}"' for column, kind in table.columns.items())
            days = "date '2024-01-01' as ds, timestamp '2024-01-02' as ds_end"
            for check in table.checks.values():
                assert duckdb.execute(f"select ({check}) from (select {columns}, {days})").fetchall() == [(None,)]


@pytest.mark.parametrize("name", NAMES)
def test_no_place_on_one_machine_is_declared(name):
    content = yaml.safe_load((declaration.FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    assert not any(Path(source.get("location", "")).is_absolute() for source in content["sources"].values())


def test_location_is_given_from_outside(monkeypatch):
    content = yaml.safe_load((declaration.FOLDER / "taobao.yml").read_text(encoding="utf-8"))
    monkeypatch.setenv("PRECISION_RAW", "somewhere")
    assert declaration.parse("taobao", content).sources[0].location == "somewhere"


FAULTS = {
    "unknown zone": (("timezone",), "Mars/Olympus", "IANA"),
    "unknown type": (("sources", "taobao", "tables", "behaviour", "columns", "user_id"), "number", "columns/user_id"),
    "undeclared key": (("sources", "taobao", "tables", "behaviour", "key"), ["colour"], "colour is named there"),
    "taken name": (("sources", "taobao", "tables", "behaviour", "columns", "ds"), "date", "may not be named ds"),
    "unknown word": (("sources", "taobao", "tables", "behaviour", "colour"), "red", "colour"),
    "unknown method": (("ml",), {"segmentaton": {"k": 3}}, "segmentaton"),
    "arrival without unit": (
        ("sources", "taobao", "tables", "behaviour", "arrival"),
        {"by": "column", "column": "timestamp"},
        "needs its `unit`",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_declaration_is_refused(fault):
    place, value, message = FAULTS[fault]
    content = copy.deepcopy(yaml.safe_load((declaration.FOLDER / "taobao.yml").read_text(encoding="utf-8")))
    inner = content
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with pytest.raises(ShopError, match=message):
        declaration.parse("taobao", content)


def test_unknown_shop_is_refused_with_the_known_ones():
    with pytest.raises(ShopError, match="Declared shops: complete_journey"):
        declaration.load("nowhere")


@dataclass(frozen=True)
class SomeParameters:
    least: int = 30
    names: tuple[str, ...] = ("a",)


def test_a_shop_overrides_parameters_of_a_method_and_no_others():
    shop = replace(declaration.load("files"), ml={"kmeans": {"names": ["b", "c"]}})
    assert shop.parameters("kmeans", SomeParameters) == SomeParameters(names=("b", "c"))
    assert shop.parameters("dbscan", SomeParameters) == SomeParameters()
    with pytest.raises(ShopError, match="ml/kmeans has no leest; it has least, names"):
        replace(shop, ml={"kmeans": {"leest": 1}}).parameters("kmeans", SomeParameters)


def canonical(**sources) -> declaration.Shop:
    """A shop of these sources in the canonical layout, one column a table."""
    table = {"columns": {"order_id": "string"}, "arrival": {"by": "snapshot"}}
    content = yaml.safe_load((declaration.FOLDER / "files.yml").read_text(encoding="utf-8"))
    content["sources"] = {
        name: {"kind": "files", "layout": "canonical", "tables": {table_name: table for table_name in tables}}
        for name, tables in sources.items()
    }
    del content["personal"]  # names columns that these tables do not have
    return declaration.parse("test", content)


def test_sources_of_the_canonical_layout_share_its_staging():
    shop = canonical(till=["orders", "items"], web=["orders"])
    assert shop.entity_sources() == {"orders": ["canonical"], "items": ["canonical"]}
    assert shop.canonical_sources() == {"orders": ["till", "web"], "items": ["till"]}
    assert shop.promises("items") and not shop.promises("users")


def test_a_table_of_the_canonical_layout_that_is_no_entity_is_refused():
    with pytest.raises(ShopError, match="ordres is no canonical entity"):
        canonical(till=["ordres"])
    with pytest.raises(ShopError, match="give the source another name"):
        canonical(canonical=["orders"])


def test_a_canonical_source_lists_no_entities_beside_its_tables():
    content = yaml.safe_load((declaration.FOLDER / "files.yml").read_text(encoding="utf-8"))
    content["sources"]["files"]["entities"] = ["orders"]
    with pytest.raises(ShopError, match="leave out `entities`"):
        declaration.parse("files", content)
    del content["sources"]["files"]["layout"], content["sources"]["files"]["entities"]
    with pytest.raises(ShopError, match="sources/files"):
        declaration.parse("files", content)
