"""The questions with their SQL in `dbt_project/analyses`, as they run on published marts.

In: the files. Out: per name the question and plain SQL, whose tables are `marts.<name>` as `open_published` has them.
A query that names its tables by `ref` alone needs no dbt to be read; others (the survey tables of L) are left to dbt.
"""

import re
from dataclasses import dataclass

from warehouse import paths

FOLDER = paths.REPOSITORY / "dbt_project" / "analyses"
REF = re.compile(r"\{\{ ref\('([a-z0-9_]+)'\) \}\}")


@dataclass(frozen=True)
class ExampleQuery:
    """`question` is the first line of the file's comment; `sql` the whole file, comment included, ready to run."""

    name: str
    question: str
    sql: str
    marts: tuple[str, ...]


def load() -> dict[str, ExampleQuery]:
    """All of them by name, in the order of the names."""
    found = {}
    for path in sorted(FOLDER.glob("*.sql")):
        raw = path.read_text(encoding="utf-8")
        if is_plain(raw):
            question = raw.splitlines()[0].removeprefix("--").strip()
            found[path.stem] = ExampleQuery(
                path.stem, question, for_published(raw), tuple(sorted(set(REF.findall(raw))))
            )
    return found


def is_plain(raw: str) -> bool:
    """Whether `ref` is all that the file asks of dbt."""
    return "{{" not in REF.sub("", raw) and "{%" not in raw


def for_published(raw: str) -> str:
    """The file's SQL with each `ref` as the published table."""
    return REF.sub(r"marts.\1", raw).strip() + "\n"
