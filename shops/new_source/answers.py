"""What the user said about the samples, on the command line or when asked."""

from dataclasses import dataclass, field, replace

from shops.new_source.refusal import Refused

ORDERS_OF_DAYS = ("", "day-first", "month-first")


@dataclass(frozen=True)
class Answers:
    """`meanings`: {column or table.column: meaning}. Empty texts: nothing was said."""

    meanings: dict[str, str] = field(default_factory=dict)
    timezone: str = ""
    currency: str = ""
    dates: str = ""

    def and_also(self, given: dict[str, str]) -> "Answers":
        """With an answer as `Question.answers` holds it."""
        if "map" in given:
            return replace(self, meanings={**self.meanings, **mapped([given["map"]])})
        return replace(self, **given)


def mapped(texts: list[str]) -> dict[str, str]:
    """`column=meaning` of the command line. Raises Refused for what is not so written."""
    found = {}
    for text in texts:
        column, equals, meaning = text.rpartition("=")
        if not equals or not column:
            raise Refused(f"--map {text}: write column=meaning, e.g. --map KdNr=customer")
        found[column.strip()] = meaning.strip()
    return found


def order_of_days(text: str) -> str:
    """Raises Refused for another order than the two."""
    if text not in ORDERS_OF_DAYS:
        raise Refused(f"--dates {text}: say {' or '.join(ORDERS_OF_DAYS[1:])}")
    return text
