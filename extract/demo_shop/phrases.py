"""What customers say: clauses whose aspect and polarity are known because they are put together here.

In: nothing. Out: `CLAUSES` (text), and `clause(language, aspect, polarity, chance)` → its number. Polarity is 0
negative, 1 neutral, 2 positive. Every combination of a subject with a predicate is one clause.
"""

from itertools import product

import numpy as np

LANGUAGES = ("en", "de", "pt")
ASPECTS = ("product quality", "logistics speed", "customer service")
PRODUCT, LOGISTICS, SERVICE = range(3)
NEGATIVE, NEUTRAL, POSITIVE = range(3)

SUBJECTS = {
    ("en", PRODUCT): ("the product", "the quality", "the material", "this item", "the workmanship", "what I bought"),
    ("en", LOGISTICS): ("the delivery", "the shipping", "the parcel", "the courier", "the shipment"),
    ("en", SERVICE): (
        "customer service",
        "the service team",
        "the staff on the phone",
        "the hotline",
        "the service chat",
    ),
    ("de", PRODUCT): ("die Qualität", "das Produkt", "das Material", "die Verarbeitung"),
    ("de", LOGISTICS): ("die Lieferung", "der Versand", "das Paket"),
    ("de", SERVICE): ("der Kundenservice", "der Kundendienst", "die Hotline"),
    ("pt", PRODUCT): ("o produto", "a qualidade", "o material"),
    ("pt", LOGISTICS): ("a entrega", "o envio", "o transporte"),
    ("pt", SERVICE): ("o atendimento", "o serviço ao cliente", "o apoio ao cliente"),
}
PREDICATES = {
    ("en", PRODUCT, POSITIVE): (
        "is excellent",
        "works perfectly",
        "feels great and well made",
        "is better than I hoped",
        "is really beautiful",
        "is simply fantastic",
        "is impressive for this price",
    ),
    ("en", PRODUCT, NEUTRAL): (
        "is as described",
        "is average",
        "looks the same as in the photos",
        "has the usual size",
        "is what the page shows",
    ),
    ("en", PRODUCT, NEGATIVE): (
        "is terrible",
        "is poor and flimsy",
        "is a real disappointment",
        "looks cheap and ugly",
        "was defective and useless",
        "is awful",
        "is not good at all",
    ),
    ("en", LOGISTICS, POSITIVE): (
        "was wonderfully fast",
        "was quick and perfect",
        "arrived early, which was great",
        "was impressively punctual and fast",
        "was super fast",
    ),
    ("en", LOGISTICS, NEUTRAL): (
        "took the announced number of days",
        "came on the usual day",
        "arrived on a Tuesday",
        "came in a brown box",
    ),
    ("en", LOGISTICS, NEGATIVE): (
        "was awfully slow",
        "arrived late and damaged",
        "was delayed again, very annoying",
        "was late, a horrible experience",
        "was terribly slow",
    ),
    ("en", SERVICE, POSITIVE): (
        "was friendly and helpful",
        "was happy to help me",
        "answered with great care",
        "was excellent",
        "was kind and very patient",
    ),
    ("en", SERVICE, NEUTRAL): (
        "replied within the stated time",
        "asked for my order number",
        "sent the standard answer",
        "wrote back on Monday",
    ),
    ("en", SERVICE, NEGATIVE): (
        "was rude and useless",
        "ignored me, which is terrible",
        "was a terrible experience",
        "gave awful answers",
        "was unfriendly and annoying",
    ),
    ("de", PRODUCT, POSITIVE): ("ist ausgezeichnet", "ist wirklich toll", "ist hervorragend"),
    ("de", PRODUCT, NEUTRAL): ("ist wie beschrieben", "ist durchschnittlich"),
    ("de", PRODUCT, NEGATIVE): ("ist schlecht", "ist enttäuschend", "ist leider mangelhaft"),
    ("de", LOGISTICS, POSITIVE): ("war sehr schnell", "war pünktlich und schnell"),
    ("de", LOGISTICS, NEUTRAL): ("kam am angekündigten Tag", "dauerte die üblichen Tage"),
    ("de", LOGISTICS, NEGATIVE): ("war viel zu langsam", "kam verspätet und beschädigt"),
    ("de", SERVICE, POSITIVE): ("war freundlich und hilfsbereit", "war hervorragend"),
    ("de", SERVICE, NEUTRAL): ("fragte nach der Bestellnummer", "antwortete am Montag"),
    ("de", SERVICE, NEGATIVE): ("war unfreundlich", "war schlecht und nutzlos"),
    ("pt", PRODUCT, POSITIVE): ("é excelente", "é muito bom", "é ótimo"),
    ("pt", PRODUCT, NEUTRAL): ("é como descrito", "é normal"),
    ("pt", PRODUCT, NEGATIVE): ("é péssimo", "é muito ruim", "veio com defeito"),
    ("pt", LOGISTICS, POSITIVE): ("foi muito rápido", "chegou antes do prazo"),
    ("pt", LOGISTICS, NEUTRAL): ("demorou o prazo anunciado", "chegou na terça-feira"),
    ("pt", LOGISTICS, NEGATIVE): ("foi muito lento", "chegou atrasado e danificado"),
    ("pt", SERVICE, POSITIVE): ("foi excelente", "foi muito atencioso"),
    ("pt", SERVICE, NEUTRAL): ("pediu o número do pedido", "respondeu na segunda-feira"),
    ("pt", SERVICE, NEGATIVE): ("foi péssimo", "foi grosseiro"),
}
CONTRAST = (", but ", ", aber ", ", mas ")  # between clauses of opposite polarity, by language
TITLES = (
    ("Very disappointed", "Not happy", "It is okay", "Good buy", "Love it"),
    ("Sehr enttäuscht", "Nicht zufrieden", "Es geht", "Guter Kauf", "Begeistert"),
    ("Muito decepcionado", "Insatisfeito", "Razoável", "Boa compra", "Adorei"),
)


