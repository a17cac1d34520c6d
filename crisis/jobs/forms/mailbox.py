"""A mailbox read by IMAP, without marking anything as read. How far it was read is kept; each mail is its evidence."""

from __future__ import annotations

import asyncio
import hashlib
import imaplib
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Self

from crisis.core.sources import Source
from crisis.jobs.forms.visit import Found, Visit
from crisis.settings import Settings
from monitors.feeds import NotAFeed
from monitors.fetch import Body, Failed, Unchanged
from monitors.sources import mailbox
from monitors.sources.apart import feed_of, listing_or_why
from monitors.sources.listing import Listing, NotASource
from monitors.sources.mailbox import Imap, Place

# Mails of one visit, and their bytes: what is left waits for the next one.
MOST_MAILS = 30
MOST_BYTES = 32 * 1024 * 1024
# Of one answer of the server, and of a visit.
LONGEST_S = 30.0
LONGEST_VISIT_S = 60.0


class _Trouble(Exception):
    """The mailbox cannot be read now; `code` is worded on the page of the source."""

    def __init__(self, code: str, *, permanent: bool = False) -> None:
        self.code = code
        self.permanent = permanent
        super().__init__(code)


_TROUBLES = (_Trouble, NotASource, imaplib.IMAP4.error, OSError, UnicodeEncodeError)


async def look(visit: Visit) -> AsyncGenerator[Found]:
    """The mails that are new, oldest first."""
    place = place_from(visit.kept)
    url = visit.source.url
    try:
        mails = await asyncio.to_thread(new_mails, visit.source, visit.settings, place)
    except _Trouble as trouble:
        yield Found(fetched=Failed(url=url, final_url=url, at=visit.at, code=trouble.code, permanent=trouble.permanent))
        return
    if not mails:
        yield Found(fetched=Unchanged(url=url, final_url=url, at=visit.at))
        return
    for after, raw in mails:
        try:
            found = await visit.readers.run(partial(listing_or_why, mailbox.read), raw)
        except NotAFeed as wrong:
            found = (wrong.code, str(wrong))
        listing = Listing(problems=(f"mail {after.last_uid}: {found[1]}",)) if isinstance(found, tuple) else found
        body = Body(
            url=url,
            final_url=url,
            at=visit.at,
            body=raw,
            body_hash=hashlib.sha256(raw).hexdigest(),
            content_type="message/rfc822",
        )
        yield Found(fetched=body, feed=feed_of(listing, title=visit.source.name), kept=place_record(after))


def new_mails(
    source: Source, settings: Settings, place: Place, *, longest_s: float = LONGEST_VISIT_S
) -> list[tuple[Place, bytes]]:
    """The next mails, each with the place after it. Raises _Trouble, unless some mails have come before it."""
    found: list[tuple[Place, bytes]] = []
    size = 0
    with _Watch(longest_s) as watch:
        try:
            with _leaving(connected(source, settings, watch)) as connection:
                folder = _quoted(str(source.options.get("folder") or "INBOX"))
                for after, raw in islice(mailbox.new_messages(_as_imap(connection), place, folder=folder), MOST_MAILS):
                    found.append((after, raw))
                    size += len(raw)
                    if size >= MOST_BYTES:
                        break
        except _TROUBLES as error:
            if not found:
                raise _Trouble("too_slow") if watch.has_ended else _trouble_of(error) from None
    return found


def _trouble_of(error: Exception) -> _Trouble:
    match error:
        case _Trouble():
            return error
        case NotASource():
            return _Trouble(error.code)
        case imaplib.IMAP4.abort():
            return _Trouble("hung_up")
        case imaplib.IMAP4.error() | UnicodeEncodeError():
            # imaplib sends ASCII only. What was refused is not tried again every few minutes: servers lock accounts.
            return _Trouble("mail_refused", permanent=True)
        case ssl.SSLCertVerificationError():
            return _Trouble("bad_certificate")
        case TimeoutError():
            return _Trouble("too_slow")
        case socket.gaierror():
            return _Trouble("name_unknown")
    return _Trouble("no_connection")


class _Watch:
    """Hangs up when a visit has taken too long. imaplib waits anew for each byte: a server that sends one byte in
    twenty seconds would be listened to for ever, and nobody else meanwhile."""

    def __init__(self, longest_s: float) -> None:
        self.has_ended = False
        self._lines: list[socket.socket] = []
        self._timer = threading.Timer(longest_s, self._end)
        self._timer.daemon = True

    def over(self, line: socket.socket) -> socket.socket:
        """The same line, under watch: of its own handle, because TLS takes the line itself over."""
        self._lines.append(line.dup())
        if self.has_ended:
            self._end()
        return line

    def _end(self) -> None:
        self.has_ended = True
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for line in self._lines:
            line.close()


class _Imap(imaplib.IMAP4):
    """A connection whose line is watched from its first byte on; encrypted at once with a `context`."""

    def __init__(self, host: str, port: int, watch: _Watch, context: ssl.SSLContext | None) -> None:
        self._watched = watch
        self._context = context
        super().__init__(host, port, timeout=LONGEST_S)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        line = self._watched.over(socket.create_connection((self.host, self.port), timeout))
        return line if self._context is None else self._context.wrap_socket(line, server_hostname=self.host)


@contextmanager
def _leaving(connection: imaplib.IMAP4) -> Iterator[imaplib.IMAP4]:
    """The connection, and at the end a good-bye."""
    try:
        yield connection
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            connection.logout()


def connected(source: Source, settings: Settings, watch: _Watch) -> imaplib.IMAP4:
    """A connection that is signed in, under a watch. Certificates are checked; without encryption only this very
    machine is asked."""
    options = source.options
    host, tls = str(options.get("host", "")), str(options.get("tls") or "tls")
    port = int(options.get("port") or (993 if tls == "tls" else 143))
    secret = Path(str(options.get("password_file", "")))
    if not settings.may_be_secret(secret):
        raise _Trouble("no_password_file", permanent=True)
    try:
        password = secret.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise _Trouble("no_password_file") from None
    context = ssl.create_default_context()
    connection = _Imap(host, port, watch, context if tls == "tls" else None)
    try:
        if tls == "starttls":
            connection.starttls(ssl_context=context)
        connection.login(str(options.get("user", "")), password)
    except BaseException:
        connection.shutdown()
        raise
    return connection


def _as_imap(connection: Any) -> Imap:
    """imaplib's annotations say less than its methods take."""
    found: Imap = connection
    return found


def _quoted(folder: str) -> str:
    """The name of a folder as IMAP takes it (RFC 9051 4.3): quoted, with non-ASCII letters in modified UTF-7."""
    text = "".join(_shifted(folder))
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shifted(folder: str) -> list[str]:
    """Modified UTF-7 (RFC 3501 5.1.3), which servers without UTF8=ACCEPT expect."""
    out: list[str] = []
    run = ""
    for sign in f"{folder}\0":
        if sign == "\0" or " " <= sign <= "~":
            if run:
                coded = run.encode("utf-7").decode("ascii")
                out.append("&" + coded[1:].rstrip("-").replace("/", ",") + "-")
                run = ""
            out.append("" if sign == "\0" else "&-" if sign == "&" else sign)
        else:
            run += sign
    return out


def place_record(place: Place) -> dict[str, Any]:
    """A JSON-able record of how far a mailbox was read."""
    return asdict(place)


def place_from(record: Mapping[str, Any]) -> Place:
    """The place of such a record; the beginning for a mailbox that was never read."""
    return Place(validity=int(record.get("validity", 0)), last_uid=int(record.get("last_uid", 0)))
