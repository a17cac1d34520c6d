"""The classifier's shelf as one value: `playbooks/classifier/*.yaml` to `Rules`.

`words.yaml`, `questions.yaml` and `weights.yaml` are single; every other file holds concepts. A later
folder replaces a file of the same name, so a PR planner may change one list without touching the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import ClassVar

from crisis.content.likecases import load_cases
from crisis.content.roots import stacked
from crisis.content.yamlfile import load
from crisis.core.case import CrisisType
from crisis.core.classify.rules import Concept, Question, Rules, Unsure, Weights, Words
from crisis.core.text import Text
from crisis.errors import ContentInvalid

_FORBID: dict[str, str] = {"extra": "forbid"}
_SINGLE = ("words.yaml", "questions.yaml", "weights.yaml")


@dataclass(frozen=True, kw_only=True)
class ConceptFile:
    """One file of concepts."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    version: int
    concepts: tuple[Concept, ...]


@dataclass(frozen=True, kw_only=True)
class WordsFile:
    """The words around a sighting."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    version: int
    negations: Text
    hearsay: Text
    past_cases: Text
    name_endings: Text
    common_words: Text
    types: Mapping[CrisisType, Text]


@dataclass(frozen=True, kw_only=True)
class QuestionsFile:
    """The deciding questions."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    version: int
    questions: tuple[Question, ...]
    unsure: Unsure = field(default_factory=Unsure)


def rules_from(folders: Sequence[Path]) -> Rules:
    """The rules of the shelf folders (each holds `classifier/`), later ones win; labelled cases are the built-in ones.
    Raises ContentInvalid."""
    found = replace(_read(folders), reader=load_cases())
    weights = found.weights
    unknown = {name for known in (weights.types, weights.kinds, weights.severity) for name in known} - set(found.by_id)
    if unknown:
        raise ContentInvalid(
            tuple(
                f"classifier/weights.yaml:1: weights of an unknown concept {name}; run make fit"
                for name in sorted(unknown)
            )
        )
    return found


def unfitted_from(folders: Sequence[Path]) -> Rules:
    """The same without fitted points and labelled cases, which may be older than the concepts: what `make fit` begins
    with."""
    found = _read(folders)
    return replace(found, weights=replace(found.weights, types={}, kinds={}, severity={}))


def _read(folders: Sequence[Path]) -> Rules:
    files: dict[str, Path] = {}
    for folder in folders:
        files.update({file.name: file for file in sorted((folder / "classifier").glob("*.yaml"))})
    missing = [f"classifier/{name}:1: missing" for name in _SINGLE if name not in files]
    if missing:
        raise ContentInvalid(tuple(missing))
    concepts: dict[str, Concept] = {}
    problems: list[str] = []
    for name, file in sorted(files.items()):
        if name in _SINGLE:
            continue
        try:
            listed: ConceptFile = load(file, ConceptFile)
        except ContentInvalid as bad:
            problems.extend(bad.problems)
            continue
        for concept in listed.concepts:
            if concept.id in concepts:
                problems.append(f"classifier/{name}:1: concept {concept.id} is there twice")
            if not concept.dynamic and not (concept.zh.strip() and concept.en.strip()):
                problems.append(f"classifier/{name}:1: concept {concept.id} needs words in both languages")
            concepts[concept.id] = concept
    shelf_questions: QuestionsFile = load(files["questions.yaml"], QuestionsFile)
    questions = shelf_questions.questions
    asked = {frozenset(question.between) for question in questions}
    for pair in combinations(CrisisType, 2):
        if frozenset(pair) not in asked:
            problems.append(f"classifier/questions.yaml:1: no question between {pair[0]} and {pair[1]}")
    weights: Weights = load(files["weights.yaml"], Weights)
    words: WordsFile = load(files["words.yaml"], WordsFile)
    problems.extend(
        f"classifier/words.yaml:1: the type {kind} has no name" for kind in CrisisType if kind not in words.types
    )
    if problems:
        raise ContentInvalid(tuple(problems))
    return Rules(
        concepts=tuple(concepts.values()),
        words=Words(
            negations=words.negations,
            hearsay=words.hearsay,
            past_cases=words.past_cases,
            name_endings=words.name_endings,
            common_words=words.common_words,
            types=words.types,
        ),
        weights=weights,
        questions=questions,
        unsure=shelf_questions.unsure,
    )


@lru_cache(maxsize=4)
def rules(home: Path | None = None) -> Rules:
    """The built-in rules, with the desk's own content folder on top. Read once. Raises ContentInvalid."""
    return rules_from(stacked("playbooks", home))
