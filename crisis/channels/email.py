"""A released statement by SMTP. The one moment after which nobody can tell whether it arrived is marked.

Mails that follow each other go over one line to the server: many servers refuse whoever knocks a thousand times.
What a server says against a mail on a line that carried others may be about those others: it is asked once more on a
line of the mail's own, as long as it has seen nothing of the text. So a shared line never changes what becomes of one.
"""

from __future__ import annotations

import smtplib
import ssl
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self

from crisis.channels.message import (
    ChannelFailed,
    ChannelRefused,
    ChannelUncertain,
    Message,
    Receipt,
    refuse_in_drill,
)

TIMEOUT_S = 30.0
FAREWELL_S = 3.0
# RFC 8314, 3.3: submission with TLS from the first byte.
IMPLICIT_TLS = 465
# Both are found before anything is said, also no password: whoever mends it can have the mail tried again.
UNPROVEN = "the certificate does not prove the name of the server"
UNENCRYPTED = "the password would travel unencrypted: choose STARTTLS or port 465 at the mail server"
NO_TLS = "the server does not speak TLS at this port"


def compose(message: Message, *, to_name: str, to: str, sender: str) -> EmailMessage:
    """The mail of a message to one recipient. Its Message-ID is the same at every try. Raises ChannelRefused."""
    mail = EmailMessage()
    # A line break in a title or a name would smuggle a header in. The library refuses most of them, but lets a lone
    # carriage return pass, which many servers read as the end of a line.
    for value in (message.title, message.organisation, to_name, to, sender):
        if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in value):
            raise ChannelRefused("a control character in a title or a name", message=message.id)
    try:
        mail["Subject"] = message.title
        mail["From"] = Address(display_name=message.organisation, addr_spec=sender)
        mail["To"] = Address(display_name=to_name, addr_spec=to)
    except (ValueError, IndexError, MessageError) as error:
        raise ChannelRefused(str(error), message=message.id) from None
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.id}.{abs(hash_of(to)):x}@{sender.rpartition('@')[2] or 'localhost'}>"
    mail["X-Statement-SHA256"] = message.hash
    # Setting the text drops every header that begins with Content-, so the language follows it.
    mail.set_content(message.text, charset="utf-8", cte="base64")
    mail["Content-Language"] = "zh-Hans" if message.lang == "zh" else "en"
    return mail


def hash_of(text: str) -> int:
    """A number of a text that is the same in every process."""
    value = 0
    for char in text:
        value = (value * 131 + ord(char)) % (1 << 61)
    return value


def _is_private(smtp: Mapping[str, Any]) -> bool:
    """Whether nobody between here and the mail server can read what is said to it."""
    encrypted = bool(smtp.get("starttls")) or int(smtp.get("port", 25)) == IMPLICIT_TLS
    return encrypted or str(smtp["host"]) in ("localhost", "127.0.0.1", "::1")


class Post:
    """The line to the mail server, kept from one mail to the next. For one thread, which hangs up when it is done.

    The server's certificate must hold before `trust`: the authorities of this machine.
    """

    def __init__(self, trust: Callable[[], ssl.SSLContext] = ssl.create_default_context) -> None:
        self._trust = trust
        self._server: smtplib.SMTP | None = None
        self._settings: Mapping[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()

    def holds(self, smtp: Mapping[str, Any]) -> bool:
        """Whether a line that was opened with these settings is open, as far as can be told from here."""
        return self._server is not None and self._server.sock is not None and self._settings == smtp

    def line(self, smtp: Mapping[str, Any]) -> smtplib.SMTP:
        """The open line, or a new one, signed in. Raises what smtplib and sockets raise."""
        if self._server is None or not self.holds(smtp):
            self.hang_up()
            self._server = self._reached(smtp)
            self._settings = dict(smtp)
            if smtp.get("starttls") and not isinstance(self._server, smtplib.SMTP_SSL):
                self._server.starttls(context=self._trust())
            if smtp.get("user"):
                self._server.login(str(smtp["user"]), str(smtp.get("password", "")))
            self._server.ehlo_or_helo_if_needed()
        return self._server

    def _reached(self, smtp: Mapping[str, Any]) -> smtplib.SMTP:
        """The mail server, encrypted from the first byte at port 465 (RFC 8314)."""
        host, port = str(smtp["host"]), int(smtp.get("port", 25))
        if port == IMPLICIT_TLS:
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=self._trust())
        return smtplib.SMTP(host, port, timeout=TIMEOUT_S)

    def hang_up(self) -> None:
        """Take leave of the server, if there is one; how it takes that changes nothing."""
        server, self._server = self._server, None
        if server is None:
            return
        with suppress(smtplib.SMTPException, OSError):
            if server.sock is not None:
                server.sock.settimeout(FAREWELL_S)
                server.quit()
        server.close()


