"""Tokens of the desk's full-text search: Latin words, and overlapping pairs of Chinese, Japanese, Korean characters.

Pairs, because the trigram tokenisers of databases cannot find two-character Chinese words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Han with its repeat mark and zero, kana without the middle dot, Hangul.
_EAST = "\u3005\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7a3"
_RUN = re.compile(f"[0-9a-z]+|[{_EAST}]+")


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """Tokens that stand together. `open_end`: the last of them is only the beginning of a token."""

    tokens: tuple[str, ...]
    open_end: bool = False


def tokens(text: str) -> list[str]:
    """Tokens in order; a single Chinese character stands for itself."""
    return [token for run in _runs(text) for token in _cut(run)]


def indexed(text: str) -> list[str]:
    """What is kept of a text: its tokens, then the last character of each run once more, with which no pair begins.
    So every character is a token or begins one."""
    last = (run[-1] for run in _runs(text) if _is_east(run) and len(run) > 1)
    return [*tokens(text), *dict.fromkeys(last)]


def phrases(piece: str) -> list[Phrase]:
    """What must all be there for a piece of a query to be found. A character that stands alone may begin a pair."""
    found: list[Phrase] = []
    together: list[str] = []
    for run in _runs(piece):
        together.extend(_cut(run))
        if _is_east(run) and len(run) == 1:
            found.append(Phrase(tokens=tuple(together), open_end=True))
            together = []
    return [*found, Phrase(tokens=tuple(together))] if together else found


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text).lower())


def _is_east(run: str) -> bool:
    return run[0] > "z"


def _cut(run: str) -> list[str]:
    if not _is_east(run) or len(run) == 1:
        return [run]
    return [run[i : i + 2] for i in range(len(run) - 1)]
