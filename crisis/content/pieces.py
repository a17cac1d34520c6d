"""Which words a text shares with labelled texts: what a direction (encoder.py) blurs, their words still tell apart.

A text is taken as its pieces: Chinese characters by one, two and three in a row, other words by one and two. A piece
weighs the more the fewer of the labelled texts have it, as in information retrieval: (1 + ln count) * ln(texts / texts
with it), each text then of length 1. What two texts share is the cosine: 0 for no piece in common, 1 for the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_RUN = re.compile(r"[一-龥]+")
_WORD = re.compile(r"[a-z']+")
_CHARACTERS, _WORDS = (1, 2, 3), (1, 2)
_MOST = 255  # a piece counts so often at most in one text: counts are kept in bytes


def pieces_of(text: str) -> Counter[str]:
    """The pieces of a folded text with how often each stands in it."""
    return Counter(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        for size in _CHARACTERS:
            for place in range(len(run) - size + 1):
                yield run[place : place + size]
    words = _WORD.findall(text.lower())
    for size in _WORDS:
        for place in range(len(words) - size + 1):
            yield " ".join(words[place : place + size])


@dataclass(frozen=True)
class Pieces:
    """The pieces of labelled texts, from each piece to the texts that have it.

    texts            how many labelled texts there are
    names            the pieces
    starts           pieces + 1: where the texts of each begin in `rows`
    rows, counts     labelled texts that have a piece, rising within each piece, and how often they have it
    """

    texts: int
    names: tuple[str, ...]
    starts: NDArray[np.int32]
    rows: NDArray[np.int32]
    counts: NDArray[np.uint8]

    @classmethod
    def of(cls, texts: Sequence[str], *, least: int) -> Pieces:
        """Of these folded texts; a piece that fewer than `least` of them have is left out."""
        having: dict[str, list[tuple[int, int]]] = {}
        for row, text in enumerate(texts):
            for piece, count in pieces_of(text).items():
                having.setdefault(piece, []).append((row, min(count, _MOST)))
        kept = {piece: places for piece, places in sorted(having.items()) if len(places) >= least}
        flat = [place for places in kept.values() for place in places]
        return cls(
            texts=len(texts),
            names=tuple(kept),
            starts=np.cumsum([0, *(len(places) for places in kept.values())], dtype=np.int32),
            rows=np.array([row for row, _ in flat], dtype=np.int32),
            counts=np.array([count for _, count in flat], dtype=np.uint8),
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """As a file keeps them; `from_arrays` reads them."""
        return {
            "pieces": np.frombuffer("\n".join(self.names).encode(), dtype=np.uint8),
            "piece_starts": self.starts,
            "piece_rows": np.diff(self.rows, prepend=np.int32(0)),  # small numbers are packed tighter
            "piece_counts": self.counts,
        }

    @classmethod
    def from_arrays(cls, held: Mapping[str, NDArray[np.generic]], *, texts: int) -> Pieces:
        """What `arrays` gave, of so many texts. Raises KeyError where one is missing."""
        names = bytes(held["pieces"].astype(np.uint8)).decode()
        return cls(
            texts=texts,
            names=tuple(names.split("\n")) if names else (),
            starts=held["piece_starts"].astype(np.int32),
            rows=np.cumsum(held["piece_rows"], dtype=np.int32),
            counts=held["piece_counts"].astype(np.uint8),
        )

    def shared(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """texts x labelled texts: what each folded text shares with each of them, 0 to 1."""
        found = np.zeros((len(texts), self.texts), dtype=np.float32)
        for row, text in zip(found, texts, strict=True):
            known = [(self._places[piece], n) for piece, n in pieces_of(text).items() if piece in self._places]
            if not known:
                continue
            places = np.array([place for place, _ in known])
            amounts = (1 + np.log([n for _, n in known])) * self._rarity[places]
            amounts /= max(float(np.linalg.norm(amounts)), 1e-9)
            for place, amount in zip(places.tolist(), amounts.astype(np.float32), strict=True):
                here = slice(self.starts[place], self.starts[place + 1])
                row[self.rows[here]] += amount * self._amounts[here]
        return found

    def prepare(self) -> None:
        """Reckons now what `shared` needs."""
        _ = self._places, self._amounts

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def _rarity(self) -> NDArray[np.float64]:
        rarity: NDArray[np.float64] = np.log(self.texts / np.maximum(1, np.diff(self.starts)))
        return rarity

    @cached_property
    def _amounts(self) -> NDArray[np.float32]:
        """How much of each labelled text each of its pieces is, beside `rows`."""
        raw = (1 + np.log(np.maximum(1, self.counts), dtype=np.float64)) * np.repeat(self._rarity, np.diff(self.starts))
        lengths = np.sqrt(np.bincount(self.rows, weights=raw**2, minlength=self.texts))
        amounts: NDArray[np.float32] = (raw / np.maximum(lengths, 1e-9)[self.rows]).astype(np.float32)
        return amounts
