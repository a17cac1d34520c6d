"""What a case reads like: a second sign beside its words.

A word list finds what its author thought of. Here what mentions and facts say together is compared with cases that
were labelled before; how much it reads like those of a type, of a kind of credit, or like severe ones, becomes a
sighting like any other, opened to the cases it rests on (playbooks/likeness/cases.tsv). It is a guess, and is called
one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from crisis.core.text import Text

# `dynamic` of the concepts that are seen this way: this, then the type, the kind of credit, or one of the two below.
READS_LIKE = "reads_like_"
LEAST_LIKE = 0.05  # less says nothing
# The labels of severity. None of the labelled cases has both: what reads like one reads unlike the other.
SEVERE, BEARABLE = "severe", "bearable"
# The labels of audiences: this, then the audience that had to be told within a day.
HAD_TO_TELL = "tell_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Like:
    """How much a case reads like labelled cases of `name`: a type, a kind of credit, SEVERE, BEARABLE, or HAD_TO_TELL
    and an audience.

    `amount`: 0 (no more than any text does; below: less) to about .8. `cases`: quoted first headlines of those that
    speak most for it, in the reader's language where there are any; empty when the amount is not above 0.
    """

    name: str
    amount: float
    cases: Text


class CaseReader(Protocol):
    """Compares cases with labelled ones."""

    def __call__(self, texts: Sequence[str], names: Collection[str], *, least: float) -> Sequence[Like]:
        """Which of `names` the folded texts of a case, together, read like by at least `least`. Nothing when there are
        no texts."""
        ...

    def prepare(self) -> None:
        """Loads what reading needs, so that no later call waits for it. About a second, nothing when it is loaded."""
        ...
