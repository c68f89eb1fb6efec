"""Strange bytes for each target: mostly whole, a little damaged: what is wholly random is refused at the door."""

from urllib.parse import urlencode

import yaml
from hypothesis import strategies as st

from tests.fuzz import targets

TOKENS = (
    b",", b";", b"\t", b" ", b'"', b"\n", b"\r", b"\r\n", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\x1c\n",
    b"1", b"-1", b"a", b"NaN", b"-inf", b"1e999", b"9" * 40, b"2024-01-01", b"2024-01-02 10:00:00+02:00", b"2024-02-30",
    b"1704100000", b"24/12/2023", b"1.234,56 \xe2\x82\xac", b"0001-01-01", b"9999-12-31", b"294247-01-10", b"NULL",
    b"true", b"=1+1", b"{", b"}", b"[", b"]", b":", b'"id":', b'"note"', b'"at"', b"null", b"\\ud800", b"\\u0000",
    b'{"id":1,"note":"a"}\n', b'{"id":1,"at":"2024-01-01","price":"1"}\n', b"1,a\n", b"1 a 1704100000\n", b"[" * 3000,
    b"1;a;1,5;24/12/2023\n", b"\xe2\x80\xa8",
)  # fmt: skip
ANSWERS = (
    *targets.PAGES, b"\x1e", b"null", b"[", b"[" * 3000, b'{"data": [', b'], "meta": {"next": "x", "total": 2}}', b"]}",
    b'{"id": 1, "text": "a"}', b", ", b"\x00Link: <http://[::1>; rel=next\n\n", b"\x00Link: <//x/>; rel=next\n\n",
    b"\x09Retry-After: \xb2\n\n", b"\x0aRetry-After: Fri, 31 Dec 9999 23:59:59 -9999\n\n", b"\x06\n\n", b"\x08\n\n",
    b"\x00Content-Encoding: gzip\n\n", b'{"data": [{"id": 1}], "meta": {"next": "http://127.0.0.1:99999/"}}',
    b'{"data": [{"id": 2}], "meta": {"next": "\\u0000\\ud800"}}',
    b'{"data": [7, null, []], "meta": {"total": "\\u00b2"}}',
)  # fmt: skip
ODD = (
    None, True, 0, -1, 10**30, 1e308, float("nan"), "", "'", "a'b;--", "/etc", "../x", "{ds}{ds}", "{ds}.csv", "{x}",
    "**x", "[a", "%Q", "1,234.56", "x" * 300, [], {}, ["a"], {"a": 1}, "decimal(99,1)", "decimal(3,9)", "DS", "ID",
    "2024-02-30", "9999-12-31", "Europe", "..", "utf-16", "hex", "idna", "undefined", "\t", '"', "|", "string",
    "timestamp", "bigint", "epoch_seconds", "epoch_milliseconds", "snapshot", "file_day", "column", "1 = (select 1)",
    "note", "price", "no_such_column > 1", "read_text('/etc/passwd') = ''", "jsonl", "parquet", "postgres", "http",
    "a\u202eb", "a\nb", " a",
)  # fmt: skip
YAML = (
    b"", b"\xff", b"a: [", b"- 1", b"a: *b", b"a: &a [*a]", b"? [a]\n: b", b"? {a: b}\n: c", b"2024-01-01: x",
    b"a: 2024-02-30", b"a: !!binary x", b"a: !!python/object:os.system x", b"a: !!set {b}", b"a: .nan", b"<<: 1",
    b'a: "\\ud800"', b"\x00", b"[" * 700, b"a: 1\na: 2", b"a: 0b2", b"a: 1:99", b"%YAML 9.9\n---\na",
    b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
    b"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
    b"g: [*f,*f,*f,*f,*f,*f,*f,*f,*f]",
)  # fmt: skip
FILTERS = (
    "shop", "version", "as_of", "user", "country", "segment", "campaign", "metric", "channel", "month", "stage",
    "analysis", "model", "outcome", "by", "aspect", "nothing",
)  # fmt: skip
VALUES = (
    "tiny", "veiled", "../veiled", "2024-03-01", "2024-02-30", "0", "ann", "ben", "ann'--", "' or 1=1 --", "%", "_",
    "\0", "ＡＮＮ", " ann ", "Ann", "a" * 300, "<script>alert(1)</script>", "javascript:alert(1)", "=cmd()", "NaN",
    "null", "-1", "1e9", "all", "[]", "$user", "unknown", "\u202e", "c0", "revenue", "email", "landing", "item",
    "2024-02", "drivers_of_sales", "read_text('/etc/passwd')", "x",
)  # fmt: skip


