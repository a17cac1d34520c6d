"""Who is named: we, or a firm near us, also under the short names that stories use for firms.

A paper writes "Castlegate" for Castlegate Bank and "牧乐" for 牧乐饲料: the endings that say what kind of firm it is
are dropped (playbooks/classifier/words.yaml), unless what is left is a common word or part of our own name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from crisis.core.case import Case
from monitors.folding import fold, is_word

# A name shorter than this is found too often by chance.
_SHORTEST_NAME = 2
_SHORTEST_SHORT = {True: 4, False: 2}  # Latin letters, Chinese characters
_ASIDE = re.compile(r"[（(][^）)]*[）)]")


@dataclass(frozen=True, slots=True)
class Names:
    """Folded names: us, and the firms near us."""

    us: tuple[str, ...]
    others: tuple[str, ...]

    @classmethod
    def of(cls, case: Case, endings: Collection[str] = (), common: Collection[str] = ()) -> Names:
        """The names of a case. `endings` and `common` are folded words: kinds of firms, and words that name nobody."""
        org = case.org
        us = _folded((*org.names, *org.products))
        us |= set(shortened(_folded(org.names), endings, common))
        others = _folded((*org.peers, *org.suppliers)) - us
        own = tuple(us)
        others |= {name for name in shortened(others, endings, common) if not any(name in mine for mine in own)}
        return cls(tuple(sorted(us)), tuple(sorted(others)))


def shortened(names: Iterable[str], endings: Collection[str], common: Collection[str]) -> Iterator[str]:
    """The short form of each folded name that has one: without the words at its end that say what kind it is."""
    for name in names:
        short = _ASIDE.sub("", name).strip()
        latin = short.isascii()
        while True:
            ending = next((word for word in endings if _ends_with(short, word, latin)), "")
            if not ending:
                break
            short = short[: -len(ending)].rstrip(" &,.")
        if short != name and len(short) >= _SHORTEST_SHORT[latin] and short not in common:
            yield short


def _ends_with(name: str, ending: str, latin: bool) -> bool:
    if latin:
        return ending.isascii() and name.endswith(f" {ending}")
    return not ending.isascii() and name.endswith(ending) and len(name) - len(ending) >= _SHORTEST_SHORT[False]


def find_name(text: str, names: Sequence[str]) -> tuple[int, int] | None:
    """The first place where one of the folded names stands as a whole word, or None."""
    best: tuple[int, int] | None = None
    for name in names:
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            left = at == 0 or not (is_word(text[at]) and is_word(text[at - 1]))
            right = end == len(text) or not (is_word(text[end - 1]) and is_word(text[end]))
            if left and (right or text[end : end + 1] == "s"):
                if best is None or at < best[0]:
                    best = (at, end)
                break
            at = text.find(name, at + 1)
    return best


def _folded(names: Iterable[str]) -> set[str]:
    folded = {fold(name).text.strip() for name in names}
    return {name for name in folded if len(name) >= _SHORTEST_NAME}
