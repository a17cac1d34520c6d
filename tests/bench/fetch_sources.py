"""How fast many sources are polled on loopback, all due at once: first, unchanged, changed; and beside `reader`.

    python -m tests.bench.fetch_sources                    10,000 hosts: fetched, parsed, health kept
    python -m tests.bench.fetch_sources --reader           200 sources: ours and `reader`, both into SQLite in memory

The server is a second process, so client and server share the machine's cores. Each source is a host of its own (names
are resolved to 127.0.0.1), so no connection is ever used twice. Prints wall seconds, sources/s and the peak memory of
the polling process in MB. `--feeds FOLDER` (or $CRISIS_DATA/feeds, unpacked) serves recorded feeds in turn instead of
made ones; "changed" is then the same feed with a line feed more, so that it has to be parsed again.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from aiohttp.abc import AbstractResolver, ResolveResult

from monitors import cadence, guard
from monitors.feeds import Feed, NotAFeed
from monitors.fetch import open_session
from monitors.health import Health
from monitors.poller import Politeness
from monitors.reading import Readers, health_after, read

ENTRIES = 20
_WORDS = (
    "stove",
    "recall",
    "factory",
    "council",
    "燃气灶",
    "召回",
    "监管部门",
    "表示",
    "调查",
    "report",
    "market",
    "城市",
)


def feed(number: int, version: int) -> bytes:
    """A feed of 20 entries, about 11 kB, half in Chinese; each version has one new entry at the top."""
    chance = random.Random(number)
    items = []
    for item in range(version, version + ENTRIES)[::-1]:
        text = " ".join(chance.choices(_WORDS, k=40))
        items.append(
            f"<item><title>{number} {item} {text[:60]}</title><link>http://news{number}.example/{item}</link>"
            f"<guid>{number}-{item}</guid><pubDate>Fri, 27 Nov 2026 {item % 24:02d}:00:00 GMT</pubDate>"
            f"<description>&lt;p&gt;{text}&lt;/p&gt;</description></item>"
        )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Source {number}</title>'
        f"<link>http://news{number}.example/</link><description>d</description>{''.join(items)}</channel></rss>"
    ).encode()


class _Server(asyncio.Protocol):
    """The least that answers a conditional GET: `/N`, tag = version."""

    version = 0
    recorded: tuple[bytes, ...] = ()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.seen = b""

    def data_received(self, data: bytes) -> None:
        self.seen += data
        if not self.seen.endswith(b"\r\n\r\n"):
            return
        head, self.seen = self.seen, b""
        path = head.split(b" ", 2)[1]
        if path.startswith(b"/version/"):
            _Server.version = int(path[9:])
            self.transport.write(b"HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n")
            return
        tag = b'"v%d"' % self.version
        if b"If-None-Match: " + tag in head or b"if-none-match: " + tag in head.lower():
            self.transport.write(b"HTTP/1.1 304 X\r\nETag: " + tag + b"\r\n\r\n")
            return
        number = int(path[1:])
        recorded = self.recorded
        body = recorded[number % len(recorded)] + b"\n" * self.version if recorded else feed(number, self.version)
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (tag, len(body), body)
        )


def _serve(port: Any, files: list[Path]) -> None:
    _Server.recorded = tuple(path.read_bytes() for path in files)

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0, backlog=4096)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


class Loopback(AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 6, "flags": 0}]

    async def close(self) -> None:
        pass


async def round_of(
    urls: list[str], healths: dict[str, Health], port: int, now: datetime, db: sqlite3.Connection, readers: Readers
) -> Counter[str]:
    """One round over all sources: poll, parse, keep the health, store what is new."""
    kinds: Counter[str] = Counter()
    requests = (healths[url].request(url, now=now) for url in urls)
    allowed = guard.allowed_of(networks=("127.0.0.1",), ports=(port,))
    polite = Politeness(spacing_s=0.0, parallel=1000)
    async with open_session(allowed=allowed, resolver=Loopback(), keep_alive_s=1.0) as session:
        async for url, fetched, feed in read(
            requests, session, readers=readers, now=lambda: now, politeness=polite, concurrency=64
        ):
            new = 0
            if isinstance(feed, Feed):
                known = db.total_changes
                db.executemany(
                    "insert or ignore into article values (?,?,?,?,?)",
                    [(url, one.id, one.title, one.body, one.url) for one in feed.articles],
                )
                new = db.total_changes - known
            health = health_after(healths[url], fetched, feed, new=new, now=now)
            kinds["articles"] += new
            kinds["NotAFeed" if isinstance(feed, NotAFeed) else type(fetched).__name__] += 1
            healths[url] = health
            cadence.next_due(health, now=now, jitter=0.5)
    return kinds


def _peak_mb(process: str | int = "self") -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def _store(place: str) -> sqlite3.Connection:
    db = sqlite3.connect(place)
    db.execute("create table article (source, id, title, body, url, primary key (source, id)) without rowid")
    return db


async def ours(urls: list[str], port: int, processes: int, db: sqlite3.Connection) -> list[tuple[str, float]]:
    """(round, wall seconds) of a first, an unchanged and a changed round."""
    healths = {url: Health() for url in urls}
    now = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    took = []
    async with Readers(processes) as readers:
        for number, name in enumerate(("first", "unchanged", "changed")):
            if name == "changed":
                _say(port, "/version/1")
            began, cpu = time.perf_counter(), time.process_time()
            kinds = await round_of(urls, healths, port, now + number * timedelta(hours=1), db, readers)
            db.commit()
            wall, cpu = time.perf_counter() - began, time.process_time() - cpu
            peaks = [_peak_mb(), *(_peak_mb(child.pid) for child in multiprocessing.active_children() if child.pid)]
            click.echo(
                f"  {name:10} {wall:7.1f} s wall {cpu:6.1f} s cpu {len(urls) / wall:7.0f} sources/s  "
                f"peak {peaks[0]:.0f} MB, all processes with the server {sum(peaks):.0f} MB  {dict(kinds)}"
            )
            took.append((name, wall))
    return took


def _say(port: int, path: str) -> None:
    import urllib.request

    urllib.request.urlopen(f"http://127.0.0.1:{port}{path}").read()


def theirs(urls: list[str], port: int) -> list[tuple[str, float]]:
    """The same three rounds by `reader`."""
    import sys

    import feedparser_sgmllib

    # reader brings an older feedparser that imports sgmllib, which no current distribution installs.
    sys.modules.setdefault("sgmllib", feedparser_sgmllib)
    from reader import make_reader

    reader = make_reader(":memory:")
    for url in urls:
        reader.add_feed(url)
    _say(port, "/version/0")
    took = []
    for name in ("first", "unchanged", "changed"):
        if name == "changed":
            _say(port, "/version/1")
        began, cpu = time.perf_counter(), time.process_time()
        reader.update_feeds(scheduled=False)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        counts = reader.get_entry_counts()
        broken = reader.get_feed_counts().broken
        click.echo(
            f"  {name:10} {wall:7.1f} s wall {cpu:6.1f} s cpu {len(urls) / wall:7.1f} sources/s  "
            f"entries {counts.total} broken {broken}"
        )
        took.append((name, wall))
    return took


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sources", type=int)
    arguments.add_argument("--processes", type=int, default=2, help="readers; 0 parses in the loop")
    arguments.add_argument("--feeds", help="folder of recorded feeds")
    arguments.add_argument("--reader", action="store_true")
    asked = arguments.parse_args()
    folder = asked.feeds or (os.environ["CRISIS_DATA"] + "/feeds" if "CRISIS_DATA" in os.environ else "")
    files = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()] if folder else []
    receive, send = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(send, files), daemon=True)
    server.start()
    port = receive.recv()
    try:
        size = sum(path.stat().st_size for path in files) // len(files) if files else len(feed(1, 0))
        if not asked.reader:
            count = asked.sources or 10_000
            click.echo(f"{count} sources of {size} bytes, {asked.processes} readers")
            urls = [f"http://s{n}.feeds.test:{port}/{n}" for n in range(count)]
            # 200,000 articles are the database's memory, not the poller's.
            with tempfile.TemporaryDirectory() as folder:
                asyncio.run(ours(urls, port, asked.processes, _store(f"{folder}/bench.sqlite")))
            return
        urls = [f"http://127.0.0.1:{port}/{n}" for n in range(asked.sources or 200)]
        click.echo(f"ours, {len(urls)} sources of {size} bytes, {asked.processes} readers")
        first = asyncio.run(ours(urls, port, asked.processes, _store(":memory:")))
        click.echo("reader, the same sources")
        second = theirs(urls, port)
        for (name, quick), (_, slow) in zip(first, second, strict=True):
            click.echo(f"{name:10} ours is {slow / quick:.0f} times as fast")
    finally:
        server.terminate()


if __name__ == "__main__":
    sys.exit(main())