def files() -> st.SearchStrategy[bytes]:
    """Which dialect, how it is wrapped, and a content of tokens and of any bytes."""
    piece = st.one_of(st.sampled_from(TOKENS), st.sampled_from(TOKENS), st.binary(max_size=6))
    content = st.lists(piece, max_size=40).map(b"".join)
    how = st.sampled_from([0, 1, 1, 1, 1, 3, 7])
    return st.builds(lambda dialect, how, content: bytes([dialect, how]) + content, st.integers(0, 13), how, content)


def parquet() -> st.SearchStrategy[bytes]:
    """Whole files with a few bytes changed, lost or put in, or cut off."""
    edit = st.tuples(st.sampled_from("ccclia"), st.floats(0, 1, exclude_max=True), st.integers(0, 255))
    return st.builds(_damaged, st.sampled_from(targets.seeds("parquet")), st.lists(edit, max_size=4))


def _damaged(whole: bytes, edits: list[tuple]) -> bytes:
    found = bytearray(whole)
    for what, share, value in edits:
        at = int(share * len(found)) if what != "a" else max(0, len(found) - 1 - int(share * 900))
        if what in "ca" and found:
            found[at] = value
        elif what == "l":
            del found[at : at + 1 + value % 9]
        elif what == "i" and value < 250:
            found.insert(at, value)
        elif what == "i":
            del found[at:]
    return bytes(found)


def answers() -> st.SearchStrategy[bytes]:
    """What an interface says, answer after answer."""
    script = st.lists(st.one_of(st.sampled_from(ANSWERS), st.binary(max_size=6)), max_size=8).map(b"".join)
    return st.builds(lambda way, script: bytes([way]) + script, st.integers(0, 4), script)


def declarations(whole: bytes) -> st.SearchStrategy[bytes]:
    """A good declaration with a few values changed, gone or under another name; and YAML that is none."""
    good = yaml.safe_load(whole)
    places = [place for place in _places(good) if place]
    change = st.tuples(
        st.sampled_from(places), st.sampled_from(["put", "put", "put", "drop", "name"]), st.sampled_from(ODD)
    )
    changed = st.builds(_changed, st.just(whole), st.lists(change, min_size=1, max_size=3))
    spliced = st.builds(
        lambda at, text: whole[: int(at * len(whole))] + text + whole[int(at * len(whole)) :],
        st.floats(0, 1), st.one_of(st.sampled_from(YAML), st.binary(max_size=4)),
    )  # fmt: skip
    return st.one_of(changed, changed, spliced, st.sampled_from(YAML))


def _places(value, path: tuple = ()):
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _places(child, (*path, key))


def _changed(whole: bytes, changes: list[tuple]) -> bytes:
    content = yaml.safe_load(whole)
    for (*path, last), how, odd in changes:
        around = content
        try:
            for key in path:
                around = around[key]
            if how == "put":
                around[last] = odd
            else:
                old = around.pop(last)
                if how == "name" and isinstance(around, dict):
                    around[odd if isinstance(odd, str | int | None) else "x"] = old
        except (KeyError, IndexError, TypeError, AttributeError):
            continue  # an earlier change took the place away
    return yaml.safe_dump(content).encode()


def addresses() -> st.SearchStrategy[bytes]:
    """Pages that are and are not, filters of any page, values that are and are not, and bytes that are no query."""
    from dashboard.pages import PAGES

    page = st.sampled_from([*PAGES, "customer", "customer", "", "nope", "../x"])
    pairs = st.lists(
        st.tuples(st.sampled_from(FILTERS), st.one_of(st.sampled_from(VALUES), st.text(max_size=5))), max_size=4
    )
    query = pairs.map(lambda given: urlencode(given, errors="surrogatepass").encode())
    anything = st.builds(
        lambda page, query, rest: f"{page}?".encode() + query + rest, page, query,
        st.one_of(st.just(b""), st.binary(max_size=6)),
    )  # fmt: skip
    user = st.one_of(st.sampled_from(VALUES), st.text(max_size=5))
    searched = user.map(lambda text: f"customer?{urlencode({'user': text}, errors='surrogatepass')}".encode())
    return st.one_of(anything, anything, searched)
