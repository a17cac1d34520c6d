"""The checks at work: a draft goes in, a report with findings, fixes and scores comes out.

DraftText -> read (sentences, roles, quotations) -> each active check looks for its wordings -> ledger and
structure reckon -> what the sentences read like is added -> one finding per place -> CheckReport
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crisis.core.checks import ledger, structure
from crisis.core.checks.draft import DraftText
from crisis.core.checks.evidence import Ground, Seen, carriers, counting, look, signs_of
from crisis.core.checks.findings import CheckReport, Finding, Level
from crisis.core.checks.fixing import fix_of
from crisis.core.checks.likeness import NOTHING, Likeness, Points, Signs
from crisis.core.checks.principles import scores
from crisis.core.checks.rules import Check, CheckSet, Compiled, Kind, Reckoning, Tells
from crisis.core.checks.search import Hit, Search
from crisis.core.checks.sentences import Role
from crisis.core.checks.spans import whole_words

# Below even odds a finding is a hint: medium at most, and it proves nothing to another check.
EVEN = 0.5
_GRAVEST_FIRST = {Level.BLOCK: 0, Level.HIGH: 1, Level.MEDIUM: 2, Level.LOW: 3}


def check(draft: DraftText, checks: CheckSet) -> CheckReport:
    """What is wrong with a draft, gravest first, guesses last. Takes 35 to 70 ms for a page.

    The same text has the same findings; the shares behind them may differ by a thousandth with what was read before.
    """
    ground = Ground.of(draft, checks)
    search = ground.search
    seen = look(ground, checks)
    by_wording = by_wordings(seen)
    opinion = _Opinion.of(ground, seen, by_wording, checks)
    held = by_wording if opinion is None else opinion.held(seen, by_wording)
    flat = unproven_places(ground, seen, held, checks)
    findings: list[Finding] = []
    for one in seen:
        rule = one.rule
        if opinion is not None and opinion.knows(rule.id):
            findings.extend(opinion.findings(one, flat.get(rule.id, one.places())))
        elif rule.kind is Kind.FORBID:
            findings.extend(_finding(rule, hit, ground) for hit in held[rule.id])
        elif rule.kind is Kind.REQUIRE and one.missing:
            findings.append(_finding(rule, Hit(0, 0, None), ground))
        elif rule.reckons is not None:
            hits = (
                flat[rule.id] if rule.id in flat else structure.reckon(rule.reckons, draft, search, one.lines, checks)
            )
            findings.extend(_finding(rule, hit, ground) for hit in hits)
    tells = {one.rule.id: one.rule.tells for one in seen}
    for one in seen:
        if one.rule.kind is Kind.ORDER and not one.dormant:
            told = [(tells[finding.check], finding) for finding in findings if finding.end > 0]
            sure = [(what, finding) for what, finding in told if not finding.guess]
            late = [_finding(one.rule, hit, ground) for hit in _out_of_order(one, search, sure, opinion)]
            # What comes out of order only if a guess is right is a guess.
            findings.extend(
                late
                or [
                    _guessed(_finding(one.rule, hit, ground), opinion.alike(one.rule.id, hit) if opinion else ())
                    for hit in _out_of_order(one, search, told, opinion, guessing=True)
                ]
            )
    findings = _one_per_place([_shown(finding, ground, checks) for finding in findings])
    carried = carriers(seen, ground) if findings else []
    findings = [_fixed(finding, findings, carried, ground, checks) for finding in findings]
    findings.sort(key=lambda f: (f.guess, _GRAVEST_FIRST[f.severity], f.start, f.check))
    return CheckReport(
        id=draft.id,
        findings=tuple(findings),
        blocked=any(finding.severity is Level.BLOCK for finding in findings),
        principles=scores(findings, [(one.rule.id, one.rule.principle) for one in seen]),
    )


def unproven_places(
    ground: Ground, seen: Sequence[Seen], held: Mapping[str, Sequence[Hit]], checks: CheckSet
) -> dict[str, list[Hit]]:
    """Check that compares with the ledger -> where the text states more than that. A culprit that is named is a cause.

    `held`: check -> the places where it is held to be broken; what was dismissed, and what is guessed, proves nothing.
    """
    broken = [(one.rule, hit) for one in seen for hit in held.get(one.rule.id, ())]
    return {
        one.rule.id: [
            hit
            for hit in ledger.unproven(ground.draft, ground.search, one.lines, broken, checks, ground.claims)
            if hit.sentence is None or hit.sentence.start not in ground.written
        ]
        for one in seen
        if one.rule.reckons is Reckoning.LEDGER
    }


def by_wordings(seen: Sequence[Seen]) -> dict[str, tuple[Hit, ...]]:
    """Check -> where it would be broken if its wordings alone decided."""
    lacking = sum(one.missing for one in seen)
    return {one.rule.id: tuple(_wordings(one, lacking=lacking)) for one in seen if one.rule.kind is Kind.FORBID}


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What the likeness of a check set makes of a text."""

    ground: Ground
    checks: CheckSet
    likeness: Likeness
    scores: Sequence[Mapping[str, float]]
    signs: Mapping[str, Signs]

    @classmethod
    def of(
        cls, ground: Ground, seen: Sequence[Seen], by_wording: Mapping[str, Sequence[Hit]], checks: CheckSet
    ) -> _Opinion | None:
        if checks.likeness is None or len(ground.sentences) < checks.likeness.least:
            return None
        found = checks.likeness.reads([sentence.folded for sentence in ground.sentences])
        flat = unproven_places(ground, seen, by_wording, checks)
        return cls(ground, checks, checks.likeness, found, signs_of(ground, seen, found, checks, flat))

    def knows(self, identity: str) -> bool:
        return identity in self.signs and (
            identity in self.likeness.forbidden.checks or identity in self.likeness.required.checks
        )

    def held(self, seen: Sequence[Seen], by_wording: Mapping[str, Sequence[Hit]]) -> dict[str, Sequence[Hit]]:
        """Check -> the places of its wordings, none where the sum dismisses them. What it does not know its wordings
        decide."""
        places: dict[str, Sequence[Hit]] = {}
        for one in seen:
            identity = one.rule.id
            if one.rule.kind is Kind.FORBID:
                places[identity] = by_wording[identity]
                if self.knows(identity):
                    places[identity] = one.places() if self._share(identity, self.signs[identity]) >= EVEN else ()
        return places

    def findings(self, one: Seen, places: Sequence[Hit]) -> Iterator[Finding]:
        """The findings of a check that the likeness knows: where its wordings are, else where it reads like them."""
        identity, signs = one.rule.id, self.signs[one.rule.id]
        if one.rule.reckons is Reckoning.LEDGER:
            # Not all that was counted before anything was dismissed need be left.
            signs = replace(signs, patterns=len(places))
        share = self._share(identity, signs)
        if share < self._points(identity).gate:
            return
        for found in self._found(one, places):
            yield found if share >= EVEN else replace(found, severity=_at_most_medium(found.severity))

    def _found(self, one: Seen, places: Sequence[Hit]) -> Iterator[Finding]:
        identity = one.rule.id
        if one.rule.kind is Kind.REQUIRE:
            found = _finding(one.rule, Hit(0, 0, None), self.ground)
            yield found if one.missing else _guessed(found)
            return
        if places:
            yield from (_finding(one.rule, hit, self.ground) for hit in places)
            return
        ranked = counting(self.ground, one, self.checks)
        if ranked:
            best = self.ground.sentences[max(ranked, key=lambda place: self.scores[place].get(identity, NOTHING))]
            hit = Hit(best.start, best.end, best)
            yield _guessed(_finding(one.rule, hit, self.ground), self.alike(identity, hit))

    def reading_like(self, identity: str, least: float) -> list[Hit]:
        """The sentences that read at least so much like a fault, or like an element."""
        places = zip(self.ground.sentences, self.scores, strict=True)
        return [
            Hit(one.start, one.end, one)
            for one, row in places
            if row.get(identity, NOTHING) >= least and one.start not in self.ground.written
        ]

    def alike(self, identity: str, hit: Hit) -> tuple[str, ...]:
        """The labelled sentences that speak most for a place, none where its sentence is not read for that."""
        sentence = hit.sentence
        if sentence is None or identity not in self.scores[self.ground.sentences.index(sentence)]:
            return ()
        return self.likeness.reads.alike(sentence.folded, identity, self.ground.lang)

    def _share(self, identity: str, signs: Signs) -> float:
        """How probable it is that a reader would object under this check."""
        return self._points(identity).share(identity, signs)

    def _points(self, identity: str) -> Points:
        return self.likeness.required if identity in self.likeness.required.checks else self.likeness.forbidden


