"""Entries known by their bytes are not read as XML; whatever stands around them, nothing else changes by it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitors import feeds
from monitors.feeds import Known
from monitors.feeds import known as knowing
from tests.monitors.test_feeds import item, rss

URL = "https://news.example/feed"

# What entries are made of, and what can stand between them: ordinary things, and all that could make a cut go wrong.
PLAIN = (
    "<title>A</title><guid>a</guid>",
    "<title>B</title><link>/b</link><description>&lt;p&gt;text&lt;/p&gt;</description>",
    "<title>C</title><guid>c</guid><pubDate>Fri, 27 Nov 2026 09:00:00 GMT</pubDate>",
    "<title>C changed</title><guid>c</guid>",
    "<title>shared</title><guid>a</guid>",
    "<title>no name</title>",
    "",
    "<guid>d</guid><pubDate>no date</pubDate>",
    "<guid>e</guid><p:link>/e</p:link><title>E</title>",
    "<p:guid>f</p:guid><title>F</title>",
    "<title>tab\x7f and \u0085 dots &#133;</title><link>/g</link>",
    "<guid>h</guid><undeclared:title>H</undeclared:title>",
)
ODD = (
    "<guid>i</guid><description><![CDATA[ <item><guid>x</guid></item> ]]></description>",
    "<guid>j</guid><description><![CDATA[ </item> ]]></description>",
    "<guid>k</guid><!-- </item><item> -->",
    "<guid>l</guid><item><guid>inner</guid></item>",
    "<guid>m</guid><entry><guid>inner</guid></entry>",
    '<guid>n</guid><x xmlns:dc="urn:other"><dc:title>N</dc:title></x>',
    '<guid xmlns="urn:other">o</guid><title>O</title>',
    "<guid>t</guid><p:title>T</p:title>",
    "<author><item><guid>p</guid></item></author>",
    "<guid>q</guid><fence-between-known-entries/>",
    "<guid>r</guid><description>a & b</description>",
    "<guid>s</guid><description>\ufffe</description>",
)
BETWEEN = ("", "\n  ", "<!-- note -->", "<![CDATA[ ]]>", "text", "<category>x</category>", "<image><item/></image>")
HEADS = (
    "<title>Feed</title><link>https://news.example/</link>",
    "<title>Feed</title><link>https://news.example/</link><lastBuildDate>now</lastBuildDate>",
    "<title>Other</title><link>https://news.example/</link>",
    "<!-- <item> --><title>Feed</title><link>https://news.example/</link>",
    '<x xmlns:z="urn:other"><z:guid/></x><title>Feed</title><link>https://news.example/</link>',
    "<image><title>Feed</title>",
    "",
)
TAILS = (
    "",
    "<language>zh</language>",
    "<title>late</title>",
    "<item/>",
    '<dc:title xmlns:dc="urn:other">late</dc:title>',
    "</x>",
)
ROOTS = (
    ("<rss version='2.0'><channel>", "</channel></rss>"),
    ("<rss xmlns:p='urn:other'><channel>", "</channel></rss>"),
    ("<rss xmlns:p='http://www.w3.org/2005/Atom'><channel xml:base='https://base.example/'>", "</channel></rss>"),
    ("<rss xmlns='urn:other' xmlns:p='urn:other'><channel>", "</channel></rss>"),
    ("<rss><channel><author>", "</author></channel></rss>"),
    ("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><channel/>", "</rdf:RDF>"),
    ("<feed xmlns='http://www.w3.org/2005/Atom'>", "</feed>"),
)


@st.composite
def versions(draw: st.DrawFn) -> list[bytes]:
    """A feed from day to day, of the parts above. Half of them are odd: some not well-formed, some no feeds at all."""
    most = 99 if draw(st.booleans()) else 3
    around = [st.sampled_from(those[:most]) for those in (ROOTS, HEADS, TAILS)]
    usual = [draw(those) for those in around]
    pool = st.sampled_from(draw(st.permutations(PLAIN + ODD if most > 3 else PLAIN))[:6])
    gaps = st.sampled_from(("",) * 20 + BETWEEN[:most])
    name = draw(st.sampled_from(("item", "entry")))
    told = []
    for _ in range(draw(st.integers(2, 4))):
        # What stands around the entries changes now and then, and they may stand there twice.
        (begin, end), head, tail = (
            draw(st.one_of(*[st.just(was)] * 5, those)) for was, those in zip(usual, around, strict=True)
        )
        entries = draw(st.lists(pool, min_size=1, unique=draw(st.integers(0, 3)) > 0, max_size=6))
        text = "".join(f"{draw(gaps)}<{name}>{inside}</{name}>" for inside in entries)
        told.append(f"{begin}{head}{text}{tail}{end}".encode() + (b"<!-- \xff -->" if most > 3 and not head else b""))
    return told


def read(data: bytes, known: Known | None) -> feeds.Feed | str:
    try:
        return feeds.parse(data, url=URL, known=known)
    except feeds.NotAFeed as why:
        return why.code


# (How long it takes says how busy the machine is.)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(versions())
def test_a_feed_is_read_the_same_whether_its_entries_are_known_by_their_bytes_or_by_their_ids_or_not_at_all(
    told: list[bytes],
) -> None:
    known = Known()
    for data in told:
        by_bytes, by_ids = read(data, known), read(data, Known(dict.fromkeys(known.marks, "")))
        whole = read(data, None)

        assert by_bytes == by_ids
        if isinstance(by_bytes, feeds.Feed) and isinstance(whole, feeds.Feed):
            assert sorted(by_bytes.listed) == sorted(whole.listed)
            assert by_bytes.articles == tuple(one for one in whole.articles if one.id not in by_bytes.known)
            assert set(by_bytes.known) <= known.marks.keys()
            known = by_bytes.known_next(2_000)
        else:
            assert by_bytes == whole


@pytest.mark.parametrize(
    ("names", "old", "new", "tail"),
    [
        ("", '<guid>a</guid><dc:title xmlns:dc="urn:other">A</dc:title>', "<guid>b</guid><p:title>B</p:title>", ""),
        ("", "<guid>a</guid><p:language/>", "<guid>b</guid>", '<dc:language xmlns:dc="urn:other">zh</dc:language>'),
        ("xmlns:dc='urn:other'", "<guid>a</guid><dc:title>A</dc:title>", "<guid>b</guid><p:title>B</p:title>", ""),
    ],
    ids=["entry", "end", "beginning"],
)
def test_where_one_entry_decides_what_the_names_of_others_mean_all_are_read(
    names: str, old: str, new: str, tail: str
) -> None:
    def told(*insides: str) -> bytes:
        entries = "".join(f"<item>{inside}</item>" for inside in insides)
        return f"<rss xmlns:p='urn:other' {names}><channel><title>F</title>{entries}{tail}</channel></rss>".encode()

    known = feeds.parse(told(old), url=URL, known=Known()).known_next(2_000)

    assert read(told(old, new), known) == read(told(old, new), Known(dict.fromkeys(known.marks, "")))


@pytest.mark.parametrize("fence", ["", "<fence-between-known-entries/>"])
@pytest.mark.parametrize("hide", ["<!-- %s -->", "<x><![CDATA[%s]]></x>", "<x>%s</x>", "<author>%s</author>"])
def test_known_entries_that_are_hidden_or_quoted_now_are_not_listed(hide: str, fence: str) -> None:
    def told(entries: str) -> bytes:
        return f"<rss><channel><title>F</title>{fence}{entries}</channel></rss>".encode()

    entries = item("A", "/a") + item("B", "/b")
    known = feeds.parse(told(entries).replace(fence.encode(), b""), url=URL, known=Known()).known_next(2_000)

    assert len(known.marks) == len(set(known.marks.values())) == 2
    assert read(told(hide % entries), known) == read(told(hide % entries), Known(dict.fromkeys(known.marks, "")))


def test_of_a_feed_with_one_new_entry_only_that_one_is_read_as_xml() -> None:
    entries = [item(f"N{number}", f"https://news.example/{number}") for number in range(9)]
    known = feeds.parse(rss("".join(entries[1:])), url=URL, known=Known()).known_next(2_000)

    pieces = knowing.cut(rss("".join(entries[:8])))

    assert pieces is not None
    assert pieces.known(known).keys() == set(range(2, 9))
    assert pieces.without(pieces.known(known).keys()).count(b"<item>") == 1


def test_an_entry_whose_bytes_have_changed_is_read() -> None:
    known = feeds.parse(rss(item("A", "/a") + item("B", "/b")), url=URL, known=Known()).known_next(2_000)

    pieces = knowing.cut(rss(item("A, corrected", "/a") + item("B", "/b")))

    assert pieces is not None
    assert pieces.known(known).keys() == {2}


@pytest.mark.parametrize("end", ["</channel></rss>", "<title>Renamed</title></channel></rss>"])
def test_marks_are_believed_only_in_the_frame_that_they_were_made_in(end: str) -> None:
    text = "<rss><channel>%s" + item("A", "/a") + item("B", "/b") + end
    known = feeds.parse((text % "<link>https://a.example/</link>").encode(), url=URL, known=Known()).known_next(9)

    moved = feeds.parse((text % "<link>https://b.example/</link>").encode(), url=URL, known=known)

    assert len(moved.articles) == 2
    assert moved.known == ()
    assert moved.frame != known.frame


def test_at_most_so_many_entries_are_remembered() -> None:
    feed = feeds.parse(rss(item("A", "/a") + item("B", "/b")), url=URL, known=Known())

    assert list(feed.known_next(1).marks) == [feed.articles[0].id]
