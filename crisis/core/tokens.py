"""Tokens of the desk's full-text search: Latin words, and overlapping pairs of Chinese characters.

Pairs, because the trigram tokenisers of databases cannot find two-character Chinese words.
"""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"[0-9a-z]+|[\u3400-\u9fff\uf900-\ufaff]+")


def tokens(text: str) -> list[str]:
    """Tokens in order; a single Chinese character stands for itself."""
    found: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        if run[0] < "\u3400" or len(run) == 1:
            found.append(run)
        else:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return found
