"""What stands in the place of a value that identifies a person: the same for the same value, meaningless without a key.

In: a shop's key and a value as the shop writes it. Out: 32 hexadecimal digits of HMAC-SHA256 (RFC 2104). The same value
has the same pseudonym in every column of every table, so joins hold. The key lies in `<shop>/keys/pseudonym.key`, made
when first needed and readable by its owner only, or in the file that PRECISION_PSEUDONYM_KEY_FILE names. It is mixed
with the shop's name: a person known to two shops has two pseudonyms, also where both read one file. It is never logged
and reaches no table.
"""

import hashlib
import hmac
import os
import re
from pathlib import Path

from privacy import key_file
from shops.declaration import Shop, ShopError, load
from warehouse import paths

KEY_FILE = "PRECISION_PSEUDONYM_KEY_FILE"
DIGITS = 32
FLOAT = re.compile(r"\d+\.0+")
REMEDY = (
    "Put the key back from its backup. Without one, delete the shop's vault, landing, quarantine and warehouse and "
    "load all history again (docs/privacy.md)"
)


class KeyLost(ValueError):
    """Pseudonyms exist, but the key that made them does not: another one would break every join with them."""


def plain(value: str) -> str:
    """A value without what its way here may have added: blanks around it, and the .0 of a number with gaps."""
    stripped = value.strip()
    return stripped.partition(".")[0] if FLOAT.fullmatch(stripped) else stripped


def pseudonym(key: bytes, value: str) -> str:
    """32 hexadecimal digits that stand for the plain value."""
    return hmac.digest(key, plain(value).encode(), hashlib.sha256).hex()[:DIGITS]


def key_path(shop: Shop) -> Path:
    """Where the key of this shop lies, whether it exists or not."""
    given = os.environ.get(KEY_FILE)
    return Path(given) if given else paths.of(shop.name).keys / "pseudonym.key"


def key(shop: Shop) -> bytes:
    """The shop's key; made when there is none yet and nothing of the shop bears a pseudonym.

    Raises KeyLost where values were replaced with a key that is gone or is another one, and KeyFileError
    (privacy/key_file.py) for a file that is no key, or is missing although PRECISION_PSEUDONYM_KEY_FILE names it.
    """
    path, mark = key_path(shop), _mark_path(shop)
    if not os.environ.get(KEY_FILE) and not mark.exists():
        key_file.make(path)
    if mark.exists() and not path.exists():
        raise KeyLost(f"{path} is missing, but {shop.name} has landed pseudonyms. {REMEDY}")
    found = hmac.digest(key_file.read(path), shop.name.encode(), hashlib.sha256)
    if mark.exists() and mark.read_text(encoding="ascii") != _mark(found):
        raise KeyLost(f"{path} is not the key with which {shop.name} has landed pseudonyms. {REMEDY}")
    return found


def mark_key(shop: Shop) -> None:
    """Note in the vault which key its pseudonyms are made with, so that no other is used beside it."""
    path = _mark_path(shop)
    if not path.exists():
        aside = path.with_name(f".{path.name}-{os.getpid()}")
        aside.write_text(_mark(key(shop)), encoding="ascii")
        aside.chmod(0o600)
        os.replace(aside, path)


def _mark(found: bytes) -> str:
    """Tells one key from another, and nothing about either."""
    return hmac.digest(found, b"mark", hashlib.sha256).hex()


def _mark_path(shop: Shop) -> Path:
    return paths.of(shop.name).vault / "key.mark"


def known_as(shop: Shop, *values: str) -> tuple[str, ...]:
    """The words under which customers given in the shop's own words may stand in its tables.

    As given and, where the shop replaces its customers' ids, as the pseudonym; a pseudonym given stands for itself.
    """
    if not replaces_customers(shop) or not key_path(shop).exists():
        return values
    secret = key(shop)
    return (*values, *(pseudonym(secret, value) for value in values))


def asked_for(shop_name: str, value: str) -> tuple[str, ...]:
    """`known_as` for whoever looks at what is published: the declaration, or the key, may be gone since; then ids as
    in the marts are still found.
    """
    try:
        return known_as(load(shop_name), value)
    except (ShopError, KeyLost, key_file.KeyFileError):
        return (value,)


def replaces_customers(shop: Shop) -> bool:
    """Do its tables name customers by pseudonym?"""
    return bool(set(shop.personal.customer) & set(shop.personal.columns))
