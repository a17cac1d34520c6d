"""Sources that are not feeds: bytes in, articles out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from monitors import fulltext
from monitors.sources import folder, hotlist, mailbox, page, sitemap
from monitors.sources.listing import NotASource

CHINA = timezone(timedelta(hours=8))

NEWS_SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://news.example/a</loc><image:image><image:title>a picture</image:title></image:image>
<news:news><news:publication><news:name>示例晚报</news:name><news:language>zh-cn</news:language></news:publication>
<news:publication_date>2024-05-14 09:06</news:publication_date>
<news:title>公司回应召回 &amp; 道歉</news:title></news:news></url>
<url><loc>/b</loc><lastmod>2024-05-14</lastmod></url><url></url></urlset>"""


def test_a_news_sitemap_gives_title_outlet_and_date_in_the_zone_of_its_language() -> None:
    listing = sitemap.read(NEWS_SITEMAP.encode(), url="https://news.example/sitemap.xml")

    first, second = listing.articles
    assert (first.title, first.source, first.lang) == ("公司回应召回 & 道歉", "示例晚报", "zh-cn")
    assert first.published == datetime(2024, 5, 14, 9, 6, tzinfo=CHINA)
    assert (second.url, second.published) == ("https://news.example/b", None)
    assert listing.problems == ("entry 3: no address",)


def test_a_sitemap_index_names_its_sitemaps_newest_first() -> None:
    index = b"""<sitemapindex><sitemap><loc>http://x.example/old.xml</loc><lastmod>2023-01-01</lastmod></sitemap>
    <sitemap><loc>http://x.example/new.xml</loc><lastmod>2024-01-01</lastmod></sitemap></sitemapindex>"""

    assert sitemap.read(index).more == ("http://x.example/new.xml", "http://x.example/old.xml")


@pytest.mark.parametrize("data", [b"", b"<html><body>no</body></html>", b"\x00\x01", b"<rss/>"])
def test_what_is_no_sitemap_is_refused(data: bytes) -> None:
    with pytest.raises(NotASource):
        sitemap.read(data)


def test_a_hot_list_is_found_without_being_told_where_it_lies() -> None:
    board = """{"code": 0, "tabs": [1, 2, 3, 4], "data": {"realtime": [
      {"word": "某品牌酱油", "realpos": 7, "num": 99}, {"word": "暴雨预警", "url": "/s?q=1"}, {"num": 3}]}}"""
    at = datetime(2024, 5, 14, 1, tzinfo=UTC)

    listing = hotlist.read(board.encode(), source="微博热搜", url="https://hot.example/", at=at)

    assert [(item.title, item.rank, item.source) for item in listing.articles] == [
        ("某品牌酱油", 1, "微博热搜"),
        ("暴雨预警", 2, "微博热搜"),
    ]
    assert listing.articles[1].url == "https://hot.example/s?q=1"
    assert {item.published for item in listing.articles} == {at}
    assert listing.problems == ("item 3: no title",)


def test_a_hot_list_without_a_moment_has_no_dates() -> None:
    assert hotlist.read(b'[{"title": "headline"}]', source="board").articles[0].published is None


def test_a_shape_says_where_the_fields_of_a_board_lie() -> None:
    board = '{"d": {"list": [{"q": {"t": "标题"}, "id": 42, "n": 3, "when": 1715648760}]}}'
    shape = hotlist.Shape(items="d.list", title="q.t", link="https://x.example/item/{id}", rank="n", published="when")

    (item,) = hotlist.read(board.encode("gb18030"), source="b", shape=shape).articles

    assert (item.title, item.url, item.rank) == ("标题", "https://x.example/item/42", 3)
    assert item.published == datetime.fromtimestamp(1715648760, UTC)


def test_the_same_topic_on_a_board_keeps_its_id_when_its_rank_changes() -> None:
    before = hotlist.read('[{"title": "甲"}, {"title": "乙"}]'.encode(), source="b").articles
    after = hotlist.read('[{"title": "乙"}, {"title": "甲"}]'.encode(), source="b").articles

    assert {item.id for item in before} == {item.id for item in after}


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"[]", b'{"a": [1, 2, 3]}', b"<html>", b"[" * 100_000])
def test_what_is_no_hot_list_is_refused(data: bytes) -> None:
    with pytest.raises(NotASource):
        hotlist.read(data, source="b")


def _page(*lines: str) -> page.Snapshot:
    body = "".join(f"<p>{line}</p>" for line in lines)
    return page.snapshot(f"<html><head><title>通告</title></head><body>{body}</body></html>".encode())


def test_a_changed_page_gives_the_lines_that_are_new() -> None:
    before = _page("召回通告", "2024年第1号 某品牌奶粉")
    after = _page("召回通告", "2024年第2号 某品牌酱油因标签问题被召回，请立即停止销售", "2024年第1号 某品牌奶粉")

    article = page.change(before, after, url="https://gov.example/recalls")

    assert article is not None
    assert article.body == "2024年第2号 某品牌酱油因标签问题被召回，请立即停止销售"
    assert article.title == article.body
    assert page.change(before, before, url="https://gov.example/recalls") is None


