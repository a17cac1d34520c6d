"""Search tokens: what was written is found by any part of it that a person would type."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.core.tokens import indexed, phrases, tokens


def test_chinese_is_cut_into_overlapping_pairs_and_latin_into_words() -> None:
    assert tokens("双环Q5 爆炸伤人") == ["双环", "q5", "爆炸", "炸伤", "伤人"]


def test_a_single_character_stands_for_itself() -> None:
    assert tokens("灶 a") == ["灶", "a"]


def test_full_width_letters_and_case_do_not_matter() -> None:
    assert tokens("Ｑ５ Gas") == tokens("q5 GAS")


def test_kana_and_hangul_are_cut_like_chinese() -> None:
    assert tokens("さくら・コーヒー 가스레인지") == [
        "さく",
        "くら",
        "コー",
        "ーヒ",
        "ヒー",
        "가스",
        "스레",
        "레인",
        "인지",
    ]


HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=12)


@given(HAN, st.data())
@settings(max_examples=100, deadline=None)
def test_the_tokens_of_any_part_of_two_or_more_characters_stand_together_in_the_whole(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    part = tokens(text[start : data.draw(st.integers(start + 2, len(text)))])
    whole = tokens(text)

    assert any(whole[at : at + len(part)] == part for at in range(len(whole)))


@given(st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_no_text_breaks_it_and_tokens_hold_nothing_that_a_query_language_reads(text: str) -> None:
    assert all(token.isalnum() for token in tokens(text))


@given(HAN, st.data())
@settings(max_examples=100, deadline=None)
def test_each_character_of_a_text_begins_a_token_that_is_kept(text: str, data: st.DataObject) -> None:
    (phrase,) = phrases(data.draw(st.sampled_from(text)))

    assert phrase.open_end
    assert any(token.startswith(phrase.tokens[0]) for token in indexed(text))
