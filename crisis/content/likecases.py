"""playbooks/likeness/cases.*: our own labelled cases, and what another case reads like beside them.

A case is the direction in which its mentions and facts point together, and their words. Each labelled case is there as
it ended and as it was after its first mentions, so that the first hour is compared with first hours. Written by
`make fit`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crisis.content.encoder import vectors
from crisis.content.labelled import Labelled, labels_of
from crisis.content.roots import builtin
from crisis.core.audience import AUDIENCES
from crisis.core.case import CreditKind, CrisisType
from crisis.core.classify.likeness import BEARABLE, HAD_TO_TELL, SEVERE, Like
from crisis.core.text import Lang, Text
from crisis.errors import ContentInvalid

FOLDER, NAME = "likeness", "cases"


@dataclass(frozen=True)
class LabelledCases:
    """Compares cases with labelled ones (`crisis.core.classify.likeness: CaseReader`)."""

    folder: Path

    def __call__(self, texts: Sequence[str], names: Collection[str], *, least: float) -> list[Like]:
        if not texts:
            return []
        near = self._cases.nearness(direction(vectors(texts))[None], [together(texts)])[0]
        parts = near[:, None] * self._cases.weights
        found = []
        for column, name in enumerate(self._cases.labels):
            if name not in names:
                continue
            amount = float(parts[:, column].sum())
            if amount >= least:
                zh, en = (self._quoted(parts[:, column], name, lang) if amount > 0 else [] for lang in Lang)
                found.append(Like(name=name, amount=amount, cases=Text(zh="、".join(zh), en=", ".join(en))))
        return found

    def _quoted(self, parts: NDArray[np.float32], name: str, lang: str) -> list[str]:
        return [f"“{title}”" for title in self._cases.alike(parts, name, lang)]

    def prepare(self) -> None:
        self._cases.prepare()
        vectors(["."])

    @cached_property
    def _cases(self) -> Labelled:
        return Labelled(self.folder, NAME)


def direction(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """512 numbers of length 1: where the vectors of a case's texts point together."""
    whole: NDArray[np.float32] = rows.sum(axis=0)
    return whole / max(float(np.linalg.norm(whole)), 1e-9)


def together(texts: Sequence[str]) -> str:
    """A case's texts as one, for its words."""
    return "\n".join(texts)


@lru_cache(maxsize=2)
def load_cases(shelf: Path | None = None) -> LabelledCases | None:
    """The labelled cases of a playbooks folder (the built-in one if not said), None where it has none.

    Vectors are read when the first case is. Raises ContentInvalid.
    """
    folder = (shelf or builtin("playbooks")) / FOLDER
    if not (folder / f"{NAME}.npz").is_file():
        return None
    if labels_of(Labelled(folder, NAME), written_by="make fit") != {
        *CrisisType,
        *CreditKind,
        SEVERE,
        BEARABLE,
        *(HAD_TO_TELL + name for name in AUDIENCES),
    }:
        raise ContentInvalid(
            (f"{FOLDER}/{NAME}.npz:1: knows other types, kinds, severities or audiences; `make fit` writes it",)
        )
    return LabelledCases(folder)