class _Unseen(Exception):
    """The server has seen nothing of the text. `outcome` is what that means for the mail, unless it is asked again."""

    def __init__(self, outcome: ChannelRefused | ChannelFailed) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


def send(
    message: Message,
    *,
    to_name: str,
    to: str,
    smtp: Mapping[str, Any],
    before_data: Callable[[], None],
    post: Post,
) -> Receipt:
    """The receipt of the mail server. The line of `post` stays open for the next mail when it took this one.

    `before_data` is called once, when sender and recipient are accepted and the text follows next: before it a try
    can be repeated, after it not. Raises ChannelRefused, ChannelFailed, ChannelUncertain.
    """
    refuse_in_drill(message)
    sender = str(smtp.get("sender", ""))
    if not smtp.get("host") or not sender:
        raise ChannelRefused("no mail server is set up", message=message.id)
    if smtp.get("user") and not _is_private(smtp):
        raise ChannelRefused(UNENCRYPTED, message=message.id)
    mail = compose(message, to_name=to_name, to=to, sender=sender)
    announced = False

    def announce() -> None:
        nonlocal announced
        if not announced:
            before_data()
            announced = True

    shared = post.holds(smtp)
    try:
        return _hand_over(mail, to=to, smtp=smtp, before_data=announce, post=post)
    except _Unseen as unseen:
        if not shared:
            raise unseen.outcome from unseen
    try:
        return _hand_over(mail, to=to, smtp=smtp, before_data=announce, post=post)
    except _Unseen as unseen:
        raise unseen.outcome from unseen


def _hand_over(
    mail: EmailMessage, *, to: str, smtp: Mapping[str, Any], before_data: Callable[[], None], post: Post
) -> Receipt:
    """The receipt of a mail at one line, which is closed by whatever is raised: _Unseen, or as `send` does."""
    data = mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
    handed_over = taken = False
    try:
        server = post.line(smtp)
        for code, answer in (server.mail(str(smtp["sender"])), server.rcpt(to)):
            if code >= 400:
                raise _Unseen(_said(code, answer, to=to))
        before_data()
        handed_over = True
        code, answer = server.data(data)
        if code >= 400:
            raise _said(code, answer, to=to)
        taken = True
        reply = answer.decode("utf-8", "replace")
        return Receipt(reference=str(mail["Message-ID"]), details={"answer": reply, "code": code, "to": to})
    except smtplib.SMTPDataError as error:
        # The server did not even want to see the text: it has nothing of it.
        refused = error.smtp_code >= 500
        outcome = (ChannelRefused if refused else ChannelFailed)(str(error), code=error.smtp_code, to=to)
        raise _Unseen(outcome) from error
    except (smtplib.SMTPException, OSError) as error:
        if handed_over:
            raise ChannelUncertain(str(error), to=to) from error
        unproven = isinstance(error, ssl.SSLCertVerificationError)
        what = UNPROVEN if unproven else NO_TLS if isinstance(error, ssl.SSLError) else str(error)
        raise _Unseen(ChannelFailed(what, to=to)) from error
    finally:
        if not taken:
            post.hang_up()


def _said(code: int, answer: bytes, *, to: str) -> ChannelRefused | ChannelFailed:
    """What a server's refusal means for a mail: from 500 on, trying again cannot help (RFC 5321, 4.2.1)."""
    kind = ChannelRefused if code >= 500 else ChannelFailed
    return kind(answer.decode("utf-8", "replace"), code=code, to=to)
