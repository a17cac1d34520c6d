"""Feeds of every kind and in every state of health."""

from __future__ import annotations

import gc
import gzip
import html
import json
import weakref
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors import feeds
from monitors.feeds import Kind, NotAFeed, plain, quick

CHINA = timezone(timedelta(hours=8))


def rss(items: str, *, head: str = "", declaration: str = '<?xml version="1.0"?>') -> bytes:
    return (
        f'{declaration}{head}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Example News</title><link>https://news.example/</link>{items}</channel></rss>"
    ).encode()


def item(title: str = "Title", link: str = "https://news.example/1", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def only(data: bytes, **about: str) -> feeds.Article:
    (article,) = feeds.parse(data, **about).articles
    return article


def test_rss_gives_title_link_date_text_and_outlet() -> None:
    article = only(
        rss(
            item(
                "Q&amp;amp;A: &lt;b&gt;recall&lt;/b&gt;",
                more="<pubDate>Tue, 14 May 2024 09:06:00 +0800</pubDate><guid isPermaLink='false'>7</guid>"
                "<description>&lt;p&gt;One&lt;/p&gt;&lt;p&gt;two &amp;amp; three&lt;/p&gt;</description>",
            )
        )
    )

    assert (article.title, article.url, article.source) == ("Q&A: recall", "https://news.example/1", "Example News")
    assert article.published == datetime(2024, 5, 14, 9, 6, tzinfo=CHINA)
    assert article.body == "One\ntwo & three"


def test_atom_gives_the_alternate_link_and_first_publication() -> None:
    feed = feeds.parse(
        b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://a.example/blog/"><title>A</title>
        <link rel="self" href="feed.xml"/><link rel="hub" href="https://hub.example/"/><link href="/"/>
        <entry><id>tag:a,1</id><title type="html">&lt;i&gt;Hi&lt;/i&gt;</title><link rel="edit" href="e"/>
        <link href="post"/><updated>2024-05-15T00:00:00Z</updated><published>2024-05-14T00:00:00Z</published>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x<b>y</b></p><p>z</p></div></content></entry></feed>"""
    )

    assert (feed.kind, feed.link, feed.language) == (Kind.ATOM, "https://a.example/", "en")
    assert (feed.self_url, feed.hub) == ("https://a.example/blog/feed.xml", "https://hub.example/")
    (article,) = feed.articles
    assert (article.title, article.url, article.body) == ("Hi", "https://a.example/blog/post", "xy\nz")
    assert article.published == datetime(2024, 5, 14, tzinfo=UTC)


def test_rdf_with_dublin_core_is_read() -> None:
    feed = feeds.parse(
        b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>R</title></channel>
        <item rdf:about="http://r.example/1"><title>t</title><link>http://r.example/1</link>
        <dc:date>2024-05-14</dc:date></item></rdf:RDF>"""
    )

    assert feed.kind is Kind.RDF
    assert feed.articles[0].published == datetime(2024, 5, 14, tzinfo=UTC)


def test_json_feed_is_read() -> None:
    feed = feeds.parse(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "J",
                "home_page_url": "https://j.example/",
                "feed_url": "https://j.example/feed.json",
                "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
                "items": [
                    {"id": 5, "url": "/5", "title": "五", "content_html": "<p>a</p>b", "date_published": "2024-05-14"},
                    "junk",
                    {"id": "6", "content_text": "text < 3"},
                ],
            }
        ).encode()
    )

    assert (feed.kind, feed.hub) == (Kind.JSON, "https://hub.example/")
    assert [(a.title, a.url, a.body) for a in feed.articles] == [
        ("五", "https://j.example/5", "a\nb"),
        ("", "", "text < 3"),
    ]
    assert [problem.code for problem in feed.problems] == ["empty_entry"]


def test_hints_about_how_often_to_ask_are_given() -> None:
    feed = feeds.parse(
        rss(
            "<ttl>45</ttl><sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>daily</sy:updatePeriod>"
        )
    )

    assert (feed.ttl, feed.update_every) == (timedelta(minutes=45), timedelta(days=1))


def test_a_missing_or_unreadable_date_is_none_and_said() -> None:
    feed = feeds.parse(rss(item() + item(link="https://news.example/2", more="<pubDate>soon</pubDate>")))

    assert [article.published for article in feed.articles] == [None, None]
    assert [(problem.code, problem.entry, problem.detail) for problem in feed.problems] == [("bad_date", 2, "soon")]


