"""Recorded feeds polled among hostile neighbours: is any feed or entry lost?

    python -m tests.bench.fetch_recorded FOLDER            (or CRISIS_DATA with the feeds unpacked in its folder feeds)

Serves every file below the folder on loopback, each beside a hostile document (drips, bombs, endless bodies ...),
polls all of them in one round, parses what came and compares with parsing the files themselves. Then a second round,
which has to be unchanged throughout. Prints feeds, entries and seconds.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from monitors import feeds, guard
from monitors.fetch import Body, Limits, Unchanged, open_session
from monitors.health import Health
from monitors.loopback import LoopbackFeeds
from monitors.poller import Politeness
from monitors.reading import Readers, health_after, read
from tests.bench.fetch_sources import Loopback
from tests.hostile_server import HostileServer, build_bombs
from tests.monitors.test_poller import BAD

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


async def measure(files: list[Path]) -> None:
    documents = {f"/recorded/{number}": path.read_bytes() for number, path in enumerate(files)}
    build_bombs()
    with LoopbackFeeds([], clock=lambda: NOW, files=documents) as sound:
        async with HostileServer() as hostile, Readers(1) as readers:
            allowed = guard.allowed_of(networks=("127.0.0.1",), ports=(sound.port, hostile.port))
            urls = {path: f"http://s{n}.feeds.test:{sound.port}{path}" for n, path in enumerate(documents)}
            truth = {path: _entries(body, urls[path]) for path, body in documents.items()}
            bad = {f"bad {n}": hostile.url(BAD[n % len(BAD)], host=f"b{n}.feeds.test") for n in range(len(urls))}
            healths = {name: Health() for name in (*urls, *bad)}
            for round_number in (1, 2):
                began, found, unchanged = time.perf_counter(), {}, 0
                requests = [
                    healths[name].request(url, now=NOW, key=name)
                    for pair in zip(urls.items(), bad.items(), strict=True)
                    for name, url in pair
                ]
                async with open_session(allowed=allowed, resolver=Loopback()) as session:
                    async for name, fetched, feed in read(
                        requests,
                        session,
                        readers=readers,
                        now=lambda: NOW,
                        limits=Limits(connect_s=5, read_s=5, total_s=10),
                        politeness=Politeness(spacing_s=0, parallel=8),
                    ):
                        healths[name] = health_after(healths[name], fetched, feed, new=0, now=NOW)
                        if name in urls:
                            unchanged += isinstance(fetched, Unchanged)
                            found[name] = feed.articles if isinstance(feed, feeds.Feed) else None
                            if round_number == 1 and not isinstance(fetched, Body):
                                click.echo(f"{files[int(name.rpartition('/')[2])].name}: {fetched}")
                took = time.perf_counter() - began
                click.echo(f"round {round_number}: {len(urls)} recorded, {len(bad)} hostile documents in {took:.1f} s")
                if round_number == 1:
                    same = sum(found[path] == truth[path] for path in urls)
                    entries = sum(len(articles or ()) for articles in found.values())
                    whole = sum(len(articles or ()) for articles in truth.values())
                    click.echo(f"  same as parsed directly {same} of {len(urls)} feeds, entries {entries} of {whole}")
                else:
                    click.echo(f"  unchanged {unchanged} of {len(urls)}")


def _entries(body: bytes, url: str) -> tuple[object, ...] | None:
    try:
        return feeds.parse(body, url=url, content_type="application/xml").articles
    except feeds.NotAFeed:
        return None


def main() -> int:
    folder = (
        sys.argv[1] if len(sys.argv) > 1 else os.environ.get("CRISIS_DATA", "") and os.environ["CRISIS_DATA"] + "/feeds"
    )
    if not folder or not Path(folder).is_dir():
        click.echo("no folder of feeds given (argument, or CRISIS_DATA): nothing measured")
        return 0
    asyncio.run(measure([path for path in sorted(Path(folder).rglob("*")) if path.is_file()]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
