"""What every way of sending has in common: the parcel that goes in, the outcome that comes out, when a channel is down.

A sender is an object with `send(parcel, announce) -> Outcome` and `close()`. It calls `announce()` just before the step
after which nobody can know any more whether the receiver has the message, and makes one attempt only: what is deferred
is tried again by activation/deliver.py.
"""

from dataclasses import dataclass, fields

from activation.planned import Contact
from activation.render import Message


@dataclass(frozen=True)
class Parcel:
    """All that a sender needs of one message. `key` is the same for every attempt at this (campaign, customer)."""

    contact: Contact
    message: Message
    address: str
    key: str
    unsubscribe_link: str


@dataclass(frozen=True)
class Outcome:
    """event: sent, deferred, refused or handing_over (in doubt). `reason` holds codes, never a text of the server,
    which may repeat the address. `pause_seconds`: the receiver wants no message at all for so long."""

    event: str
    reason: str = ""
    pause_seconds: float = 0.0


class ChannelFailed(RuntimeError):
    """The channel as a whole takes nothing now: what is queued stays queued."""


def overridden(defaults, extra: dict):
    """The dataclass `defaults` with what the extras of an Airflow connection give by the same names."""
    names = [each.name for each in fields(defaults)]
    return type(defaults)(**{**vars(defaults), **{name: extra[name] for name in names if name in extra}})


def is_local(host: str | None) -> bool:
    """Does it stay on this machine, so that it needs no encryption?"""
    return host in ("localhost", "127.0.0.1", "::1")
