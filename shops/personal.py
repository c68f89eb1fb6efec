"""What of a shop identifies a person, as its declaration names it (docs/privacy.md).

In: the key `personal` of a shop's YAML. Out: a frozen `Personal`, and why one cannot be used.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Personal:
    """What is replaced before anything is landed, and how little is kept and shown."""

    columns: tuple[str, ...] = ()  # of any table, by name: their values are replaced by pseudonyms
    free_text: tuple[str, ...] = ("feedback_text", "post_text", "review_text", "title")  # addresses, numbers: masked
    customer: tuple[str, ...] = ("user_id",)  # raw columns that hold the customer's own id: whose row it is
    smallest_cell: int = 5  # a published count of fewer people is not shown
    keep_days: dict[str, int] = field(default_factory=dict)  # how long what is kept


def fault(personal: Personal, sources: tuple, given: tuple[str, ...]) -> str | None:
    """Why this cannot be: a name that no table of the sources has, or a type that cannot hold a pseudonym."""
    tables = {f"sources/{source.name}/tables/{table.name}": table for source in sources for table in source.tables}
    known = {name for table in tables.values() for name in table.columns}
    for key in sorted({"columns", "free_text", "customer"} & set(given)):
        if unknown := [name for name in getattr(personal, key) if name not in known]:
            return f"personal/{key}: no table has a column {', '.join(unknown)}; name it as the source does"
    for place, table in tables.items():
        for name in personal.columns:
            if (kind := table.columns.get(name, "string")) != "string":
                return f"{place}/columns/{name}: is {kind}, but a pseudonym is text: declare it string"
    return None
