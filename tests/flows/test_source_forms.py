"""Sources on the web besides feeds, as the listening process reads them: what they bring, and how they fail."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Set
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from crisis.core.sources import Form, Source, StoredWatch
from crisis.errors import Invalid
from crisis.flows import sources as flow
from crisis.flows.desk import Desk
from crisis.flows.sourceforms import NewSource
from crisis.jobs.listening import Listening
from crisis.store import records
from crisis.store import sources as store
from monitors.feeds import Feed
from monitors.fetch import open_session
from monitors.guard import allowed_of
from monitors.health import Health, State, health_from, health_record
from monitors.poller import Politeness
from monitors.reading import Readers, feed_or_why
from tests.flows.listened import articles, due_again, listen, mentions, source_now
from tests.shelf import Request, Shelf
from tests.world import World, add_source

SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{base}/a</loc><news:news>
<news:publication><news:name>示例晚报</news:name><news:language>zh</news:language></news:publication>
<news:publication_date>2026-05-14T09:00:00+08:00</news:publication_date>
<news:title>星炉灶具爆炸，两人受伤</news:title></news:news></url></urlset>"""

PAGE = "<html><head><title>缺陷产品召回</title></head><body><h1>召回公告</h1><p>{line}</p></body></html>"


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with Shelf() as made:
        yield made


# ---- feed


def rss(*titles: str) -> str:
    items = "".join(f"<item><title>{title}</title><guid>{title}</guid></item>" for title in titles)
    return f"<rss version='2.0'><channel><title>晚报</title>{items}</channel></rss>"


def remembered(desk: Desk, source: Source) -> int:
    """How many entries a feed remembers."""
    with desk.reading() as db:
        return len(store.kept(db, [source.id]).get(source.id, {}).get("entries", ()))


def test_a_feed_remembers_what_it_listed_and_only_what_is_new_is_read(world: World, shelf: Shelf) -> None:
    url = shelf.put("/feed", rss("西湖今日天气晴"), kind="application/rss+xml")
    source = add_source(world.desk, url)

    listen(world.desk)
    assert remembered(world.desk, source) == 1
    shelf.put("/feed", rss("星炉灶具爆炸，两人受伤", "西湖今日天气晴"), kind="application/rss+xml")
    due_again(world.desk, source)
    listen(world.desk)

    assert [article.title for article in articles(world.desk)] == ["西湖今日天气晴", "星炉灶具爆炸，两人受伤"]
    assert len(mentions(world.desk)) == 1
    assert remembered(world.desk, source) == 2
    health = health_from(dict(source_now(world.desk, source).health))
    assert (health.state, health.visits, health.squeeze_s) == (State.OK, 2, None)


