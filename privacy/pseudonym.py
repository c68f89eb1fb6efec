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
from pathlib import Path

from privacy import key_file
from shops.declaration import Shop
from warehouse import paths

KEY_FILE = "PRECISION_PSEUDONYM_KEY_FILE"
DIGITS = 32


class KeyLost(ValueError):
    """Pseudonyms exist, but the key that made them does not: a new one would break every join with them."""


def pseudonym(key: bytes, value: str) -> str:
    """32 hexadecimal digits that stand for the value."""
    return hmac.digest(key, value.encode(), hashlib.sha256).hex()[:DIGITS]


def key_path(shop: Shop) -> Path:
    """Where the key of this shop lies, whether it exists or not."""
    given = os.environ.get(KEY_FILE)
    return Path(given) if given else paths.of(shop.name).keys / "pseudonym.key"


def key(shop: Shop) -> bytes:
    """The shop's key; made when there is none yet and nothing of the shop bears a pseudonym.

    Raises KeyLost where values were replaced with a key that is gone, and KeyFileError (privacy/key_file.py) for a file
    that is no key, or is missing although PRECISION_PSEUDONYM_KEY_FILE names it.
    """
    path = key_path(shop)
    if not os.environ.get(KEY_FILE) and not path.exists():
        if paths.of(shop.name).vault.exists():
            raise KeyLost(
                f"{path} is missing, but {shop.name} has landed pseudonyms. Put the key back from its backup; without "
                "one, delete the shop's landing, quarantine, vault and warehouse and load all history with a new key"
            )
        key_file.make(path)
    return hmac.digest(key_file.read(path), shop.name.encode(), hashlib.sha256)


def known_as(shop: Shop, value: str) -> tuple[str, ...]:
    """The words under which a person given in the shop's own words may stand in its tables.

    As given and, where the shop replaces anything, as its pseudonym; a pseudonym that was given stands for itself.
    """
    if not shop.personal.columns or not (os.environ.get(KEY_FILE) or key_path(shop).exists()):
        return (value,)
    return (value, pseudonym(key(shop), value))
