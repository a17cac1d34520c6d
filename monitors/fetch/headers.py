"""What the headers of an answer say: how long to wait, how long it stays good, where the hub is. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from monitors.fetch.values import Hints

_DIRECTIVE = re.compile(r'([A-Za-z-]+)(?:\s*=\s*"?([^",]*)"?)?')
_LINK = re.compile(r"<([^>]*)>([^<]*)")
_REL = re.compile(r'\brel\s*=\s*(?:"([^"]*)"|([^\s;,]+))', re.IGNORECASE)
# RFC 9111 1.2.2: a number of seconds too large to hold counts as 2^31; a year is as good as for ever here.
_LONGEST_S = 366 * 86400.0


def http_date(text: str) -> datetime | None:
    """The moment of an HTTP date in any of its three forms (RFC 9110 5.6.7), or None."""
    try:
        moment = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the server asks us to stay away: Retry-After in seconds or as a date, or the reset of a rate limit.

    A date is read against the server's own `Date` when it sends one, because clocks differ. Never negative; at most a
    year; None when nothing usable is said.
    """
    text = headers.get("Retry-After", "").strip()
    if text:
        seconds = _number(text)
        if seconds is None:
            moment = http_date(text)
            if moment is not None:
                seconds = (moment - _server_clock(headers, now)).total_seconds()
        if seconds is not None:
            return timedelta(seconds=min(max(seconds, 0.0), _LONGEST_S))
    # Draft "RateLimit header fields": delta seconds. The older X- form holds seconds or a moment of the Unix clock.
    for name in ("RateLimit-Reset", "X-RateLimit-Reset"):
        seconds = _number(headers.get(name, ""))
        if seconds is not None:
            if seconds > 1e9:
                # Some count their moments in milliseconds.
                seconds = (seconds / 1000 if seconds > 1e11 else seconds) - now.timestamp()
            return timedelta(seconds=min(max(seconds, 0.0), _LONGEST_S))
    return None


def hints_of(headers: Mapping[str, str], now: datetime, *, base: str = "", links: tuple[str, ...] = ()) -> Hints:
    """How long the answer stays good, and its WebSub hub.

    `links` are the values of all `Link` headers; `base` is the URL of the answer, against which they are read.
    """
    directives = {name.lower(): value for name, value in _DIRECTIVE.findall(headers.get("Cache-Control", ""))}
    stale = "no-store" in directives or "no-cache" in directives
    age = _number(directives.get("max-age", ""))
    if age is None and "Expires" in headers:
        expires = http_date(headers["Expires"])
        if expires is None or expires <= _server_clock(headers, now):
            # RFC 9111 5.3: an invalid date, "0" above all, means already expired.
            stale = True
        else:
            age = (expires - _server_clock(headers, now)).total_seconds()
    if age is not None:
        # What a shared cache kept for a while is that much older (RFC 9111 5.1).
        age = min(max(age - (_number(headers.get("Age", "")) or 0.0), 0.0), _LONGEST_S)
    hub = topic = ""
    for link in links:
        for target, rest in _LINK.findall(link):
            found = _REL.search(rest)
            rels = (found.group(1) or found.group(2) or "").lower().split() if found else []
            if "hub" in rels and not hub:
                hub = _joined(base, target)
            if "self" in rels and not topic:
                topic = _joined(base, target)
    return Hints(max_age_s=None if stale else age, stale_now=stale, hub=hub, topic=topic)


def _joined(base: str, target: str) -> str:
    try:
        return urljoin(base, target.strip())
    except ValueError:
        # `http://[`: a link that nobody can read does not cost the document that it came with.
        return ""


def _server_clock(headers: Mapping[str, str], now: datetime) -> datetime:
    return http_date(headers.get("Date", "")) or now


def _number(text: str) -> float | None:
    text = text.strip()
    if not re.fullmatch(r"\d{1,15}(?:\.\d{1,6})?", text, re.ASCII):
        return None
    return float(text)
