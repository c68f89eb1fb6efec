"""What is served: versions of a shop's marts, read without touching the warehouse and without trusting the disk.

In: `published/<version>/`. Out: a read-only connection that can reach nothing but the marts, after their bytes have
been compared with the manifest.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from warehouse import paths

if TYPE_CHECKING:
    import duckdb

DATABASE = "marts.duckdb"
MANIFEST = "manifest.json"
SHOP_NAME = re.compile(r"[a-z][a-z0-9_]*")
VERSION_NAME = re.compile(r"\d{4}-\d{2}-\d{2}_[0-9a-f]{8}")


Opened = TypeVar("Opened")
_opening = threading.Lock()


class NotPublished(ValueError):
    """No such version, or nothing published yet."""


class PublishedDamaged(ValueError):
    """A version whose bytes are not those that were published: names the file and what to do."""


def folder_of(shop_name: str) -> Path:
    """`published/` of a shop. Names that could point elsewhere are refused."""
    if not SHOP_NAME.fullmatch(shop_name):
        raise NotPublished(f"'{shop_name}' is not the name of a shop")
    return paths.of(shop_name).published


def versions(shop_name: str) -> list[str]:
    """Complete versions, the one published last first."""
    folder = folder_of(shop_name)
    found = []
    for child in folder.iterdir() if folder.is_dir() else ():
        if VERSION_NAME.fullmatch(child.name):
            with suppress(FileNotFoundError):  # not complete, or removed since the folder was listed
                found.append((child.joinpath(MANIFEST).stat().st_mtime_ns, child.name))
    return [name for _, name in sorted(found, reverse=True)]


def current(shop_name: str) -> str | None:
    """The version that `published/current` points to; None before the first."""
    link = folder_of(shop_name) / "current"
    return link.readlink().name if link.is_symlink() else None


def version_folder(shop_name: str, version: str | None = None) -> Path:
    """The folder of a version, or of the one served now, resolved once. Raises NotPublished."""
    name = version or current(shop_name)
    if not name:
        raise NotPublished(f"{shop_name}: nothing is published yet; run `make run SHOP={shop_name}`")
    if name not in versions(shop_name):
        raise NotPublished(f"{shop_name} has no version '{name}'; there are {', '.join(versions(shop_name)) or 'none'}")
    return folder_of(shop_name) / name


def opened(shop_name: str, version: str | None, use: Callable[[Path], Opened]) -> Opened:
    """`use(folder of the version)`, the folder resolved once; raises what `use` or version_folder raises.

    Whoever asks for the version served now and finds it gone, because newer ones were published meanwhile, gets the
    one that is served then.
    """
    while True:
        served = version or current(shop_name)
        try:
            return use(version_folder(shop_name, served))
        except (NotPublished, PublishedDamaged):
            if version or served == current(shop_name):
                raise


def verify(folder: Path, only: str | None = None) -> dict:
    """Compare every file of a version (or `only` one) with its manifest, which is returned.

    Raises PublishedDamaged for a file that is missing, altered or was never published.
    """
    advice = f"Serve another version with `precision rollback`, or publish again; {folder} must not be used."
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"]
        hashes = {name: entry["sha256"] for name, entry in files.items()}
        named = f"{manifest['as_of']}_{content_hash(hashes)}"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PublishedDamaged(f"{folder.name}: its manifest cannot be read ({error}). {advice}") from error
    if VERSION_NAME.fullmatch(folder.name) and named != folder.name:
        raise PublishedDamaged(f"{folder.name}: its manifest describes {named}. {advice}")
    present = {child.name for child in folder.iterdir()} - {MANIFEST}
    if stray := sorted(present - set(files)):
        raise PublishedDamaged(f"{folder.name}: files that were never published: {', '.join(stray)}. {advice}")
    for name in [only] if only else sorted(files):
        path, entry = folder / name, files.get(name)
        if entry is None or not path.is_file():
            raise PublishedDamaged(f"{folder.name}: {name} is missing. {advice}")
        if path.stat().st_size != entry["bytes"] or sha256(path) != entry["sha256"]:
            raise PublishedDamaged(f"{folder.name}: {name} is not the file that was published. {advice}")
    return manifest


def open_published(shop_name: str, version: str | None = None) -> "duckdb.DuckDBPyConnection":
    """The marts of a version (default: the one served now), read only and locked in.

    The connection reads no other file, attaches nothing, loads no extension, sees no Python variable, and cannot be
    configured back. Even `read_only` without external access would let COPY write `marts.duckdb.wal` and read the
    database's own bytes, so the file system is switched off once the file is open. Tables are found as `marts.<name>`.
    """
    return opened(shop_name, version, _open)


def _open(folder: Path) -> "duckdb.DuckDBPyConnection":
    import duckdb  # here, because whoever only lists versions should not wait for it

    from warehouse.engine import MEMORY_LIMIT

    verify(folder, only=DATABASE)
    # Within a process DuckDB opens a file once: who comes second, in another thread say, finds it locked already.
    with _opening:
        connection = duckdb.connect(
            str(folder / DATABASE),
            read_only=True,
            config={
                "enable_external_access": "false",
                "autoload_known_extensions": "false",
                "autoinstall_known_extensions": "false",
                "allow_community_extensions": "false",
                "python_enable_replacements": "false",
                "temp_directory": "",
                "memory_limit": MEMORY_LIMIT,
            },
        )
        if not connection.execute("select current_setting('lock_configuration')").fetchall()[0][0]:
            connection.execute("set global TimeZone = 'UTC'")
            connection.execute("set disabled_filesystems = 'LocalFileSystem'")
            connection.execute("set lock_configuration = true")
    return connection


def content_hash(hashes: dict[str, str]) -> str:
    """Eight digits that stand for the content: of the Parquet files, whose bytes are the same whenever the rows are.

    A DuckDB file and the report are not part of it: the former's bytes differ from one writing to the next.
    """
    lines = [f"{name} {digest}" for name, digest in sorted(hashes.items()) if name.endswith(".parquet")]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]


def sha256(path: Path) -> str:
    """Hash of a file, read in pieces."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
