"""The feeds of a drill grow with its clock, and are read by the same code as the world's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitors.article import Article
from monitors.feeds import parse
from monitors.fetch import Body, Failed, Fetched, FetchRequest, Unchanged, fetch, open_session
from monitors.loopback import Form, LoopbackFeeds, Outlet, document, outlets_of

START = datetime(2009, 5, 11, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def article(number: int, **more: object) -> Article:
    made = Article(
        id=f"a{number}",
        title=f"灶具爆炸 <第 {number} 号> & more",
        body="一人受伤。\nOne person was hurt ]]> \x0b.",
        published=START + number * MINUTE,
        source="杭州晚报",
        lang="zh",
    )
    return replace(made, **more)


@pytest.mark.parametrize("form", list(Form))
def test_what_is_served_is_what_the_parser_reads(form: Form) -> None:
    outlet = Outlet(name="x", title="晚报 & Sons", articles=tuple(map(article, range(5))), form=form, lang="zh-CN")

    body, newest = document(outlet, at=START + 3 * MINUTE, base="http://127.0.0.1:1")
    feed = parse(body)

    assert newest == START + 3 * MINUTE and feed.title == "晚报 & Sons" and not feed.problems
    assert [one.title for one in feed.articles] == [article(n).title for n in (3, 2, 1, 0)]
    assert feed.articles[0].published == START + 3 * MINUTE
    assert "一人受伤。" in feed.articles[0].body and "]]>" in feed.articles[0].body
    assert feed.articles[0].url == "http://127.0.0.1:1/article/a3"


def test_a_feed_before_its_first_article_is_an_empty_feed_and_keeps_only_the_newest_later() -> None:
    outlet = Outlet(name="x", title="x", articles=tuple(map(article, range(50))), keep=10)

    assert parse(document(outlet, at=START - MINUTE, base="http://h")[0]).articles == ()
    assert len(parse(document(outlet, at=START + 60 * MINUTE, base="http://h")[0]).articles) == 10


def test_an_article_without_a_date_is_never_shown() -> None:
    outlet = Outlet(name="x", title="x", articles=(article(1, published=None),))

    assert parse(document(outlet, at=START + 60 * MINUTE, base="http://h")[0]).articles == ()


def test_polling_sees_the_drill_grow() -> None:
    now = [START]
    outlets = outlets_of([*map(article, range(5)), article(9, source="Daily")])

    async def visit(server: LoopbackFeeds) -> list[Fetched]:
        async with open_session(allowed=server.allowed()) as session:
            url = server.url(outlets[0].name)
            first = await fetch(FetchRequest(url=url), session, now=START)
            assert isinstance(first, Body)
            known = FetchRequest(url=url, etag=first.etag, last_modified=first.last_modified)
            second = await fetch(known, session, now=START)
            now[0] = START + 2 * MINUTE
            third = await fetch(known, session, now=START)
            page = await fetch(FetchRequest(url=f"{server.base}/article/a2"), session, now=START)
            unborn = await fetch(FetchRequest(url=f"{server.base}/article/a4"), session, now=START)
            recorded = await fetch(FetchRequest(url=f"{server.base}/recorded/1.xml"), session, now=START)
            return [first, second, third, page, unborn, recorded]

    with LoopbackFeeds(outlets, clock=lambda: now[0], files={"/recorded/1.xml": b"<rss/>"}) as server:
        assert len(server.urls()) == 2
        first, second, third, page, unborn, recorded = asyncio.run(visit(server))

    assert isinstance(first, Body) and len(parse(first.body).articles) == 1
    assert isinstance(second, Unchanged) and second.status == 304
    assert isinstance(third, Body) and len(parse(third.body).articles) == 3
    assert isinstance(page, Body) and "一人受伤。".encode() in page.body and b"<\xe7\xac\xac" not in page.body
    assert isinstance(unborn, Failed) and unborn.code == "not_found"
    assert isinstance(recorded, Body) and recorded.body == b"<rss/>"


def test_a_port_is_free_again_after_the_drill() -> None:
    with LoopbackFeeds([], clock=lambda: START) as server:
        port = server.port

    with LoopbackFeeds([], clock=lambda: START, port=port) as again:
        assert again.port == port
