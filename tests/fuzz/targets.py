"""What is fuzzed: each target takes bytes, does with them what the project would, and judges the outcome.

Used by the tests here, which draw the bytes from strategies, and by benchmarks/fuzz.py, which lets coverage guide them.
In: an empty folder and the name of a target. Out: a function of bytes that gives the outcome in a word and raises for a
broken promise or an error that the project does not name. Imports nothing of the project before it is asked to, so
that coverage can be built in first.
"""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures"
FOUND = FIXTURES / "fuzz"
TARGETS = (
    "csv", "csv_landed", "jsonl", "jsonl_landed", "parquet", "http", "declaration", "declaration_landed", "dashboard",
)  # fmt: skip


def opened(name: str, folder: Path) -> Callable[[bytes], str]:
    """The target. PRECISION_HOME points below `folder` from now on."""
    os.environ["PRECISION_HOME"] = str(folder / "home")
    os.environ.pop("PRECISION_RAW", None)
    kind, _, landed = name.partition("_")
    module = import_module(f"tests.fuzz.{_MODULES.get(kind, 'landing')}")
    if kind == "dashboard":
        module.published(folder / "home")
        return module.Desk().see
    if kind == "declaration":
        desk = module.Desk(folder)
        return desk.land if landed else desk.read
    if kind == "http":
        return module.Desk(folder).land
    desk = module.Desk(folder, kind)
    return desk.land if landed or kind == "parquet" else desk.read


_MODULES = {"dashboard": "addresses", "declaration": "declared", "http": "pages"}


def seeds(name: str) -> list[bytes]:
    """Whole inputs to begin from: good ones, and what was found before."""
    kind = name.partition("_")[0]
    found = [path.read_bytes() for path in sorted((FOUND / kind).glob("*"))]
    if kind == "parquet":
        return [*import_module("tests.fuzz.landing").parquet_seeds(), *found]
    if kind == "declaration":
        return [import_module("tests.fuzz.declared").WHOLE, *found]
    if kind == "http":
        return [bytes([n]) + script for n in range(5) for script in (*PAGES, *found)]
    if kind == "dashboard":
        return [address.encode() for address in ADDRESSES] + found
    rows = [path.read_bytes() for path in sorted((FIXTURES / "extract").glob(f"*.{kind}"))]
    how = 1 if kind == "csv" else 0
    return [bytes([n, how]) + content for n in range(14) for content in (*ROWS[kind], *found)] + [
        bytes([0, 0]) + content for content in rows
    ]


ROWS = {
    "csv": (
        b'1,a,1.5,0.5,1,true,2024-01-01,2024-01-01 10:00:00\n2,"b\nb",-1,NaN,x,yes,2024-02-30,0\n',
        b"1;a;1.234,56 \xe2\x82\xac;24/12/2023\n2;;NULL;01/01/2024\n",
        b'1 a 1704100000\n2  "b b" 1\n',
        b'1,a\r\n2,"never "closed\r\n',
    ),
    "jsonl": (
        b'{"id": 1, "note": "a", "price": 1.5, "ratio": 1e400, "day": "2024-01-01", "at": "2024-01-01T10:00:00Z"}\n',
        b'{"id": 1, "note": {"a": [1, null]}}\n{"id": "x", "note": "\\ud800"}\n{"id": 1, "id": 2}\nnot JSON\n\n[1]\n',
    ),
}
PAGES = (
    b'[{"id": 1, "text": "a", "amount": 1.5, "at": "2024-01-01"}, {"id": "x"}]',
    b'{"data": [{"id": 1}], "meta": {"next": "b", "total": 2}}\x1e{"data": [{"id": 2}], "meta": {"total": 2}}',
    b'\x00Link: <?page=2>; rel="next"\n\n{"data": [{"id": 1}]}\x1e{"data": []}',
    b"\x09Retry-After: 0\n\n\x1e[]",
    b'{"data": [{"id": 1, "money": [{"amount": "7"}]}, {"id": 2}], "meta": {"total": 3, "next": "/v1/rows?b"}}'
    b'\x1e{"data": [{"id": 3}], "meta": {"total": 3}}',
)
ADDRESSES = (
    "overview?shop=tiny&as_of=2024-03-01&segment=x", "customer?shop=veiled&user=ann", "customer?user=%27+or+1%3D1+--",
    "segments?shop=..%2Fveiled", "text?by=item&aspect=all", "value?channel=all", "campaigns?metric=orders&campaign=x",
    "channels?channel=c0&month=2024-02", "data_quality?stage=audit", "survey?outcome=x", "model?version=2024-03-01_0",
    "grey_relations?analysis=drivers_of_sales&model=x", "funnel?country=%00", "places?country=x", "?", "nope?shop=x",
)  # fmt: skip
