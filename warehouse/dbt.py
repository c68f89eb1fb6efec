"""Run dbt, in process, on a shop's warehouse: one `dbt build` per stage.

In: shop, as_of, stage. Out: the models of the stage. The variables that the models need are worked out here, among
them how far back an incremental build must go.
"""

import hashlib
import json
import os
from datetime import date

import pandas as pd

from shops.declaration import CANONICAL, Shop
from warehouse import landing, metrics, paths
from warehouse.engine import open_warehouse, replace_rows, settings, spill_limit

PROJECT = paths.REPOSITORY / "dbt_project"
LONG_AGO = date(1900, 1, 1)
# Parameters of methods that are SQL, or that SQL shares: dbt variable, and where a shop's `ml:` overrides its default.
METHOD_VARIABLES = {"discount_rate": ("value", "discount_rate"), "portrait_min_users": ("portrait", "min_users")}
BUILD_STATE = {"stage": "varchar", "fingerprint": "varchar"}


class DbtError(RuntimeError):
    """dbt failed: names the models and tests and where the log is."""


def build(shop: Shop, as_of: date, stage: str, extra: tuple[str, ...] = ()) -> dict:
    """`dbt build` of all models tagged `stage` ('features', 'outcomes' or 'plans').

    Returns {"models": number built, "tests": number passed}. Raises DbtError with the names of what failed.
    """
    with open_warehouse(shop.name) as connection:
        landing.register(connection, shop)
        plan = _plan(connection, shop, as_of, stage)
    arguments = ["build", "--select", f"tag:{stage}", "--exclude-resource-type", "unit_test", *extra]
    if plan["full_refresh"]:
        arguments.append("--full-refresh")
    result = invoke(shop, arguments, plan["variables"])
    with open_warehouse(shop.name) as connection:
        if stage == "features":
            landing.remember_built(connection, shop)
        state = pd.DataFrame([{"stage": stage, "fingerprint": _fingerprint(shop)}])
        replace_rows(connection, "ops.build_state", BUILD_STATE, state, {"stage": stage})
    return result


def variables(shop: Shop, as_of: date, as_ofs: list[date], latest_as_of: date, rebuild_from: date) -> dict:
    """The dbt variables of one run."""
    windows = shop.windows
    return {
        "shop": shop.name,
        "as_of": as_of.isoformat(),
        "latest_as_of": latest_as_of.isoformat(),
        "as_ofs": [day.isoformat() for day in as_ofs],
        "rebuild_from": rebuild_from.isoformat(),
        "observation_days": windows.observation_days,
        "horizon_days": windows.horizon_days,
        "reference_days": windows.reference_days,
        "late_days": windows.late_days,
        "evaluation_days": windows.evaluation_days,
        "response_days": shop.activation.response_days,
        "timezone": shop.timezone,
        "reporting_currency": shop.reporting_currency,
        "behaviours": list(shop.behaviours),
        "entities": shop.entity_sources(),
        "key_figures": metrics.declared(),
        "canonical": shop.canonical_sources(),
        "sources": sorted({CANONICAL if source.layout == CANONICAL else source.name for source in shop.sources}),
        **{
            variable: shop.ml[method][name]
            for variable, (method, name) in METHOD_VARIABLES.items()
            if name in shop.ml.get(method, {})
        },
    }


def _plan(connection, shop: Shop, as_of: date, stage: str) -> dict:
    """What must be rebuilt: everything when the SQL or the declaration changed, else from the first changed day.

    Moments already described are described again when data that they may know have changed, so that an incremental
    run equals a full rebuild.
    """
    connection.execute("create table if not exists ops.build_state (stage varchar, fingerprint varchar)")
    known = connection.execute("select fingerprint from ops.build_state where stage = ?", [stage]).fetchall()
    full_refresh = known != [(_fingerprint(shop),)]
    changed_from = landing.changed_from(connection, shop)
    rebuild_from = LONG_AGO if full_refresh else changed_from or as_of
    described = set()
    if connection.execute(
        "select 1 from information_schema.tables where table_schema = 'marts' and table_name = 'fct_user_features'"
    ).fetchall():
        described = {
            row[0] for row in connection.execute("select distinct as_of from marts.fct_user_features").fetchall()
        }
    as_ofs = {as_of, *shop.training_as_ofs(as_of), *(day for day in described if day > rebuild_from)}
    return {
        "full_refresh": full_refresh,
        "variables": variables(shop, as_of, sorted(as_ofs), max({as_of, *described}), rebuild_from),
    }


def _fingerprint(shop: Shop) -> str:
    """Changes when the SQL, a key figure or the shop does: incremental tables made before are then out of date."""
    digest = hashlib.sha256(repr(shop).encode() + json.dumps(metrics.declared(), sort_keys=True).encode())
    for folder in ("models/staging", "models/intermediate", "models/marts", "macros", "seeds"):
        for path in sorted((PROJECT / folder).rglob("*")):
            if path.suffix in (".sql", ".csv"):
                digest.update(path.read_bytes())
    return digest.hexdigest()


def invoke(shop: Shop, arguments: list[str], variables: dict | None = None) -> dict:
    """One dbt command against the shop's warehouse, under the shop's lock."""
    from dbt.cli.main import dbtRunner

    from warehouse import lock, parsed

    where = paths.of(shop.name)
    limits = settings(shop.name)
    os.environ.update(
        PRECISION_WAREHOUSE=str(where.warehouse),
        PRECISION_MEMORY_LIMIT=limits["memory_limit"],
        PRECISION_SPILL=limits["temp_directory"],
        PRECISION_SPILL_LIMIT=spill_limit(where.root / "spill"),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
    )
    target, key = where.dbt / "target", parsed.key(PROJECT, "duckdb", variables or {})
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    folders += ["--target-path", str(target), "--log-path", str(where.dbt / "logs")]
    folders += ["--log-level-file", "info"]  # its debug log takes a third of the time of a small build
    told = ["--vars", json.dumps(variables or {}), "--no-use-colors", "--quiet", "--no-version-check"]
    with lock.exclusive(where.lock):
        manifest = parsed.recalled(target, key)
        try:
            outcome = dbtRunner(manifest=manifest).invoke([*arguments, *folders, *told])
        finally:
            _close_connections()
        if manifest is None:
            parsed.remember(target, key)
    if outcome.exception:
        raise DbtError(f"dbt {arguments[0]} for {shop.name} stopped: {outcome.exception}") from outcome.exception
    results = getattr(outcome.result, "results", [])
    failed = [f"  {r.node.unique_id}: {(r.message or '').strip()}" for r in results if r.status in ("error", "fail")]
    if failed or not outcome.success:
        raise DbtError(
            f"dbt {arguments[0]} for {shop.name}: {len(failed)} failed, nothing is published.\n"
            + "\n".join(failed)
            + f"\nLog: {where.dbt / 'logs' / 'dbt.log'}; compiled SQL: {where.dbt / 'target'}"
        )
    return {
        "models": sum(r.node.resource_type == "model" for r in results if r.status == "success"),
        "tests": sum(r.status == "pass" for r in results),
    }


def _close_connections() -> None:
    """dbt-duckdb keeps the file open for the life of the process; the next task needs it."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