def test_a_page_seen_for_the_first_time_is_no_news() -> None:
    assert page.change(None, _page("x"), url="https://gov.example/") is None


def test_counters_and_moved_lines_are_no_change_of_a_page() -> None:
    before, after = (
        _page("访问 10234 次", "甲通知全文", "乙通知全文"),
        _page("访问 10238 次", "乙通知全文", "甲通知全文"),
    )

    assert page.change(before, after, url="https://gov.example/") is None


def test_a_page_that_lost_lines_says_which() -> None:
    article = page.change(_page("声明：产品安全", "关于我们"), _page("关于我们"), url="https://x.example/")

    assert article is not None
    assert article.body == "− 声明：产品安全"


def test_a_folder_gives_new_and_changed_files_and_leaves_unfinished_ones(tmp_path: Path) -> None:
    for name in ("a.ndjson", "b.csv.part", ".hidden", "c.csv"):
        (tmp_path / name).write_text("title\nx\n", encoding="utf-8")
    known = {mark.name: mark for path, mark in folder.waiting(tmp_path, {})}

    assert sorted(known) == ["a.ndjson", "c.csv"]
    assert list(folder.waiting(tmp_path, known)) == []
    (tmp_path / "c.csv").write_text("title\nx\ny\n", encoding="utf-8")
    assert [path.name for path, _ in folder.waiting(tmp_path, known)] == ["c.csv"]
    assert [article.title for article in folder.read_file(tmp_path / "c.csv").articles] == ["x", "y"]


def test_a_missing_folder_is_said() -> None:
    with pytest.raises(NotASource):
        list(folder.waiting(Path("/does/not/exist"), {}))


def test_a_bad_line_is_named_by_its_place_in_the_file() -> None:
    table = 'title,published\n"a\nb\nc",2026-05-14\nd,soon\n'
    lines = '\n\n{"id": "1", "title": "a"}\nnot json\n'

    assert folder.read("x.csv", table.encode()).problems == ("line 5: published: not a date",)
    (problem,) = folder.read("x.ndjson", lines.encode()).problems
    assert problem.startswith("line 4: ")


def test_ndjson_costs_only_its_bad_lines() -> None:
    good = '{"id":"1","title":"甲","published":"2024-05-14T09:06:00+08:00"}\n'
    data = good + '{"id":2\n{"title":"乙"}\n{"id":"3","title":7}\n'

    listing = folder.read("x.ndjson", data.encode(), source="内部")

    assert [(article.title, article.source) for article in listing.articles] == [("甲", "内部"), ("乙", "内部")]
    assert len(listing.problems) == 2
    assert len({article.id for article in listing.articles}) == 2


def test_a_chinese_export_in_gbk_is_read_by_the_names_of_its_columns() -> None:
    table = '标题,来源,发布时间,链接,正文\n"公司回应, 称已道歉",示例晚报,2024/5/14 9:06,http://x.example/1,正文\n'
    table += "第二条,报,昨天,,\n"

    listing = folder.read("导出.csv", table.encode("gb18030"))

    first, second = listing.articles
    assert (first.title, first.source, first.body) == ("公司回应, 称已道歉", "示例晚报", "正文")
    assert first.published == datetime(2024, 5, 14, 9, 6, tzinfo=CHINA)
    assert second.published is None
    assert listing.problems == ("line 3: published: not a date",)


@pytest.mark.parametrize(
    ("name", "data"), [("x.csv", b""), ("x.csv", b"a,b\n1,2\n"), ("x.xml", b"<a/>"), ("x.json", b"[")]
)
def test_files_that_hold_no_articles_are_refused(name: str, data: bytes) -> None:
    with pytest.raises(NotASource):
        folder.read(name, data)


ALERT = """From: Google Alerts <googlealerts-noreply@google.com>
To: desk@example.org
Subject: =?UTF-8?B?5b+r6K6v?= - Acme
Date: Tue, 14 May 2024 09:06:00 +0800
Message-ID: <1@google.com>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

plain
--b
Content-Type: text/html; charset=utf-8

<html><body><table>
<tr><td>
<a href="https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://paper.example/acme-recall%3Fid%3D1"><b>Acme</b>
 recalls 10,000 heaters after fires</a>
<div><a href="https://www.google.com/url?url=https://paper.example/"><span>The Paper</span></a></div>
<div>Acme said on Tuesday it would recall heaters.</div>
<a href="https://www.google.com/alerts/feedback?ffu=x">Flag as irrelevant</a></td></tr>
</table><a href="https://www.google.com/alerts?s=x">See more results</a>
<a href="https://www.google.com/alerts/remove?s=x">Unsubscribe</a></body></html>
--b--
"""


def test_an_alert_mail_gives_its_headlines_with_their_real_addresses() -> None:
    (article,) = mailbox.read(ALERT.encode()).articles

    assert article.title == "Acme recalls 10,000 heaters after fires"
    assert article.url == "https://paper.example/acme-recall?id=1"
    assert article.source == "The Paper"
    assert article.body == "Acme said on Tuesday it would recall heaters."
    assert article.published is None


