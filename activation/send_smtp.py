"""E-mail by SMTP: one attempt at one message, in doubt for as short as can be.

In: parcels, a channel's Airflow connection (host, port, login, password; extras: `tls` = starttls | ssl | none,
`ca_file`, and any of `SmtpLimits`). Out: outcomes. Everything up to the final dot is transmitted first; only then comes
`announce`, the dot and the reply (RFC 5321 4.1.1.4: with the reply to the dot the server takes responsibility). Before
the dot, a broken connection means that the server threw the message away; after it, that nobody knows.
"""

import hashlib
import re
import select
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from activation.handover import ChannelFailed, Outcome, Parcel, is_local, overridden
from activation.ledger import DEFERRED, IN_DOUBT, REFUSED, SENT
from shops.declaration import Channel, ShopError

POLICY = SMTP.clone(max_line_length=998, cte_type="7bit")  # RFC 5322 2.1.1; a link must not be folded
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
ENHANCED_CODE = re.compile(rb"\d\.\d{1,3}\.\d{1,3}(?=\s|$)")
CONNECTION_LOST = (OSError, smtplib.SMTPServerDisconnected)


@dataclass(frozen=True)
class SmtpLimits:
    """How patient the sender is."""

    timeout_seconds: float = 60.0  # RFC 5321 4.5.3.2 allows minutes; in doubt for a minute is enough
    connect_attempts: int = 3
    connect_wait_seconds: float = 2.0  # doubles from attempt to attempt
    messages_per_connection: int = 100  # Postfix and others close or slow down longer ones
    journal_seconds: float = 30.0  # how long after the final dot a copy may still come into the journal


def is_address(address: str) -> bool:
    """Can it be written to? Plain ASCII addr-spec of RFC 5321, so nothing in it can end a command or a header."""
    return ADDRESS.fullmatch(address) is not None and len(address) <= 254


def message_id(key: str, channel: Channel) -> str:
    return f"<{key}@{channel.sender.rpartition('@')[2].rstrip('>')}>"


