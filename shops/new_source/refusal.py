"""Why no shop could be made of the samples, and the questions whose answers would change that."""

import shlex
from dataclasses import dataclass


class Refused(ValueError):
    """The samples, or what was said about them, do not make a shop: says which file, what, and what to give."""


@dataclass(frozen=True)
class Question:
    """Something that the samples leave open. `answers`: what may be said, and the option that says it.

    `free` names the option where another answer may be given too; `any_column`: any column may be named as `meaning`.
    """

    text: str
    answers: dict[str, dict]
    free: str = ""
    any_column: bool = False
    meaning: str = ""


class Undecided(Refused):
    """Questions that only the shop's own people can answer."""

    def __init__(self, questions: list[Question]):
        self.questions = questions
        lines = []
        for question in questions:
            lines.append(question.text)
            lines += [f"  {as_option(given)}" for given in question.answers.values()]
            if question.any_column:
                lines.append(f"  --map COLUMN={question.meaning}")
        super().__init__("\n".join(lines))


def as_option(given: dict) -> str:
    """An answer as it is given on the command line."""
    return " ".join(f"--{name} {_shell(value)}" for name, value in given.items())


def _shell(value: str) -> str:
    return shlex.quote(value)
