"""A feed server on loopback that publishes what has happened so far: for drills and replays.

    server = LoopbackFeeds(outlets, clock=drill_clock)      articles of each outlet, and whose time it is
    server.start()                                          127.0.0.1, a free port, its own threads
    poll server.urls() with server.allowed()                polling, conditional GET and parsing are the real ones

An article is in its outlet's feed from the moment the clock passes its `published`, newest first, the last `keep` of
them, as in life. Each article also has a page of its own. Nothing here is reachable from another machine.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, unquote

from monitors.article import Article
from monitors.guard import Allowed, allowed_of

# What XML 1.0 cannot hold, whatever the escaping (production Char).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Form(StrEnum):
    RSS = "rss"
    ATOM = "atom"


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """One feed. `name` is its address on the server; articles without a `published` are never shown."""

    name: str
    title: str
    articles: tuple[Article, ...]
    form: Form = Form.RSS
    lang: str = ""
    keep: int = 30


def outlets_of(articles: Iterable[Article], *, keep: int = 30) -> tuple[Outlet, ...]:
    """An outlet for each `source` among the articles, in order of first appearance, RSS and Atom by turns."""
    by_source: dict[str, list[Article]] = {}
    for article in articles:
        by_source.setdefault(article.source, []).append(article)
    return tuple(
        Outlet(
            name=f"{number:03d}",
            title=source or f"Outlet {number}",
            articles=tuple(own),
            form=Form.ATOM if number % 2 else Form.RSS,
            lang=own[0].lang,
            keep=keep,
        )
        for number, (source, own) in enumerate(by_source.items())
    )


def document(outlet: Outlet, *, at: datetime, base: str) -> tuple[bytes, datetime | None]:
    """The feed of an outlet as of `at`, and when its newest article came (None: nothing yet).

    `base` is the server's address; articles without a `url` link to their page below it. Equal at two moments between
    which nothing was published, byte for byte.
    """
    told = _told(outlet, at)
    newest = told[0].published if told else None
    if outlet.form is Form.ATOM:
        return _atom(outlet, told, base).encode(), newest
    return _rss(outlet, told, base).encode(), newest


class LoopbackFeeds:
    """The server. `clock` says what time it is in the drill; it is read at every request, from several threads.

    `files` are further documents, served as they are by their path ("/recorded/17.xml"): recorded feeds, for instance.
    """

    def __init__(
        self,
        outlets: Iterable[Outlet],
        *,
        clock: Callable[[], datetime],
        files: Mapping[str, bytes] | None = None,
        port: int = 0,
    ) -> None:
        self._outlets = {outlet.name: outlet for outlet in outlets}
        self._pages = {
            article.id: (outlet, article) for outlet in self._outlets.values() for article in outlet.articles
        }
        self._clock = clock
        self._files = dict(files or {})
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.feeds = self
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve until `stop`."""
        self._thread = threading.Thread(target=self._server.serve_forever, name="loopback-feeds", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close the port."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()

    def __enter__(self) -> LoopbackFeeds:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def url(self, outlet: str) -> str:
        """The address of an outlet's feed."""
        return f"{self.base}/feed/{quote(outlet, safe='')}"

    def urls(self) -> dict[str, str]:
        """Address of every feed, by outlet name."""
        return {name: self.url(name) for name in self._outlets}

    def allowed(self) -> Allowed:
        """What a fetch must be allowed for this server, and not a port more."""
        return allowed_of(networks=("127.0.0.1",), ports=(self.port,))

    def answer(self, path: str) -> tuple[bytes, str, datetime | None] | None:
        """(document, content type, last modified) of a path at this moment, or None."""
        plain = unquote(path.partition("?")[0])
        if plain in self._files:
            return self._files[plain], "application/xml", None
        _, kind, name = (*plain.split("/", 2), "", "")[:3]
        now = self._clock()
        if kind == "feed" and name in self._outlets:
            outlet = self._outlets[name]
            body, newest = document(outlet, at=now, base=self.base)
            return body, f"application/{outlet.form.value}+xml; charset=utf-8", newest
        if kind == "article" and name in self._pages:
            outlet, article = self._pages[name]
            if article.published is not None and article.published <= now:
                return _page(outlet, article).encode(), "text/html; charset=utf-8", article.published
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    feeds: LoopbackFeeds


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A poller that went away must not hold a thread for ever.
    timeout = 60
    server: _Server

    def do_GET(self) -> None:
        found = self.server.feeds.answer(self.path)
        if found is None:
            self._send(404, b"", {"Content-Type": "text/plain"})
            return
        body, content_type, modified = found
        tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        facts = {"ETag": tag}
        if modified is not None:
            facts["Last-Modified"] = format_datetime(modified.astimezone(UTC), usegmt=True)
        if self.headers.get("If-None-Match") == tag:
            self._send(304, None, facts)
            return
        facts["Content-Type"] = content_type
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            facts["Content-Encoding"] = "gzip"
            body = gzip.compress(body, 5, mtime=0)
        self._send(200, body, facts)

    def _send(self, status: int, body: bytes | None, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the poller logs what it asked."""


def _told(outlet: Outlet, at: datetime) -> list[Article]:
    dated = sorted(
        ((article.published, number) for number, article in enumerate(outlet.articles) if article.published is not None)
    )
    end = bisect_right(dated, at, key=lambda pair: pair[0])
    return [outlet.articles[number] for _, number in reversed(dated[max(end - outlet.keep, 0) : end])]


def _link(article: Article, base: str) -> str:
    return article.url or f"{base}/article/{quote(article.id, safe='')}"


def _rss(outlet: Outlet, told: list[Article], base: str) -> str:
    items = "".join(
        f"<item><title>{_xml(article.title)}</title><link>{_xml(_link(article, base))}</link>"
        f'<guid isPermaLink="false">{_xml(article.id)}</guid>'
        f"<pubDate>{format_datetime(_published(article))}</pubDate>"
        f"<description>{_xml(article.body)}</description></item>\n"
        for article in told
    )
    lang = f"<language>{_xml(outlet.lang)}</language>" if outlet.lang else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>{_xml(outlet.title)}</title><link>{_xml(base)}/</link><description>{_xml(outlet.title)}</description>"
        f"{lang}<ttl>1</ttl>\n{items}</channel></rss>\n"
    )


def _atom(outlet: Outlet, told: list[Article], base: str) -> str:
    entries = "".join(
        f"<entry><title>{_xml(article.title)}</title><id>{_xml(f'tag:loopback,2026:{article.id}')}</id>"
        f'<link href="{_xml(_link(article, base))}"/><published>{_published(article).isoformat()}</published>'
        f"<updated>{_published(article).isoformat()}</updated>"
        f'<content type="text">{_xml(article.body)}</content></entry>\n'
        for article in told
    )
    lang = f' xml:lang="{_xml(outlet.lang)}"' if outlet.lang else ""
    updated = _published(told[0]).isoformat() if told else "1970-01-01T00:00:00+00:00"
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"{lang}>'
        f"<title>{_xml(outlet.title)}</title><id>{_xml(f'tag:loopback,2026:outlet:{outlet.name}')}</id>"
        f"<updated>{updated}</updated>\n{entries}</feed>\n"
    )


def _page(outlet: Outlet, article: Article) -> str:
    paragraphs = "".join(f"<p>{_xml(line)}</p>" for line in article.body.splitlines() if line.strip())
    return (
        f'<!doctype html><html lang="{_xml(article.lang or outlet.lang)}"><meta charset="utf-8">'
        f"<title>{_xml(article.title)}</title><article><h1>{_xml(article.title)}</h1>"
        f"<p><b>{_xml(outlet.title)}</b> <time>{_published(article).isoformat()}</time></p>"
        f"{paragraphs}</article></html>"
    )


def _published(article: Article) -> datetime:
    assert article.published is not None
    return article.published


def _xml(text: str) -> str:
    return escape(_NOT_XML.sub("", text))
