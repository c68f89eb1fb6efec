"""The dbt docs of exactly one version, as one page that asks for nothing: no other host, no other file.

In: the manifest that dbt left when it built the marts, and what was published. Out: dbt's own single-page viewer with
both inlined. Left out is what nobody looks up there: compiled SQL, rows of unit tests, macros of other packages, models
of sources that this shop does not have, and everything that tells of the machine. dbt itself is not run again.
"""

import json
import re
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from warehouse import example_queries, paths
from warehouse.published import NotPublished, verify, version_folder

FILE = "dbt_docs.html"
PROJECT = "precision_marketing"
# What dbt's page would ask for: usage statistics of another host (off by default, so gone for good); an icon by a
# template that nobody filled in; two icons per line of the tree, by the name of the template before it is filled in.
TRACKER = re.compile(r'"//[a-z0-9]+\.cloudfront\.net/[^"]*"')
ICON = re.compile(r'<link rel="shortcut icon"[^>]*>')
UNFILLED = 'xlink:href="{{'
# Of the machine, of the moment of building, or large and looked at by nobody.
DROPPED = ("root_path", "compiled_path", "build_path", "compiled_code", "created_at", "checksum", "unrendered_config")
DROPPED += ("unrendered_database", "unrendered_schema", "doc_blocks", "extra_ctes")
KEPT_CONFIG = ("enabled", "materialized", "group", "access", "tags", "meta", "schema")
KEPT_OF_COLUMN = ("name", "description", "data_type", "meta", "tags")
KEPT_MAPS = ("nodes", "sources", "macros", "docs", "exposures", "metrics", "groups", "semantic_models", "unit_tests")
EMPTY_MAPS = ("saved_queries", "functions", "selectors", "disabled", "group_map")


class ManifestMissing(ValueError):
    """dbt's manifest of the last build is gone, so nobody can say what built these marts."""


def served(shop_name: str, version: str | None = None) -> Path:
    """The page of a version, by default of the one served now, after its bytes were compared with the manifest.

    Raises NotPublished where the version has none (published before there were such pages), PublishedDamaged.
    """
    folder = version_folder(shop_name, version)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if FILE not in manifest["files"]:
        raise NotPublished(f"{shop_name}, version {folder.name}, has no dbt docs; the next run publishes them")
    verify(folder, only=FILE)
    return folder / FILE


def render(shop_name: str, as_of: date, marts: dict[str, dict]) -> str:
    """The page. `marts`: {mart: {"rows": number, "columns": {name: type}}} as published. Raises ManifestMissing."""
    path = paths.of(shop_name).dbt / "target" / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ManifestMissing(
            f"{shop_name}: what dbt wrote when it built the marts cannot be read ({error}). Run the task build_plans "
            "again, then publish."
        ) from error
    return page(manifest, as_of, marts)


def page(manifest: dict, as_of: date, marts: dict[str, dict]) -> str:
    """dbt's viewer with the manifest, made small and free of the machine, and a catalog of types and row counts."""
    small = trimmed(manifest, as_of)
    viewer = (_dbt_folder() / "task" / "docs" / "index.html").read_text(encoding="utf-8")
    viewer = ICON.sub('<link rel="icon" href="data:,">', TRACKER.sub('""', viewer))
    viewer = viewer.replace(UNFILLED, 'ng-attr-href="{{')
    for name, content in (("MANIFEST", small), ("CATALOG", catalog(small, as_of, marts))):
        before, mark, after = viewer.partition(f'"{name}.JSON INLINE DATA"')
        if not mark:
            raise ValueError(f"dbt's docs page has no place for {name.lower()}.json; its layout has changed")
        viewer = before + _inline(content) + after
    return viewer


