"""When a text says that people will hear next: the sentence that promises it, and the moment it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crisis.core.checks.rules import CheckSet, Compiled, Scope
from crisis.core.checks.search import Hit, Search
from crisis.core.checks.sentences import Role, read
from crisis.core.spokentime import spoken_time

# So far may a clock lie from ours whose zone is not known; what is over everywhere was told, not promised.
_APART = timedelta(hours=14)
# A promise that ends in the last quarter of a span keeps it, and none is asked for beside it. Own default.
_EARLY = 4


@dataclass(frozen=True, kw_only=True)
class Announced:
    """What a text has announced: the moment by the organisation's clock, and its own words for it.

    `zone` is the time zone as the text names it, '' where it names none. `at` is None where that zone can be read in
    two ways: a person says what is meant. Whoever says "within three hours" keeps it also a little before: `early`.
    """

    at: datetime | None
    words: str
    zone: str = ""
    early: timedelta = timedelta(0)


def announced(text: str, *, lang: str, said_at: datetime, checks: CheckSet) -> Announced | None:
    """The next update that a text names for a time after `said_at` (aware, by the organisation's clock), or None.

    A later sentence wins: texts close with it. Times that are over were told, not promised.
    """
    lang = "en" if lang == "en" else "zh"
    search = Search(read(text, lang=lang, traditional=checks.traditional))
    # The checks that miss this sentence know how it is said, in both languages.
    announcing = [checks.compiled[(rule.id, lang)] for rule in checks.checks if rule.announces]
    found = None
    for hit in sorted((hit for lines in announcing for hit in _said(search, lines)), key=lambda hit: hit.start):
        sentence = hit.sentence
        if sentence is None or sentence.role is Role.HEAD:
            continue
        spoken = spoken_time(sentence.folded, lang=lang, said_at=said_at)
        if spoken is not None and spoken.at > said_at - (timedelta(0) if spoken.is_clear else _APART):
            named = spoken.zone
            found = Announced(
                at=spoken.at if spoken.is_clear else None,
                words=text[sentence.start : sentence.end].strip(),
                # Folding changes no length: its place is the same in the text as it was written.
                zone=text[sentence.start + named.start : sentence.start + named.end] if named is not None else "",
                early=spoken.span / _EARLY,
            )
    return found


def _said(search: Search, lines: Compiled) -> list[Hit]:
    inside = tuple(pattern for pattern in lines.unless if pattern.scope is not Scope.TEXT)
    return [hit for hit in search.hits(lines.patterns) if not search.excused(hit, inside)]
