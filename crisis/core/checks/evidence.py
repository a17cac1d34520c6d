"""What speaks for each check in one text: wordings that are there or missing, and what its sentences read like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crisis.core.checks import ledger
from crisis.core.checks.draft import DraftText
from crisis.core.checks.fixing import awaits, blanks_of, is_written
from crisis.core.checks.likeness import NOTHING, Signs, tone_of
from crisis.core.checks.rules import Check, CheckSet, Compiled, Kind, Reckoning, Scope, When
from crisis.core.checks.search import Hit, Search, in_claims
from crisis.core.checks.sentences import Sentence, fold, read


@dataclass(frozen=True, slots=True)
class Seen:
    """One active check and its wordings in a text.

    `hits` by tier (patterns, unproven, broad, faint). `missing`: no wording of the required element was found.
    `proven`: the ledger bears out what would else be forbidden. `dormant`: text and ledger hold nothing it is about.
    """

    rule: Check
    lines: Compiled
    hits: Mapping[str, tuple[Hit, ...]] = field(default_factory=dict)
    missing: bool = False
    proven: bool = False
    dormant: bool = False

    def places(self) -> list[Hit]:
        """All hits in the order of the text; what a proof excuses is left out."""
        tiers = ("patterns",) if self.proven else ("patterns", "unproven", "broad", "faint")
        found = [hit for tier in tiers for hit in self.hits.get(tier, ())]
        return sorted(found, key=lambda hit: (hit.start, -hit.end))


@dataclass(frozen=True, slots=True)
class Ground:
    """A text ready to be judged: as it was read, and the (folded) claims that the ledger bears out.

    `blanks`: what a fix leaves to be filled. `written`: where the sentences begin that a fix wrote and that nobody has
    filled yet: they accuse nobody of anything.
    """

    draft: DraftText
    search: Search
    claims: tuple[str, ...]
    every_claim: tuple[str, ...]
    written: frozenset[int] = frozenset()
    blanks: frozenset[str] = frozenset()

    @classmethod
    def of(cls, draft: DraftText, checks: CheckSet) -> Ground:
        search = Search(read(draft.text, lang=_lang(draft), traditional=checks.traditional))
        proven = [fact.claim for fact in draft.confirmed] + list(draft.approved_remedies)
        claims = tuple(fold(claim, checks.traditional) for claim in proven)
        opened = tuple(fold(fact.claim, checks.traditional) for fact in draft.open)
        written = frozenset(one.start for one in search.reading.sentences if is_written(one.folded, checks.written))
        return cls(draft, search, claims, claims + opened, written, checks.blanks)

    @property
    def lang(self) -> str:
        """The language whose patterns read the text: en or zh."""
        return _lang(self.draft)

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return self.search.reading.sentences


def applies(when: When, draft: DraftText) -> bool:
    """Whether a check is looked at in this state of the case."""
    return not (
        (when.audiences and draft.audience not in when.audiences)
        or draft.audience in when.not_audiences
        or (when.types and draft.crisis_type not in when.types)
        or draft.crisis_type in when.not_types
        or (draft.kind and draft.kind in when.not_kinds)
        or (when.injury is not None and draft.injury is not when.injury)
        or (when.unless_settled and draft.is_settled)
        or (when.only_settled and not draft.is_settled)
        or (when.gate == "closed" and draft.fault_gate_open)
        or (when.gate == "open" and not draft.fault_gate_open)
    )


def look(ground: Ground, checks: CheckSet) -> list[Seen]:
    """The active checks, in the order of their ids, with what their wordings show."""
    seen = []
    for rule in checks.checks:
        if not applies(rule.when, ground.draft):
            continue
        lines = checks.compiled[(rule.id, ground.lang)]
        if rule.kind is Kind.STRUCTURE:
            seen.append(Seen(rule, lines))
        elif lines.needs and not (ground.search.any(lines.needs) or in_claims(lines.needs, ground.every_claim)):
            # The principles count the check as passed.
            seen.append(Seen(rule, lines, dormant=True))
        elif rule.kind is Kind.FORBID:
            proven = bool(lines.proof) and ground.search.proven(lines.proof, ground.claims)
            seen.append(Seen(rule, lines, _forbidden(rule, lines, ground), proven=proven))
        elif rule.kind is Kind.REQUIRE:
            missing = _is_missing(lines, ground.search)
            # The words of the fix stand there, and a blank in them holds the text up: it is not asked for twice.
            held = missing and awaits(rule, ground.search.reading.folded, ground.lang, checks)
            seen.append(Seen(rule, lines, missing=missing and not held, dormant=held))
        else:
            seen.append(Seen(rule, lines))
    return seen


def signs_of(
    ground: Ground,
    seen: Sequence[Seen],
    scores: Sequence[Mapping[str, float]],
    checks: CheckSet,
    unproven: Mapping[str, Sequence[Hit]],
) -> dict[str, Signs]:
    """What speaks for each fault and for each missing element.

    `scores` of each sentence; `unproven`: check that compares with the ledger -> its places.
    """
    lacking = sum(one.missing for one in seen)
    tops = {one.rule.id: _two_best(ground, one, scores, checks) for one in seen}
    faults = {one.rule.id: tops[one.rule.id][0] for one in seen if one.rule.kind is Kind.FORBID}
    tone = tone_of(faults)
    sure = {one.rule.id for one in seen if one.hits.get("patterns")}
    signs = {}
    for one in seen:
        identity = one.rule.id
        reckons = one.rule.reckons
        if one.dormant or one.rule.kind is Kind.ORDER or reckons not in (None, Reckoning.LEDGER):
            continue
        first, second = tops[identity]
        tiers = {tier: len(hits) for tier, hits in one.hits.items() if not (one.proven and tier != "patterns")}
        if reckons is Reckoning.LEDGER:
            tiers = {"patterns": len(unproven[identity])}
        elif one.rule.kind is Kind.REQUIRE:
            tiers = {"patterns": int(one.missing)}
        own = tone_of({identity: faults[identity]}) if identity in faults else 0.0
        signs[identity] = Signs(
            first=first,
            second=second,
            patterns=tiers.get("patterns", 0),
            unproven=tiers.get("unproven", 0),
            broad=tiers.get("broad", 0),
            faint=tiers.get("faint", 0),
            lacking=lacking - one.missing,
            tone=tone - own,
            others=len(sure - {identity}),
            english=ground.lang == "en",
        )
    return signs


def counting(ground: Ground, one: Seen, checks: CheckSet) -> list[int]:
    """Places of the sentences that can speak for a check: not quoted words, and nothing that the ledger bears out."""
    reading = ground.search.reading
    lang = ground.draft.lang
    if one.proven and not one.hits.get("patterns"):
        return []
    if one.rule.unless_refuted and ground.draft.claim_refuted:
        return []
    own = _own_numbers(ground) if one.rule.unless_own_number else ()
    blanks = blanks_of(one.rule, checks.traditional)
    needs_facts = one.rule.reckons is Reckoning.LEDGER
    return [
        place
        for place, sentence in enumerate(reading.sentences)
        if sentence.start not in ground.written
        and not (blanks and any(blank in sentence.folded for blank in blanks))
        and (one.rule.quotes or not reading.is_quoted(sentence.start, sentence.end))
        and not (needs_facts and ledger.covered(sentence.folded, ground.claims, lang, checks))
        and not any(number in _digits(sentence.folded) for number in own)
    ]


def carriers(seen: Sequence[Seen], ground: Ground) -> list[tuple[Compiled, list[Hit]]]:
    """For each required element that the text has: its wordings, and where they are."""
    found = []
    for one in seen:
        if one.rule.kind is Kind.REQUIRE and not (one.missing or one.dormant):
            whole = tuple(pattern for pattern in one.lines.unless if pattern.scope is Scope.TEXT)
            found.append((one.lines, ground.search.hits(one.lines.patterns + whole)))
    return found


def _two_best(
    ground: Ground, one: Seen, scores: Sequence[Mapping[str, float]], checks: CheckSet
) -> tuple[float, float]:
    best = sorted((scores[place].get(one.rule.id, NOTHING) for place in counting(ground, one, checks)), reverse=True)
    best += [NOTHING, NOTHING]
    return best[0], best[1]


def _forbidden(rule: Check, lines: Compiled, ground: Ground) -> dict[str, tuple[Hit, ...]]:
    """Places of a forbidden wording, by tier."""
    if rule.unless_refuted and ground.draft.claim_refuted:
        return {}
    found = {}
    for tier in ("patterns", "unproven", "broad", "faint"):
        hits = tuple(
            hit
            for hit in ground.search.hits(getattr(lines, tier))
            if not (hit.sentence and hit.sentence.start in ground.written)
            and ground.search.reading.folded[hit.start : hit.end] not in ground.blanks
            and (rule.quotes or not ground.search.reading.is_quoted(hit.start, hit.end))
            and not (rule.unless_own_number and _is_own_number(hit, ground))
            and not ground.search.excused(hit, lines.unless)
        )
        if hits:
            found[tier] = hits
    return found


def _is_missing(lines: Compiled, search: Search) -> bool:
    """Whether no sentence carries a required element that this text needs."""
    whole = tuple(pattern for pattern in lines.unless if pattern.scope is Scope.TEXT)
    inside = tuple(pattern for pattern in lines.unless if pattern.scope is not Scope.TEXT)
    there = any(not search.excused(hit, inside) for hit in search.hits(lines.patterns))
    return not there and not search.any(whole)


def _is_own_number(hit: Hit, ground: Ground) -> bool:
    return _digits(ground.search.reading.text[hit.start : hit.end]) in _own_numbers(ground)


def _own_numbers(ground: Ground) -> tuple[str, ...]:
    return tuple(digits for number in ground.draft.own_numbers if (digits := _digits(number)))


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _lang(draft: DraftText) -> str:
    return "en" if draft.lang == "en" else "zh"
