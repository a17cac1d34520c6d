"""A web server on loopback that misbehaves in every way a feed server has been seen to.

    async with HostileServer() as server:
        server.url("/drip")        # http://127.0.0.1:PORT/drip

It speaks HTTP by hand over asyncio streams, because no honest server library sends wrong lengths. `server.asked` counts
requests by path. Paths:

    /feed/N            a sound feed, with ETag and Last-Modified, 304 when asked rightly
    /coded/CODING/N    the same feed, Content-Encoding gzip | deflate | rawdeflate | br | zstd
    /says-gzip, /gz-file, /two-members, /unknown-coding
    /drip /silent /stall /endless /endless-headers /endless-chunks
    /bomb/CODING       a few kilobytes that unpack to 200 MB;  /bomb/twice: gzip in gzip
    /loop /hops/N /moved/N /moved-then-temporary/N /to?URL (301)  /found?URL (302)
    /odd-headers /odd-redirect
    /half-closed /promises-more /says-less /reset /garbage /bad-chunk /nothing /empty /cut-gzip
    /status/N          429 and 503 with Retry-After from ?after=
    /same              an ETag that never changes though the feed does
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import zlib
from collections import Counter
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import brotli

try:
    from compression import zstd
except ImportError:
    from backports import zstd

STAMP = "Wed, 26 Nov 2025 08:00:00 GMT"


def feed_bytes(number: int, *, entries: int = 3, version: int = 0) -> bytes:
    """A small RSS feed; `version` changes its text."""
    items = "".join(
        f"<item><title>Notice {version} {item} of source {number} 通知</title>"
        f"<link>http://news{number}.example/{version}/{item}</link><guid>{number}-{version}-{item}</guid>"
        f"<pubDate>{STAMP}</pubDate><description>Line {item} about stoves &amp; pans.</description></item>"
        for item in range(entries)
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Source {number}</title>'
        f"<link>http://news{number}.example/</link><description>d</description><ttl>30</ttl>{items}</channel></rss>"
    ).encode()


def _raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


CODERS = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "rawdeflate": ("deflate", _raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
}
_BOMB_BYTES = 200 * 1024 * 1024
_bombs: dict[str, bytes] = {}


def _bomb(coding: str) -> bytes:
    if coding not in _bombs:
        piece = bytes(1024 * 1024)
        if coding in ("gzip", "twice"):
            # Members one after another: as large when unpacked, built in a moment.
            packed = gzip.compress(piece) * (_BOMB_BYTES // len(piece))
            _bombs[coding] = gzip.compress(packed) if coding == "twice" else packed
        elif coding == "br":
            packer = brotli.Compressor(quality=1)
            _bombs[coding] = b"".join(packer.process(piece) for _ in range(_BOMB_BYTES // len(piece))) + packer.finish()
        else:
            squeezer = zstd.ZstdCompressor()
            _bombs[coding] = (
                b"".join(squeezer.compress(piece) for _ in range(_BOMB_BYTES // len(piece))) + squeezer.flush()
            )
    return _bombs[coding]


def build_bombs() -> None:
    """Builds the bombs beforehand: a second of work that would stall the loop in which client and server both run."""
    for coding in ("gzip", "br", "zstd", "twice"):
        _bomb(coding)


class HostileServer:
    """Serves until left. `port` is chosen by the system; it listens on 127.0.0.1 only."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.headers: dict[str, dict[str, str]] = {}
        self.version = 0
        self.busy = 0
        self.most_busy = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> HostileServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._answer(reader, writer):
                    pass
        finally:
            self.busy -= 1
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answers one request; whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        target = head[0].split(" ")[1]
        path, _, query = target.partition("?")
        asked = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        self.asked[path] += 1
        self.headers[path] = asked
        _, kind, *rest = path.split("/")
        send = _Sender(writer)
        match kind:
            case "feed":
                body = feed_bytes(int(rest[0]), version=self.version)
                tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
                facts = {"ETag": tag, "Last-Modified": STAMP, "Content-Type": "application/rss+xml"}
                if asked.get("if-none-match") == tag:
                    await send.head(304, facts)
                else:
                    await send.whole(200, body, facts)
                return True
            case "same":
                if asked.get("if-none-match") == '"for-ever"':
                    await send.head(304, {"ETag": '"for-ever"'})
                else:
                    await send.whole(200, feed_bytes(0, version=self.version), {"ETag": '"for-ever"'})
                return True
            case "coded":
                name, coder = CODERS[rest[0]]
                await send.whole(200, coder(feed_bytes(int(rest[1]))), {"Content-Encoding": name})
                return True
            case "hints":
                await send.whole(200, feed_bytes(1), dict(_pairs(query)))
                return True
            case "status":
                wanted = dict(_pairs(query))
                await send.whole(
                    int(rest[0]), b"<p>no</p>", {"Retry-After": wanted["after"]} if "after" in wanted else {}
                )
                return True
            case "to":
                await send.whole(301, b"", {"Location": unquote(query)})
                return True
            case "found":
                await send.whole(302, b"", {"Location": unquote(query)})
                return True
            case "loop":
                await send.whole(302, b"", {"Location": "/loop"})
                return True
            case "hops":
                left = int(rest[0])
                await send.whole(302, b"", {"Location": f"/hops/{left - 1}" if left > 1 else "/feed/1"})
                return True
            case "moved":
                await send.whole(308, b"", {"Location": f"../feed/{rest[0]}"})
                return True
            case "moved-then-temporary":
                await send.whole(301, b"", {"Location": f"/found?/feed/{rest[0]}"})
                return True
            case _:
                await self._misbehave(kind, rest, send)
                return False

    async def _misbehave(self, kind: str, rest: list[str], send: _Sender) -> None:
        body = feed_bytes(7, entries=40)
        match kind:
            case "says-gzip":
                await send.whole(200, body, {"Content-Encoding": "gzip"})
            case "gz-file":
                await send.whole(200, gzip.compress(body), {"Content-Type": "application/gzip"})
            case "two-members":
                await send.whole(
                    200, gzip.compress(body[:500]) + gzip.compress(body[500:]) + b"\0\0", {"Content-Encoding": "gzip"}
                )
            case "unknown-coding":
                await send.whole(200, body, {"Content-Encoding": "snappy"})
            case "cut-gzip":
                packed = gzip.compress(body)
                await send.whole(200, packed[: len(packed) // 2], {"Content-Encoding": "gzip"})
            case "bomb":
                coding = "gzip, gzip" if rest[0] == "twice" else rest[0]
                await send.whole(200, _bomb(rest[0]), {"Content-Encoding": coding})
            case "silent":
                await asyncio.sleep(600)
            case "drip":
                await send.head(200, {"Content-Length": "100000"})
                for byte in body:
                    await send.raw(bytes([byte]))
                    await asyncio.sleep(0.05)
            case "stall":
                await send.head(200, {"Content-Length": str(len(body))})
                await send.raw(body[: len(body) // 2])
                await asyncio.sleep(600)
            case "endless":
                await send.head(200, {"Connection": "close"})
                while True:
                    await send.raw(b"<item><title>more</title></item>" * 2000)
            case "endless-chunks":
                await send.head(200, {"Transfer-Encoding": "chunked"})
                while True:
                    await send.raw(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
            case "endless-headers":
                await send.raw(b"HTTP/1.1 200 OK\r\n")
                while True:
                    await send.raw(b"X-More: " + b"y" * 4000 + b"\r\n")
            case "half-closed":
                await send.head(200, {"Transfer-Encoding": "chunked"})
                half = body[: len(body) // 2]
                await send.raw(b"%x\r\n%s\r\n" % (len(half), half))
            case "promises-more":
                await send.head(200, {"Content-Length": str(len(body) + 500), "ETag": '"whole"'})
                await send.raw(body)
            case "says-less":
                await send.head(200, {"Content-Length": str(len(body) // 2)})
                await send.raw(body)
            case "odd-headers":
                odd = b'ETag: "\xff\xe4"\r\nLast-Modified: \xe6\x98\xa8\r\nContent-Type: text/xml; x=\xff\r\n'
                await send.raw(b"HTTP/1.1 200 OK\r\n" + odd + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            case "odd-redirect":
                await send.raw(b"HTTP/1.1 302 X\r\nLocation: http://\xff\xe4/\xfe\r\nContent-Length: 0\r\n\r\n")
            case "bad-chunk":
                await send.head(200, {"Transfer-Encoding": "chunked"})
                await send.raw(b"zz\r\n" + body + b"\r\n0\r\n\r\n")
            case "reset":
                send.writer.transport.abort()
            case "garbage":
                await send.raw(b"\x16\x03\x01\x02\x00\x01\x00 not a web server at all\r\n\r\n")
            case "nothing":
                pass
            case "empty":
                await send.whole(200, b"", {})
            case _:
                await send.whole(404, b"", {})


class _Sender:
    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status: int, headers: dict[str, str]) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        await self.raw(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode())

    async def whole(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        await self.raw(f"HTTP/1.1 {status} X\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def _pairs(query: str) -> list[tuple[str, str]]:
    return [
        (unquote(name), unquote(value)) for name, _, value in (part.partition("=") for part in query.split("&") if part)
    ]
