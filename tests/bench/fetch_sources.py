"""How fast many sources are polled on loopback, all due at once: first, unchanged, changed; and beside `reader`.

    python -m tests.bench.fetch_sources                    10,000 hosts: fetched, parsed, health kept
    python -m tests.bench.fetch_sources --reader           200 sources: ours and `reader`, both into SQLite in memory

The server is a process of its own, as is `reader`: they share the machine's cores and nothing else, and the server's
processor time is nobody's. Each source is a host of its own (names are resolved to 127.0.0.1), so no connection is ever
used twice. Prints wall and processor seconds (our readers' included), sources/s and the peak memory of the polling
process in MB. `--feeds FOLDER` (or $CRISIS_DATA/feeds, unpacked) serves recorded feeds in turn instead of made ones;
"changed" is then the same feed with a line feed more, so that it has to be parsed again. Of made feeds one entry of
twenty is new each time.

Beside `reader` all sources are one host, which ours asks two at a time, as the desk does. Feeds that `reader` cannot
read (it keeps no validators of them, so it would get and parse them whole each time) are asked once and then by
neither. Unchanged and changed are played `--rounds` times each, in turn; the ratio is that of processor time.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import click
from aiohttp.abc import AbstractResolver, ResolveResult

from monitors import cadence, guard
from monitors.feeds import Feed, Known, NotAFeed
from monitors.fetch import Body, open_session
from monitors.health import Health
from monitors.poller import Politeness
from monitors.reading import Readers, health_after, read

ENTRIES = 20
BESIDE = ("server", "reader")
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
    items = []
    for item in range(version, version + ENTRIES)[::-1]:
        # The same entry has the same text in every version.
        chance = random.Random(1_000_000 * number + item)
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
    # Made before they are asked for, where there are few: to make one costs the machine more than to read it.
    made: ClassVar[dict[int, bytes]] = {}

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
            version = _Server.version = int(path[9:])
            _Server.made = {number: feed(number, version) for number in self.made}
            self.transport.write(b"HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n")
            return
        tag = b'"v%d"' % self.version
        if b"If-None-Match: " + tag in head or b"if-none-match: " + tag in head.lower():
            self.transport.write(b"HTTP/1.1 304 X\r\nETag: " + tag + b"\r\n\r\n")
            return
        number = int(path[1:])
        recorded = self.recorded
        if recorded:
            body = recorded[number % len(recorded)] + b"\n" * self.version
        else:
            body = self.made.get(number) or feed(number, self.version)
            if len(self.made) < 1_000:
                self.made[number] = body
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


class Ours:
    """Sources as this project asks them: their health, what they listed, and a database of what they brought."""

    def __init__(self, urls: list[str], port: int, readers: Readers, place: str) -> None:
        self.urls = urls
        self._readers = readers
        self._allowed = guard.allowed_of(networks=("127.0.0.1",), ports=(port,))
        self._now = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
        self._healths = {url: Health() for url in urls}
        self._listed = dict.fromkeys(urls, Known())
        self._db = sqlite3.connect(place)
        self._db.execute("create table article (source, id, title, body, url, primary key (source, id)) without rowid")

    async def round(self, name: str) -> float:
        """Poll, parse, keep the health, store what is new; processor seconds a source."""
        began, cpu = time.perf_counter(), _cpu_s()
        kinds = await self._round()
        wall, cpu = time.perf_counter() - began, _cpu_s() - cpu
        peaks = [_peak_mb(), *(_peak_mb(process) for process in _processes())]
        click.echo(
            f"  {name:10} {wall:7.2f} s wall {cpu:6.2f} s cpu {len(self.urls) / wall:7.0f} sources/s  "
            f"peak {peaks[0]:.0f} MB, with the readers {sum(peaks):.0f} MB  {dict(kinds)}"
        )
        return cpu / len(self.urls)

    async def _round(self) -> Counter[str]:
        kinds: Counter[str] = Counter()
        now = self._now = self._now + timedelta(hours=1)
        requests = (self._healths[url].request(url, now=now) for url in self.urls)

        async def parse(url: str, body: Body) -> Feed | NotAFeed:
            return await self._readers.parse(body, known=self._listed[url])

        async with open_session(allowed=self._allowed, resolver=Loopback(), keep_alive_s=1.0) as session:
            async for url, fetched, feed in read(
                requests,
                session,
                readers=self._readers,
                now=lambda: now,
                politeness=Politeness(spacing_s=0.0),
                concurrency=64,
                parse=parse,
            ):
                new = self._stored(url, feed) if isinstance(feed, Feed) else 0
                health = health_after(self._healths[url], fetched, feed, new=new, now=now)
                kinds["articles"] += new
                kinds["NotAFeed" if isinstance(feed, NotAFeed) else type(fetched).__name__] += 1
                self._healths[url] = health
                cadence.next_due(health, now=now, jitter=0.5)
        self._db.commit()
        return kinds

    def _stored(self, url: str, feed: Feed) -> int:
        before = self._db.total_changes
        self._db.executemany(
            "insert or ignore into article values (?,?,?,?,?)",
            [(url, one.id, one.title, one.body, one.url) for one in feed.articles],
        )
        self._listed[url] = feed.known_next(2_000)
        return self._db.total_changes - before


class Theirs:
    """The same sources as `reader` asks them."""

    def __init__(self, urls: list[str]) -> None:
        import feedparser_sgmllib

        # reader brings an older feedparser that imports sgmllib, which no current distribution installs.
        sys.modules.setdefault("sgmllib", feedparser_sgmllib)
        from reader import make_reader

        self._reader = make_reader(":memory:")
        for url in urls:
            self._reader.add_feed(url)

    def round(self, name: str) -> float:
        """Processor seconds a source."""
        counts = self._reader.get_feed_counts()
        began, cpu = time.perf_counter(), time.process_time()
        self._reader.update_feeds(scheduled=False)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        click.echo(
            f"  {name:10} {wall:7.2f} s wall {cpu:6.2f} s cpu {(counts.total or 0) / wall:7.1f} sources/s  "
            f"reader: entries {self._reader.get_entry_counts().total}"
        )
        return cpu / (counts.total or 1)

    def without_broken(self) -> list[str]:
        """The sources that it can read; the others it will not be asked about again."""
        for feed in list(self._reader.get_feeds(broken=True)):
            self._reader.delete_feed(feed.url)
        return [feed.url for feed in self._reader.get_feeds()]


def _read_beside(asked: Any, urls: list[str]) -> None:
    """A process of its own: neither of the two clears up after the other."""
    theirs = Theirs(urls)
    for name in iter(asked.recv, ""):
        took = theirs.round(name)
        asked.send((took, theirs.without_broken() if name == "first" else []))


def _peak_mb(process: str | int = "self") -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def _processes() -> list[int]:
    """Process numbers of our readers: whoever runs below this process and was not started here."""
    return [child.pid for child in multiprocessing.active_children() if child.pid and child.name not in BESIDE]


def _cpu_s() -> float:
    """Processor time of this process and its readers so far."""
    ticks = 0
    for process in _processes():
        user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
        ticks += int(user) + int(system)
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _names(rounds: int) -> list[str]:
    # In this order: where only white space has changed, `reader` keeps the old validators, and would get everything
    # again in an unchanged round that follows.
    return ["first", *["unchanged"] * rounds, *["changed"] * rounds]


async def alone(urls: list[str], port: int, *, processes: int, rounds: int) -> None:
    """Our rounds over many sources."""
    # 200,000 articles are the database's memory, not the poller's.
    with tempfile.TemporaryDirectory() as folder:
        async with Readers(processes) as readers:
            ours = Ours(urls, port, readers, f"{folder}/bench.sqlite")
            for number, name in enumerate(_names(rounds)):
                if name == "changed":
                    _say(port, f"/version/{number - rounds}")
                await ours.round(name)


async def beside(urls: list[str], port: int, *, processes: int, rounds: int) -> None:
    """Our rounds, each after the same one of `reader`, and how many times its processor time is ours."""
    took: dict[str, list[tuple[float, float]]] = defaultdict(list)
    theirs, send = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    context.Process(target=_read_beside, args=(send, urls), name="reader", daemon=True).start()
    async with Readers(processes) as readers:
        ours = Ours(urls, port, readers, ":memory:")
        for number, name in enumerate(_names(rounds)):
            if name == "changed":
                _say(port, f"/version/{number - rounds}")
            theirs.send(name)
            slow, readable = theirs.recv()
            took[name].append((slow, await ours.round(name)))
            if name == "first":
                ours.urls = readable
    theirs.send("")
    for name, pairs in took.items():
        slow, quick = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
        ratios = sorted(other / mine for other, mine in pairs)
        click.echo(
            f"{name:10} {slow:7.2f} / {quick:5.2f} ms of processor time a source: "
            f"{statistics.median(ratios):.1f} times, {ratios[0]:.1f} to {ratios[-1]:.1f} in {len(ratios)} rounds"
        )


def _say(port: int, path: str) -> None:
    import urllib.request

    urllib.request.urlopen(f"http://127.0.0.1:{port}{path}").read()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sources", type=int)
    arguments.add_argument("--processes", type=int, default=2, help="readers; 0 parses in the loop")
    arguments.add_argument("--feeds", help="folder of recorded feeds")
    arguments.add_argument("--reader", action="store_true")
    arguments.add_argument("--rounds", type=int, default=1, help="unchanged and changed ones")
    asked = arguments.parse_args()
    folder = asked.feeds or (os.environ["CRISIS_DATA"] + "/feeds" if "CRISIS_DATA" in os.environ else "")
    files = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()] if folder else []
    receive, send = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(send, files), name="server", daemon=True)
    server.start()
    port = receive.recv()
    try:
        size = sum(path.stat().st_size for path in files) // len(files) if files else len(feed(1, 0))
        count = asked.sources or (200 if asked.reader else 10_000)
        click.echo(f"{count} sources of {size} bytes, {asked.processes} readers")
        # Each a host of its own; `reader` resolves names by itself, so beside it all are one.
        host = "127.0.0.1" if asked.reader else "s{}.feeds.test"
        urls = [f"http://{host.format(number)}:{port}/{number}" for number in range(count)]
        asyncio.run((beside if asked.reader else alone)(urls, port, processes=asked.processes, rounds=asked.rounds))
    finally:
        server.terminate()


if __name__ == "__main__":
    sys.exit(main())
