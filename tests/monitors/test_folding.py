"""Text folded once, with the way back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitors.folding import classes, fold, is_unspaced, is_word

PIECES = [
    *"aA äéＡＢﬁßİΣς台臺颱发發髮计画計划畫·•-‑'’\n\t\u3000½…™カｶﾞ\u3099㍿กิ\x1e\x00\x01",
    "👍",
    "👍🏽",
    "\u200b",
    "\ufe0f",
]
PIECES += ["\u0301", "\u200d", "\u1100", "\u1161", "\u11a8", "\U000e0120", "plain text "]
texts = st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=["Cs"]), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ１２", "abc12"),
        ("Café", "CAFE\u0301"),
        ("臺積電", "台积电"),
        ("計畫", "计划"),
        ("著名", "着名"),
        ("颱風", "台风"),
        ("ﬁne", "FINE"),
        ("Straße", "STRASSE"),
        ("ｶﾞ", "ガ"),
        ("a\u200bb\u00ad", "ab"),
        ("华为 Mate60", "华为Mate60"),
        ("Tim  Cook", "tim\ncook"),
        ("McDonald’s", "McDonald's"),
        ("埃隆·马斯克", "埃隆•馬斯克"),
        ("\u1112\u1161\u11ab", "한"),
        ("❤️", "❤"),
    ],
)
def test_what_is_the_same_to_a_reader_folds_to_the_same(one: str, other: str) -> None:
    assert fold(one).text == fold(other).text


@pytest.mark.parametrize(
    ("one", "other"), [("か", "が"), ("李宁 波司登", "李宁波司登"), ("Tesla™", "teslatm"), ("王", "玉"), ("กา", "กำ")]
)
def test_what_differs_to_a_reader_stays_different(one: str, other: str) -> None:
    assert fold(one).text != fold(other).text


def test_a_span_leads_back_to_the_original_characters() -> None:
    text = "臺灣 Cafe\u0301 ﬁnds\u200b 华为  Mate60"
    folded = fold(text)

    at = folded.text.index("cafe")
    assert text[slice(*folded.span(at, at + 4))] == "Cafe\u0301"
    at = folded.text.index("finds")
    assert text[slice(*folded.span(at, at + 5))] == "ﬁnds"
    at = folded.text.index("华为mate60")
    assert text[slice(*folded.span(at, at + 8))] == "华为  Mate60"


def test_a_text_of_equal_length_needs_no_map() -> None:
    assert fold("臺積電 Tesla").points != ()
    assert fold("臺積電，漲價").points == ()
    assert fold("Tesla cuts prices").points == ()


@settings(max_examples=300, deadline=None)
@given(texts)
@example("台\x00™️")
@example("\x00¯ᅡ")
@example("’\u0301")
def test_folding_twice_is_folding_once(text: str) -> None:
    for whole in (text, f"A plain English text around {text} it, long enough to be mostly ASCII."):
        assert fold(fold(whole).text).text == fold(whole).text


@settings(max_examples=300, deadline=None)
@given(texts)
def test_spans_cover_real_characters_in_order(text: str) -> None:
    folded = fold(text)
    last = 0
    for index in range(len(folded.text)):
        start, end = folded.span(index, index + 1)
        assert 0 <= start < end <= len(text)
        assert start >= last
        last = start


@settings(max_examples=200, deadline=None)
@given(texts)
def test_a_word_cut_out_by_its_span_folds_to_itself(text: str) -> None:
    folded = fold(text)
    for index in range(0, len(folded.text), 3):
        start, end = folded.span(index, index + 1)
        assert folded.text[index] in fold(text[start:end]).text + " "


def test_classes_are_closed() -> None:
    table = classes()

    assert len(table) > 4000
    assert not {table[char] for char in table} & set(table)
    assert all(unicodedata.normalize("NFKC", char) == char for char in table)


def test_scripts_are_told_apart() -> None:
    assert [is_unspaced(char) for char in "中ガ한กa1-"] == [True, True, True, True, False, False, False]
    assert [is_word(char) for char in "aЖ1_-中👍"] == [True, True, True, True, False, False, False]


def test_half_a_pair_is_no_character_with_a_mark_on_it_either() -> None:
    assert fold("B\ud800\u20dd 车").text.encode() == "b\ufffd 车".encode()
