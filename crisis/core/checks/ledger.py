"""What a text states flatly although the ledger does not carry it.

Four ways in: a claim about the cause, the guilt of somebody or the extent that another check has found, a flat
sentence of the shelf (safe, nothing wrong, no link), a sentence about the very matter of an open fact
without a word of doubt, and a count of people that differs from the confirmed one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from crisis.core.checks.draft import DraftText
from crisis.core.checks.rules import Check, CheckSet, Compiled, Tells
from crisis.core.checks.search import Hit, Search
from crisis.core.checks.sentences import Sentence, fold

_COVERED = 0.6
_SAME_MATTER = 0.6
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_LATIN = re.compile(r"[a-z][a-z'-]{2,}|\d+")
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: value for value, word in enumerate(_WORDS, 1)} | {
    char: value for value, char in enumerate("一二三四五六七八九十", 1)
}
_NUMBERS["两"] = 2


def unproven(
    draft: DraftText,
    search: Search,
    lines: Compiled,
    broken: Sequence[tuple[Check, Hit]],
    checks: CheckSet,
    claims: Sequence[str],
) -> list[Hit]:
    """Places that state more than the confirmed facts do, in the order of the text.

    `broken`: checks with the places where they are held to be broken; what these tell needs a fact as well.
    """
    hits = []
    lang = "en" if draft.lang == "en" else "zh"
    unknown, ahead = checks.concept(lang, "unknown"), checks.concept(lang, "future")
    if not draft.cause_established:
        for rule, hit in broken:
            if Tells.CAUSE in rule.tells and hit.end > hit.start:
                sentence = _sentence_at(search, hit.start)
                if sentence is None or unknown.search(sentence.folded):
                    continue
                if Tells.PROMISE in rule.tells and ahead.search(sentence.folded):
                    continue
                if not covered(sentence.folded, claims, draft.lang, checks):
                    hits.append(Hit(hit.start, hit.end, sentence))
    extent = checks.concept(lang, "extent")
    if any(extent.search(fold(fact.claim, checks.traditional)) for fact in draft.open):
        # How many are affected is open, so "only a few" is a claim as well as a belittling.
        hits.extend(
            Hit(hit.start, hit.end, _sentence_at(search, hit.start))
            for rule, hit in broken
            if Tells.EXTENT in rule.tells
        )
    patterns = lines.patterns
    if lines.unproven and not search.proven(lines.proof, claims):
        patterns += lines.unproven
    for hit in search.hits(patterns):
        if search.reading.is_quoted(hit.start, hit.end) or search.excused(hit, lines.unless):
            continue
        if hit.sentence is None or not (
            covered(hit.sentence.folded, claims, draft.lang, checks)
            or covered(_clause(hit, hit.sentence), claims, draft.lang, checks)
        ):
            hits.append(hit)
    hits.extend(_open_matters(draft, search, checks, claims))
    hits.extend(_wrong_counts(search, claims, checks, draft.lang))
    return sorted(hits, key=lambda hit: hit.start)


def tokens(folded: str, lang: str, checks: CheckSet) -> frozenset[str]:
    """What a sentence is about: word stems (en), pairs of characters (zh), numbers; no function words.

    Words of one sense (`same_sense`: hurt, injured) count as one.
    """
    senses = checks.concept(lang, "same_sense")
    same = {found.lastgroup for found in senses.finditer(folded) if found.lastgroup}
    if same:
        folded = senses.sub(" ", folded)
    if lang == "en":
        words = _LATIN.findall(checks.concept("en", "function_word").sub(" ", folded))
        return frozenset(str(_NUMBERS.get(word, word[:5])) for word in words) | same
    pairs: set[str] = set(re.findall(r"\d+(?:\.\d+)?|[a-z]+\d*", folded))
    for run in _HAN.findall(checks.concept("zh", "function_word").sub(" ", folded)):
        pairs.update(run[place : place + 2] for place in range(len(run) - 1))
    return frozenset(pairs) | same


def _clause(hit: Hit, sentence: Sentence) -> str:
    """The clause, or the clauses, that a hit lies in."""
    start, end = hit.start - sentence.start, hit.end - sentence.start
    left = max(sentence.folded.rfind(mark, 0, start) for mark in ",;:") + 1
    ends = [place for mark in ",;:" if (place := sentence.folded.find(mark, end)) >= 0]
    return sentence.folded[left : min(ends, default=len(sentence.folded))]


def covered(sentence: str, claims: Sequence[str], lang: str, checks: CheckSet) -> bool:
    """Whether a confirmed claim says most of what the sentence says."""
    said = tokens(sentence, lang, checks)
    if not said:
        return True
    return any(len(said & tokens(claim, lang, checks)) / len(said) >= _COVERED for claim in claims)


def _open_matters(draft: DraftText, search: Search, checks: CheckSet, claims: Sequence[str]) -> list[Hit]:
    """Sentences on the matter of an open fact that show no doubt, source or plan to find out.

    A sentence that a confirmed fact covers is about what is known of the matter.
    """
    lang = "en" if draft.lang == "en" else "zh"
    doubt = checks.concept(lang, "doubt")
    matters = [
        matter for fact in draft.open if len(matter := tokens(fold(fact.claim, checks.traditional), lang, checks)) >= 2
    ]
    hits = []
    for sentence in search.reading.body:
        if doubt.search(sentence.folded) or covered(sentence.folded, claims, lang, checks):
            continue
        said = tokens(sentence.folded, lang, checks)
        for matter in matters:
            if len(said & matter) / len(matter) >= _SAME_MATTER:
                hits.append(Hit(sentence.start, sentence.end, sentence))
                break
    return hits


def _wrong_counts(search: Search, claims: Sequence[str], checks: CheckSet, lang: str) -> list[Hit]:
    """Counts of dead or injured people that no confirmed claim knows.

    A smaller count may be a part of the whole ("one of them is in intensive care"), so only a sentence
    with the total's own words counts, and only when the ledger has a count of the same harm.
    """
    language = "en" if lang == "en" else "zh"
    hits = []
    for harm in ("count_dead", "count_hurt"):
        regex = checks.concept(language, harm)
        known = {_number(found) for claim in claims for found in regex.finditer(claim)}
        if not known:
            continue
        for sentence in search.reading.body:
            for found in regex.finditer(sentence.folded):
                if _number(found) not in known and _number(found) > 0:
                    hits.append(Hit(sentence.start + found.start(), sentence.start + found.end(), sentence))
    return hits


def _number(found: re.Match[str]) -> int:
    word = next((group for group in found.groups() if group), "")
    if word.isdigit():
        return int(word)
    return _NUMBERS.get(word, 0)


def _sentence_at(search: Search, place: int) -> Sentence | None:
    return next((s for s in search.reading.sentences if s.start <= place < s.end), None)