def test_a_chinese_feed_without_offset_is_dated_in_chinese_time() -> None:
    data = rss("<language>zh-cn</language>" + item(more="<pubDate>2024-05-14 09:06:00</pubDate>"))

    assert only(data).published == datetime(2024, 5, 14, 9, 6, tzinfo=CHINA)


def test_relative_links_are_resolved_against_where_the_feed_came_from() -> None:
    assert only(rss(item(link="/a?b=1&amp;c=2")), url="https://x.example/feed/").url == "https://x.example/a?b=1&c=2"
    assert only(rss(item(link="a"))).url == "https://news.example/a"


def test_a_permanent_guid_is_the_link_of_an_item_without_one() -> None:
    data = rss("<item><title>x</title><guid>https://news.example/g</guid></item>")

    assert only(data).url == "https://news.example/g"


def test_the_outlet_of_an_aggregated_item_is_its_source() -> None:
    assert only(rss(item(more="<source url='https://p.example'>The Paper</source>"))).source == "The Paper"


def test_the_longest_text_is_the_body_and_a_caption_only_if_there_is_no_other() -> None:
    story = "<description>short</description><content:encoded>&lt;p&gt;the whole story&lt;/p&gt;</content:encoded>"
    words = "<media:title>photo</media:title><media:description>a long caption</media:description>"
    caption = f"<media:content>{words}</media:content>"

    assert only(rss(item(more=story + caption))).body == "the whole story"
    assert only(rss(item(more=caption))).body == "a long caption"
    assert only(rss(item(more=caption))).title == "Title"


def test_scripts_styles_and_comments_are_not_text() -> None:
    script = "&lt;script&gt;if (1 &lt; 2) alert('&lt;/p&gt;')&lt;/script&gt;"
    markup = f"a{script}b&lt;style&gt;p{{}}&lt;/style&gt;&lt;!-- c --&gt;d"

    assert only(rss(item(more=f"<description>{markup}</description>"))).body == "abd"


def test_what_only_looks_like_markup_in_a_title_stays() -> None:
    assert only(rss(item("1 &lt; 2 and a&lt;b"))).title == "1 < 2 and a<b"


# --- identity


def test_ids_are_unique_in_a_feed_and_do_not_depend_on_place_or_address() -> None:
    first, second = item("A", "https://news.example/a"), item("B", "https://news.example/b")

    before = {a.title: a.id for a in feeds.parse(rss(first + second)).articles}
    after = {
        a.title: a.id
        for a in feeds.parse(
            rss(item("C", "https://news.example/c") + second + first), url="http://m.example/"
        ).articles
    }

    assert before.items() <= after.items()
    assert len(set(after.values())) == 3


def test_items_that_share_a_guid_are_told_apart() -> None:
    shared = "<guid isPermaLink='false'>same</guid>"
    feed = feeds.parse(rss(item("A", "https://news.example/a", shared) + item("B", "https://news.example/b", shared)))
    again = feeds.parse(rss(item("B", "https://news.example/b", shared) + item("A", "https://news.example/a", shared)))

    assert len({article.id for article in feed.articles}) == 2
    assert {a.title: a.id for a in feed.articles} == {a.title: a.id for a in again.articles}


def test_even_identical_items_have_ids_of_their_own() -> None:
    assert len({article.id for article in feeds.parse(rss(item() * 3)).articles}) == 3


def test_of_entries_that_are_known_only_the_ids_are_told_and_all_others_are_as_ever() -> None:
    shared = "<guid isPermaLink='false'>same</guid>"
    data = rss(
        item("A", "https://news.example/a")
        + item("B", "https://news.example/b", "<guid>own</guid>")
        + item("C", "https://news.example/c", shared)
        + item("D", "https://news.example/d", shared)
        + "<item><title>nameless</title></item><item></item>"
    )
    whole = feeds.parse(data)
    ids = whole.listed
    assert len(set(ids)) == 5

    for asked in range(2 ** len(ids)):
        known = {one for place, one in enumerate(ids) if asked >> place & 1}
        feed = feeds.parse(data, known=feeds.Known(dict.fromkeys(known, "")))

        # Two that share a guid, and one without a name, are told apart by their texts: they are read.
        assert set(feed.known) == known & set(ids[:2])
        assert set(feed.listed) == set(ids)
        assert feed.articles == tuple(article for article in whole.articles if article.id not in feed.known)
        assert feed.problems == whole.problems


def test_items_without_id_and_link_keep_their_id() -> None:
    data = rss("<item><title>only a title</title></item>")

    assert only(data).id == only(data).id


def test_a_feed_that_was_read_leaves_nothing_to_the_collector() -> None:
    reader = quick._Reader(quick.root_of_plain(rss(item())), "")
    reader.read()
    gone = weakref.ref(reader)

    gc.disable()
    try:
        del reader
        assert gone() is None
    finally:
        gc.enable()