def _guessed(finding: Finding, alike: tuple[str, ...] = ()) -> Finding:
    """The finding as a guess: nobody is held up by one."""
    severity = Level.HIGH if finding.severity is Level.BLOCK else finding.severity
    return replace(finding, severity=severity, guess=True, alike=alike)


def _at_most_medium(severity: Level) -> Level:
    return Level.MEDIUM if severity in (Level.BLOCK, Level.HIGH) else severity


def _wordings(one: Seen, *, lacking: int) -> Iterator[Hit]:
    """Places of a forbidden wording, where wordings alone decide. The more required elements the text is `lacking`,
    the more is believed of its wording (see Check.broad, Check.faint)."""
    tiers = ["patterns", "unproven"] + ["broad"] * (lacking >= 1) + ["faint"] * (lacking >= 2)
    if one.proven:
        tiers = ["patterns"]
    yield from sorted((hit for tier in tiers for hit in one.hits.get(tier, ())), key=lambda hit: (hit.start, -hit.end))


def _out_of_order(
    one: Seen,
    search: Search,
    told: Sequence[tuple[frozenset[Tells], Finding]],
    opinion: _Opinion | None,
    *,
    guessing: bool = False,
) -> Iterator[Hit]:
    """Where something comes before what should come first. `told`: what findings of other checks say there.

    `guessing`: what only reads like it counts as well.
    """
    rule, lines, order = one.rule, one.lines, one.rule.order
    # Where something must not come before something else, `unless` speaks of what came first.
    excuses = lines.unless if rule.latest is not None else ()
    wanted = [hit for hit in search.hits(lines.patterns) if not search.excused(hit, excuses)]
    likely: list[Hit] = []
    element = order.element
    if element is not None and opinion is not None and opinion.knows(element.check):
        may_carry = {hit.sentence for hit in opinion.reading_like(element.check, element.lacks)}
        wanted = [hit for hit in wanted if hit.sentence in may_carry]
        wanted += opinion.reading_like(element.check, element.carries)
    if order.people_first:
        # A headline names the accident, a greeting the reader; neither turns to the people.
        wanted = [hit for hit in wanted if hit.sentence is None or hit.sentence.role is Role.BODY]
    if guessing and opinion is not None and order.reads_like is not None:
        likely = opinion.reading_like(rule.id, order.reads_like)
    wanted = wanted or [Hit(finding.start, finding.start, None) for what, finding in told if what & order.stands_in]
    if not wanted:
        if order.people_first:
            # Business is well and the people are not mentioned at all: the order could not be worse.
            found = [hit for hit in search.hits(lines.after) if not search.excused(hit, lines.unless)]
            yield from (found or likely)[:1]
        return
    if rule.latest is not None:
        first = min(wanted, key=lambda hit: hit.start)
        # A sentence that is about the people themselves is empathy in its own way and does not count.
        excusing = {hit.sentence.number for hit in search.hits(lines.after) if hit.sentence is not None}
        # What stands in a title or a greeting (-1) comes before the body.
        place = max(0, first.sentence.number) if first.sentence is not None else 0
        if sum(1 for sentence in search.reading.body[:place] if sentence.number not in excusing) > rule.latest:
            yield first
        return
    before = [hit for hit in search.hits(lines.after) if not search.excused(hit, lines.unless)]
    before += [Hit(finding.start, finding.start, None) for what, finding in told if what & order.not_before]
    before += likely
    before.sort(key=lambda hit: hit.start)
    if before and before[0].start < min(hit.start for hit in wanted):
        yield before[0]


