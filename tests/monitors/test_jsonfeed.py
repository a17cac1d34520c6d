"""JSON Feed: what is broken in one item costs that item no more than the character that is broken."""

from __future__ import annotations

import pytest

from monitors import feeds

HEAD = b'{"version":"https://jsonfeed.org/version/1.1","title":"x","items":['


@pytest.mark.parametrize("half", [rb"\ud800", rb"\uDFFF", rb"\udc00\ud800"])
def test_half_a_surrogate_pair_costs_its_own_character_only(half: bytes) -> None:
    feed = feeds.parse(HEAD + b'{"id":"1","title":"s' + half + b'x"},{"id":"2","title":"good \\ud83d\\ude00"}]}')

    assert isinstance(feed, feeds.Feed)
    broken, good = feed.articles
    assert (broken.title[0], broken.title[-1]) == ("s", "x")
    assert good.title == "good 😀"
    broken.title.encode()


@pytest.mark.parametrize("rest", [rb'{"id":"\ud800"', rb'"\ud800",' + b"[" * 100_000])
def test_half_a_surrogate_pair_in_what_cannot_be_read_stays_no_feed(rest: bytes) -> None:
    with pytest.raises(feeds.NotAFeed):
        feeds.parse(HEAD + rest)
