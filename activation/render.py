"""A contact as words: subject, plain text and HTML, from templates that a marketer can edit.

In: a contact of the plan, the shop, a link to unsubscribe. Out: a `Message`. The words of a strategy are in
`activation/templates/<message_template>.j2`, the layout around them in `message.txt.j2` and `message.html.j2`; a file
of the same name in `shops/templates/<shop>/` goes first. Templates see the offer and names of items, nothing else: no
score, no segment, no reason. They run in Jinja's sandbox; HTML is escaped; control characters and characters that turn
the writing direction never reach a line of a message.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from activation.planned import Contact
from shops.declaration import FOLDER as SHOPS
from shops.declaration import Shop

TEMPLATES = Path(__file__).parent / "templates"
WORDS = ("subject", "lead", "items_heading", "closing")
TURNS_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


class CannotRender(ValueError):
    """A template that is missing or wrong: names it and says what it must give."""


@dataclass(frozen=True)
class Message:
    """What a customer gets to read."""

    subject: str
    text: str
    html: str
    items: tuple[str, ...]


def render(shop: Shop, contact: Contact, unsubscribe_link: str) -> Message:
    """The message of one contact. Raises CannotRender."""
    items = tuple(one_line(name) for name in ([contact.item] if contact.item else []) + list(contact.items))
    given = {
        "shop": one_line(shop.title),
        "discount": percent(contact.discount_rate),
        "payment_method": one_line((contact.payment_method or "").replace("_", " ")),
        "item": items[0] if contact.item else "",
    }
    name = f"{contact.message_template}.j2"
    try:
        environment = templates(shop.name)
        module = environment.get_template(name).make_module(given)
        words = {word: one_line(str(getattr(module, word))) for word in WORDS}
        layout = {**given, **words, "items": items, "unsubscribe_link": unsubscribe_link}
        text = environment.get_template("message.txt.j2").render(layout)
        html = environment.get_template("message.html.j2").render(layout)
    except TemplateNotFound as error:
        raise CannotRender(f"there is no template {error.name} in {TEMPLATES} or {SHOPS / 'templates'}") from error
    except (TemplateError, AttributeError) as error:
        raise CannotRender(f"template {name}: {error}; it must set {', '.join(WORDS)}") from error
    return Message(words["subject"], text, html, items)


@cache
def templates(shop_name: str) -> ImmutableSandboxedEnvironment:
    """Where templates of a shop are looked for."""
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([SHOPS / "templates" / shop_name, TEMPLATES]),
        autoescape=select_autoescape(["html.j2"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def one_line(value: str) -> str:
    """No line break, no control character, no turned direction: fit for a header, a cell, a line of a list."""
    kept = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in value)
    return " ".join(TURNS_DIRECTION.sub("", kept).split())


def percent(rate: Decimal | None) -> str:
    """0.15 as '15 %', 0.125 as '12.5 %'; nothing for no discount."""
    return f"{(Decimal(rate) * 100).normalize():f} %" if rate else ""
