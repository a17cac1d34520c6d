"""A mailbox read by IMAP, without marking anything as read. How far it was read is kept; each mail is its evidence."""

from __future__ import annotations

import asyncio
import hashlib
import imaplib
import socket
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from crisis.core.sources import Source
from crisis.jobs.forms.visit import Found, Visit
from crisis.settings import Settings
from monitors.feeds import NotAFeed
from monitors.fetch import Body, Failed, Unchanged
from monitors.sources import mailbox
from monitors.sources.apart import feed_of, listing_or_why
from monitors.sources.listing import Listing, NotASource
from monitors.sources.mailbox import Imap, Place

# Mails of one visit: what is left waits five minutes.
MOST_MAILS = 30
LONGEST_S = 30.0


class _Trouble(Exception):
    """The mailbox cannot be read now; `code` is worded on the page of the source."""

    def __init__(self, code: str, *, permanent: bool = False) -> None:
        self.code = code
        self.permanent = permanent
        super().__init__(code)


async def look(visit: Visit) -> AsyncGenerator[Found]:
    """The mails that are new, oldest first."""
    place = place_from(visit.kept)
    url = visit.source.url
    try:
        mails = await asyncio.to_thread(_mails, visit.source, visit.settings, place)
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


def _mails(source: Source, settings: Settings, place: Place) -> list[tuple[Place, bytes]]:
    """The next mails, each with the place after it. Raises _Trouble."""
    connection: imaplib.IMAP4 | None = None
    try:
        connection = connected(source, settings)
        folder = str(source.options.get("folder") or "INBOX")
        return list(islice(mailbox.new_messages(_as_imap(connection), place, folder=_quoted(folder)), MOST_MAILS))
    except NotASource as wrong:
        raise _Trouble(wrong.code) from None
    except imaplib.IMAP4.abort:
        raise _Trouble("hung_up") from None
    except imaplib.IMAP4.error:
        # A wrong password is not tried again every few minutes: servers lock accounts for that.
        raise _Trouble("mail_refused", permanent=True) from None
    except ssl.SSLCertVerificationError:
        raise _Trouble("bad_certificate") from None
    except TimeoutError:
        raise _Trouble("too_slow") from None
    except socket.gaierror:
        raise _Trouble("name_unknown") from None
    except OSError:
        raise _Trouble("no_connection") from None
    finally:
        if connection is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                connection.logout()


def connected(source: Source, settings: Settings) -> imaplib.IMAP4:
    """A connection that is signed in. Certificates are checked; without encryption only this very machine is asked."""
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
    connection: imaplib.IMAP4
    if tls == "tls":
        connection = imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=LONGEST_S)
    else:
        connection = imaplib.IMAP4(host, port, timeout=LONGEST_S)
        if tls == "starttls":
            connection.starttls(ssl_context=ssl.create_default_context())
    connection.login(str(options.get("user", "")), password)
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
