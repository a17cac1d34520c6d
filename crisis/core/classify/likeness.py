"""What a case reads like: a second sign beside its words.

A word list finds what its author thought of. Here what mentions and facts say together is compared with cases that
were labelled before; how much it reads like those of a type, or of a kind of credit, becomes a sighting like any other,
opened to the cases it rests on (playbooks/likeness/cases.tsv). It is a guess, and is called one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

# `dynamic` of the concepts that are seen this way: this, then the type or the kind of credit.
READS_LIKE = "reads_like_"
LEAST_LIKE = 0.05  # less says nothing


class CaseReader(Protocol):
    """Compares cases with labelled ones."""

    def __call__(self, texts: Sequence[str]) -> Mapping[str, float]:
        """Type or kind of credit -> how much the folded texts of a case, together, read like cases of it.

        0 (no more than any text does) to about .8. Empty when there are no texts.
        """
        ...

    def alike(self, texts: Sequence[str], name: str, lang: str) -> tuple[str, ...]:
        """First headlines of the labelled cases of type or kind `name` that speak most for it, at most two, in `lang`
        where there are any."""
        ...