def _finding(rule: Check, hit: Hit, ground: Ground) -> Finding:
    draft = ground.draft
    severity = rule.severe if rule.severe is not None and draft.injury else rule.severity
    return Finding(
        check=rule.id,
        principle=rule.principle,
        severity=severity,
        start=hit.start,
        end=hit.end,
        message=rule.message,
        fix=None,
    )


def _shown(finding: Finding, ground: Ground, checks: CheckSet) -> Finding:
    """The finding as it is shown: whole words."""
    reading = ground.search.reading
    start, end = whole_words(reading.text, finding.start, finding.end, checks.known, reading.folded)
    return replace(finding, start=start, end=end)


def _fixed(
    finding: Finding,
    findings: Sequence[Finding],
    carried: Sequence[tuple[Compiled, Sequence[Hit]]],
    ground: Ground,
    checks: CheckSet,
) -> Finding:
    """The finding with its fix. That of a guess is advice: it was worded for listed words."""
    places = [(other.start, other.end) for other in findings if other.check == finding.check and not other.guess]
    fix = fix_of(checks.check(finding.check), finding, places, carried, ground.search, checks, ground.lang)
    return replace(finding, fix=replace(fix, replacement=None) if finding.guess else fix)


def _one_per_place(findings: Sequence[Finding]) -> list[Finding]:
    """Each check once per overlapping stretch: the first and longest stays."""
    kept: list[Finding] = []
    for finding in findings:
        for place, other in enumerate(kept):
            if other.check == finding.check and finding.start < other.end and other.start < finding.end:
                if finding.end - finding.start > other.end - other.start:
                    kept[place] = replace(finding)
                break
        else:
            kept.append(finding)
    return kept
