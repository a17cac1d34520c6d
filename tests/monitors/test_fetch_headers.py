"""What headers and robots.txt ask of us. Pure."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.fetch import Body, Failed, Gone, Robots, Unchanged, robots_after, robots_of, robots_url
from monitors.fetch.coding import BadCoding, Decoder, TooLarge
from monitors.fetch.headers import hints_of, http_date, retry_after
from tests.hostile_server import CODERS

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
bounded = settings(max_examples=150, deadline=None)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "Fri, 27 Nov 2026 09:10:00 GMT"}, 600),
        ({"Retry-After": "Friday, 27-Nov-26 09:10:00 GMT"}, 600),
        ({"Retry-After": "Fri, 27 Nov 2026 09:10:00 GMT", "Date": "Fri, 27 Nov 2026 09:05:00 GMT"}, 300),
        ({"Retry-After": "Fri, 27 Nov 2020 09:10:00 GMT"}, 0),
        ({"Retry-After": "999999999999"}, 366 * 86400),
        ({"RateLimit-Reset": "30"}, 30),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "١٢"}, None),
        ({}, None),
    ],
)
def test_how_long_to_stay_away_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    wait = retry_after(headers, NOW)

    assert wait == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("headers", "age", "stale"),
    [
        ({"Cache-Control": "public, max-age=600"}, 600, False),
        ({"Cache-Control": 'max-age="600"', "Age": "100"}, 500, False),
        ({"Cache-Control": "MAX-AGE=60", "Expires": "0"}, 60, False),
        ({"Cache-Control": "no-cache"}, None, True),
        ({"Cache-Control": "max-age=60, no-store"}, None, True),
        ({"Expires": "Fri, 27 Nov 2026 10:00:00 GMT"}, 3600, False),
        ({"Expires": "Fri, 27 Nov 2026 10:00:00 GMT", "Date": "Fri, 27 Nov 2026 09:30:00 GMT"}, 1800, False),
        ({"Expires": "0"}, None, True),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, None, True),
        ({"Cache-Control": "max-age=never"}, None, False),
        ({}, None, False),
    ],
)
def test_how_long_an_answer_stays_good(headers: dict[str, str], age: float | None, stale: bool) -> None:
    hints = hints_of(headers, NOW)

    assert (hints.max_age_s, hints.stale_now) == (age, stale)


def test_the_hub_of_a_document_is_found_in_its_links() -> None:
    links = ('<https://hub.example/>; rel="hub", </feed>; rel=self', "<https://other.example>; rel=alternate")

    hints = hints_of({}, NOW, base="https://news.example/x/", links=links)

    assert (hints.hub, hints.topic) == ("https://hub.example/", "https://news.example/feed")


def test_a_link_that_nobody_can_read_costs_only_itself() -> None:
    links = ('<http://[>; rel="hub self", <https://hub.example/>; rel=hub',)

    hints = hints_of({}, NOW, base="https://news.example/x", links=links)

    assert (hints.hub, hints.topic) == ("https://hub.example/", "")


@pytest.mark.parametrize("unit", [1, 1000])
def test_the_reset_of_a_limit_is_a_moment_in_seconds_or_in_milliseconds(unit: int) -> None:
    reset = str(int(NOW.timestamp() + 90) * unit)

    assert retry_after({"X-RateLimit-Reset": reset}, NOW) == timedelta(seconds=90)


@bounded
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_no_header_is_an_error(first: str, second: str, third: str) -> None:
    headers = {"Retry-After": first, "Cache-Control": second, "Expires": third, "Date": first, "Age": second}

    http_date(first)
    assert (retry_after(headers, NOW) or timedelta(0)) >= timedelta(0)
    assert (hints_of(headers, NOW, links=(third,)).max_age_s or 0.0) >= 0


@bounded
@given(st.sampled_from(sorted(CODERS)), st.binary(max_size=5000), st.lists(st.integers(1, 400), max_size=30))
def test_pieces_of_any_size_decode_to_the_same_document(coding: str, data: bytes, cuts: list[int]) -> None:
    name, coder = CODERS[coding]
    packed = coder(data)
    decoder = Decoder(name, max_bytes=5000)

    for cut in cuts:
        decoder.feed(packed[:cut])
        packed = packed[cut:]
    decoder.feed(packed)

    assert decoder.taken() == data and decoder.whole


@bounded
@given(st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "", "identity"]), st.binary(max_size=3000))
def test_no_bytes_do_more_than_fail_to_decode(coding: str, data: bytes) -> None:
    try:
        decoder = Decoder(coding, max_bytes=1000)
        decoder.feed(data)
    except (TooLarge, BadCoding):
        return
    assert decoder.size <= 1000


@bounded
@given(st.sampled_from(sorted(CODERS)), st.integers(0, 3000))
def test_exactly_as_large_as_allowed_is_allowed(coding: str, most: int) -> None:
    name, coder = CODERS[coding]
    exact, over = Decoder(name, max_bytes=most), Decoder(name, max_bytes=most)

    exact.feed(coder(b"x" * most))
    assert exact.size == most
    with pytest.raises(TooLarge):
        over.feed(coder(b"x" * (most + 1)))


ROBOTS = b"""
User-agent: *
Crawl-delay: 2
Disallow: /search
Allow: /search/about
Disallow: /*.php$
Sitemap: https://news.example/news.xml

User-agent: OtherBot
User-agent: responsedesk/9.1   # us
Crawl-delay: 7.5
Disallow: /private
"""


def test_robots_speaks_to_us_by_name_or_to_everybody() -> None:
    ours, all_others = robots_of(ROBOTS, agent="ResponseDesk/0.1 (x)"), robots_of(ROBOTS, agent="Somebody")

    assert (
        ours.delay_s == 7.5
        and not ours.may("https://news.example/private/1")
        and ours.may("https://news.example/search")
    )
    assert all_others.delay_s == 2 and all_others.sitemaps == ("https://news.example/news.xml",)
    assert not all_others.may("https://news.example/search?q=1") and all_others.may("https://news.example/search/about")
    assert not all_others.may("https://news.example/a/b.php") and all_others.may("https://news.example/a/b.php?x=1")
    assert all_others.may("https://news.example/")
    assert robots_url("https://news.example:8443/feed?x=1") == "https://news.example:8443/robots.txt"


def test_a_robots_that_names_thousands_before_thousands_of_rules_is_read_in_a_moment() -> None:
    names = b"".join(b"user-agent: bot%d\n" % number for number in range(12_000))
    began = time.perf_counter()

    robots = robots_of(names + b"user-agent: *\n" + b"disallow: /a\n" * 20_000, agent="ResponseDesk")

    # Each name times each rule took minutes, in which nothing else was heard.
    assert time.perf_counter() - began < 5
    assert not robots.may("https://news.example/a")


def test_all_groups_that_name_us_count_together() -> None:
    robots = robots_of(b"user-agent: us\ndisallow: /a\n\nuser-agent: us/2\ndisallow: /b", agent="us/2")

    assert not robots.may("https://news.example/a") and not robots.may("https://news.example/b")


def test_a_missing_robots_asks_for_nothing_and_a_failing_one_changes_nothing() -> None:
    facts = {"url": "u", "final_url": "u", "at": NOW}

    assert (
        robots_after(Failed(code="not_found", **facts), agent="x") == Robots() == robots_after(Gone(**facts), agent="x")
    )
    assert robots_after(Failed(code="unexpected_status", status=418, **facts), agent="x") == Robots()
    assert robots_after(Failed(code="server_error", status=502, **facts), agent="x") is None
    assert robots_after(Unchanged(**facts), agent="x") is None
    found = robots_after(Body(body=b"user-agent: x\ncrawl-delay: 9999999", **facts), agent="x")
    assert found is not None and found.delay_s == 6 * 3600


@bounded
@given(st.binary(max_size=300), st.text(max_size=20))
def test_no_robots_is_an_error(body: bytes, path: str) -> None:
    robots = robots_of(b"user-agent: *\ndisallow: " + body, agent="x")

    assert robots.delay_s is None or robots.delay_s >= 0
    robots.may("https://news.example/" + path.replace("#", ""))


def test_a_pattern_full_of_stars_is_matched_in_a_moment() -> None:
    robots = robots_of(b"user-agent: *\ndisallow: /" + b"*a" * 900 + b"b$", agent="x")

    assert robots.may("https://news.example/" + "a" * 5000)
