"""Ordinary bad and good news of many trades: most of it must be judged right, name by name."""

from pathlib import Path

import pytest

from crisis.content.lexicon import lexicon
from monitors.risk import assess

WORDS = lexicon()
LINES = [
    tuple(line.split("|"))
    for line in (Path(__file__).parent / "sentences.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def names(field: str) -> list[str]:
    return [name for name in field.split(",") if name]


def is_right(text: str, asked: str, gold: str) -> bool:
    blamed = {blame.entity for blame in assess(text, names(asked), WORDS).blamed if blame.score >= 0.5}
    return blamed == set(names(gold))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_most_sentences_are_judged_right_name_by_name(language: str) -> None:
    chosen = [line for line in LINES if line[0].isascii() == (language == "en")]
    wrong = [text for text, asked, gold in chosen if not is_right(text, asked, gold)]

    assert len(chosen) >= 70
    assert len(wrong) <= 0.06 * len(chosen), wrong
