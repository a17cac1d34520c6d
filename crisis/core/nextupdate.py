"""When a text says that people will hear next: the sentence that promises it, and the moment it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crisis.core.checks.rules import CheckSet, Scope
from crisis.core.checks.search import Search
from crisis.core.checks.sentences import Role, read
from crisis.core.spokentime import spoken_time

# The check that misses this sentence knows how it is said, in both languages: playbooks/checks/duties.yaml.
_CHECK = "SC06"


@dataclass(frozen=True, kw_only=True)
class Announced:
    """What a text has announced: the moment, and its own words for it."""

    at: datetime
    words: str


def announced(text: str, *, lang: str, said_at: datetime, checks: CheckSet) -> Announced | None:
    """The next update that a text names for a time after `said_at` (aware, by the organisation's clock), or None.

    A later sentence wins: texts close with it. Times that are over were told, not promised.
    """
    lang = "en" if lang == "en" else "zh"
    search = Search(read(text, lang=lang, traditional=checks.traditional))
    lines = checks.compiled[(_CHECK, lang)]
    inside = tuple(pattern for pattern in lines.unless if pattern.scope is not Scope.TEXT)
    found = None
    for hit in search.hits(lines.patterns):
        sentence = hit.sentence
        if sentence is None or sentence.role is Role.HEAD or search.excused(hit, inside):
            continue
        at = spoken_time(sentence.folded, lang=lang, said_at=said_at)
        if at is not None and at > said_at:
            found = Announced(at=at, words=text[sentence.start : sentence.end].strip())
    return found
