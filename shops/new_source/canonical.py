"""The canonical entities' columns, as the staging models of the canonical layout declare them: one list for all.

In: an entity. Out: its columns, and select expressions that fill them.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parents[2] / "dbt_project" / "models" / "staging" / "canonical"


@dataclass(frozen=True)
class Column:
    """One column of an entity."""

    name: str
    type: str
    description: str


@cache
def columns(entity: str) -> tuple[Column, ...]:
    """In their order."""
    content = yaml.safe_load((FOLDER / f"stg_canonical__{entity}.yml").read_text(encoding="utf-8"))
    return tuple(
        Column(column["name"], column["data_type"], column["description"]) for column in content["models"][0]["columns"]
    )


def filled(entity: str, known: dict[str, str]) -> list[str]:
    """Select expressions of all columns: what is known, null in the column's type for the others."""
    return [
        named(known[column.name], column.name)
        if column.name in known
        else f"cast(null as {_spaced(column.type)}) as {column.name}"
        for column in columns(entity)
    ]


def named(expression: str, name: str) -> str:
    """`expression as name`, the name once where it is the expression."""
    return name if expression == name else f"{expression} as {name}"


def _spaced(kind: str) -> str:
    return kind.replace(",", ", ")
