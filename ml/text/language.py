"""The language of a text, by py3langid (naive Bayes over bytes, 97 languages in 4.5 MB, deterministic).

In: texts and the language that their source declares, if any. Out: an ISO 639-1 code each, `und` where nothing tells.
The declared language and the languages covered are priors: what is written may contradict them, given enough of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

UNDETERMINED = "und"
CHARACTERS_READ = 1_000  # a paragraph tells; more of it only takes time


@dataclass(frozen=True)
class LanguageParameters:
    """What detection starts from. py3langid's probabilities are those of equal priors."""

    # Told apart from the languages covered: neighbours in vocabulary, and the scripts of the larger markets. More
    # candidates would cost accuracy on texts of two words.
    candidates: tuple[str, ...] = (
        *("es", "fr", "it", "nl", "pl", "sv", "da", "cs", "ro", "hu"),
        *("tr", "ru", "uk", "el", "ar", "he", "fa", "hi", "th", "vi", "zh", "ja", "ko"),
    )
    # A language covered over another one: shops cover what their customers write.
    covered_odds: float = 2.0
    declared_odds: float = 1000.0  # the declared language over any other; two sentences of another still win
    least_probability: float = 0.25  # below it the text is `und`; texts of two words seldom reach more


def detect(
    texts: Sequence[str],
    declared: Sequence[str | None],
    covered: Sequence[str],
    parameters: LanguageParameters,
) -> list[str]:
    """The language of each text."""
    identify = _identifier(tuple(sorted({*covered, *parameters.candidates})))
    found = []
    for text, said in zip(texts, declared, strict=True):
        if not any(character.isalpha() for character in text[:CHARACTERS_READ]):
            found.append(UNDETERMINED)
            continue
        said = primary(said)
        weights = {
            language: probability
            * (parameters.covered_odds if language in covered else 1.0)
            * (parameters.declared_odds if language == said else 1.0)
            for language, probability in identify(text[:CHARACTERS_READ])
        }
        best = max(sorted(weights), key=weights.get)
        is_told = weights[best] >= parameters.least_probability * sum(weights.values())
        found.append(best if is_told else UNDETERMINED)
    return found


def primary(tag: str | None) -> str | None:
    """`pt` of `pt-BR`, `pt_PT` or ` PT `."""
    return tag.replace("_", "-").split("-")[0].strip().lower() if isinstance(tag, str) else None


@cache
def _identifier(languages: tuple[str, ...]):
    """text → [(language, probability)], among these languages. Those that py3langid does not know are never found."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([language for language in languages if language in identifier.labels])
    return identifier.rank
