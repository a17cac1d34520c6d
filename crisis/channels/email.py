"""A released statement by SMTP. The one moment after which nobody can tell whether it arrived is marked."""

from __future__ import annotations

import smtplib
import ssl
import unicodedata
from collections.abc import Callable, Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from crisis.channels.message import (
    ChannelFailed,
    ChannelRefused,
    ChannelUncertain,
    Message,
    Receipt,
    refuse_in_drill,
)

TIMEOUT_S = 30.0
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


def _connect(smtp: Mapping[str, Any], trust: Callable[[], ssl.SSLContext]) -> smtplib.SMTP:
    """The mail server, encrypted from the first byte at port 465 (RFC 8314)."""
    host, port = str(smtp["host"]), int(smtp.get("port", 25))
    if port == IMPLICIT_TLS:
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=trust())
    return smtplib.SMTP(host, port, timeout=TIMEOUT_S)


def _is_private(smtp: Mapping[str, Any]) -> bool:
    """Whether nobody between here and the mail server can read what is said to it."""
    encrypted = bool(smtp.get("starttls")) or int(smtp.get("port", 25)) == IMPLICIT_TLS
    return encrypted or str(smtp["host"]) in ("localhost", "127.0.0.1", "::1")


def send(
    message: Message,
    *,
    to_name: str,
    to: str,
    smtp: Mapping[str, Any],
    before_data: Callable[[], None],
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
) -> Receipt:
    """The receipt of the mail server, whose certificate must hold before `trust`: the authorities of this machine.

    `before_data` is called when sender and recipient are accepted and the text follows next: before it a try
    can be repeated, after it not. Raises ChannelRefused, ChannelFailed, ChannelUncertain.
    """
    refuse_in_drill(message)
    sender = str(smtp.get("sender", ""))
    if not smtp.get("host") or not sender:
        raise ChannelRefused("no mail server is set up", message=message.id)
    if smtp.get("user") and not _is_private(smtp):
        raise ChannelRefused(UNENCRYPTED, message=message.id)
    mail = compose(message, to_name=to_name, to=to, sender=sender)
    data = mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
    handed_over = False
    receipt: Receipt | None = None
    try:
        with _connect(smtp, trust) as server:
            if smtp.get("starttls") and not isinstance(server, smtplib.SMTP_SSL):
                server.starttls(context=trust())
            if smtp.get("user"):
                server.login(str(smtp["user"]), str(smtp.get("password", "")))
            server.ehlo_or_helo_if_needed()
            for code, answer in (server.mail(sender), server.rcpt(to)):
                if code >= 500:
                    raise ChannelRefused(answer.decode("utf-8", "replace"), code=code, to=to)
                if code >= 400:
                    raise ChannelFailed(answer.decode("utf-8", "replace"), code=code, to=to)
            before_data()
            handed_over = True
            code, answer = server.data(data)
            if code >= 500:
                raise ChannelRefused(answer.decode("utf-8", "replace"), code=code, to=to)
            if code >= 400:
                handed_over = False
                raise ChannelFailed(answer.decode("utf-8", "replace"), code=code, to=to)
            reply = answer.decode("utf-8", "replace")
            receipt = Receipt(reference=str(mail["Message-ID"]), details={"answer": reply, "code": code, "to": to})
    except smtplib.SMTPDataError as error:
        # The server did not even want to see the text: it has nothing of it.
        if error.smtp_code >= 500:
            raise ChannelRefused(str(error), code=error.smtp_code, to=to) from error
        raise ChannelFailed(str(error), code=error.smtp_code, to=to) from error
    except ssl.SSLCertVerificationError as error:
        raise ChannelFailed(UNPROVEN, to=to) from error
    except (smtplib.SMTPException, OSError) as error:
        if isinstance(error, ssl.SSLError) and not handed_over:
            raise ChannelFailed(NO_TLS, to=to) from error
        if receipt is not None:
            # Accepted already; only the farewell failed.
            return receipt
        kind = ChannelUncertain if handed_over else ChannelFailed
        raise kind(str(error), to=to) from error
    return receipt