def trimmed(manifest: dict, as_of: date) -> dict:
    """The manifest with what the viewer shows and nothing of the machine; the same for the same project."""
    kept = {name: {key: _trimmed_node(node) for key, node in manifest.get(name, {}).items()} for name in KEPT_MAPS}
    kept["macros"] = {key: node for key, node in kept["macros"].items() if node["package_name"] == PROJECT}
    needed = {key for key, children in manifest.get("child_map", {}).items() if children}
    kept["sources"] = {key: node for key, node in kept["sources"].items() if key in needed}
    kept["docs"] = {key: node for key, node in kept["docs"].items() if node["name"] == "__overview__"}
    for unit_test in kept["unit_tests"].values():
        unit_test |= {"given": [], "expect": {"rows": []}}
    for node in kept["nodes"].values():
        if node["resource_type"] == "analysis" and example_queries.is_plain(node["raw_code"]):
            node["compiled_code"] = example_queries.for_published(node["raw_code"])
    known = {key for name in KEPT_MAPS for key in kept[name]}
    for direction in ("parent_map", "child_map"):
        found = manifest.get(direction, {})
        kept[direction] = {key: sorted(to for to in found[key] if to in known) for key in sorted(found) if key in known}
    metadata = {"project_name": PROJECT, "adapter_type": "duckdb", "generated_at": f"{as_of}T00:00:00Z"}
    metadata |= {name: manifest["metadata"][name] for name in ("dbt_schema_version", "dbt_version")}
    metadata["send_anonymous_usage_stats"] = False
    return {"metadata": metadata, **kept, **{name: {} for name in EMPTY_MAPS}}


def catalog(manifest: dict, as_of: date, marts: dict[str, dict]) -> dict:
    """Types of all columns, as published or else as declared, and the rows of each mart."""
    nodes = {}
    for key, node in manifest["nodes"].items():
        if node["resource_type"] not in ("model", "seed"):
            continue
        mart = marts.get(node["name"], {}) if node["schema"] == "marts" else {}
        types = mart.get("columns") or {name: column["data_type"] for name, column in node["columns"].items()}
        nodes[key] = {
            "unique_id": key,
            "metadata": {
                "type": "TABLE",
                "schema": node["schema"],
                "name": node["name"],
                "comment": None,
                "owner": None,
            },
            "columns": {
                name: {"type": kind or "", "index": index, "name": name, "comment": None}
                for index, (name, kind) in enumerate(types.items(), start=1)
            },
            "stats": _stats(mart),
        }
    stamp = f"{as_of}T00:00:00Z"
    return {"metadata": {"generated_at": stamp}, "nodes": nodes, "sources": {}, "errors": None}


def _stats(mart: dict) -> dict:
    absent = {"id": "has_stats", "label": "Has Stats?", "value": bool(mart), "include": False, "description": ""}
    if not mart:
        return {"has_stats": absent}
    rows = {"id": "num_rows", "label": "Rows", "value": mart["rows"], "include": True, "description": "As published"}
    return {"has_stats": absent, "num_rows": rows}


def _trimmed_node(node: dict) -> dict:
    kept = {key: value for key, value in node.items() if key not in DROPPED}
    if "config" in kept:
        kept["config"] = {key: value for key, value in kept["config"].items() if key in KEPT_CONFIG}
    if isinstance(kept.get("columns"), dict):
        columns = kept["columns"].items()
        kept["columns"] = {
            name: {key: value for key, value in column.items() if key in KEPT_OF_COLUMN} for name, column in columns
        }
    if "sources" in kept:  # dbt keeps them in the order of a set, another one in every process
        kept["sources"] = sorted(kept["sources"])
    if "nodes" in kept.get("depends_on", {}):
        kept["depends_on"] = {**kept["depends_on"], "nodes": sorted(kept["depends_on"]["nodes"])}
    return kept


def _inline(content: dict) -> str:
    """JSON inside a script element: no text of ours can end the element."""
    return (
        json.dumps(content, separators=(",", ":"), sort_keys=True).replace("</", "<\\/").replace("<!--", "<\\u0021--")
    )


def _dbt_folder() -> Path:
    """Where dbt-core is installed; found without the seconds that importing it takes."""
    for folder in find_spec("dbt").submodule_search_locations:
        if (Path(folder) / "task" / "docs" / "index.html").is_file():
            return Path(folder)
    raise ValueError("dbt-core is installed without its docs page")
