"""Labelled texts as two files of playbooks/likeness/, and how near other texts lie to them.

    NAME.tsv   what is shown of them, one a line: labels, language, text
    NAME.npz   axes, vectors (bytes), pieces of words, weights (how much each speaks for each label), names of the
               labels, width, share

Kernel regression: each labelled text speaks the louder the nearer it is, in what it means and in its words:
nearness = exp(width * (cosine of the vectors - 1)) + share * cosine of the pieces. The vectors are directions of the
encoder (encoder.py) along the axes in which the labelled texts differ most: half as many numbers tell them apart as
well, in half the memory and time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from crisis.content.pieces import Pieces
from crisis.errors import ContentInvalid

_SHOWN = 2
_loading = threading.Lock()


@dataclass(frozen=True)
class Labelled:
    """Labelled texts, read when they are first asked for. The first rows of the vectors are the lines of the list."""

    folder: Path
    name: str

    def prepare(self) -> None:
        """Reads the files now. Of two that begin at once one reads, and the other waits for it."""
        with _loading:
            _ = self.axes, self.vectors, self.weights, self.labels, self.width, self.share, self.shown
            self.pieces.prepare()

    def nearness(self, rows: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float32]:
        """texts x labelled texts. `rows`: the directions of these folded texts, of length 1."""
        seen = along(rows, self.axes)
        return nearness(seen @ self.vectors.T, self.pieces.shared(texts), width=self.width, share=self.share)

    def alike(self, parts: NDArray[np.float32], label: str, lang: str) -> tuple[str, ...]:
        """The shown texts of `label` that speak most for it, those in `lang` first, at most two. `parts`: how much each
        labelled text says for it."""
        own: dict[str, None] = {}
        others: dict[str, None] = {}
        for place in np.argsort(-parts[: len(self.shown)]).tolist():
            labels, said_in, text = self.shown[place]
            if label in labels:
                (own if said_in == lang else others).setdefault(text)
            if len(own) == _SHOWN:
                break
        return tuple(dict.fromkeys([*own, *others]))[:_SHOWN]

    @cached_property
    def _file(self) -> dict[str, NDArray[np.generic]]:
        with np.load(self.folder / f"{self.name}.npz", allow_pickle=False) as file:
            return {name: file[name] for name in file.files}

    @cached_property
    def axes(self) -> NDArray[np.float32]:
        """512 x axes, each column of length 1."""
        return self._file["axes"].astype(np.float32)

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """labelled texts x axes, each of length 1."""
        return _of_length_one(self._file["vectors"].astype(np.float32))

    @cached_property
    def weights(self) -> NDArray[np.float32]:
        """labelled texts x labels."""
        return self._file["weights"].astype(np.float32)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the weights' columns."""
        return tuple(str(name) for name in self._file["labels"])

    @cached_property
    def width(self) -> np.float32:
        return np.float32(self._file["width"])

    @cached_property
    def share(self) -> np.float32:
        return np.float32(self._file["share"])

    @cached_property
    def pieces(self) -> Pieces:
        """Of the labelled texts, row by row as the vectors."""
        return Pieces.from_arrays(self._file, texts=len(self.vectors))

    @cached_property
    def shown(self) -> list[tuple[frozenset[str], str, str]]:
        """(labels, language, text) of each line."""
        lines = (self.folder / f"{self.name}.tsv").read_text(encoding="utf-8").removesuffix("\n").split("\n")
        return [(frozenset(labels.split()), lang, text) for labels, lang, text in (line.split("\t") for line in lines)]


def nearness(
    cosines: NDArray[np.float32], shared: NDArray[np.float32], *, width: float | np.float32, share: float | np.float32
) -> NDArray[np.float32]:
    """How near texts lie: 1 + share for the same text, nearly 0 for another meaning in other words.

    `cosines` of directions and pieces `shared`, of the same shape; both are overwritten (they may be gigabytes).
    """
    cosines -= 1
    cosines *= np.float32(width)
    np.exp(cosines, out=cosines)
    shared *= np.float32(share)
    cosines += shared
    return cosines


def axes_of(directions: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """512 x count: the axes along which directions differ most, the first most of all."""
    _, found = np.linalg.eigh(directions.T @ directions)  # rising
    axes: NDArray[np.float32] = found[:, ::-1][:, :count].astype(np.float32)
    return axes


def along(directions: NDArray[np.float32], axes: NDArray[np.float32]) -> NDArray[np.float32]:
    """texts x axes: directions along the axes alone, each of length 1."""
    return _of_length_one(directions @ axes)


def _of_length_one(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths: NDArray[np.float32] = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-9))
    unit: NDArray[np.float32] = rows / lengths
    return unit


def labels_of(texts: Labelled, *, written_by: str) -> frozenset[str]:
    """The names of the labels, the rest is not read. Raises ContentInvalid when a file is missing or damaged."""
    files = [texts.folder / f"{texts.name}.{ending}" for ending in ("tsv", "npz")]
    for file in files:
        if not file.is_file():
            raise ContentInvalid((f"{texts.folder.name}/{file.name}:1: missing; `{written_by}` writes it",))
    try:
        with np.load(files[1], allow_pickle=False) as held:
            if missing := {"axes", "pieces"} - set(held.files):
                raise KeyError(*sorted(missing))
            return frozenset(str(name) for name in held["labels"])
    except (OSError, ValueError, EOFError, KeyError, BadZipFile) as error:
        raise ContentInvalid((f"{texts.folder.name}/{files[1].name}:1: {error}; `{written_by}` writes it",)) from None


def as_bytes(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Vectors as they are kept, in bytes: each row's largest number is 127."""
    scaled: NDArray[np.float32] = vectors / np.abs(vectors).max(axis=1, keepdims=True) * 127
    kept: NDArray[np.int8] = np.round(scaled).astype(np.int8)
    return kept
