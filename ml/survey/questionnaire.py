"""Which question measures what? The shop's own declaration, checked.

In: the YAML section `ml: {survey: ...}`. Out: one row per question with its dimension, group and scale, and the names
under which scores are told: every dimension, and every group of several dimensions.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

# The paper's own models, tables 7, 9, 10, 11; each as one variable and by dimension. They run where a shop declares
# these groups.
PAPER_REGRESSIONS = (
    {"table": "7", "outcome": "loyalty", "predictors": ["precision_marketing"]},
    {"table": "7", "outcome": "brand_awareness", "predictors": ["precision_marketing"]},
    {"table": "9", "outcome": "perceived_value", "predictors": ["precision_marketing"]},
    {"table": "10", "outcome": "purchase_intention", "predictors": ["perceived_value"]},
    {"table": "11", "outcome": "purchase_intention", "predictors": ["precision_marketing"]},
)
PAPER_MEDIATIONS = (
    {"predictor": "precision_marketing", "mediator": "perceived_value", "outcome": "purchase_intention"},
)


class QuestionnaireError(ValueError):
    """A declaration that contradicts itself: says which entry and what to write instead."""


@dataclass(frozen=True)
class SurveyParameters:
    groups: dict = field(default_factory=dict)  # group: {dimension: [questions]}, or group: [questions]
    reversed: tuple = ()  # questions where a high answer means little: scored minimum + maximum - answer
    scale: tuple = (1, 7)  # smallest and largest answer that the sheet offers; the paper's answers go from 1 to 7
    scales: dict = field(default_factory=dict)  # dimension: [smallest, largest], where it differs from `scale`
    window_days: int = 365  # attitudes age: answers older than a year no longer describe the moment
    regressions: tuple = ()  # {table, outcome, predictors}; none: the paper's
    mediations: tuple = ()  # {predictor, mediator, outcome}; none: the paper's
    min_respondents: int = 30  # below, a mean still moves by a third of a deviation with the next sheet: no number
    confidence: float = 0.95  # of every interval
    resamples: int = 5000  # the ends of a 95 % interval then move by 2 to 3 % of its length with another seed
    max_resampled_groups: int = 2000  # more respondents are resampled in this many random groups: bounds time, memory
    max_vif: float = 1e6  # beyond, predictors are the same column up to rounding, and coefficients are noise
    seed: int = 20250401


@dataclass(frozen=True)
class Questionnaire:
    """questions: one row per question, in order of declaration: question_id, dimension, group, minimum, maximum,
    is_reversed. regressions: (table, outcome, predictors) in names of variables; mediations likewise."""

    questions: pd.DataFrame
    regressions: tuple
    mediations: tuple

    @property
    def dimensions(self) -> list[str]:
        return list(dict.fromkeys(self.questions["dimension"]))

    def members(self, name: str) -> list[str]:
        """The dimensions of a group, or the dimension itself. Raises QuestionnaireError for an unknown name."""
        of_group = list(dict.fromkeys(self.questions.loc[self.questions["group"] == name, "dimension"]))
        if of_group or name in self.dimensions:
            return of_group or [name]
        raise QuestionnaireError(f"ml/survey speaks of '{name}', which is neither a group nor a dimension under groups")

    def variable(self, name: str) -> str:
        """The name of its score: a group of one dimension is that dimension."""
        members = self.members(name)
        return members[0] if len(members) == 1 else name

    def variables(self) -> pd.DataFrame:
        """variable, level (dimension, group), group; dimensions before the groups of several."""
        dimensions = self.questions.drop_duplicates("dimension")[["dimension", "group"]]
        several = [name for name in dict.fromkeys(dimensions["group"]) if len(self.members(name)) > 1]
        rows = [(name, "dimension", group) for name, group in dimensions.itertuples(index=False)]
        return pd.DataFrame(
            [*rows, *((name, "group", name) for name in several)], columns=["variable", "level", "group"]
        )

    def weights(self, names: list[str]) -> np.ndarray:
        """Variable x dimension: a group's score is the mean of its dimensions' scores, whatever their length."""
        place = {name: k for k, name in enumerate(self.dimensions)}
        found = np.zeros((len(names), len(place)))
        for row, name in enumerate(names):
            members = self.members(name)
            found[row, [place[member] for member in members]] = 1 / len(members)
        return found


def questionnaire(params: SurveyParameters) -> Questionnaire:
    """Read the declaration. Raises QuestionnaireError where it contradicts itself."""
    rows = []
    for group, content in params.groups.items():
        for dimension, questions in (content if isinstance(content, dict) else {group: content}).items():
            low, high = params.scales.get(dimension, params.scale)
            rows += [(question, dimension, group, low, high, question in params.reversed) for question in questions]
    columns = ["question_id", "dimension", "group", "minimum", "maximum", "is_reversed"]
    questions = pd.DataFrame(rows, columns=columns).astype({"question_id": str})
    _check(questions, params)
    found = Questionnaire(questions, (), ())
    known = {*questions["group"], *questions["dimension"]}
    regressions = params.regressions or _applicable(PAPER_REGRESSIONS, known)
    mediations = params.mediations or _applicable(PAPER_MEDIATIONS, known)
    return Questionnaire(
        questions,
        tuple(_regression(found, entry) for entry in regressions),
        tuple(dict.fromkeys(_mediation(found, entry) for entry in mediations)),
    )


def _applicable(entries: tuple, known: set[str]) -> tuple:
    """Those whose every name the shop declares."""
    spoken = [{name for key, value in entry.items() if key != "table" for name in _names(value)} for entry in entries]
    return tuple(entry for entry, names in zip(entries, spoken) if names <= known)


def _names(value) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _check(questions: pd.DataFrame, params: SurveyParameters) -> None:
    twice = sorted(set(questions.loc[questions["question_id"].duplicated(), "question_id"]))
    if twice:
        raise QuestionnaireError(
            f"ml/survey/groups: {', '.join(twice)} stands twice; a question measures one dimension"
        )
    homes = questions.drop_duplicates(["dimension", "group"])
    if split := sorted(set(homes.loc[homes["dimension"].duplicated(), "dimension"])):
        raise QuestionnaireError(f"ml/survey/groups: dimension {', '.join(split)} stands in two groups; rename one")
    elsewhere = homes[homes["dimension"].isin(homes["group"])].query("dimension != group")
    sharing = homes[(homes["dimension"] == homes["group"]) & homes["group"].duplicated(keep=False)]
    if clash := sorted({*elsewhere["dimension"], *sharing["dimension"]}):
        raise QuestionnaireError(f"ml/survey/groups: {', '.join(clash)} names a group and a dimension; rename one")
    known = {"reversed": set(questions["question_id"]), "scales": set(questions["dimension"])}
    for entry, names in known.items():
        if unknown := sorted({str(name) for name in getattr(params, entry)} - names):
            raise QuestionnaireError(f"ml/survey/{entry}: {', '.join(unknown)} is not declared under groups")
    if (questions["minimum"] >= questions["maximum"]).any():
        raise QuestionnaireError("ml/survey/scale: the smallest answer must come first, as in [1, 7]")
    mixed = questions.groupby("group")[["minimum", "maximum"]].nunique().max(axis=1)
    if mixed := sorted(mixed.index[mixed > 1]):
        raise QuestionnaireError(
            f"ml/survey/scales: {', '.join(mixed)} mixes scales; its dimensions cannot be averaged"
        )


def _regression(found: Questionnaire, entry: dict) -> tuple[str, str, tuple[str, ...]]:
    """(table, outcome, predictors). Raises QuestionnaireError where one explains itself."""
    if missing := {"table", "outcome", "predictors"} - set(entry):
        raise QuestionnaireError(f"ml/survey/regressions: an entry lacks {', '.join(sorted(missing))}: {entry}")
    outcome, predictors = entry["outcome"], tuple(_names(entry["predictors"]))
    _disjoint(found, [outcome, *predictors], "regressions")
    return str(entry["table"]), outcome, predictors


def _mediation(found: Questionnaire, entry: dict) -> tuple[str, str, str]:
    """(predictor, mediator, outcome)."""
    if missing := {"predictor", "mediator", "outcome"} - set(entry):
        raise QuestionnaireError(f"ml/survey/mediations: an entry lacks {', '.join(sorted(missing))}: {entry}")
    names = (entry["predictor"], entry["mediator"], entry["outcome"])
    _disjoint(found, names, "mediations")
    return tuple(found.variable(name) for name in names)


def _disjoint(found: Questionnaire, names, where: str) -> None:
    members = [member for name in names for member in found.members(name)]
    if len(members) > len(set(members)):
        raise QuestionnaireError(f"ml/survey/{where}: {', '.join(names)} share questions; nothing explains itself")
