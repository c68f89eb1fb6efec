"""What only this shop can have written: tokens in unsubscribe links, and the identity of a message.

In: a key of 32 bytes, made once per shop and kept in `<shop>/activation/signing.key`, readable by its owner only (put a
key of your own there before the first run if several machines are to agree without sharing the folder). Out: tokens.
HMAC-SHA256 throughout (RFC 2104). The key is never logged and reaches no table.
"""

import base64
import binascii
import hashlib
import hmac

from privacy import key_file
from shops.declaration import Shop
from warehouse import paths


class SigningError(ValueError):
    """A key that is no key, or a token that this shop did not sign."""


def key(shop: Shop) -> bytes:
    """The shop's key; made when there is none yet. Raises SigningError for a file that is too short to be one."""
    path = paths.of(shop.name).activation / "signing.key"
    key_file.make(path)
    try:
        return key_file.read(path)
    except key_file.KeyFileError as error:
        raise SigningError(str(error)) from error


def message_key(signing_key: bytes, campaign_id: str, user_id: str) -> str:
    """The same for every attempt at one (campaign, user): Message-ID, Idempotency-Key. 32 hexadecimal digits."""
    return _digest(signing_key, "message", campaign_id, user_id).hex()[:32]


def unsubscribe_token(signing_key: bytes, shop_name: str, user_id: str) -> str:
    """Stands for the customer in a link; nobody without the key can make one for somebody else."""
    return f"{_text(user_id.encode())}.{_text(_digest(signing_key, 'unsubscribe', shop_name, user_id))}"


def unsubscribed(signing_key: bytes, shop_name: str, token: str) -> str:
    """The customer whose link this is. Raises SigningError for a token that was not signed with this key."""
    try:
        name, signature = token.split(".")
        user_id, given = _bytes(name).decode(), _bytes(signature)
    except (ValueError, binascii.Error):
        user_id, given = "", b""
    if not hmac.compare_digest(given, _digest(signing_key, "unsubscribe", shop_name, user_id)):
        raise SigningError("this unsubscribe token was not issued by this shop, or is cut short")
    return user_id


def _digest(signing_key: bytes, *parts: str) -> bytes:
    """Lengths first, so that ("ab", "c") and ("a", "bc") differ."""
    return hmac.digest(signing_key, "".join(f"{len(part)}:{part}" for part in parts).encode(), hashlib.sha256)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(value: str) -> bytes:
    return base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
