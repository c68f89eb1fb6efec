"""A secret of 32 random bytes in a file that only its owner reads: made once, whole, never twice.

In: a path. Out: the key. Used by the pseudonyms (privacy/pseudonym.py) and the signatures (activation/signing.py).
"""

import contextlib
import os
import secrets
from pathlib import Path

KEY_BYTES = 32


class KeyFileError(ValueError):
    """A file that holds no key, or is missing where none may be made."""


def read(path: Path) -> bytes:
    """The key in this file. Raises KeyFileError for a file that is missing or too short to be a key."""
    try:
        found = path.read_bytes()
    except FileNotFoundError as error:
        raise KeyFileError(f"{path} is missing; put the key there (at least {KEY_BYTES} random bytes)") from error
    if len(found) < KEY_BYTES:
        raise KeyFileError(f"{path} holds {len(found)} bytes; a key has at least {KEY_BYTES}")
    return found


def make(path: Path) -> None:
    """A new key unless there is one. Written aside and linked: whoever is second finds a whole key, never half of one.

    The file is made readable by its owner only; its folder becomes so each time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    if path.exists():
        return
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()
