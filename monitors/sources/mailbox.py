"""Mail as a source: alerts of search engines, newsletters, and mails that are the news themselves.

The parser works on the bytes of a message. `new_messages` is the thin door to IMAP: it takes a logged-in connection,
reads without marking as read, and remembers by UID.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from lxml import etree, html

from monitors.article import Article
from monitors.dates import parse_date
from monitors.encoding import decode
from monitors.feeds.plain import one_line, text_of_html, tidy
from monitors.sources.listing import Listing, NotASource, identity

MOST_BYTES = 30_000_000
_SHORTEST_TITLE = 8
"""Characters of a link that can be a headline; six for Chinese, which says more with fewer."""
_LONGEST_BODY = 200_000
_HOLDERS = frozenset({"td", "tr", "li", "div", "p", "section", "article", "table"})
_NOT_NEWS = re.compile(
    r"unsubscribe|退订|退訂|取消订阅|preferences|偏好|privacy|隐私|view (?:it )?in (?:your )?browser|在浏览器中|"
    r"flag as irrelevant|标记为不相关|see more results|查看更多|create another alert|rss feed|接收此快讯|"
    r"edit this alert|修改此快讯|share on|分享到",
    re.IGNORECASE,
)
# Addresses that only lead on to another, which they carry.
_REDIRECTS = {"url", "q", "u", "target", "redirect", "dest", "destination", "to"}


class Imap(Protocol):
    """What is used of imaplib.IMAP4 and IMAP4_SSL."""

    def select(self, mailbox: str = ..., readonly: bool = ...) -> tuple[str, list[Any]]: ...

    def uid(self, command: str, *args: str) -> tuple[str, list[Any]]: ...

    def response(self, code: str) -> tuple[str, list[Any]]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """How far a mailbox was read. When its `validity` changes, UIDs start afresh (RFC 9051 2.3.1.1)."""

    validity: int = 0
    last_uid: int = 0


def new_messages(connection: Imap, place: Place, *, folder: str = "INBOX") -> Iterator[tuple[Place, bytes]]:
    """Each message after `place`, oldest first, with the place to remember once it is dealt with. Raises NotASource."""
    status, _ = connection.select(folder, readonly=True)
    if status != "OK":
        raise NotASource("no_mailbox", f"the mailbox has no folder {folder!r}")
    _, stated = connection.response("UIDVALIDITY")
    validity = int(stated[0]) if stated and stated[0] else 0
    last = place.last_uid if validity == place.validity else 0
    _, found = connection.uid("SEARCH", f"UID {last + 1}:*")
    numbers = sorted(int(number) for number in (found[0] or b"").split())
    for number in numbers:
        # "n:*" always names the last message, even if it is older than n.
        if number <= last:
            continue
        # No more of it than is read: one byte more tells a mail that is too large.
        status, parts = connection.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{MOST_BYTES + 1}>)")
        raw = next((part[1] for part in parts or () if isinstance(part, tuple)), b"")
        if status == "OK" and raw:
            yield Place(validity=validity, last_uid=number), raw


def read(data: bytes) -> Listing:
    """The articles of one message. Raises NotASource for what is no message.

    An alert or newsletter gives an article per headline it links to, dated only if it says so: when it was sent is not
    when they were published. Any other mail is one article itself, dated by its Date.
    """
    if not data.strip() or len(data) > MOST_BYTES:
        raise NotASource("not_a_message", "empty, or larger than 30 MB")
    message = message_from_bytes(data, policy=default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise NotASource("not_a_message", "not a mail: it has no header")
    markup, text = _parts(message)
    sender = _sender(message)
    stories = _stories(markup, sender) if markup else ()
    alert = "alert" in _header(message, "From").lower() or "快讯" in _header(message, "Subject")
    if stories and (alert or len(stories) >= 3):
        return Listing(articles=stories)
    return Listing(articles=(_itself(message, sender, text or text_of_html(markup)),))


def _itself(message: EmailMessage, sender: str, text: str) -> Article:
    subject = one_line(_header(message, "Subject"))
    name = _header(message, "Message-ID").strip() or f"{subject}\n{_header(message, 'Date')}\n{text[:500]}"
    return Article(
        id=identity("mail", name), title=subject, published=_sent(message), source=sender, body=text[:_LONGEST_BODY]
    )


def _stories(markup: str, sender: str) -> tuple[Article, ...]:
    """The headlines in the markup of a mail: links that lead out and whose words are long enough for one."""
    try:
        root: Any = html.fromstring(markup, parser=html.HTMLParser(encoding=None, huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ()
    found: dict[str, Article] = {}
    for anchor in root.iter("a"):
        link = _destination(anchor.get("href") or "")
        title = one_line(tidy(anchor.text_content()))
        enough = _SHORTEST_TITLE if title.isascii() else 6
        if not link or len(title) < enough or _NOT_NEWS.search(title) or (title.isascii() and " " not in title):
            continue
        outlet, snippet = _around(anchor, title)
        identifier = identity(link)
        if identifier not in found:
            found[identifier] = Article(id=identifier, title=title, source=outlet or sender, body=snippet, url=link)
    return tuple(found.values())


def _around(anchor: Any, title: str) -> tuple[str, str]:
    """(outlet, snippet): what stands with a headline in the smallest part of the mail that holds more than it."""
    holder = anchor.getparent()
    for _ in range(6):
        if holder is None:
            return "", ""
        if holder.tag in _HOLDERS and len(one_line(holder.text_content())) > len(title) + 3:
            break
        holder = holder.getparent()
    if holder is None or sum(1 for _ in holder.iter("a")) > 8:
        return "", ""
    shown = text_of_html(etree.tostring(holder, encoding="unicode", method="html"))
    lines = [line.replace(title, "").strip() for line in shown.split("\n")]
    lines = [line for line in lines if line and not _NOT_NEWS.search(line)]
    outlet = lines[0] if len(lines) > 1 and len(lines[0]) <= 40 else ""
    return outlet, "\n".join(lines[1:] if outlet else lines)[:2_000]


def _destination(href: str) -> str:
    """Where a link leads in the end, as far as it can be read from the link; "" if it is no web address."""
    for _ in range(3):
        try:
            parts = urlsplit(href.strip())
            carried = parse_qs(parts.query)
        except ValueError:
            return ""
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return ""
        inner = [
            values[0]
            for name, values in carried.items()
            if name.lower() in _REDIRECTS and values[0].startswith(("http://", "https://"))
        ]
        if not inner:
            # A front page is an outlet, not a story; links to the alert's own service manage the alert.
            service = re.search(r"(^|\.)google\.[a-z.]+$", parts.netloc)
            return "" if service or (parts.path in ("", "/") and not parts.query) else href.strip()
        href = inner[0]
    return href


def _parts(message: EmailMessage) -> tuple[str, str]:
    """(HTML, plain text) of a message, attachments aside."""
    markup = text = ""
    for part in message.walk():
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind not in ("text/html", "text/plain"):
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        content = decode(payload, content_type=str(part.get("Content-Type", ""))).text
        if kind == "text/html":
            markup = markup or content
        else:
            text = text or tidy(content)
    return markup, text


def _sender(message: EmailMessage) -> str:
    match = re.match(r'\s*"?([^"<]*?)"?\s*<([^>]*)>', _header(message, "From"))
    return one_line(match[1] or match[2]) if match else one_line(_header(message, "From"))


def _sent(message: EmailMessage) -> datetime | None:
    return parse_date(_header(message, "Date"))


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, TypeError, AttributeError, IndexError, LookupError):
        # Malformed headers make the standard library stumble in several ways; a mail is not lost for one.
        return ""
