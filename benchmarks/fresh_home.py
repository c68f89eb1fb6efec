"""A PRECISION_HOME of its own for a benchmark: it starts from nothing, and nothing of yours is touched."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from benchmarks import figures
from shops.declaration import Shop


@contextmanager
def fresh_home() -> Iterator[Path]:
    """PRECISION_HOME is an empty folder inside, which is gone afterwards."""
    before = os.environ.get("PRECISION_HOME")
    made = Path(tempfile.mkdtemp(prefix="home_", dir=figures.folder()))
    os.environ["PRECISION_HOME"] = str(made)
    try:
        yield made
    finally:
        if before is None:
            del os.environ["PRECISION_HOME"]
        else:
            os.environ["PRECISION_HOME"] = before
        shutil.rmtree(made, ignore_errors=True)


def land_and_describe(shop: Shop, as_of: date) -> None:
    """Every table landed, and the features of `as_of` and its training dates built."""
    from extract.ingest import ingest
    from warehouse import dbt

    for source in shop.sources:
        for table in source.tables:
            ingest(shop, source.name, table.name, shop.history_from, as_of)
    dbt.build(shop, as_of, "features")
