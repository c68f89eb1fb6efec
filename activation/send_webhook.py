"""A message as an HTTP POST (push services, social audiences, CRM): one attempt, which the receiver may see twice.

In: parcels, a channel's Airflow connection (host, port, `schema` http or https; password = bearer token; extras:
`path`, `signing_key`, and any of `WebhookLimits`). Out: outcomes. Header `Idempotency-Key` is the same for every
attempt at a (campaign, customer), so what is in doubt is sent again and the receiver drops the repetition. Header
`X-Signature` is `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`: who has the signing key can tell that the message
is ours and new.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from activation.handover import ChannelFailed, Outcome, Parcel, is_local, overridden
from activation.ledger import DEFERRED, IN_DOUBT, REFUSED, SENT
from shops.declaration import Channel, ShopError

TRY_AGAIN = (408, 409, 425, 429)  # timeout, same key under way, too early, too many
FOR_ALL = (401, 403, 404, 405)  # no customer's fault: token, address or method of the channel are wrong


@dataclass(frozen=True)
class WebhookLimits:
    """How patient the sender is."""

    timeout_seconds: float = 20.0  # for connecting, writing and reading each
    most_pause_seconds: float = 120.0  # a longer Retry-After is not waited for: the rest stays queued


def body(parcel: Parcel) -> bytes:
    """What is posted: the same bytes at every attempt."""
    contact, message = parcel.contact, parcel.message
    content = {
        "campaign_id": contact.campaign_id,
        "user_id": contact.user_id,
        "address": parcel.address or None,
        "channel": contact.channel,
        "strategy": contact.strategy,
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "items": list(message.items),
        "discount_rate": str(contact.discount_rate) if contact.discount_rate is not None else None,
        "payment_method": contact.payment_method,
        "unsubscribe_link": parcel.unsubscribe_link or None,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def signature(signing_key: str, at: datetime, content: bytes) -> str:
    """Value of X-Signature."""
    seconds = int(at.timestamp())
    digest = hmac.new(signing_key.encode(), f"{seconds}.".encode() + content, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


class WebhookSender:
    """One HTTP client for as long as the run lasts."""

    def __init__(self, connection, channel: Channel, clock: Callable[[], datetime]):
        extra = connection.extra_dejson
        self.limits, self._clock = overridden(WebhookLimits(), extra), clock
        self._signing_key = extra.get("signing_key") or connection.password
        schema = connection.schema or ("http" if is_local(connection.host) else "https")
        if schema != "https" and not is_local(connection.host):
            raise ShopError(f"connection '{channel.connection}' is not https: customers' data must not travel in clear")
        if not self._signing_key:
            raise ShopError(f"connection '{channel.connection}' needs extra `signing_key`, or a password to sign with")
        port = f":{connection.port}" if connection.port else ""
        self._url = f"{schema}://{connection.host}{port}{extra.get('path', '/')}"
        self._token = connection.password
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses of webhooks, which may hold a secret
        self._client = httpx.Client(timeout=self.limits.timeout_seconds, follow_redirects=False, trust_env=False)

    def send(self, parcel: Parcel, announce: Callable[[], None]) -> Outcome:
        """One attempt. Raises ChannelFailed where no message at all can get through."""
        content = body(parcel)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.key,
            "X-Signature": signature(self._signing_key, self._clock(), content),
            **({"Authorization": f"Bearer {self._token}"} if self._token else {}),
        }
        announce()
        try:
            reply = self._client.post(self._url, content=content, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Outcome(DEFERRED, type(error).__name__)
        except httpx.TransportError as error:
            return Outcome(IN_DOUBT, type(error).__name__)
        code = reply.status_code
        if 200 <= code < 300:
            return Outcome(SENT, str(code))
        if code in FOR_ALL or 300 <= code < 400:
            raise ChannelFailed(f"the receiver answers {code}: address, token or method of the connection are wrong")
        if code in TRY_AGAIN or code >= 500:
            pause = _retry_after(reply.headers.get("Retry-After"), self._clock())
            if pause > self.limits.most_pause_seconds:
                raise ChannelFailed(f"the receiver answers {code} and wants to be left alone for {pause:.0f} s")
            return Outcome(DEFERRED, str(code), pause)
        return Outcome(REFUSED, str(code))

    def close(self) -> None:
        self._client.close()


def _retry_after(value: str | None, now: datetime) -> float:
    """Seconds of a Retry-After header, given as seconds or as a date (RFC 9110 10.2.3); 0 without one."""
    if not value:
        return 0.0
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0