def _numbered() -> tuple[list[str], np.ndarray, np.ndarray]:
    texts: list[str] = []
    first = np.zeros((len(LANGUAGES), len(ASPECTS), 3), dtype=np.int64)
    size = np.zeros_like(first)
    for language, aspect, polarity in product(range(len(LANGUAGES)), range(len(ASPECTS)), range(3)):
        subjects = SUBJECTS[LANGUAGES[language], aspect]
        made = [" ".join(pair) for pair in product(subjects, PREDICATES[LANGUAGES[language], aspect, polarity])]
        first[language, aspect, polarity], size[language, aspect, polarity] = len(texts), len(made)
        texts += made
    return texts, first, size


CLAUSES, _FIRST, _SIZE = _numbered()


def clause(language: np.ndarray, aspect: np.ndarray, polarity: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """The number of a clause of this language, aspect and polarity."""
    size = _SIZE[language, aspect, polarity]
    return _FIRST[language, aspect, polarity] + np.floor(chance * size).astype(np.int64)


def told(language: np.ndarray, polarity: np.ndarray, clauses: np.ndarray) -> np.ndarray:
    """Sentences of the clauses given per aspect (column; -1 = not mentioned), joined by full stops or a 'but'."""
    texts = np.array(["", *CLAUSES], dtype=object)
    capital = np.array(["", *(text[0].upper() + text[1:] for text in CLAUSES)], dtype=object)
    contrast = np.array(CONTRAST, dtype=object)[language]
    story = np.full(len(language), "", dtype=object)
    before = np.full(len(language), -1)  # polarity of the clause before, -1 = none yet
    for aspect in range(clauses.shape[1]):
        here = clauses[:, aspect] >= 0
        opposite = here & (before >= 0) & (np.abs(before - polarity[:, aspect]) == 2)
        link = np.where(opposite, contrast, np.where(here & (before >= 0), ". ", ""))
        words = np.where(opposite, texts[clauses[:, aspect] + 1], capital[clauses[:, aspect] + 1])
        story = story + link + np.where(here, words, "")
        before = np.where(here, polarity[:, aspect], before)
    return story + np.where(before >= 0, ".", "")