def test_any_other_mail_is_an_article_itself_whatever_its_encoding() -> None:
    mail = (
        b"From: =?gb2312?B?vMfV3w==?= <reporter@paper.example>\r\nSubject: =?gb2312?B?ssm3w8frx/M=?=\r\n"
        b"Date: Tue, 14 May 2024 09:06:00 +0800\r\nContent-Type: text/plain; charset=gb2312\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + "贵公司对此有何回应？".encode("gb18030")
    )

    (article,) = mailbox.read(mail).articles

    assert (article.title, article.source, article.body) == ("采访请求", "记者", "贵公司对此有何回应？")
    assert article.published == datetime(2024, 5, 14, 9, 6, tzinfo=CHINA)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"no header at all"])
def test_what_is_no_mail_is_refused_or_harmless(data: bytes) -> None:
    try:
        listing = mailbox.read(data)
    except NotASource:
        return
    assert len(listing.articles) <= 1


class Postbox:
    """Enough of IMAP: three messages, UIDs 3, 5 and 9."""

    def __init__(self, validity: int = 7) -> None:
        self.validity = validity
        self.messages = {3: b"Subject: a\n\nx", 5: b"Subject: b\n\nx", 9: b"Subject: c\n\nx"}

    def select(self, mailbox: str = "INBOX", readonly: bool = False) -> tuple[str, list[object]]:
        assert readonly
        return ("OK", [b"3"]) if mailbox == "INBOX" else ("NO", [b""])

    def response(self, code: str) -> tuple[str, list[object]]:
        return code, [str(self.validity).encode()]

    def uid(self, command: str, *args: str) -> tuple[str, list[object]]:
        if command == "SEARCH":
            first = int(args[0].split()[1].partition(":")[0])
            found = [uid for uid in self.messages if uid >= first] or [max(self.messages)]
            return "OK", [" ".join(map(str, found)).encode()]
        return "OK", [(b"1 (UID", self.messages[int(args[0])]), b")"]


def test_a_mailbox_is_read_from_where_it_was_left() -> None:
    place = mailbox.Place(validity=7, last_uid=3)

    read = list(mailbox.new_messages(Postbox(), place))

    assert [(after.last_uid, raw[:10]) for after, raw in read] == [(5, b"Subject: b"), (9, b"Subject: c")]
    assert list(mailbox.new_messages(Postbox(), read[-1][0])) == []


def test_of_a_mail_no_more_is_fetched_than_is_read() -> None:
    asked: list[str] = []

    class Noting(Postbox):
        def uid(self, command: str, *args: str) -> tuple[str, list[object]]:
            asked.append(args[-1])
            return super().uid(command, *args)

    list(mailbox.new_messages(Noting(), mailbox.Place(validity=7, last_uid=5)))

    assert asked[-1] == f"(BODY.PEEK[]<0.{mailbox.MOST_BYTES + 1}>)"
    with pytest.raises(NotASource):
        mailbox.read(b"Subject: a\n\n" + b"x" * mailbox.MOST_BYTES)


def test_a_mailbox_that_was_rebuilt_is_read_afresh() -> None:
    assert len(list(mailbox.new_messages(Postbox(validity=8), mailbox.Place(validity=7, last_uid=9)))) == 3


def test_a_missing_folder_of_a_mailbox_is_said() -> None:
    with pytest.raises(NotASource):
        list(mailbox.new_messages(Postbox(), mailbox.Place(), folder="News"))


def test_the_full_text_of_a_page_comes_without_its_menu() -> None:
    story = "某公司周二表示，将召回一万台取暖器，此前有消费者反映产品起火。公司称已成立专项小组，配合调查，并致歉。"
    markup = f"""<html lang="zh"><head><title>召回 - 示例晚报</title>
    <meta property="article:published_time" content="2024-05-14">
    </head><body><nav><a href="/">首页</a><a href="/sport">体育</a></nav><article><h1>某公司召回一万台取暖器</h1>
    <p>{story}</p><p>{story}第二段。</p></article><footer>版权所有</footer></body></html>"""

    found = fulltext.extract(markup.encode("gb18030"), content_type="text/html; charset=gb2312")

    assert found is not None
    assert story in found.text
    assert "体育" not in found.text


@pytest.mark.parametrize("data", [b"", b"<html></html>", b"\x00\xff\xfe", b"<" * 1000])
def test_a_page_without_an_article_has_no_full_text(data: bytes) -> None:
    assert fulltext.extract(data) is None


def test_an_item_of_three_hours_ago_is_dated_from_the_snapshot() -> None:
    now = datetime(2026, 5, 14, 12, tzinfo=UTC)

    listing = hotlist.read('[{"title": "星炉灶具爆炸", "time": "3小时前"}]'.encode(), source="热搜", at=now)

    assert [article.published for article in listing.articles] == [now - timedelta(hours=3)]
