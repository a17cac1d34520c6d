"""Stand-ins of the world outside: a mail server that does what a test asks of it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """What a real SMTP server took in. `at_recipient` and `at_data` are answered instead of the usual ones while
    they are set; `hang_up` closes the connection `before` or `after` the text has come. Of more than `most` mails on
    one connection it `says_at_most` what and where: at the `sender` or the `recipient`, or at the `text` before it has
    come."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.connections = 0
        self.at_recipient = ""
        self.at_data = ""
        self.hang_up = ""
        self.most: int | None = None
        self.says_at_most = ("sender", "")
        self.port = 0
        self._open: dict[SMTP, int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        self._open[server] = 0
        self._loop = asyncio.get_running_loop()
        session.host_name = hostname
        return responses

    def drop_all(self) -> None:
        """Close every connection, as a server does that has waited long enough."""
        assert self._loop is not None
        dropped = threading.Event()

        def drop() -> None:
            for server in self._open:
                if server.transport is not None:
                    server.transport.abort()
            self._open.clear()
            dropped.set()

        self._loop.call_soon_threadsafe(drop)
        assert dropped.wait(10)

    def _is_full(self, server: SMTP) -> bool:
        return self.most is not None and self._open[server] >= self.most

    def _enough(self, server: SMTP, where: str) -> str:
        return self.says_at_most[1] if self._is_full(server) and self.says_at_most[0] == where else ""

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if enough := self._enough(server, "sender"):
            return enough
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hang_up == "before":
            server.transport.abort()
            return "421 bye"
        if self.at_recipient:
            return self.at_recipient
        if enough := self._enough(server, "recipient"):
            return enough
        if self._is_full(server) and self.says_at_most[0] == "text":
            # Without a recipient the server answers 503 to DATA.
            return "250 OK"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.at_data:
            return self.at_data
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append(message_from_bytes(content, policy=policy.default))
        self._open[server] += 1
        if self.hang_up == "after":
            server.transport.abort()
        return "250 taken"

    @property
    def smtp(self) -> dict[str, Any]:
        """The settings of a house that sends through this server."""
        return {"host": "127.0.0.1", "port": self.port, "sender": "press@starhearth.example"}


@contextmanager
def mail_server(host: str = "127.0.0.1", port: int = 0, *, certificate: Path | None = None) -> Iterator[Mailbox]:
    """A mail server of this machine, on a free port unless one is named; with a certificate it speaks TLS at once."""
    mailbox = Mailbox()
    with socket.create_server((host, port)) as probe:
        mailbox.port = probe.getsockname()[1]
    proof = None
    if certificate:
        proof = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        proof.load_cert_chain(certificate)
    controller = Controller(mailbox, hostname=host, port=mailbox.port, ssl_context=proof)
    controller.start()
    # The controller knocks once to see that it is open.
    mailbox.connections = 0
    try:
        yield mailbox
    finally:
        controller.stop()
