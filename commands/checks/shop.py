"""Is a shop fit: its declaration, what its sources read from, what it has published, who writes to its warehouse?"""

import fcntl
import os
from collections.abc import Iterator

from commands.checks import FAILED, OK, WARNING, Check
from warehouse import paths


def checks(name: str, in_use: bool) -> Iterator[Check]:
    """Everything about one shop. What an unused one lacks (raw files, a connection) is only worth a warning."""
    import yaml

    from shops.declaration import ShopError, load

    try:
        shop = load(name)
    except (ShopError, yaml.YAMLError) as error:
        yield Check(
            name, "declaration", FAILED, str(error), f"Mend shops/{name}.yml; shops/schema.json says what it takes."
        )
        return
    yield Check(
        name, "declaration", OK, f"{sum(len(each.tables) for each in shop.sources)} tables, zone {shop.timezone}"
    )
    for source in shop.sources:
        yield source_check(shop, source, in_use)
    if in_use:
        yield from versions(name)
        yield lock(name)


def in_use(name: str) -> bool:
    """Has anything of the shop ever been landed here?"""
    return paths.of(name).landing.is_dir()


def source_check(shop, source, in_use: bool) -> Check:
    """Can it be read from now?"""
    label, state = f"source {source.name}", FAILED if in_use else WARNING
    from extract.errors import LostSource
    from extract.reachable import reachable

    try:
        if source.connection:
            _let_airflow_find_connections()
        return Check(shop.name, label, OK, reachable(shop, source))
    except LostSource as error:
        return Check(shop.name, label, state, str(error), "See that it is up and can be reached from here.")
    except ValueError as error:
        return Check(shop.name, label, state, *_told(error))


def _told(error: ValueError) -> tuple[str, str]:
    """What is wrong and what to do: messages end with that, as a sentence of its own or behind a colon."""
    text = str(error).removesuffix(".")
    found, mark, mend = text.rpartition(". ")
    if not mark:
        found, _, mend = text.partition(": ")
    return found, f"{mend[:1].upper()}{mend[1:]}."


def versions(name: str) -> Iterator[Check]:
    """Every byte of every version against its manifest."""
    from warehouse import published

    found, current = published.versions(name), published.current(name)
    whole = []
    for version in found:
        try:
            published.verify(published.folder_of(name) / version)
            whole.append(version)
        except published.PublishedDamaged as error:
            state = FAILED if version == current else WARNING
            yield Check(name, f"version {version}", state, *_told(error))
    if current and current not in found:
        mend = f"`./precision versions --shop {name}` lists what can be served, `./precision rollback` serves it."
        yield Check(name, "served version", FAILED, f"{current} is served, but is not there", mend)
    elif whole:
        yield Check(name, "versions", OK, f"{len(whole)} as published, {current or 'none'} is served")
    elif not found:
        yield Check(name, "versions", OK, "nothing is published yet")


def lock(name: str) -> Check:
    """Held for as long as somebody writes to the working database."""
    file = paths.of(name).lock
    if not file.exists():
        return Check(name, "warehouse", OK, "nobody has written to it yet")
    with open(file) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return Check(name, "warehouse", OK, "nobody is writing to it")
        except BlockingIOError:
            holder = handle.read().strip()
    mend = "Wait for that run to end; should it hang, stop that process, and the lock is free."
    return Check(name, "warehouse", WARNING, f"being written to by {_described(holder)}", mend)


def _described(holder: str) -> str:
    import psutil

    try:
        process = psutil.Process(int(holder))
        return f"process {holder}: {' '.join(process.cmdline())[:120]}"
    except (ValueError, psutil.Error):
        return f"process {holder or 'unknown'}"


def _let_airflow_find_connections() -> None:
    """Airflow reads from its environment, once imported, where its own connections are kept."""
    from dags import environment

    os.environ.update(environment.settings())
