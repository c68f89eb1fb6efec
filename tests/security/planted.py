"""Is a planted secret anywhere? Every byte below a folder, in the forms in which a secret may be written.

In: secrets, a folder. Out: which file holds which. What is packed (gzip, zip, Parquet, DuckDB) is unpacked first.
"""

import base64
import gzip
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import duckdb


def forms(secret: str) -> set[str]:
    """The secret as it is, in an address, in JSON, in base64 at each of the three offsets, backwards never."""
    plain = secret.encode()
    shifted = (base64.b64encode(b"x" * offset + plain).decode() for offset in range(3))
    middles = {text[4:-4] for text in shifted}  # what lies before and after depends on the neighbours
    return {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], plain.hex(), *middles}


def found_below(folder: Path, secrets: Iterable[str]) -> dict[Path, list[str]]:
    """{file: secrets that it holds}"""
    sought = {secret: [form.encode() for form in forms(secret)] for secret in secrets}
    found: dict[Path, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = b"\n".join(contents(path))
            held = [secret for secret, written in sought.items() if any(form in content for form in written)]
            if held:
                found[path] = held
    return found


def contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what they unpack to."""
    plain = path.read_bytes()
    yield plain
    yield path.name.encode()
    if plain[:2] == b"\x1f\x8b":
        yield gzip.decompress(plain)
    elif plain[:4] == b"PAR1":
        yield duckdb.sql(f"from read_parquet('{path}')").df().to_csv().encode()
    elif plain[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif plain[8:12] == b"DUCK":
        with duckdb.connect(str(path), read_only=True) as database:
            for schema, table in database.execute(
                "select table_schema, table_name from information_schema.tables"
            ).fetchall():
                yield database.sql(f'from "{schema}"."{table}"').df().to_csv().encode()
