"""Checks that are reckoned rather than found: contradictions, copies, open questions, clocks, promises.

Each says nothing when what it needs is not given: a text alone never fails a check about other texts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from math import sqrt

from crisis.core.checks.draft import DraftText
from crisis.core.checks.ledger import tokens
from crisis.core.checks.rules import CheckSet, Compiled, Reckoning
from crisis.core.checks.search import Hit, Search
from crisis.core.checks.sentences import Reading, fold, read

# Source of 60 characters, 28 words: message mapping after Covello, part 3.10 and 6 of the domain study,
# with the key-message length stretched for a sentence that carries a date and a name.
_LONG_ZH, _LONG_EN = 60, 28
_SAME_COPY = 0.95
_COPIES = 3
# First statement within 1 h, first substantive one within 4 h of the signal (core steps K11, K15).
_DUE_HOURS = {"holding": 1.0, "substantive": 4.0}
_QUANTITY_ZH = re.compile(
    r"(\d[\d,.]*)\s*(万|亿)?(名|位|人|台|辆|件|户|个|起|批次|批|元|家|吨|盒|瓶|罐|箱)([\u4e00-\u9fff]{0,2})"
)
_QUANTITY_EN = re.compile(r"\b(\d[\d,.]*)\s+((?:[a-z-]+\s+){0,2}?)([a-z]{4,}s)\b")


def reckon(what: Reckoning, draft: DraftText, search: Search, lines: Compiled, checks: CheckSet) -> list[Hit]:
    """The places where a reckoned check fails. What is compared with the ledger is not reckoned here: `ledger.py`."""
    return _RULES[what](draft, search, lines, checks)


def _contradictions(draft: DraftText, search: Search, lines: Compiled, checks: CheckSet) -> list[Hit]:
    """Quantities of the same thing that differ from another text of the case in the same language."""
    ours = _quantities(search.reading, draft.lang)
    hits = []
    for other in draft.other_texts:
        if other.lang != draft.lang:
            continue
        theirs = _quantities(read(other.text, lang=other.lang, traditional=checks.traditional), other.lang)
        for thing, places in ours.items():
            said = {value for value, _, _ in theirs.get(thing, ())}
            # A thing with several counts in one text has parts; only a single count can contradict.
            if len(said) == 1 and len({value for value, _, _ in places}) == 1 and places[0][0] not in said:
                hits.append(Hit(places[0][1], places[0][2], None))
    return hits


def _quantities(reading: Reading, lang: str) -> dict[str, list[tuple[str, int, int]]]:
    found: dict[str, list[tuple[str, int, int]]] = {}
    if lang == "en":
        for match in _QUANTITY_EN.finditer(reading.folded):
            found.setdefault(match.group(3), []).append((match.group(1).replace(",", ""), match.start(), match.end()))
        return found
    for match in _QUANTITY_ZH.finditer(reading.folded):
        value = match.group(1).replace(",", "") + (match.group(2) or "")
        found.setdefault(match.group(3) + match.group(4), []).append((value, match.start(), match.end()))
    return found


def _copies(draft: DraftText, search: Search, lines: Compiled, checks: CheckSet) -> list[Hit]:
    """One text for three audiences or more. A holding statement of the first hour may be the same for all."""
    if draft.hours <= 1 or draft.kind == "holding":
        return []
    own = _grams(search.reading.folded)
    same = {draft.audience}
    for other in draft.other_texts:
        if other.lang == draft.lang and _cosine(own, _grams(fold(other.text, checks.traditional))) > _SAME_COPY:
            same.add(other.audience)
    return [Hit(0, 0, None)] if len(same) >= _COPIES else []


def _grams(folded: str) -> Counter[str]:
    plain = re.sub(r"\s+", " ", folded)
    return Counter(plain[place : place + 3] for place in range(max(1, len(plain) - 2)))


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    dot = sum(count * other[gram] for gram, count in one.items())
    norm = sqrt(sum(n * n for n in one.values())) * sqrt(sum(n * n for n in other.values()))
    return dot / norm if norm else 0.0


def _questions(draft: DraftText, search: Search, lines: Compiled, checks: CheckSet) -> list[Hit]:
    """One finding when one of the first three questions of the audience has no sentence in the text."""
    for question in draft.questions[:3]:
        if not any(fold(answer, checks.traditional) in search.reading.folded for answer in question.answers):
            return [Hit(0, 0, None)]
    return []


def _wordings(draft: DraftText, search: Search, lines: Compiled, checks: CheckSet) -> list[Hit]:
    """Wordings of our own that nothing in their sentence excuses."""
    return [
        hit
        for hit in search.hits(lines.patterns)
        if not search.excused(hit, lines.unless) and not search.reading.is_quoted(hit.start, hit.end)
    ]


def _before_filing(draft: DraftText, search: Search, lines: Compiled, checks: CheckSet) -> list[Hit]:
    """Material news of a listed issuer that is not yet filed."""
    return search.hits(lines.patterns) if draft.listed and not draft.filed else []


def _too_long(draft: DraftText, search: Search, lines: Compiled, checks: CheckSet) -> list[Hit]:
    hits = []
    for sentence in search.reading.body:
        if draft.lang == "en":
            long = len(re.findall(r"[\w'’-]+", sentence.folded)) > _LONG_EN
        else:
            long = len(re.findall(r"[\u4e00-\u9fff]", sentence.folded)) > _LONG_ZH
        if long:
            hits.append(Hit(sentence.start, sentence.end, sentence))
    return hits


def _unkept_promises(draft: DraftText, search: Search, lines: Compiled, checks: CheckSet) -> list[Hit]:
    """A sentence that promises a deed no entry of the promise ledger speaks of."""
    if draft.promises is None:
        return []
    lang = "en" if draft.lang == "en" else "zh"
    kept = [tokens(fold(promise, checks.traditional), lang, checks) for promise in draft.promises]
    hits = []
    for hit in search.hits(lines.patterns):
        if hit.sentence is None or search.excused(hit, lines.unless):
            continue
        said = tokens(hit.sentence.folded, lang, checks)
        if not any(promise and len(said & promise) / len(promise) >= 0.4 for promise in kept):
            hits.append(hit)
    return hits


def _too_late(draft: DraftText, search: Search, lines: Compiled, checks: CheckSet) -> list[Hit]:
    due = draft.due_hours if draft.due_hours is not None else _DUE_HOURS.get(draft.kind)
    return [Hit(0, 0, None)] if due is not None and draft.hours > due else []


def _strategy(draft: DraftText, search: Search, lines: Compiled, checks: CheckSet) -> list[Hit]:
    """Denial beside amends in one text, or denial and belittling where the responsibility is clear.

    Source: situational crisis communication theory (part 3.1 of the domain study): rebuilding is due and
    denial barred from level 3, which a credit crisis has from the start.
    """
    denials = [hit for hit in search.hits(lines.patterns) if not search.excused(hit, lines.unless)]
    if not denials or draft.claim_refuted:
        return []
    if draft.crisis_type == "credit" or search.any(lines.needs):
        return denials[:1]
    return []


_RULES: dict[Reckoning, Callable[[DraftText, Search, Compiled, CheckSet], list[Hit]]] = {
    Reckoning.CONTRADICTIONS: _contradictions,
    Reckoning.COPIES: _copies,
    Reckoning.QUESTIONS: _questions,
    Reckoning.WORDINGS: _wordings,
    Reckoning.FILING: _before_filing,
    Reckoning.LENGTH: _too_long,
    Reckoning.PROMISES: _unkept_promises,
    Reckoning.CLOCK: _too_late,
    Reckoning.STRATEGY: _strategy,
}