# --- bad health


def test_one_bad_item_does_not_cost_its_feed() -> None:
    fields = "<pubDate>\x01</pubDate><link>http://[::1</link><description>&#0;&bogus; & <b></description>"
    bad = f"<item><title>x</title>{fields}</item>"

    feed = feeds.parse(rss(item("A") + bad + item("B", "https://news.example/2")))

    assert feed.articles[0].title == "A"
    assert feed.articles[-1].title == "B"
    assert len(feed.articles) == 3


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("A & B", "A & B"),
        ("caf&eacute;&nbsp;x", "café x"),
        ("&#55357;&#56832;ok", "ok"),
        ("a\x0bb\x00c", "abc"),
        ("&#150;dash", "–dash"),
        ("CafÃ©", "Café"),
    ],
)
def test_what_makes_feeds_ill_formed_is_mended(title: str, shown: str) -> None:
    assert only(rss(item(title))).title == shown


def test_undeclared_prefixes_are_understood() -> None:
    inside = b"<title>x</title><dc:date>2024-05-14</dc:date><content:encoded>y</content:encoded>"
    data = b"<rss><channel><item>" + inside + b"</item></channel></rss>"

    article = only(data)

    assert (article.body, article.published) == ("y", datetime(2024, 5, 14, tzinfo=UTC))


def test_a_feed_that_was_cut_off_gives_what_is_there_and_says_so() -> None:
    whole = rss(item("A") + item("B", "https://news.example/2") + item("C", "https://news.example/3"))

    feed = feeds.parse(whole[: whole.index(b"<title>C")])

    assert [article.title for article in feed.articles] == ["A", "B"]
    assert feed.truncated
    assert "truncated" in [problem.code for problem in feed.problems]


def test_a_lost_end_tag_costs_nothing() -> None:
    data = rss(item("A") + item("B", "https://news.example/2")).replace(b"A</title>", b"A")

    assert [(article.title, article.url) for article in feeds.parse(data).articles] == [
        ("A", "https://news.example/1"),
        ("B", "https://news.example/2"),
    ]


def test_noise_around_a_feed_is_passed_over() -> None:
    noisy = b"\r\n<br />\n<b>Warning</b>: x in <b>y</b>\n" + rss(item("A")) + b"<script></script><!-- cached -->"

    assert only(noisy).title == "A"


def test_gzip_is_unpacked_and_a_bomb_of_it_refused() -> None:
    assert only(gzip.compress(rss(item("A")))).title == "A"
    with pytest.raises(NotAFeed) as error:
        feeds.parse(gzip.compress(b" " * (feeds.MOST_BYTES + 10), 1))
    assert error.value.code == "too_large"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\x00" * 100, "not_text"),
        (b"plain words", "not_text"),
        (b"<!DOCTYPE html><html><body><p>hi<br></body></html>", "html_page"),
        (b"<urlset/>", "sitemap"),
        (b"<opml version='2.0'><body/></opml>", "opml"),
        (b"<svg/>", "other_xml"),
        (b'{"a": 1}', "other_json"),
        (b"[1, 2", "broken_json"),
        (b"%PDF-1.7 \xff\xfe<x", "unreadable"),
    ],
)
def test_what_is_no_feed_is_named(data: bytes, code: str) -> None:
    with pytest.raises(NotAFeed) as error:
        feeds.parse(data)
    assert error.value.code == code


def test_a_feed_without_entries_is_a_feed() -> None:
    assert feeds.parse(rss("")).articles == ()


# --- hostile


def test_entities_never_multiply_and_never_read_files() -> None:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "lol">{levels}<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY ok "fine">]>'

    feed = feeds.parse(rss(item("&a11; &f; &ok;"), head=bomb))

    assert feed.articles[0].title == "&a11; &f; fine"


def test_a_long_entity_used_often_stops_growing() -> None:
    head = f'<!DOCTYPE x [<!ENTITY a "{"A" * 400}">]>'

    article = only(rss(item("x", more=f"<description>{'&a;' * 100_000}</description>"), head=head))

    assert len(article.body) <= 1_400_000


