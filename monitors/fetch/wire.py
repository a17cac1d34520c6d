"""One document fetched over HTTP: a request value in, an answer value out, never an exception of the world's making.

    session = open_session(allowed=..., user_agent=...)        one per event loop, with the guard at its sockets
    answer = await fetch(FetchRequest(url=...), session, limits=Limits(), now=now)

Redirects are followed here and not by aiohttp, because each one must be judged by the guard before it is tried and
because only we can tell which of them are for good.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TypedDict

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from monitors import guard
from monitors.fetch.coding import ACCEPT, BadCoding, Decoder, TooLarge
from monitors.fetch.headers import hints_of, retry_after
from monitors.fetch.values import NO_HINTS, Body, Failed, Fetched, FetchRequest, Gone, Hints, Limits, Unchanged, Wait

# The name under which publishers see us. An administrator adds an address where they can complain (open_session).
PRODUCT = "ResponseDesk/0.1 (news monitoring; conditional GET)"
ACCEPT_TYPES = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.3"
)
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_FOR_GOOD = frozenset((301, 308))
_GZIP_FILE = b"\x1f\x8b\x08"


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """Connections of one event loop, with the guard at their sockets. `async with open_session(...) as session`."""

    http: aiohttp.ClientSession
    allowed: guard.Allowed
    proxy: URL | None

    async def close(self) -> None:
        await self.http.close()

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def open_session(
    *,
    allowed: guard.Allowed = guard.NOTHING_ELSE,
    user_agent: str = PRODUCT,
    proxy: str = "",
    resolver: AbstractResolver | None = None,
    connections: int = 256,
    keep_alive_s: float = 15.0,
) -> Session:
    """A session whose sockets open to public addresses only, and to what `allowed` adds. Close it after use.

    Must be called inside a running event loop. `proxy` is an http:// URL that the administrator set (raises ValueError
    when it is none); proxies named in the environment are ignored, because whoever sets one there would pass the
    guard. With a proxy, names are resolved by the proxy: it is then the proxy that must keep them out of its network.
    """
    door = URL(proxy) if proxy else None
    if door is not None and (door.scheme not in ("http", "https") or not door.raw_host or not door.port):
        raise ValueError(f"proxy: not an http address: {proxy!r}")
    reach = allowed if door is None else guard.Allowed(hosts=(str(door.raw_host),), ports=(int(door.port or 0),))
    connector = aiohttp.TCPConnector(
        limit=connections,
        # Parallelism per host is the poller's business; here it would only make a task wait inside its own timeout.
        limit_per_host=0,
        resolver=resolver,
        ttl_dns_cache=300,
        keepalive_timeout=keep_alive_s,
        socket_factory=guard.socket_factory(reach),
    )
    http = aiohttp.ClientSession(
        connector=connector,
        trust_env=False,
        auto_decompress=False,
        # Cookies would tie the visits of one poller together and grow without end over 10,000 hosts.
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": user_agent, "Accept": ACCEPT_TYPES, "Accept-Encoding": ACCEPT},
        max_line_size=16 * 1024,
        max_field_size=16 * 1024,
    )
    return Session(http=http, allowed=allowed, proxy=door)


async def fetch(request: FetchRequest, session: Session, *, limits: Limits = Limits(), now: datetime) -> Fetched:
    """The document, or why there is none. `now` stamps the answer. Only cancellation passes through."""
    trip = _Trip(request=request, now=now, here=request.url)
    try:
        async with asyncio.timeout(limits.total_s):
            return await _follow(trip, session, limits)
    except TimeoutError:
        if trip.decoder is not None and trip.decoder.size:
            return _document(trip, trip.decoder.taken(), complete=False)
        # Nothing answered at all: the host is slow for its other documents too.
        return trip.failed("too_slow", seconds=f"{limits.total_s:g}", whole_host=trip.status is None)


class _Facts(TypedDict):
    url: str
    final_url: str
    at: datetime
    moved_to: str
    status: int | None
    hints: Hints
    wire_bytes: int
    took_s: float


@dataclass(kw_only=True)
class _Trip:
    """One fetch under way."""

    request: FetchRequest
    now: datetime
    here: str
    moved_to: str = ""
    moving: bool = True
    status: int | None = None
    hints: Hints = NO_HINTS
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    decoder: Decoder | None = None
    wire_bytes: int = 0
    began: float = field(default_factory=time.monotonic)

    def facts(self) -> _Facts:
        return {
            "url": self.request.url,
            "final_url": self.here,
            "at": self.now,
            "moved_to": self.moved_to,
            "status": self.status,
            "hints": self.hints,
            "wire_bytes": self.wire_bytes,
            "took_s": time.monotonic() - self.began,
        }

    def failed(self, code: str, *, permanent: bool = False, whole_host: bool = False, **args: str) -> Failed:
        return Failed(
            code=code,
            args=tuple(args.items()),
            permanent=permanent,
            whole_host=whole_host,
            **self.facts(),
        )

    def refused(self, refusal: guard.Refusal) -> Failed:
        # A redirect into a forbidden place may be gone tomorrow; what a person typed stays until a person changes it.
        return Failed(code=refusal.code, args=refusal.args, permanent=self.here == self.request.url, **self.facts())


async def _follow(trip: _Trip, session: Session, limits: Limits) -> Fetched:
    seen: set[str] = set()
    first_host: str | None = None
    while True:
        refusal = guard.url_refusal(trip.here, session.allowed, proxied=session.proxy is not None)
        if refusal is not None:
            return trip.refused(refusal)
        if trip.here in seen:
            return trip.failed("redirect_loop", url=trip.here[:300])
        if len(seen) > limits.max_redirects:
            return trip.failed("too_many_redirects", most=str(limits.max_redirects))
        seen.add(trip.here)
        url = URL(trip.here)
        first_host = first_host if first_host is not None else url.raw_host
        headers = dict(trip.request.headers) if url.raw_host == first_host else {}
        if trip.request.etag:
            headers["If-None-Match"] = trip.request.etag
        if trip.request.last_modified:
            headers["If-Modified-Since"] = trip.request.last_modified
        answer = await _ask(trip, url, session, headers, limits)
        if not isinstance(answer, str):
            return answer
        trip.here = answer


async def _ask(trip: _Trip, url: URL, session: Session, headers: dict[str, str], limits: Limits) -> Fetched | str:
    """The answer to one request, or the URL it redirects to."""
    timeout = _timeout(limits.connect_s, limits.read_s)
    trip.status = None
    door = session.proxy
    with guard.reaching((door or url).raw_host or "") as errand:
        try:
            async with session.http.get(
                url, headers=headers, allow_redirects=False, timeout=timeout, proxy=door
            ) as response:
                trip.status = response.status
                trip.hints = hints_of(
                    response.headers, trip.now, base=trip.here, links=tuple(response.headers.getall("Link", ()))
                )
                if response.status in _REDIRECTS and response.headers.get("Location", "").strip():
                    return _target(trip, response)
                return await _read(trip, response, limits)
        except aiohttp.ClientError as error:
            if errand.refused and trip.status is None:
                return trip.refused(errand.refused[0])
            return _told(trip, error)
        except (ValueError, OSError) as error:
            # yarl and the parser raise these for what they cannot make sense of (labels of a host, header bytes).
            return trip.failed("not_http", problem=_short(error))


@lru_cache(maxsize=8)
def _timeout(connect_s: float, read_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=connect_s, sock_read=read_s)


def _target(trip: _Trip, response: aiohttp.ClientResponse) -> Fetched | str:
    location = response.headers["Location"].strip()
    try:
        there = str(URL(trip.here).join(URL(location)).with_fragment(None))
    except ValueError:
        return trip.failed("redirect_unreadable", location=_short(location, most=300))
    # Remember a move only as far as every step was for good, and never from https down to http.
    downgrade = trip.here.startswith("https:") and not there.startswith("https:")
    trip.moving = trip.moving and response.status in _FOR_GOOD and not downgrade
    if trip.moving:
        trip.moved_to = there
    return there


async def _read(trip: _Trip, response: aiohttp.ClientResponse, limits: Limits) -> Fetched:
    request, headers, status = trip.request, response.headers, response.status
    trip.etag = _validator(headers.get("ETag", ""))
    trip.last_modified = _validator(headers.get("Last-Modified", ""))
    trip.content_type = _short(headers.get("Content-Type", ""), most=300)
    if status == 304:
        if not request.etag and not request.last_modified:
            # We asked for the whole document and get "not changed": a broken cache on the way.
            return trip.failed("not_modified_unasked")
        return Unchanged(
            etag=trip.etag or request.etag,
            last_modified=trip.last_modified or request.last_modified,
            body_hash=request.body_hash,
            **trip.facts(),
        )
    if status == 410:
        return Gone(**trip.facts())
    if status in (429, 503):
        return Wait(retry_after=retry_after(headers, trip.now), **trip.facts())
    if status not in (200, 203):
        return _without_document(trip, status, challenged=headers.get("cf-mitigated", "").lower() == "challenge")
    coding = headers.get("Content-Encoding", "")
    try:
        trip.decoder = Decoder(coding, max_bytes=limits.max_bytes)
        complete = await _drain(trip, response, trip.decoder, limits)
        body = trip.decoder.taken()
        if body[:3] == _GZIP_FILE:
            # A file that is compressed itself (sitemap.xml.gz), not only its transport.
            unpacked = Decoder("gzip", max_bytes=limits.max_bytes)
            unpacked.feed(body)
            body, complete = unpacked.taken(), complete and unpacked.whole
    except TooLarge:
        return trip.failed("too_large", most_bytes=str(limits.max_bytes))
    except BadCoding as bad:
        return trip.failed("bad_coding", coding=_short(coding), problem=_short(bad))
    return _document(trip, body, complete=complete)


def _without_document(trip: _Trip, status: int, *, challenged: bool) -> Failed:
    if challenged:
        return trip.failed("challenged")
    if status in (401, 402, 403, 407, 451):
        return trip.failed("forbidden", status=str(status))
    if status in (400, 404):
        return trip.failed("not_found", status=str(status))
    if status >= 500:
        return trip.failed("server_error", status=str(status))
    # 206 and 226 were not asked for, 204 and 205 carry nothing, 3xx came without a target.
    return trip.failed("unexpected_status", status=str(status))


def _document(trip: _Trip, body: bytes, *, complete: bool) -> Fetched:
    if not body:
        return trip.failed("empty" if complete else "cut_short")
    if not complete:
        return Body(body=body, content_type=trip.content_type, complete=False, **trip.facts())
    body_hash = hashlib.sha256(body).hexdigest()
    if body_hash == trip.request.body_hash:
        return Unchanged(
            etag=trip.etag,
            last_modified=trip.last_modified,
            body_hash=body_hash,
            not_modified=False,
            **trip.facts(),
        )
    return Body(
        body=body,
        body_hash=body_hash,
        etag=trip.etag,
        last_modified=trip.last_modified,
        content_type=trip.content_type,
        **trip.facts(),
    )


async def _drain(trip: _Trip, response: aiohttp.ClientResponse, decoder: Decoder, limits: Limits) -> bool:
    """Reads the body into the decoder; whether it came to its announced end. Raises TooLarge, BadCoding."""
    try:
        async for piece in response.content.iter_any():
            trip.wire_bytes += len(piece)
            if trip.wire_bytes > limits.max_wire_bytes:
                raise TooLarge
            decoder.feed(piece)
    except aiohttp.ClientError:
        # Content-Length promised more, the last chunk never came, or nothing came for a while (a timeout of the
        # socket is a ClientError too). What is here may still hold the news.
        return False
    return decoder.whole


def _told(trip: _Trip, error: aiohttp.ClientError) -> Failed:
    match error:
        case aiohttp.InvalidURL():
            return trip.failed("url_unreadable", url=trip.here[:200], permanent=trip.here == trip.request.url)
        case aiohttp.ClientConnectorDNSError():
            return trip.failed("name_unknown", host=str(error.host)[:100], whole_host=True)
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return trip.failed("bad_certificate", problem=_short(error), whole_host=True)
        case aiohttp.ServerTimeoutError():
            return trip.failed("too_slow", seconds=f"{time.monotonic() - trip.began:.0f}", whole_host=True)
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return trip.failed("proxy_failed", problem=_short(error))
        case aiohttp.ClientConnectorError():
            cause = error.os_error
            if isinstance(cause, ssl.SSLError):
                return trip.failed("bad_certificate", problem=_short(cause), whole_host=True)
            return trip.failed("no_connection", problem=_short(cause), whole_host=True)
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return trip.failed("hung_up", problem=_short(error))
        case aiohttp.ClientResponseError():
            return trip.failed("not_http", problem=_short(error.message))
    return trip.failed("not_http", problem=_short(error))


def _short(problem: object, *, most: int = 160) -> str:
    """A text from outside in one line; bytes that were no text become question marks, so that it can be stored."""
    text = " ".join(str(problem).split()) or type(problem).__name__ * (not isinstance(problem, str))
    return text[:most].encode("utf-8", "replace").decode()


def _validator(text: str) -> str:
    """A validator that can be sent back byte for byte, or "": RFC 9110 8.8.3 allows more, nobody needs it."""
    text = text.strip()
    return text if text.isascii() and text.isprintable() and len(text) <= 1000 else ""
