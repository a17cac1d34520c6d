"""Words are found whole, folded, across gaps, and with their strength."""

from __future__ import annotations

from crisis.core.classify.matcher import Matcher, terms_of
from monitors.folding import fold


def names(words: str, text: str) -> list[tuple[str, float]]:
    folded = fold(text).text
    return [(folded[hit.start : hit.end], hit.strength) for hit in Matcher([("a", terms_of(words))]).hits(folded)]


def test_a_list_is_cut_at_bars() -> None:
    assert terms_of("a | b c|| 爆炸 ") == ("a", "b c", "爆炸")


def test_a_latin_word_is_found_whole_or_with_a_plural_s() -> None:
    assert names("leak", "A leak. Two leaks. Leakage.") == [("leak", 1.0), ("leak", 1.0)]


def test_a_stem_may_go_on() -> None:
    assert names("explo*", "It exploded") == [("explo", 1.0)]


def test_chinese_needs_no_borders_and_either_script_will_do() -> None:
    assert names("爆炸", "工廠爆炸了") == [("爆炸", 1.0)]
    assert names("虚增", "被指虛增收入") == [("虚增", 1.0)]


def test_a_gap_keeps_the_order() -> None:
    assert names("blames .. contractor", "The city blames its old contractor") == [("blames its old contractor", 1.0)]
    assert names("blames .. contractor", "The contractor blames the city") == []


def test_weak_words_weigh_less() -> None:
    assert [strength for _, strength in names("?old|??new|sure", "old new sure")] == [0.5, 0.25, 1.0]
