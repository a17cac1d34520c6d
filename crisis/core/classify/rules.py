"""What the classifier knows, as one frozen value: concepts with their words, and the fitted weights.

A concept is a thing that a text can say ("a payment missed", "an authority finds no problem"). Its words
lie in playbooks/classifier/, in Chinese and English; `crisis.content.classifier` reads them. The matcher
over all words is built once and kept with the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

from crisis.core.case import CreditKind, CrisisType, FactStatus
from crisis.core.classify.likeness import CaseReader
from crisis.core.classify.matcher import Matcher, terms_of
from crisis.core.text import Text
from monitors.folding import fold


class Where(StrEnum):
    """In which texts a concept is looked for."""

    ANY = "any"
    FACT = "fact"
    MENTION = "mention"
    FIRST = "first"  # the first mentions only: what people say before anybody knows
    ORG = "org"  # our own name and industry: what kind of organisation we are
    OUTLET = "outlet"  # the name of an outlet among the first: who speaks


class Status(StrEnum):
    """For concepts of the fact ledger: which facts count."""

    ANY = "any"
    CONFIRMED = "confirmed"
    OPEN = "open"
    DISPUTED = "disputed"

    def fits(self, status: FactStatus) -> bool:
        if self is Status.CONFIRMED:
            return status is FactStatus.CONFIRMED
        if self is Status.OPEN:
            return status in (FactStatus.UNCONFIRMED, FactStatus.DISPUTED)
        if self is Status.DISPUTED:
            return status is FactStatus.DISPUTED
        return status is not FactStatus.SUPERSEDED


class Negation(StrEnum):
    """What a denied word means: nothing (drop), or the same as a plain one (keep)."""

    DROP = "drop"
    KEEP = "keep"


_FORBID: dict[str, str] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Concept:
    """One thing that a text can say.

    `leans`, `kind` and `severe` are a reviewer's points for one plain sighting, per crisis type, per kind
    of credit and toward "severe"; the fitted points are in `Weights`. `event` marks something that
    happens to somebody: in a sentence about another firm it speaks of that firm. `zh` and `en` are words
    separated by `|`; `*` ends a stem, ` .. ` is a gap inside one sentence, `?` marks a weak word.
    `dynamic` names a sighting that is worked out from who is named where instead of from words.
    `kind_only`: too broad to speak for a type; it only tells which kind of credit is broken. `severity_only`: it only
    tells how bad it is.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    id: str
    name: Text
    leans: Mapping[CrisisType, float] = field(default_factory=dict)
    kind: Mapping[CreditKind, float] = field(default_factory=dict)
    severe: float = 0.0
    event: bool = False
    where: Where = Where.ANY
    status: Status = Status.ANY
    negation: Negation = Negation.DROP
    dynamic: str = ""
    kind_only: bool = False
    severity_only: bool = False
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """Words around a sighting: they deny it, they only report it, or they recall an old case.

    `types`: what each crisis type is called where a reason speaks of one. `name_endings` say what kind of firm
    a name is, `common_words` are words that name nobody although a firm may be called so: see names.py.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    negations: Text
    hearsay: Text
    past_cases: Text
    name_endings: Text
    common_words: Text
    types: Mapping[CrisisType, Text]


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """Fitted points for one plain sighting of a concept, by `make fit`. A concept that is missing has none.

    `temperatures` divide the sums before they become probabilities (so that .8 is right 8 times in 10): each from
    so many mentions on, the first from 0. With little said the sums are less to be believed.
    `companions`: how often readers named the second type beside the first, 0..1.
    `severity_of_type` are points for being surely of a type (a matrix crisis is rarely small).
    `severity_at` are the two borders of the severity sum, each pair from so many mentions on: below the first is minor,
    from the second on severe. Little said makes small sums also of what turns out severe.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    version: int
    types: Mapping[str, Mapping[CrisisType, float]]
    kinds: Mapping[str, Mapping[CreditKind, float]]
    severity: Mapping[str, float]
    severity_of_type: Mapping[CrisisType, float]
    severity_at: tuple[tuple[int, float, float], ...]
    temperatures: tuple[tuple[int, float], ...]
    companions: Mapping[CrisisType, Mapping[CrisisType, float]]

    def temperature(self, mentions: int) -> float:
        """The divisor of the sums for a case with so many mentions."""
        return [degree for least, degree in self.temperatures if mentions >= least][-1]

    def severity_borders(self, mentions: int) -> tuple[float, float]:
        """Where minor ends and severe begins for a case with so many mentions."""
        return [(minor, severe) for least, minor, severe in self.severity_at if mentions >= least][-1]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What would settle the doubt between two types."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    between: tuple[CrisisType, CrisisType]
    ask: Text


@dataclass(frozen=True, kw_only=True)
class Unsure:
    """When the machine's type is only provisional, and which steps come first then when people were hurt."""

    settled_from: float = 0.7
    people_first: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Everything that `classify` needs besides the case. Without a `reader` nothing is guessed from likeness."""

    concepts: tuple[Concept, ...]
    words: Words
    weights: Weights
    questions: tuple[Question, ...] = ()
    unsure: Unsure = Unsure()
    reader: CaseReader | None = None

    def prepare(self) -> None:
        """Loads what cases are read with. Called before a transaction that judges a case, others would wait for it."""
        if self.reader is not None:
            self.reader.prepare()

    @cached_property
    def by_id(self) -> Mapping[str, Concept]:
        return {concept.id: concept for concept in self.concepts}

    @cached_property
    def _dynamic(self) -> Mapping[str, tuple[Concept, ...]]:
        names = {concept.dynamic for concept in self.concepts if concept.dynamic}
        return {name: tuple(item for item in self.concepts if item.dynamic == name) for name in names}

    def dynamic(self, name: str) -> tuple[Concept, ...]:
        """The concepts which are worked out under this name."""
        return self._dynamic.get(name, ())

    @cached_property
    def name_endings(self) -> tuple[str, ...]:
        """Folded words at the end of firms' names, the longest first."""
        return tuple(sorted(_folded(self.words.name_endings), key=lambda word: (-len(word), word)))

    @cached_property
    def common_words(self) -> frozenset[str]:
        """Folded words that name nobody."""
        return frozenset(_folded(self.words.common_words))

    @cached_property
    def outlets(self) -> Matcher:
        """The words that names of outlets are searched for."""
        return Matcher(
            (concept.id, (*terms_of(concept.zh), *terms_of(concept.en)))
            for concept in self.concepts
            if concept.where is Where.OUTLET
        )

    @cached_property
    def matcher(self) -> Matcher:
        """The words of all concepts, and under `!negation`, `!hearsay`, `!past` the words around them."""
        lists: list[tuple[str, Iterable[str]]] = [
            (concept.id, (*terms_of(concept.zh), *terms_of(concept.en)))
            for concept in self.concepts
            if concept.where is not Where.OUTLET
        ]
        for name, text in (
            ("!negation", self.words.negations),
            ("!hearsay", self.words.hearsay),
            ("!past", self.words.past_cases),
        ):
            lists.append((name, (*terms_of(text.zh), *terms_of(text.en))))
        return Matcher(lists)


def _folded(words: Text) -> set[str]:
    return {fold(word).text for word in (*terms_of(words.zh), *terms_of(words.en))}