def letter(parcel: Parcel, channel: Channel, at: datetime) -> bytes:
    """The message as bytes: plain text and HTML, with the headers that let a mail program unsubscribe (RFC 8058)."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = channel.sender
    mail["To"] = parcel.address
    mail["Subject"] = parcel.message.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id(parcel.key, channel)
    if parcel.unsubscribe_link:
        mail["List-Unsubscribe"] = f"<{parcel.unsubscribe_link}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(parcel.message.text)
    mail.add_alternative(parcel.message.html, subtype="html")
    mail.set_boundary(hashlib.sha256(parcel.key.encode()).hexdigest()[:32])
    return mail.as_bytes()


class SmtpSender:
    """One connection, opened when needed and again after it broke."""

    def __init__(self, connection, channel: Channel, clock: Callable[[], datetime]):
        self.limits = overridden(SmtpLimits(), connection.extra_dejson)
        self.channel, self._connection, self._clock = channel, connection, clock
        self._tls = connection.extra_dejson.get("tls") or _usual_tls(connection)
        if self._tls not in ("starttls", "ssl", "none"):
            raise ShopError(f"connection '{channel.connection}': tls is starttls, ssl or none, not '{self._tls}'")
        if self._tls == "none" and connection.password and not is_local(connection.host):
            raise ShopError(f"connection '{channel.connection}' would send its password unencrypted; set tls")
        if not is_address(channel.sender):
            raise ShopError("a channel via smtp needs `sender`, a plain address: it becomes From")
        self._server: smtplib.SMTP | None = None
        self._taken = 0

    def send(self, parcel: Parcel, announce: Callable[[], None]) -> Outcome:
        """One attempt. Raises ChannelFailed when there is no server, or it takes no message of ours at all."""
        if not is_address(parcel.address):
            return Outcome(REFUSED, "not an address that can be written to")
        server = self._opened()
        body = letter(parcel, self.channel, self._clock()).replace(b"\n.", b"\n..")  # RFC 5321 4.5.2
        try:
            if outcome := self._envelope(server, parcel.address):
                return outcome
            server.send(body if body.endswith(b"\r\n") else body + b"\r\n")
            if self._has_spoken(server):
                self.close()
                return Outcome(DEFERRED, "connection ended before the message was complete")
        except CONNECTION_LOST:
            self.close()
            return Outcome(DEFERRED, "connection lost before the message was complete")
        announce()
        try:
            server.send(b".\r\n")
            code, reply = server.getreply()
        except CONNECTION_LOST:
            self.close()
            return Outcome(IN_DOUBT, "no reply to the complete message")
        self._taken += 1
        if self._taken >= self.limits.messages_per_connection or code == 421:
            self.close()
        return self._judged(code, reply) or Outcome(SENT, _code(code, reply))

    def close(self) -> None:
        """Leave the server without waiting for it."""
        if self._server:
            self._server.close()
        self._server, self._taken = None, 0

    def _envelope(self, server: smtplib.SMTP, address: str) -> Outcome | None:
        """Sender, recipient, and the wish to send; None when the server wants the message."""
        code, reply = server.mail(self.channel.sender)
        if 500 <= code < 600:
            raise ChannelFailed(f"the mail server refuses the sender ({_code(code, reply)})")
        if 200 <= code < 300:
            code, reply = server.rcpt(address)
        if 200 <= code < 300:
            code, reply = server.docmd("DATA")
        if code == 354:
            return None
        outcome = self._judged(code, reply) or Outcome(DEFERRED, _code(code, reply))
        if code == 421:  # the server is closing
            self.close()
            return outcome
        try:
            server.rset()
        except CONNECTION_LOST:
            self.close()
        return outcome

    def _judged(self, code: int, reply: bytes) -> Outcome | None:
        if 200 <= code < 400:
            return None
        if 500 <= code < 600:
            return Outcome(REFUSED, _code(code, reply))
        return Outcome(DEFERRED if 400 <= code < 500 else IN_DOUBT, _code(code, reply))

    def _has_spoken(self, server: smtplib.SMTP) -> bool:
        """Has the server hung up, or said anything, before the message was complete? (Not to be told under TLS.)"""
        return self._tls == "none" and bool(select.select([server.sock], [], [], 0)[0])

    def _opened(self) -> smtplib.SMTP:
        for attempt in range(self.limits.connect_attempts if not self._server else 0):
            if attempt:
                time.sleep(self.limits.connect_wait_seconds * 2 ** (attempt - 1))
            try:
                self._server = self._connected()
                break
            except smtplib.SMTPAuthenticationError as error:
                last = f"login {error.smtp_code}"
                if error.smtp_code >= 500:
                    raise ChannelFailed(f"the mail server refuses the login ({error.smtp_code})") from None
            except ssl.SSLError as error:
                raise ChannelFailed(f"no encrypted connection to the mail server ({error.reason})") from None
            except (OSError, smtplib.SMTPException) as error:
                last = type(error).__name__
        if not self._server:
            raise ChannelFailed(f"no mail server after {self.limits.connect_attempts} attempts (last: {last})")
        return self._server

    def _connected(self) -> smtplib.SMTP:
        given, domain = self._connection, self.channel.sender.rpartition("@")[2]
        options = {"local_hostname": domain, "timeout": self.limits.timeout_seconds}
        context = ssl.create_default_context(cafile=given.extra_dejson.get("ca_file"))
        if self._tls == "ssl":
            server = smtplib.SMTP_SSL(given.host, given.port or 465, context=context, **options)
        else:
            server = smtplib.SMTP(given.host, given.port or (587 if self._tls == "starttls" else 25), **options)
        try:
            if self._tls == "starttls":
                server.starttls(context=context)
            if given.login:
                server.login(given.login, given.password or "")
            else:
                server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server


def _usual_tls(connection) -> str:
    if connection.port == 465:
        return "ssl"
    return "none" if is_local(connection.host) else "starttls"


def _code(code: int, reply: bytes) -> str:
    """'550 5.1.1': numbers only, since a server's words may repeat the address."""
    found = ENHANCED_CODE.match(reply or b"")
    return f"{code} {found.group().decode()}" if found else str(code)
