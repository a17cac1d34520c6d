"""The labelled cases that the classifier is fitted and measured on, and what they read like beside each other.

Three sets: the development cases of the data folder, and in tests/data/ our own fictional ones, whole and as openings:
an organisation and its first two mentions.
Likeness is learnt from our own cases only; no case is compared with cases of its own hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from crisis.content.encoder import vectors
from crisis.content.labelled import along, as_bytes, axes_of, nearness
from crisis.content.likecases import FOLDER, NAME, direction, together
from crisis.content.pieces import Pieces
from crisis.content.roots import builtin
from crisis.core.audience import AUDIENCES
from crisis.core.case import Case, CreditKind, CrisisType, Severity, case_of
from crisis.core.classify.likeness import BEARABLE, HAD_TO_TELL, SEVERE
from crisis.core.classify.sightings import first_hours, texts_read

Array = Any  # numpy arrays are not typed here: the script is outside of the product

OWN = Path(__file__).parent.parent / "data" / "own_cases.jsonl"
KEPT = Path(__file__).parent.parent / "data" / "kept_cases.jsonl"
OPENINGS = Path(__file__).parent.parent / "data" / "own_openings.jsonl"
# Our own cases of later hands grade severity as the readers of the development cases do not: they teach types, and the
# kinds of credit at a lower weight, and severity nothing.
LATER = re.compile(r"own-[a-e]\d")
ANOTHER = re.compile(r"own-[a-z]\d")  # not the first hand
GREW = (None, 2, 4)  # a labelled case is there whole, and as it was after so many mentions
NAMES = (*CrisisType, *CreditKind, SEVERE, BEARABLE)
LABELS = (*NAMES, *(HAD_TO_TELL + name for name in AUDIENCES))
WIDTH, SHARE = 3.0, 0.5  # crisis/content/labelled.py: nearness
AXES = 256  # of 512
LEAST = 6  # a piece of words that fewer views of our cases have says nothing; a case has three views
RIDGE = 0.5
REST = 0.2  # a type is one of five: a case like none of ours gets 0, and only what is above that is a likeness
DEVELOPMENT, OPENING = "development", "opening"
AT_ONCE = 500

_read: dict[str, Array] = {}  # vectors of all texts: more than the encoder keeps


@dataclass(frozen=True)
class Views:
    """Cases as they are compared, after so many mentions: directions (views x 512), words (a text each), and the place
    of the case that each is a view of."""

    drawn: Array
    words: list[str]
    owner: Array


@dataclass(frozen=True)
class Labelled:
    """A labelled case with what its readers said."""

    case: Case
    primary: CrisisType
    kind: CreditKind | None
    severity: Severity
    secondary: tuple[CrisisType, ...]
    agree: int
    language: str
    must: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    own: bool = False
    opening: bool = False
    later: bool = False

    @property
    def graded(self) -> bool:
        """Is its severity learnt? Openings have none of their own, and later hands grade otherwise (LATER)."""
        return not self.opening and not self.later

    @property
    def hand(self) -> str:
        """Who wrote it."""
        if not self.own:
            return DEVELOPMENT
        return OPENING if self.opening else self.case.id[:5] if ANOTHER.match(self.case.id) else "own"


def developed(folder: Path) -> list[Labelled]:
    """The development cases of a data folder."""
    return cases_in(folder / "cases_dev.jsonl")


def own_cases() -> list[Labelled]:
    """The fictional cases that we wrote ourselves."""
    return [replace(item, own=True) for item in cases_in(OWN)]


def kept_cases() -> list[Labelled]:
    """Fictional cases of ours that nothing learns from (tests/data/README.md)."""
    return cases_in(KEPT)


def own_openings() -> list[Labelled]:
    """The first two mentions of 285 fictional cases that we wrote ourselves."""
    return [replace(item, own=True, opening=True) for item in cases_in(OPENINGS)]


def cases_in(file: Path) -> list[Labelled]:
    """The labelled cases of a file, one JSON object per line."""
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        gold = record["gold"]
        found.append(
            Labelled(
                case=case_of(record),
                primary=CrisisType(gold["primary"]),
                kind=CreditKind(gold["credit_kind"]) if gold["credit_kind"] else None,
                severity=Severity(gold["severity"]),
                secondary=tuple(CrisisType(kind) for kind in gold["secondary"]),
                agree=gold.get("agree", 1),
                language=record["language"],
                must=frozenset(gold.get("must", ())),
                may=frozenset(gold.get("may", ())),
                first=frozenset(gold.get("first", ())),
                later=bool(LATER.match(record["id"])),
            )
        )
    return found


def cut_to(case: Case, mentions: int | None) -> Case:
    """The case after so many mentions; None: as it ended."""
    return case if mentions is None else first_hours(case, mentions)


def viewed(cases: Sequence[Labelled], mentions: int | None) -> Views:
    """Each case after so many mentions."""
    texts = [texts_read(cut_to(item.case, mentions)) for item in cases]
    fresh = sorted({text for case in texts for text in case} - _read.keys())
    for place in range(0, len(fresh), AT_ONCE):
        block = fresh[place : place + AT_ONCE]
        _read.update(zip(block, vectors(block), strict=True))
    drawn = np.vstack([direction(np.array([_read[text] for text in case])) for case in texts])
    return Views(drawn, [together(case) for case in texts], np.arange(len(cases)))


def goal_of(cases: Sequence[Labelled]) -> Array:
    """cases x LABELS: 1 less what is usual for what it is, how severe it is, or for whom it must tell; that below 0 for
    what it is not; 0 where nothing is known.
    """
    told = [item for item in cases if item.must]
    usual = {name: sum(name in item.must for item in told) / max(1, len(told)) for name in AUDIENCES}
    kinds = [[0.0] * len(CreditKind) if item.kind is None else _one_of(CreditKind, item.kind) for item in cases]
    graded = [item.severity is Severity.SEVERE for item in cases if item.graded]
    often = sum(graded) / max(1, len(graded))
    grades = [(item.severity is Severity.SEVERE) - often if item.graded else 0.0 for item in cases]
    needs = [
        [
            0.0 if not item.must or name in item.may else float(name in item.must) - share
            for name, share in usual.items()
        ]
        for item in cases
    ]
    return np.array(
        [
            [*_one_of(CrisisType, item.primary), *kind, grade, -grade, *need]
            for item, kind, grade, need in zip(cases, kinds, grades, needs, strict=True)
        ]
    )


def _one_of(names: Any, name: str) -> list[float]:
    return [float(one == name) - REST for one in names]


def learnt_from(near: Array, goal: Array) -> Array:
    """labelled x LABELS weights: kernel ridge regression."""
    return np.linalg.solve(near + RIDGE * np.eye(len(near)), goal)


@dataclass(frozen=True)
class Known:
    """What cases are compared with: axes, labelled views along them, and their words."""

    axes: Array
    drawn: Array
    pieces: Pieces

    @classmethod
    def of(cls, learnt: Views) -> Known:
        axes = axes_of(learnt.drawn, AXES)
        return cls(axes, along(learnt.drawn, axes), Pieces.of(learnt.words, least=LEAST))

    def near(self, views: Views) -> Array:
        """views x labelled views."""
        cosines, shared = along(views.drawn, self.axes) @ self.drawn.T, self.pieces.shared(views.words)
        return nearness(cosines, shared, width=WIDTH, share=SHARE).astype(np.float64)


def views(cases: Sequence[Labelled]) -> Views:
    """What is learnt: openings once, whole cases as they grew."""
    whole = np.array([place for place, item in enumerate(cases) if not item.opening], dtype=int)
    openings = np.array([place for place, item in enumerate(cases) if item.opening], dtype=int)
    parts = [(viewed([cases[place] for place in whole], cut), whole) for cut in GREW if len(whole)]
    if len(openings):
        parts.append((viewed([cases[place] for place in openings], None), openings))
    return Views(
        np.vstack([part.drawn for part, _ in parts]),
        [text for part, _ in parts for text in part.words],
        np.concatenate([owner for _, owner in parts]),
    )


def likeness_apart(cases: Sequence[Labelled], cuts: Sequence[int | None]) -> tuple[Array, ...]:
    """For each cut cases x LABELS: how much each case reads like our own cases of all hands but its own; below 0 is
    kept for audiences only."""
    ours = [item for item in cases if item.own]
    hands = np.array([item.hand for item in cases])
    learnt = views(ours)
    known = Known.of(learnt)
    goal, own_hands = goal_of(ours)[learnt.owner], np.array([item.hand for item in ours])[learnt.owner]
    among = known.near(learnt)
    looked = [known.near(viewed(cases, cut)) for cut in cuts]
    found = tuple(np.zeros((len(cases), len(LABELS))) for _ in cuts)
    for hand in sorted(set(hands.tolist())):
        others = own_hands != hand
        weights = learnt_from(among[np.ix_(others, others)], goal[others])
        for out, near in zip(found, looked, strict=True):
            out[hands == hand] = near[np.ix_(hands == hand, others)] @ weights
    for out in found:
        np.maximum(out[:, : len(NAMES)], 0.0, out=out[:, : len(NAMES)])
    return found


def write(cases: Sequence[Labelled]) -> None:
    """playbooks/likeness/cases.npz and cases.tsv, from our own cases."""
    ours = [item for item in cases if item.own]
    learnt = views(ours)
    known = Known.of(learnt)
    folder = builtin("playbooks") / FOLDER
    np.savez_compressed(
        folder / f"{NAME}.npz",
        axes=known.axes.astype(np.float16),
        vectors=as_bytes(known.drawn),
        weights=learnt_from(known.near(learnt), goal_of(ours)[learnt.owner]).astype(np.float16),
        labels=np.array([str(name) for name in LABELS]),
        width=np.float32(WIDTH),
        share=np.float32(SHARE),
        **known.pieces.arrays(),
    )
    lines = []
    for place in learnt.owner.tolist():
        item = ours[place]
        first = item.case.mentions[0]
        grade = (SEVERE if item.severity is Severity.SEVERE else BEARABLE) if item.graded else None
        told = (HAD_TO_TELL + name for name in sorted(item.must))
        labels = " ".join(str(name) for name in (item.primary, item.kind, grade, *told) if name)
        lines.append(f"{labels}\t{first.lang[:2]}\t{' '.join(first.title.split())}\n")
    (folder / f"{NAME}.tsv").write_text("".join(lines), encoding="utf-8")
