"""Sources besides feeds, read by the listening process: what they bring, what they remember, how they fail."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from crisis.core.sources import Dropped, Form, Source, StoredArticle, StoredMention, StoredWatch
from crisis.errors import Invalid, NotPermitted
from crisis.flows import sources as flow
from crisis.flows.desk import Desk
from crisis.flows.sourceforms import NewSource
from crisis.jobs.forms import mailbox
from crisis.jobs.listening import Listening
from crisis.store import records, schema
from crisis.store import sources as store
from monitors.fetch import open_session
from monitors.guard import allowed_of
from monitors.health import State, health_from
from monitors.poller import Politeness
from monitors.reading import Readers
from tests.world import World, add_source

SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{base}/a</loc><news:news>
<news:publication><news:name>示例晚报</news:name><news:language>zh</news:language></news:publication>
<news:publication_date>2026-05-14T09:00:00+08:00</news:publication_date>
<news:title>星炉灶具爆炸，两人受伤</news:title></news:news></url></urlset>"""

PAGE = "<html><head><title>缺陷产品召回</title></head><body><h1>召回公告</h1><p>{line}</p></body></html>"


class Shelf:
    """A web server on this machine that answers with what a test has put there."""

    def __init__(self) -> None:
        self.documents: dict[str, tuple[str, bytes]] = {}
        self.asked: list[str] = []
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shelf.asked.append(self.path)
                kind, body = shelf.documents.get(self.path, ("", b""))
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", kind or "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"

    def put(self, path: str, text: str, *, kind: str = "text/html; charset=utf-8") -> str:
        self.documents[path] = (kind, text.encode())
        return f"{self.base}{path}"


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    made = Shelf()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def listen(desk: Desk, *, again_after: timedelta | None = None, clock: Any = None, rounds: int = 1) -> None:
    """Rounds of the listening process over whatever is due."""
    allowed = allowed_of(networks=("127.0.0.1",))

    async def play() -> None:
        listening = Listening(desk, allowed=allowed, politeness=Politeness(spacing_s=0.0, parallel=8))
        async with open_session(allowed=allowed) as session, Readers(0) as readers:
            for number in range(rounds):
                if number and again_after is not None:
                    clock.pass_by(again_after)
                await listening.round(session, readers)

    asyncio.run(play())


def articles(desk: Desk) -> tuple[StoredArticle, ...]:
    with desk.reading() as db:
        return records.find(db, StoredArticle)


def mentions(desk: Desk) -> tuple[StoredMention, ...]:
    with desk.reading() as db:
        return records.find(db, StoredMention)


def source_now(desk: Desk, source: Source) -> Source:
    with desk.reading() as db:
        return records.get(db, Source, source.id)


def due_again(desk: Desk, source: Source) -> None:
    with desk.transaction() as db:
        now = desk.now(db)
        db.execute(schema.source.update().where(schema.source.c.id == source.id).values(due_at=now))


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


# ---- folder


def folder_of(world: World, name: str = "press") -> tuple[Path, Source]:
    flow.add(world.desk, [NewSource(url=name, form=Form.FOLDER)], by=world.wu)
    with world.desk.reading() as db:
        (source,) = records.find(db, Source, form=Form.FOLDER)
    return world.desk.settings.inbox / name, source


def line(number: int, title: str = "星炉灶具爆炸，两人受伤", outlet: str = "温州日报") -> str:
    record = {"id": f"n{number}", "published": "2026-05-14T08:00:00+08:00", "source": outlet, "title": title}
    return json.dumps(record, ensure_ascii=False)


def test_files_of_a_folder_are_read_once_and_their_bytes_are_kept_as_evidence(world: World) -> None:
    folder, source = folder_of(world)
    (folder / "one.ndjson").write_text(f"{line(1)}\n", encoding="utf-8")

    listen(world.desk)
    due_again(world.desk, source)
    listen(world.desk)

    (article,) = articles(world.desk)
    assert article.outlet == "温州日报"
    with world.desk.reading() as db:
        assert article.evidence_id is not None
        kept = store.evidence_of(db, article.evidence_id)
    assert kept.body.decode() == f"{line(1)}\n"
    assert kept.hash == hashlib.sha256(kept.body).hexdigest()


def test_a_file_that_grew_brings_its_new_lines_only(world: World) -> None:
    folder, source = folder_of(world)
    file = folder / "log.ndjson"
    file.write_text(f"{line(1)}\n", encoding="utf-8")
    listen(world.desk)

    file.write_text(f"{line(1)}\n{line(2, '天气')}\n", encoding="utf-8")
    due_again(world.desk, source)
    listen(world.desk)

    assert [article.key for article in articles(world.desk)] == ["n1", "n2"]


def test_a_large_file_is_taken_in_part_by_part(world: World) -> None:
    folder, _ = folder_of(world)
    rows = "\n".join(line(number, f"天气 {number}") for number in range(1201))
    (folder / "many.ndjson").write_text(rows, encoding="utf-8")

    listen(world.desk)

    assert len(articles(world.desk)) == 1201


def test_a_bad_file_stands_in_the_ledger_and_the_others_are_read(world: World) -> None:
    folder, source = folder_of(world)
    (folder / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "good.ndjson").write_text(f"{line(1)}\nnot json\n", encoding="utf-8")

    listen(world.desk)

    with world.desk.reading() as db:
        told = [dropped.why for dropped in records.find(db, Dropped, source_id=source.id)]
    assert len(told) == 2
    assert any("bad.csv" in why for why in told) and any("good.ndjson: line 2" in why for why in told)
    assert len(articles(world.desk)) == 1
    assert source_now(world.desk, source).health["state"] == State.OK


