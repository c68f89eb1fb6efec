"""What dbt gives to templates and the SQL linter does not know: enough to render every model without a database."""

from types import SimpleNamespace

target = SimpleNamespace(type="duckdb", name="duckdb", schema="marts")
flags = SimpleNamespace(FULL_REFRESH=False)
model = SimpleNamespace(columns={"some_column": SimpleNamespace(name="some_column", data_type="string")})
VARIABLES = {
    "as_of": "2000-01-01",
    "latest_as_of": "2000-01-01",
    "as_ofs": ["2000-01-01"],
    "rebuild_from": "2000-01-01",
    "observation_days": 60,
    "horizon_days": 7,
    "reference_days": 365,
    "late_days": 7,
    "timezone": "UTC",
    "reporting_currency": "EUR",
    "behaviours": ["view", "buy"],
    "entities": {},
    "canonical": SimpleNamespace(get=lambda *_: ["some_source"]),
    "sources": [],
    "key_figures": {
        "measures": {"orders": {"reason": "some reason"}},
        "metrics": {
            "orders": {
                "type": "simple",
                "type_params": {"measure": "orders"},
                "label": "Some label",
                "description": "some description",
                "meta": {"unit": "orders", "direction": "up", "subject": "sales", "source": "some source"},
            }
        },
    },
}


def var(name, default=None):
    return VARIABLES.get(name, default)


def _dispatch(name, *_):
    return lambda *arguments: f"{name}({', '.join(map(str, arguments))})"


adapter = SimpleNamespace(dispatch=_dispatch, get_columns_in_relation=lambda _: [], quote=str)
