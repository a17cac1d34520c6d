"""What texts share in words (crisis/content/pieces.py), against a slow reckoning from the definition."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crisis.content.pieces import Pieces, pieces_of

TEXTS = (
    "the supplier is to blame, not us",
    "our supplier is to blame",
    "责任全在供应商，与我们无关",
    "供应商的责任，我们也是受害者",
    "we are sorry for the fright",
    "recall 召回 of a batch",
)
words = st.lists(st.sampled_from(["we", "are", "sorry", "blame", "供应商", "责任", "召回", "，", "12"]), max_size=8)
texts = st.lists(words.map(" ".join), min_size=1, max_size=6)


def shared_slowly(labelled: list[str], text: str) -> list[float]:
    """The cosine of (1 + ln count) * ln(texts / texts with the piece), piece by piece."""
    having = Counter(piece for one in labelled for piece in pieces_of(one))

    def amounts(one: str) -> dict[str, float]:
        return {
            piece: (1 + math.log(count)) * math.log(len(labelled) / having[piece])
            for piece, count in pieces_of(one).items()
            if piece in having
        }

    def length(one: dict[str, float]) -> float:
        return math.sqrt(sum(amount * amount for amount in one.values()))

    asked = amounts(text)
    found = []
    for one in map(amounts, labelled):
        product = sum(amount * one.get(piece, 0.0) for piece, amount in asked.items())
        found.append(product / (length(asked) * length(one)) if product else 0.0)
    return found


def test_pieces_are_characters_in_a_row_and_words_by_one_and_two() -> None:
    assert pieces_of("召回了, Not us") == Counter(["召", "回", "了", "召回", "回了", "召回了", "not", "us", "not us"])
    assert not pieces_of("12:30 - 400-555-0101")


def test_a_text_shares_all_with_itself_and_nothing_with_one_of_other_words() -> None:
    pieces = Pieces.of(TEXTS, least=1)

    shared = pieces.shared(TEXTS)

    assert np.allclose(shared.diagonal(), 1, atol=1e-5)
    assert shared[0, 1] > 0.4 > shared[0, 4]
    assert shared[0, 2] == 0
    assert (pieces.shared(["丙丁", "", "400"]) == 0).all()


def test_a_piece_that_few_texts_have_is_left_out() -> None:
    assert set(Pieces.of(TEXTS, least=2).names) >= {"blame", "to blame", "供应商", "责任"}
    assert "recall" not in Pieces.of(TEXTS, least=2).names


@given(texts, words.map(" ".join))
def test_what_is_shared_is_the_cosine_of_the_definition(labelled: list[str], text: str) -> None:
    pieces = Pieces.of(labelled, least=1)

    assert np.allclose(pieces.shared([text])[0], shared_slowly(labelled, text), atol=1e-4)


@given(texts, words.map(" ".join))
def test_what_a_file_keeps_reads_as_before(labelled: list[str], text: str) -> None:
    pieces = Pieces.of(labelled, least=1)

    again = Pieces.from_arrays(pieces.arrays(), texts=len(labelled))

    assert again.names == pieces.names
    assert np.array_equal(again.shared([text]), pieces.shared([text]))
