"""What dbt has parsed of the project, given back to it for its next command.

In: the folder that dbt writes to, and a key of all that parsing depends on. Out: dbt's manifest, or None where dbt has
to parse.

dbt parses anew whenever a variable differs, and the moment described always does: a third of a small build and more.
But which models there are, what each refers to and how it is configured follows from the files, the engine and the
shop's declaration, whatever the moment. So the manifest that dbt keeps for itself is read with a key of our own.
"""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

MOMENT = ("as_of", "as_ofs", "latest_as_of", "rebuild_from")  # variables that only compiled SQL shows
MANIFEST = "partial_parse.msgpack"  # dbt's own name for it
KEY = "parsed.json"


def key(project: Path, engine: str, variables: dict) -> str:
    """What parsing depends on, as one hash. project: dbt's folder; engine: 'duckdb' or 'spark'."""
    structure = {name: value for name, value in variables.items() if name not in MOMENT}
    packages = {name: version(name) for name in ("dbt-core", "dbt-adapters", f"dbt-{engine}")}
    digest = hashlib.sha256(json.dumps([engine, structure, packages], sort_keys=True).encode())
    for path in sorted(project.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"{path.relative_to(project)} {len(content)}\0".encode() + content)
    return digest.hexdigest()


def recalled(target: Path, wanted: str):
    """The manifest that dbt kept in `target` for this key, undamaged; else None, and nothing is kept any more."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    try:
        content = (target / MANIFEST).read_bytes()
        known = json.loads((target / KEY).read_text(encoding="utf-8"))
        if known == {"key": wanted, "sha256": hashlib.sha256(content).hexdigest()}:
            return Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
    except (OSError, ValueError):
        pass
    for name in (KEY, MANIFEST):
        (target / name).unlink(missing_ok=True)
    return None


def remember(target: Path, parsed_for: str) -> None:
    """Note for which key dbt has just parsed; where it came to no end, nothing."""
    if (target / MANIFEST).exists():
        digest = hashlib.sha256((target / MANIFEST).read_bytes()).hexdigest()
        aside = target / f"{KEY}.tmp"
        aside.write_text(json.dumps({"key": parsed_for, "sha256": digest}), encoding="utf-8")
        aside.replace(target / KEY)
