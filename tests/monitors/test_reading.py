"""Documents are parsed in processes of their own; a document that brings one down costs only itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from monitors import feeds, guard
from monitors.fetch import Body, FetchRequest, Gone, open_session
from monitors.health import Health, State
from monitors.poller import Politeness
from monitors.reading import Readers, health_after, read
from tests.hostile_server import HostileServer, feed_bytes
from tests.touchy_reader import touchy

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def body(number: int) -> Body:
    return Body(url="http://a.example/", final_url="http://a.example/", at=NOW, body=feed_bytes(number))


@pytest.mark.parametrize("processes", [0, 1])
def test_every_request_comes_back_once_with_its_feed(processes: int) -> None:
    async def run() -> dict[str, tuple[object, object]]:
        async with HostileServer() as server, Readers(processes) as readers:
            paths = {**{str(n): f"/feed/{n}" for n in range(20)}, "page": "/hints", "gone": "/status/410"}
            requests = [FetchRequest(url=server.url(path), key=name) for name, path in paths.items()]
            allowed = guard.allowed_of(networks=("127.0.0.1",), ports=(server.port,))
            found: dict[str, tuple[object, object]] = {}
            async with open_session(allowed=allowed) as session:
                polite = Politeness(spacing_s=0, parallel=50)
                async for name, fetched, feed in read(
                    requests, session, readers=readers, now=lambda: NOW, politeness=polite
                ):
                    assert name not in found
                    found[name] = (fetched, feed)
            return found

    found = asyncio.run(run())

    assert len(found) == 22 and found["gone"][1] is None
    for n in range(20):
        feed = found[str(n)][1]
        assert isinstance(feed, feeds.Feed) and len(feed.articles) == 3 and f"source {n} " in feed.articles[0].title


def test_a_document_that_kills_or_stalls_its_reader_costs_only_itself() -> None:
    async def run() -> list[feeds.Feed | feeds.NotAFeed]:
        async with Readers(1, longest_s=3.0, parse=touchy) as readers:
            return list(await asyncio.gather(*(readers.parse(body(n)) for n in range(6))))

    results = asyncio.run(run())

    codes = {n: result.code for n, result in enumerate(results) if isinstance(result, feeds.NotAFeed)}
    assert codes == {3: "reader_died", 5: "reader_too_slow"}


def test_what_is_no_feed_says_so_across_processes() -> None:
    async def run() -> feeds.Feed | feeds.NotAFeed:
        page = Body(url="", final_url="", at=NOW, body=b"<!doctype html><html><body>blocked</body></html>")
        async with Readers(1) as readers:
            return await readers.parse(page)

    result = asyncio.run(run())

    assert isinstance(result, feeds.NotAFeed) and result.code == "html_page" and str(result)


def test_what_was_read_reaches_the_health_of_its_source() -> None:
    feed = feeds.parse(feed_bytes(1))
    fetched = Body(url="u", final_url="u", at=NOW, body=feed_bytes(1), body_hash="h", etag="e")

    well = health_after(Health(), fetched, feed, new=3, now=NOW)
    page = health_after(well, fetched, feeds.NotAFeed("html_page", "a page"), new=0, now=NOW)

    assert (well.state, well.etag, well.stated_s) == (State.OK, "e", 1800.0)
    assert (page.state, page.etag, page.code) == (State.FAILING, "", "html_page")
    later = NOW + timedelta(hours=1)
    more = feeds.parse(feed_bytes(1), known=feeds.Known(dict.fromkeys(feed.listed[1:], "")))
    assert [article.title for article in more.articles] == [feed.articles[0].title]
    # One new of three is no sign that others have scrolled away; one new of one would be.
    assert health_after(well, fetched, more, new=1, now=later).squeeze_s is None
    gone = Gone(url="u", final_url="u", at=NOW)
    assert health_after(well, gone, None, new=0, now=NOW).state is State.GONE
