"""What changed between two texts: nothing of either is lost, and a long text does not hold the page up."""

from __future__ import annotations

import random
import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.web.studio import changes, sentences

TEXTS = st.text(alphabet="灶具爆炸ab <&。.！\n", max_size=40)


def sides(marked: str) -> tuple[str, str]:
    before = re.sub(r"<ins>.*?</ins>", "", marked, flags=re.S)
    after = re.sub(r"<del>.*?</del>", "", marked, flags=re.S)
    return tuple(unescape(re.sub(r"</?(?:ins|del)>", "", text)) for text in (before, after))  # type: ignore[return-value]


@given(TEXTS, TEXTS, st.sampled_from(["zh", "en"]))
@settings(max_examples=150, deadline=None)
def test_both_texts_can_be_read_out_of_the_marks(before: str, after: str, lang: str) -> None:
    assert sides(str(changes(before, after, lang))) == (before, after)


def test_only_what_changed_in_a_sentence_is_marked() -> None:
    assert (
        str(changes("一人受伤。已送医。", "两人受伤。已送医。", "zh")) == "<del>一</del><ins>两</ins>人受伤。已送医。"
    )
    assert str(changes("One is hurt. Help came.", "Two are hurt. Help came.", "en")).endswith(" hurt. Help came.")


@pytest.mark.parametrize(
    "alphabet", ["".join(map(chr, range(0x4E00, 0x6E00))), "ab", "a。", "。", "灶具。爆炸！ \n", "a b"]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.timeout(60)  # Comparing every piece with every other would take minutes and more.
def test_twenty_thousand_characters_do_not_hold_the_page_up(alphabet: str, lang: str) -> None:
    chance = random.Random(7)
    before, after = ("".join(chance.choices(alphabet, k=20_000)) for _ in range(2))

    assert sides(str(changes(before, after, lang))) == (before, after)


@pytest.mark.parametrize(
    ("lang", "text", "parts"),
    [
        ("zh", "请查看 http://127.0.0.1:8620/newsroom，下次 11:30。电话 0571；热线 400。", 2),
        ("en", "See http://127.0.0.1:8620/newsroom; next at 11:30. Call 400.", 2),
    ],
)
def test_an_address_is_not_cut_into_numbered_sentences(lang: str, text: str, parts: int) -> None:
    assert len(sentences(text, lang)) == parts