def test_what_a_feed_listed_is_forgotten_with_what_could_not_be_taken_in(world: World, shelf: Shelf) -> None:
    url = shelf.put("/feed", rss("西湖今日天气晴"), kind="application/rss+xml")
    source = add_source(world.desk, url)

    refused: list[str] = []

    def refuse_once(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("UPDATE source ") and not refused:
            refused.append(statement)
            raise RuntimeError

    event.listen(world.desk.database.engine, "before_cursor_execute", refuse_once)
    listen(world.desk)
    assert refused and articles(world.desk) == () and remembered(world.desk, source) == 0
    due_again(world.desk, source)
    listen(world.desk)

    assert [article.title for article in articles(world.desk)] == ["西湖今日天气晴"]
    assert remembered(world.desk, source) == 1


def test_what_a_feed_remembered_before_entries_had_marks_is_still_known(world: World, shelf: Shelf) -> None:
    source = add_source(world.desk, shelf.put("/feed", rss("西湖今日天气晴"), kind="application/rss+xml"))
    listen(world.desk)
    with world.desk.transaction() as db:
        entries = store.kept(db, [source.id])[source.id]["entries"]
        store.keep(db, source.id, {"entries": list(entries)})

    shelf.put("/feed", rss("钱江晚潮", "西湖今日天气晴"), kind="application/rss+xml")
    due_again(world.desk, source)
    listen(world.desk)

    assert [article.title for article in articles(world.desk)] == ["西湖今日天气晴", "钱江晚潮"]
    with world.desk.reading() as db:
        kept = store.kept(db, [source.id])[source.id]
    assert len(kept["entries"]) == 2
    assert all(kept["entries"].values()) and kept["frame"]


# ---- sitemap


def test_a_news_sitemap_brings_articles_of_the_outlets_it_names(world: World, shelf: Shelf) -> None:
    url = shelf.put("/news.xml", SITEMAP.format(base=shelf.base), kind="application/xml")
    source = add_source(world.desk, url, form=Form.SITEMAP)

    listen(world.desk)

    (article,) = articles(world.desk)
    assert (article.title, article.outlet) == ("星炉灶具爆炸，两人受伤", "示例晚报")
    assert len(mentions(world.desk)) == 1
    assert source_now(world.desk, source).health["state"] == State.OK


def test_an_index_of_sitemaps_is_read_whole_at_every_visit(world: World, shelf: Shelf) -> None:
    shelf.put("/news.xml", SITEMAP.format(base=shelf.base), kind="application/xml")
    index = f"<sitemapindex><sitemap><loc>{shelf.base}/news.xml</loc></sitemap></sitemapindex>"
    url = shelf.put("/index.xml", index, kind="application/xml")
    source = add_source(world.desk, url, form=Form.SITEMAP)

    listen(world.desk)
    shelf.put("/news.xml", SITEMAP.format(base=shelf.base).replace("/a<", "/b<"), kind="application/xml")
    due_again(world.desk, source)
    listen(world.desk)

    assert [article.url for article in articles(world.desk)] == [f"{shelf.base}/a", f"{shelf.base}/b"]


def test_of_a_plain_sitemap_only_what_is_new_since_the_first_visit_is_news(world: World, shelf: Shelf) -> None:
    def plain(*names: str) -> str:
        return "<urlset>" + "".join(f"<url><loc>{shelf.base}/{name}</loc></url>" for name in names) + "</urlset>"

    text = "<html><head><title>星炉回应事故</title></head><body><article><h1>星炉回应事故</h1>" + (
        "<p>星炉炊具今天回应说，正在与消防部门一起查明杭州一户人家厨房里发生事故的原因，并已派人到现场协助。</p>" * 3
    )
    shelf.put("/new", text + "</article></body></html>")
    url = shelf.put("/map.xml", plain("old"), kind="application/xml")
    source = add_source(world.desk, url, form=Form.SITEMAP, options={"full_text": True})

    listen(world.desk)
    assert articles(world.desk) == ()
    shelf.put("/map.xml", plain("old", "new"), kind="application/xml")
    due_again(world.desk, source)
    listen(world.desk)

    (article,) = articles(world.desk)
    assert (article.title, article.url) == ("星炉回应事故", f"{shelf.base}/new")
    assert "查明" in article.body


def test_a_sitemap_address_that_gives_something_else_fails_with_a_code(world: World, shelf: Shelf) -> None:
    source = add_source(world.desk, shelf.put("/no.xml", "<html><body>no</body></html>"), form=Form.SITEMAP)

    listen(world.desk)

    health = health_from(dict(source_now(world.desk, source).health))
    assert (health.state, health.code) == (State.FAILING, "not_a_sitemap")


# ---- hot list


def test_a_hot_list_is_read_by_the_shape_that_was_given(world: World, shelf: Shelf) -> None:
    board = {"data": {"cards": [{"t": "星炉灶具爆炸", "id": "7"}, {"t": "天气", "id": "8"}]}}
    url = shelf.put("/hot", json.dumps(board), kind="application/json")
    shape = {"items": "data.cards", "title": "t", "link": "https://hot.example/{id}"}
    add_source(world.desk, url, form=Form.HOTLIST, options=shape, name="热搜")

    listen(world.desk)

    first, _ = sorted(articles(world.desk), key=lambda article: article.url)
    assert (first.title, first.url, first.outlet) == ("星炉灶具爆炸", "https://hot.example/7", "热搜")
    assert first.published_at == world.clock()


def test_a_shape_that_was_mended_counts_for_the_document_that_is_there(world: World, shelf: Shelf) -> None:
    board = [{"title": "7", "words": "星炉灶具爆炸"}, {"title": "8", "words": "天气"}]
    url = shelf.put("/hot", json.dumps(board), kind="application/json")
    source = add_source(world.desk, url, form=Form.HOTLIST, name="热搜")
    listen(world.desk)
    assert {article.title for article in articles(world.desk)} == {"7", "8"}

    mended = NewSource(url=url, name="热搜", form=Form.HOTLIST, options={"title": "words"})
    flow.edit(world.desk, source.id, mended, by=world.wu)
    listen(world.desk)

    assert {article.title for article in articles(world.desk)} == {"7", "8", "星炉灶具爆炸", "天气"}


# ---- page


def test_a_page_is_remembered_and_only_what_is_new_on_it_becomes_an_article(world: World, shelf: Shelf) -> None:
    url = shelf.put("/recall", PAGE.format(line="本周没有召回。"))
    source = add_source(world.desk, url, form=Form.PAGE, name="市监局")

    listen(world.desk)
    assert articles(world.desk) == ()
    shelf.put("/recall", PAGE.format(line="星炉双环Q5灶具因爆炸隐患被召回，已有两人受伤。"))
    due_again(world.desk, source)
    listen(world.desk)
    due_again(world.desk, source)
    listen(world.desk)

    (article,) = articles(world.desk)
    assert (article.body, article.outlet) == ("星炉双环Q5灶具因爆炸隐患被召回，已有两人受伤。", "市监局")
    with world.desk.reading() as db:
        (kept,) = store.kept(db, [source.id]).values()
    assert "召回公告" in kept["lines"]


def test_without_an_organisation_nothing_is_remembered_that_was_not_heard(desk: Desk, shelf: Shelf) -> None:
    source = add_source(desk, shelf.put("/recall", PAGE.format(line="本周没有召回。")), form=Form.PAGE)

    listen(desk)

    with desk.reading() as db:
        assert store.kept(db, [source.id]) == {}


# ---- full text


def test_full_text_makes_a_mention_of_what_only_the_page_says_and_keeps_the_page(world: World, shelf: Shelf) -> None:
    text = "".join(
        f"<p>第{number}段：星炉双环Q5灶具今天上午在杭州一户人家的厨房里爆炸，两人受伤。</p>" for number in "一二三"
    )
    shelf.put("/story", f"<html><head><title>事故</title></head><body><article>{text}</article></body></html>")
    item = f"<item><title>厨房事故</title><link>{shelf.base}/story</link></item>"
    feed = f"<rss><channel><title>x</title>{item}</channel></rss>"
    url = shelf.put("/feed", feed, kind="application/rss+xml")
    source = add_source(world.desk, url, options={"full_text": True})

    listen(world.desk)
    due_again(world.desk, source)
    listen(world.desk)

    (article,) = articles(world.desk)
    assert "第三段" in article.body
    assert {mention.watch for mention in mentions(world.desk)} == {"name", "product"}
    with world.desk.reading() as db:
        assert article.evidence_id is not None
        assert store.evidence_of(db, article.evidence_id).url == f"{shelf.base}/story"
    assert shelf.asked.count("/story") == 1


def test_a_page_that_does_not_come_leaves_the_summary(world: World, shelf: Shelf) -> None:
    feed = f"<rss><channel><item><title>星炉</title><link>{shelf.base}/gone</link></item></channel></rss>"
    add_source(world.desk, shelf.put("/feed", feed, kind="application/rss+xml"), options={"full_text": True})

    listen(world.desk)

    assert [article.title for article in articles(world.desk)] == ["星炉"]


def test_a_page_that_robots_txt_asks_to_leave_alone_is_not_read_in_full(world: World, shelf: Shelf) -> None:
    shelf.put("/robots.txt", "User-agent: *\nDisallow: /private/\n", kind="text/plain")
    story = (
        "<html><body><article><p>" + "星炉灶具发生爆炸，两人受伤，消防到场处置。" * 5 + "</p></article></body></html>"
    )
    items = "".join(
        f"<item><title>{path}</title><link>{shelf.put(path, story)}</link></item>" for path in ("/private/1", "/open/1")
    )
    feed = f"<rss><channel>{items}</channel></rss>"
    source = add_source(
        world.desk, shelf.put("/private/feed", feed, kind="application/rss+xml"), options={"full_text": True}
    )

    listen(world.desk)

    bodies = {article.title: bool(article.body) for article in articles(world.desk)}
    assert bodies == {"/private/1": False, "/open/1": True}
    assert "/private/1" not in shelf.asked
    with world.desk.reading() as db:
        (left,) = store.dropped(db, source.id)
    assert left.why == "left_out pages not read in full, as robots.txt asks: 1"


# ---- what nobody thought of


def test_an_address_that_no_parser_takes_fails_alone(world: World, shelf: Shelf) -> None:
    wrong = add_source(world.desk, "http://paper.example:80800/feed")
    add_source(world.desk, shelf.put("/feed", rss("西湖今日天气晴"), kind="application/rss+xml"))

    listen(world.desk)

    assert [article.title for article in articles(world.desk)] == ["西湖今日天气晴"]
    assert health_from(dict(source_now(world.desk, wrong).health)).code == "url_unreadable"


def test_an_address_with_a_port_that_does_not_exist_is_refused_where_it_is_typed(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        flow.add_one(world.desk, NewSource(url="http://paper.example:80800/feed"), by=world.wu)

    assert refused.value.code == "url_wrong"


def test_a_page_that_breaks_the_extractor_leaves_the_summary_and_stops_nobody(world: World, shelf: Shelf) -> None:
    framed = shelf.put("/framed", "<iframe src='/consent'><html><body>请稍候</body></html>")
    feed = f"<rss><channel><item><title>星炉</title><link>{framed}</link></item></channel></rss>"
    add_source(world.desk, shelf.put("/feed", feed, kind="application/rss+xml"), options={"full_text": True})
    add_source(world.desk, shelf.put("/other", rss("西湖今日天气晴"), kind="application/rss+xml"))

    listen(world.desk)

    assert {article.title for article in articles(world.desk)} == {"星炉", "西湖今日天气晴"}


def test_a_document_that_breaks_its_parser_harms_its_own_source_only(world: World, shelf: Shelf) -> None:
    broken = add_source(world.desk, shelf.put("/broken", rss("爆"), kind="application/rss+xml"))
    add_source(world.desk, shelf.put("/feed", rss("西湖今日天气晴"), kind="application/rss+xml"))
    allowed = allowed_of(networks=("127.0.0.1",))

    def parse(body: bytes, url: str, content_type: str, known: Set[str]) -> Feed | tuple[str, str]:
        if url.endswith("/broken"):
            raise KeyError("of a library")
        return feed_or_why(body, url, content_type, known)

    async def play() -> None:
        listening = Listening(world.desk, allowed=allowed, politeness=Politeness(spacing_s=0.0))
        async with open_session(allowed=allowed) as session, Readers(0, parse=parse) as readers:
            await listening.round(session, readers)

    asyncio.run(play())

    assert [article.title for article in articles(world.desk)] == ["西湖今日天气晴"]
    assert health_from(dict(source_now(world.desk, broken).health)).code == "reader_died"


# ---- hosts that ask for patience


def test_a_host_that_wants_an_hour_between_two_feeds_keeps_no_other_host_waiting(world: World, shelf: Shelf) -> None:
    shelf.put("/robots.txt", "User-agent: *\nCrawl-delay: 3600\n", kind="text/plain")
    slow = [
        add_source(world.desk, shelf.put(f"/slow/{number}", rss(f"慢{number}"), kind="application/rss+xml"))
        for number in range(3)
    ]
    elsewhere = shelf.put("/feed", rss("西湖今日天气晴"), kind="application/rss+xml")
    add_source(world.desk, elsewhere.replace("127.0.0.1", "localhost"))
    began = time.monotonic()

    listen(world.desk)

    assert time.monotonic() - began < 60
    assert {article.title for article in articles(world.desk)} == {"慢0", "西湖今日天气晴"}
    waits = [source_now(world.desk, source).due_at - world.clock.at for source in slow[1:]]
    assert [round(wait / timedelta(hours=1)) for wait in waits] == [1, 2]
    assert all(source_now(world.desk, source).health == {} for source in slow[1:])


def test_after_a_night_without_a_network_all_sources_are_asked_as_soon_as_one_is_heard(
    world: World, shelf: Shelf
) -> None:
    def away(name: str, *, hours: float, code: str = "name_unknown") -> Source:
        since = world.clock.at - timedelta(hours=hours)
        health = Health(
            state=State.FAILING, failures=3.0, failing_since=since, code=code, visits=9, visited_at=world.clock.at
        )
        url = shelf.put(f"/{name}", rss(name), kind="application/rss+xml")
        source = add_source(world.desk, url, name=name)
        with world.desk.transaction() as db:
            later = replace(source, health=health_record(health), due_at=world.clock.at + timedelta(hours=3))
            return records.save(db, later)

    first, second = away("first", hours=9), away("second", hours=8.5)
    longer, missing = away("longer", hours=200), away("missing", hours=9, code="not_found")
    due_again(world.desk, first)

    listen(world.desk)

    assert source_now(world.desk, second).due_at <= world.clock()
    assert all(source_now(world.desk, other).due_at > world.clock() for other in (longer, missing))
    listen(world.desk)
    assert {article.title for article in articles(world.desk)} == {"first", "second"}


# ---- the running ear


def test_a_watch_that_is_saved_counts_from_the_next_article_on_and_the_ear_stays_open(
    world: World, shelf: Shelf
) -> None:
    def board(*titles: str) -> str:
        return json.dumps([{"title": title} for title in titles])

    url = shelf.put("/hot", board("台风登陆"), kind="application/json")
    source = add_source(world.desk, url, form=Form.HOTLIST)
    allowed = allowed_of(networks=("127.0.0.1",))
    listening = Listening(world.desk, allowed=allowed, politeness=Politeness(spacing_s=0.0))

    async def play() -> tuple[object, object]:
        async with open_session(allowed=allowed) as session, Readers(0) as readers:
            await listening.round(session, readers)
            before = listening._ear
            saved = flow.save_watch(world.desk, by=world.wu, name="台风", query="台风")
            shelf.put("/hot", board("台风登陆", "台风转向", "地震"), kind="application/json")
            due_again(world.desk, source)
            await listening.round(session, readers)
            flow.save_watch(world.desk, by=world.wu, name="台风", query="台风", watch_id=saved.id, active=False)
            shelf.put("/hot", board("台风停编"), kind="application/json")
            due_again(world.desk, source)
            await listening.round(session, readers)
            return before, listening._ear

    before, after = asyncio.run(play())

    with world.desk.reading() as db:
        (watch,) = records.find(db, StoredWatch)
    caught = [mention.article_id for mention in mentions(world.desk) if mention.watch == f"watch-{watch.id}"]
    titles = {article.id: article.title for article in articles(world.desk)}
    assert [titles[found] for found in caught] == ["台风转向"]
    assert before is after


def test_a_watch_that_is_saved_in_the_middle_of_a_round_counts_for_the_answers_after_it(world: World) -> None:
    class Late(Shelf):
        """Answers with the second feed only a while after a watch was saved."""

        def get(self, request: Request) -> None:
            if request.path == "/late":
                flow.save_watch(world.desk, by=world.wu, name="台风", query="台风")
                time.sleep(1.5)
            super().get(request)

    with Late() as shelf:
        add_source(world.desk, shelf.put("/late", rss("台风转向"), kind="application/rss+xml"))
        add_source(world.desk, shelf.put("/feed", rss("西湖今日天气晴"), kind="application/rss+xml"))
        listen(world.desk)

    (mention,) = mentions(world.desk)
    titles = {article.id: article.title for article in articles(world.desk)}
    assert titles[mention.article_id] == "台风转向"


def test_a_watch_of_another_release_does_not_make_the_ear_deaf(world: World, shelf: Shelf) -> None:
    with world.desk.transaction() as db:
        wrong = records.add(db, StoredWatch(name="旧", query="星炉 SENTENCE 爆炸", active=True))
    add_source(world.desk, shelf.put("/feed", rss("星炉灶具爆炸"), kind="application/rss+xml"))

    listen(world.desk)

    assert [article.title for article in articles(world.desk)] == ["星炉灶具爆炸"]
    assert {mention.watch for mention in mentions(world.desk)} - {f"watch-{wrong.id}"} == {"name"}
