"""Real mail servers on localhost: one that keeps what it takes in a Maildir and answers by a script, and one that hangs
up in the middle of a message."""

import mailbox
import socket
import threading
from collections import Counter
from contextlib import contextmanager
from email import message_from_binary_file
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox


class ScriptedMailbox(Mailbox):
    """A Maildir; `recipients` and `contents` hold the replies that an address gets before it is accepted."""

    def __init__(self, folder: Path, recipients=None, contents=None):
        super().__init__(folder)
        self.recipients = {address: list(replies) for address, replies in (recipients or {}).items()}
        self.contents = {address: list(replies) for address, replies in (contents or {}).items()}

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.recipients.get(address):
            return self.recipients[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        if self.contents.get(address):
            return self.contents[address].pop(0)
        return await super().handle_DATA(server, session, envelope)


@contextmanager
def serving(handler, **options):
    """The server's port, for as long as the block lasts."""
    controller = Controller(handler, hostname="127.0.0.1", port=0, **options)
    controller._localhost = "127.0.0.1"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def hanging_up(when: str):
    """A server that closes the connection `mid_data`, or `after_dot` without a reply; yields (port, times it did)."""
    listener = socket.create_server(("127.0.0.1", 0))
    count = Counter()

    def talk(peer):
        with peer, peer.makefile("rb") as lines:
            peer.sendall(b"220 ready\r\n")
            for line in lines:
                verb = line[:4].upper()
                if verb != b"DATA":
                    peer.sendall(b"250 OK\r\n")
                    continue
                peer.sendall(b"354 go on\r\n")
                if when == "after_dot":
                    while lines.readline() not in (b".\r\n", b""):
                        pass
                else:
                    lines.readline()
                count[when] += 1
                return

    def accept():
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(peer,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1], count
    finally:
        listener.close()


def letters(folder: Path) -> list:
    """Every message of a Maildir."""
    found = []
    for part in ("new", "cur"):
        for path in sorted((folder / part).glob("*")):
            with open(path, "rb") as file:
                found.append(message_from_binary_file(file, policy=default))
    return found


def received(folder: Path) -> Counter:
    """{address: messages it has}."""
    return Counter(str(letter["To"]) for letter in letters(folder))


def empty_maildir(folder: Path) -> Path:
    mailbox.Maildir(folder)
    return folder