def test_a_folder_that_is_gone_fails_and_is_looked_for_again(world: World) -> None:
    folder, source = folder_of(world)
    folder.rmdir()

    listen(world.desk)

    after = source_now(world.desk, source)
    assert after.health["code"] == "no_folder"
    assert after.due_at > world.clock()


@pytest.mark.parametrize("path", ["..", "../..", "/etc", "press/../../secrets"])
def test_a_folder_outside_the_inbox_is_refused(world: World, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        flow.add(world.desk, [NewSource(url=path, form=Form.FOLDER)], by=world.wu)

    assert refused.value.code == "folder_outside"


def test_a_folder_that_was_turned_into_a_link_to_elsewhere_is_not_read(world: World, tmp_path: Path) -> None:
    folder, source = folder_of(world)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.ndjson").write_text(line(1), encoding="utf-8")
    folder.rmdir()
    folder.symlink_to(outside)

    listen(world.desk)

    assert articles(world.desk) == ()
    assert source_now(world.desk, source).health["code"] == "folder_outside"


def test_a_file_that_is_a_link_is_left_alone(world: World, tmp_path: Path) -> None:
    folder, _ = folder_of(world)
    (tmp_path / "private.ndjson").write_text(line(1), encoding="utf-8")
    os.symlink(tmp_path / "private.ndjson", folder / "a.ndjson")

    listen(world.desk)

    assert articles(world.desk) == ()


@pytest.mark.parametrize("form", [Form.FOLDER, Form.MAILBOX, Form.FEED])
def test_only_an_administrator_adds_a_source(world: World, form: Form) -> None:
    with pytest.raises(NotPermitted):
        flow.add(world.desk, [NewSource(url="press", form=form)], by=world.lin)


# ---- mailbox


class Server:
    """What imaplib gives of a mailbox that holds these mails."""

    def __init__(self, *mails: bytes) -> None:
        self.mails = mails

    def select(self, mailbox: str = "INBOX", readonly: bool = False) -> tuple[str, list[Any]]:
        assert readonly
        return "OK", [b"1"]

    def response(self, code: str) -> tuple[str, list[Any]]:
        return code, [b"42"]

    def uid(self, command: str, *args: str) -> tuple[str, list[Any]]:
        if command == "SEARCH":
            return "OK", [b" ".join(str(number).encode() for number in range(1, len(self.mails) + 1))]
        return "OK", [(b"1 (BODY[] {3}", self.mails[int(args[0]) - 1]), b")"]

    def logout(self) -> None:
        pass


def mail(number: int, subject: str) -> bytes:
    return (
        f"From: Wire <wire@news.example>\nSubject: {subject}\nMessage-ID: <{number}@news.example>\n"
        "Date: Thu, 14 May 2026 08:30:00 +0800\nContent-Type: text/plain; charset=utf-8\n\n"
        f"Report number {number}.\n"
    ).encode()


def mailbox_of(world: World, **changes: object) -> Source:
    secrets = world.desk.settings.home / "secrets"
    secrets.mkdir(exist_ok=True)
    (secrets / "wire").write_text("kettle\n", encoding="utf-8")
    options = {"host": "mail.example", "user": "press", "password_file": "wire"} | changes
    flow.add(world.desk, [NewSource(form=Form.MAILBOX, options=options, name="Wire")], by=world.wu)
    with world.desk.reading() as db:
        (source,) = records.find(db, Source, form=Form.MAILBOX)
    return source


def test_mails_are_read_once_and_each_is_its_evidence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    source = mailbox_of(world)
    mails = [mail(1, "Starhearth recalls a stove after two were injured")]
    monkeypatch.setattr(mailbox, "connected", lambda *_: Server(*mails))

    listen(world.desk)
    mails.append(mail(2, "Starhearth: weather"))
    due_again(world.desk, source)
    listen(world.desk)

    first, second = articles(world.desk)
    assert first.title == "Starhearth recalls a stove after two were injured"
    assert second.title == "Starhearth: weather"
    with world.desk.reading() as db:
        assert first.evidence_id is not None
        assert store.evidence_of(db, first.evidence_id).body == mails[0]
        assert store.kept(db, [source.id])[source.id]["last_uid"] == 2


def test_a_mailbox_whose_host_does_not_answer_fails_with_a_code(world: World) -> None:
    source = mailbox_of(world, host="127.0.0.1", port="9", tls="none")

    listen(world.desk)

    assert source_now(world.desk, source).health["code"] in ("no_connection", "too_slow")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password_file": "/etc/passwd"}, "password_file"),
        ({"password_file": "../desk.sqlite"}, "password_file"),
        ({"password_file": ""}, "password_file"),
        ({"tls": "none"}, "tls"),
        ({"host": ""}, "host"),
        ({"port": "0"}, "port"),
        ({"user": ""}, "user"),
    ],
)
def test_a_mailbox_that_cannot_be_used_is_refused_at_its_field(
    world: World, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        mailbox_of(world, **changes)

    assert refused.value.field == field


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


def test_two_articles_with_the_same_bytes_share_one_piece_of_evidence(world: World) -> None:
    folder, _ = folder_of(world)
    (folder / "a.ndjson").write_text(f"{line(1)}\n{line(2)}\n", encoding="utf-8")

    listen(world.desk)

    assert len({article.evidence_id for article in articles(world.desk)}) == 1
