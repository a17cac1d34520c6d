"""playbooks/likeness/cases.*: our own labelled cases, and what another case reads like beside them.

A case is the direction in which its mentions and facts point together. Each labelled case is there as it ended and as
it was after its first mentions, so that the first hour is compared with first hours. Written by `make fit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from crisis.content.encoder import vectors
from crisis.content.labelled import Labelled
from crisis.content.roots import builtin
from crisis.core.case import CreditKind, CrisisType
from crisis.core.classify.likeness import Like
from crisis.core.text import Lang, Text
from crisis.errors import ContentInvalid

FOLDER, NAME = "likeness", "cases"
_SHOWN = 2


@dataclass(frozen=True)
class LabelledCases:
    """Compares cases with labelled ones (`crisis.core.classify.likeness: CaseReader`)."""

    folder: Path

    def __call__(self, texts: Sequence[str], *, least: float) -> list[Like]:
        if not texts:
            return []
        parts = self._cases.nearness(direction(vectors(texts))[None])[0][:, None] * self._cases.weights
        amounts = zip(self._cases.labels, parts.sum(axis=0).tolist(), strict=True)
        return [
            Like(name=name, amount=amount, cases=Text(zh="、".join(zh), en=", ".join(en)))
            for place, (name, amount) in enumerate(amounts)
            if amount >= least
            for zh, en in [[self._alike(parts[:, place], name, lang) for lang in Lang]]
        ]

    def prepare(self) -> None:
        self._cases.prepare()
        vectors(["."])

    def _alike(self, parts: NDArray[np.float32], name: str, lang: str) -> tuple[str, ...]:
        """Quoted headlines of the cases of `name` that speak most for it, those in `lang` first."""
        shown = self._cases.shown
        ranked = [int(place) for place in np.argsort(-parts) if name in shown[place][0]]
        ranked.sort(key=lambda place: shown[place][1] != lang)
        # A case is there several times, as it grew.
        return tuple(dict.fromkeys(f"“{shown[place][2]}”" for place in ranked))[:_SHOWN]

    @cached_property
    def _cases(self) -> Labelled:
        return Labelled(self.folder, NAME)


def direction(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """512 numbers of length 1: where the vectors of a case's texts point together."""
    whole: NDArray[np.float32] = rows.sum(axis=0)
    return whole / max(float(np.linalg.norm(whole)), 1e-9)


@lru_cache(maxsize=2)
def load_cases(shelf: Path | None = None) -> LabelledCases | None:
    """The labelled cases of a playbooks folder (the built-in one if not said), None where it has none.

    Vectors are read when the first case is. Raises ContentInvalid.
    """
    folder = (shelf or builtin("playbooks")) / FOLDER
    if not (folder / f"{NAME}.npz").is_file():
        return None
    try:
        with np.load(folder / f"{NAME}.npz", allow_pickle=False) as file:
            known = {str(name) for name in file["labels"]}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile) as error:
        raise ContentInvalid((f"{FOLDER}/{NAME}.npz:1: {error}; `make fit` writes it",)) from None
    if known != {*CrisisType, *CreditKind} or not (folder / f"{NAME}.tsv").is_file():
        raise ContentInvalid((f"{FOLDER}/{NAME}.npz:1: does not fit {NAME}.tsv and the types; `make fit` writes both",))
    return LabelledCases(folder)
