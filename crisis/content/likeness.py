"""playbooks/likeness/: labelled sentences, their vectors and weights, and the points of the second opinion on a text.

    sentences.tsv   sentences that commit a fault or carry an element, one a line: checks, language, text
    sentences.npz   directions and words of these and of plain sentences, and how much each speaks for each check
    points.yaml     what the signs in a text add up to

All three are written by `make fit-checks`; they hold sentences of our own only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import ClassVar

from crisis.content.encoder import vectors
from crisis.content.labelled import Labelled, labels_of
from crisis.content.roots import builtin
from crisis.content.yamlfile import load
from crisis.core.checks.likeness import Likeness, Points
from crisis.errors import ContentInvalid

FOLDER, NAME = "likeness", "sentences"
# So many sentences are compared at once: 10 MB for each of the arrays in between.
_AT_ONCE = 128


@dataclass(frozen=True, kw_only=True)
class PointsFile:
    """points.yaml; `version` counts the fits."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    version: int
    forbidden: Points
    required: Points


@dataclass(frozen=True)
class LabelledSentences:
    """Compares sentences with the labelled ones: kernel regression, each of them speaks the louder the nearer it is."""

    folder: Path

    def __call__(self, sentences: Sequence[str]) -> list[Mapping[str, float]]:
        if not sentences:
            return []
        distinct = list(dict.fromkeys(sentences))
        known: dict[str, Mapping[str, float]] = {}
        for start in range(0, len(distinct), _AT_ONCE):
            block = distinct[start : start + _AT_ONCE]
            scores = (self._known.nearness(vectors(block), block) @ self._known.weights).tolist()
            known.update(
                (text, dict(zip(self._known.labels, row, strict=True))) for text, row in zip(block, scores, strict=True)
            )
        return [known[sentence] for sentence in sentences]

    def prepare(self) -> None:
        self._known.prepare()
        vectors(["."])

    def alike(self, sentence: str, check: str, lang: str) -> tuple[str, ...]:
        """The labelled sentences that speak most for it, in its language where there are any."""
        near = self._known.nearness(vectors([sentence]), [sentence])[0]
        return self._known.alike(near * self._known.weights[:, self._known.labels.index(check)], check, lang)

    @cached_property
    def _known(self) -> Labelled:
        return Labelled(self.folder, NAME)


@lru_cache(maxsize=2)
def load_likeness(shelf: Path | None = None) -> Likeness | None:
    """The second opinion on texts; None where the folder is missing, then wordings alone decide. Raises ContentInvalid.

    `shelf` is the playbooks folder, the built-in one if not said. Vectors are read when the first text is.
    """
    folder = (shelf or builtin("playbooks")) / FOLDER
    if not (folder / "points.yaml").is_file():
        return None
    known = labels_of(Labelled(folder, NAME), written_by="make fit-checks ARGS=--write")
    points: PointsFile = load(folder / "points.yaml", PointsFile)
    unknown = sorted({*points.forbidden.checks, *points.required.checks} - known)
    if unknown:
        raise ContentInvalid(
            (f"{FOLDER}/points.yaml:1: sentences.npz does not know {', '.join(unknown)}; fit both together",)
        )
    return Likeness(reads=LabelledSentences(folder), forbidden=points.forbidden, required=points.required)
