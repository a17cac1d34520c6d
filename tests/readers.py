"""Readers for tests: they find likeness where they are told to, and load nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crisis.content.library import Library
from crisis.core.checks import CheckSet
from crisis.core.checks.likeness import Likeness, Points
from crisis.core.classify.likeness import Like
from crisis.core.text import Text


@dataclass(frozen=True)
class Says:
    """Finds that a sentence reads like the checks that it is told, by a word of it. `happened` is what it was asked."""

    words: Mapping[str, Mapping[str, float]]
    happened: list[str] = field(default_factory=list)

    def __call__(self, sentences: Sequence[str]) -> list[Mapping[str, float]]:
        self.happened.append("read")
        return [
            {check: score for word, row in self.words.items() if word in sentence for check, score in row.items()}
            for sentence in sentences
        ]

    def prepare(self) -> None:
        self.happened.append("loaded")

    def alike(self, sentence: str, check: str, lang: str) -> tuple[str, ...]:
        return (f"like {check}",)


def with_likeness(checks: CheckSet, words: Mapping[str, Mapping[str, float]], *, gate: float = 0.5) -> CheckSet:
    """The checks with a likeness that looks at the highest score alone: above 0 is a fault, or an element there.

    `gate`: from this share on there is a finding of a fault.
    """
    known = ("SC15", "SC18", "SC21", "SC41", "SC52")
    return replace(
        checks,
        likeness=Likeness(
            reads=Says(words),
            forbidden=Points(gate=gate, signs={"first": 10.0}, checks=dict.fromkeys(known, 0.0)),
            required=Points(gate=0.5, signs={"first": -10.0}, checks={"SC06": 0.0}),
        ),
    )


def reading_like(content: Library, words: Mapping[str, Mapping[str, float]]) -> Library:
    """The content with such checks."""
    return replace(content, checks=with_likeness(content.checks, words))


@dataclass(frozen=True)
class ReadsCases:
    """Finds that every case reads like these types, kinds and audiences.

    `happened` is what it was asked, `given` what it read.
    """

    amounts: Mapping[str, float]
    happened: list[str] = field(default_factory=list)
    given: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(self, texts: Sequence[str], names: Collection[str], *, least: float) -> list[Like]:
        self.happened.append("read")
        self.given.append(tuple(texts))
        return [
            Like(name=name, amount=amount, cases=Text(zh=f"“{name} 案例”", en=f"“a case of {name}”, “another”"))
            for name, amount in self.amounts.items()
            if name in names and amount >= least
        ]

    def prepare(self) -> None:
        self.happened.append("loaded")