@pytest.mark.parametrize(
    "data",
    [
        rss("<a>" * 20_000),
        rss("<item>" * 10_000),
        rss(item("&lt;a &quot;" * 200_000)),
        rss(item("&lt;!--" * 300_000)),
        rss(item("&lt;script>" * 200_000)),
        rss("<a b='" * 100_000),
        rss("<![CDATA[" * 100_000),
        b"<!DOCTYPE a [" * 100_000 + rss(item()),
        b"<!-- -->" * 200_000 + rss(item()),
        rss("<item>" + "".join(f"<t{n}/>" for n in range(100_000)) + "</item>"),
        b"[" * 500_000,
        b'{"items":' * 50_000,
    ],
    ids=[
        "deep",
        "nested",
        "quotes",
        "comments",
        "scripts",
        "attributes",
        "cdata",
        "doctypes",
        "many",
        "names",
        "json",
        "json2",
    ],
)
@pytest.mark.timeout(20)
def test_hostile_feeds_are_refused_or_survived_quickly(data: bytes) -> None:
    with suppress(NotAFeed):
        feeds.parse(data)


def test_giant_titles_are_cut_and_said() -> None:
    feed = feeds.parse(rss(item("x" * 3_000_000)))

    assert len(feed.articles[0].title) == 2_000
    assert [problem.code for problem in feed.problems] == ["title_cut"]


SCRAPS = st.sampled_from(
    b"""<rss>|<channel>|<item>|</item>|<title>|</title>|<link/>|<![CDATA[|]]>|&amp;|&|<|>|<entry>|<a:b>|"|'|{|[|"items":|]>
    |<feed xmlns='http://www.w3.org/2005/Atom'>|<?xml version='1.0' encoding='gbk'?>|<!DOCTYPE a [|<!ENTITY a 'b'>|<p>
    |&lt;b&gt;|&#xD800;|xml:base='//['|\x00|\xff\xfe|\xd6\xd0|\xe4\xb8\xad""".split(b"|")
)


@given(st.lists(st.one_of(SCRAPS, st.binary(max_size=6)), max_size=40).map(b"".join))
@settings(max_examples=300, deadline=None)
def test_whatever_the_bytes_only_not_a_feed_is_raised(data: bytes) -> None:
    try:
        feed = feeds.parse(data, url="https://x.example/feed")
    except NotAFeed:
        return
    assert len({article.id for article in feed.articles}) == len(feed.articles)


@given(st.integers(0, 2_000), st.binary(min_size=1, max_size=3), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_damaged_feed_is_read_or_named(place: int, scrap: bytes, cut: bool) -> None:
    story = "<description>&lt;p&gt;x</description>"
    whole = rss("".join(item(f"故事 {n}", f"https://news.example/{n}", story) for n in range(12)))
    place %= len(whole)
    data = whole[:place] + scrap + (b"" if cut else whole[place + len(scrap) :])

    try:
        feed = feeds.parse(data)
    except NotAFeed:
        assert cut or place < 60
        return
    assert len(feed.articles) >= (0 if cut else 10)


TAGS = ("<p>", "</p>", "<P class='x'>", "<br/>", "<o:p>", '<a href="x">', "</a>", '<a title="a>b">', "</span>", "<li")
SCRAPS = (
    "<",
    ">",
    "<!-- x -->",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<script ",
    "<STYLE a='b'>",
    "</style>",
    "a < b",
    "x > y",
    "&amp;",
    "&lt;p&gt;",
    "&x",
    "文",
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(TAGS + SCRAPS), max_size=9).map("".join))
def test_the_quick_way_through_markup_shows_what_the_careful_one_shows(markup: str) -> None:
    careful = plain._shown_with_care(plain._without_comments(markup))

    assert plain._shown(markup) == careful


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(("&", "amp", "#8217", "#x4e2d", ";", "lt", "nbsp", "#1", "x", " ", "<")), max_size=12).map(
        "".join
    )
)
def test_references_mean_what_the_standard_says(text: str) -> None:
    assert plain.unescaped(text) == html.unescape(text)


@pytest.mark.parametrize("scrap", ["<p", "<x", "<x ", "<!--", '<a ="', "x:", "&", "&#1", "</", "<w x >"])
@pytest.mark.timeout(60)  # A square of this length would take minutes.
def test_markup_made_to_take_long_does_not(scrap: str) -> None:
    plain.text_of_html(scrap * 100_000)


@pytest.mark.parametrize(
    "before",
    [
        '<?xml version="1.0" encoding="UTF-8"?>\n<?xml-stylesheet type="text/xsl" href="/a.xsl"?>\n<!-- by x-y -->\n',
        "<!DOCTYPE rss>\n",
        "\n  ",
        "\ufeff",
    ],
)
def test_what_stands_before_a_feed_changes_nothing(before: str) -> None:
    bare = rss(item(), declaration="")

    assert feeds.parse(before.encode() + bare) == feeds.parse(bare)
