"""The checks at work: a draft goes in, a report with findings, fixes and scores comes out.

DraftText -> read (sentences, roles, quotations) -> each active check looks -> ledger and structure
reckon -> one finding per place -> CheckReport
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from crisis.core.checks import ledger, structure
from crisis.core.checks.draft import DraftText
from crisis.core.checks.findings import CheckReport, Finding, Fix, Level
from crisis.core.checks.principles import scores
from crisis.core.checks.rules import Act, Check, CheckSet, Compiled, Kind, Scope, When
from crisis.core.checks.search import Hit, Search, in_claims
from crisis.core.checks.sentences import Reading, Role, fold, read

# A finding of these checks gives a reason or names a culprit: what SC03 wants to come after the remedy.
_GIVES_A_REASON = ("SC12", "SC13", "SC14", "SC15", "SC19", "SC22", "SC50")
_GRAVEST_FIRST = {Level.BLOCK: 0, Level.HIGH: 1, Level.MEDIUM: 2, Level.LOW: 3}


def check(draft: DraftText, checks: CheckSet) -> CheckReport:
    """What is wrong with a draft, gravest first. Pure and deterministic; about 5 ms for a page."""
    lang = "en" if draft.lang == "en" else "zh"
    search = Search(read(draft.text, lang=lang, traditional=checks.traditional))
    claims = [fold(fact.claim, checks.traditional) for fact in draft.confirmed]
    claims += [fold(remedy, checks.traditional) for remedy in draft.approved_remedies]
    everything = claims + [fold(fact.claim, checks.traditional) for fact in draft.open]
    findings: list[Finding] = []
    active = []
    forbidding: list[tuple[Check, Compiled]] = []
    ordered: list[tuple[Check, Compiled]] = []
    reckoned = []
    for rule in checks.checks:
        if not applies(rule.when, draft):
            continue
        active.append((rule.id, rule.principle))
        if rule.kind is Kind.STRUCTURE:
            reckoned.append(rule)
            continue
        lines = checks.compiled[(rule.id, lang)]
        if lines.needs and not (search.any(lines.needs) or in_claims(lines.needs, everything)):
            continue
        if rule.kind is Kind.ORDER:
            ordered.append((rule, lines))
            continue
        if rule.kind is Kind.FORBID:
            forbidding.append((rule, lines))
        elif _is_missing(lines, search):
            findings.append(_finding(rule, Hit(0, 0, None), search.reading, draft))
    lacking = len(findings)
    for rule, lines in forbidding:
        for hit in _forbidden(rule, lines, search, claims, draft, lacking=lacking):
            findings.append(_finding(rule, hit, search.reading, draft))
    for rule, lines in ordered:
        reasons = [f.start for f in findings if rule.id == "SC03" and f.check in _GIVES_A_REASON and f.end > f.start]
        findings.extend(
            _finding(rule, hit, search.reading, draft) for hit in _out_of_order(rule, lines, search, reasons)
        )
    for rule in reckoned:
        lines = checks.compiled[(rule.id, lang)]
        if rule.id == "SC21":
            hits = ledger.unproven(draft, search, lines, findings, checks, claims)
        else:
            hits = structure.reckon(rule.id, draft, search, lines, checks, claims)
        findings.extend(_finding(rule, hit, search.reading, draft) for hit in hits)
    findings = _one_per_place(findings)
    findings.sort(key=lambda finding: (_GRAVEST_FIRST[finding.severity], finding.start, finding.check))
    return CheckReport(
        id=draft.id,
        findings=tuple(findings),
        blocked=any(finding.severity is Level.BLOCK for finding in findings),
        principles=scores(findings, active),
    )


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


def _is_missing(lines: Compiled, search: Search) -> bool:
    """Whether no sentence carries a required element that this text needs."""
    whole = tuple(pattern for pattern in lines.unless if pattern.scope is Scope.TEXT)
    inside = tuple(pattern for pattern in lines.unless if pattern.scope is not Scope.TEXT)
    there = any(not search.excused(hit, inside) for hit in search.hits(lines.patterns))
    return not there and not search.any(whole)


def _forbidden(
    rule: Check, lines: Compiled, search: Search, claims: Sequence[str], draft: DraftText, *, lacking: int
) -> Iterator[Hit]:
    """Places of a forbidden wording. The more required elements the text is `lacking`, the more is believed of its
    wording (see Check.broad, Check.faint)."""
    if rule.id == "SC41" and draft.claim_refuted:
        return
    patterns = lines.patterns
    doubtful = lines.unproven + (lines.broad if lacking >= 1 else ()) + (lines.faint if lacking >= 2 else ())
    if doubtful and not (lines.proof and search.proven(lines.proof, claims)):
        patterns += doubtful
    for hit in search.hits(patterns):
        if not rule.quotes and search.reading.is_quoted(hit.start, hit.end):
            continue
        if rule.id == "SC52" and _is_own_number(search.reading.text[hit.start : hit.end], draft.own_numbers):
            continue
        if not search.excused(hit, lines.unless):
            yield hit


def _is_own_number(found: str, own: Sequence[str]) -> bool:
    digits = "".join(char for char in found if char.isdigit())
    return bool(digits) and any(digits == "".join(char for char in number if char.isdigit()) for number in own)


def _out_of_order(rule: Check, lines: Compiled, search: Search, reasons: Sequence[int]) -> Iterator[Hit]:
    # Where something must not come before something else, `unless` speaks of what came first.
    excuses = lines.unless if rule.latest is not None else ()
    wanted = [hit for hit in search.hits(lines.patterns) if not search.excused(hit, excuses)]
    if rule.id == "SC38":
        # A headline names the accident; it does not turn to the people.
        wanted = [hit for hit in wanted if hit.sentence is None or hit.sentence.role is not Role.HEAD]
    if not wanted:
        if rule.id == "SC38":
            # Business is well and the people are not mentioned at all: the order could not be worse.
            yield from [hit for hit in search.hits(lines.after) if not search.excused(hit, lines.unless)][:1]
        return
    if rule.latest is not None:
        first = min(wanted, key=lambda hit: hit.start)
        # A sentence that is about the people themselves is empathy in its own way and does not count.
        excusing = {hit.sentence.number for hit in search.hits(lines.after) if hit.sentence is not None}
        place = first.sentence.number if first.sentence is not None else 0
        if sum(1 for sentence in search.reading.body[:place] if sentence.number not in excusing) > rule.latest:
            yield first
        return
    before = [hit for hit in search.hits(lines.after) if not search.excused(hit, lines.unless)]
    before += [Hit(start, start, None) for start in reasons]
    before.sort(key=lambda hit: hit.start)
    if before and before[0].start < wanted[0].start:
        yield before[0]


def _finding(rule: Check, hit: Hit, reading: Reading, draft: DraftText) -> Finding:
    severity = rule.severe if rule.severe is not None and draft.injury else rule.severity
    return Finding(
        check=rule.id,
        principle=rule.principle,
        severity=severity,
        start=hit.start,
        end=hit.end,
        message=rule.message,
        fix=_fix(rule, hit, reading, draft.lang),
    )


def _fix(rule: Check, hit: Hit, reading: Reading, lang: str) -> Fix:
    remedy = rule.fix
    words = remedy.text[lang] if remedy.text is not None else ""
    text = reading.text
    body = reading.body
    if remedy.act is Act.DELETE and hit.end > hit.start:
        inside = [s for s in reading.sentences if s.start < hit.end and hit.start < s.end]
        start, end = (inside[0].start, inside[-1].end) if inside else (hit.start, hit.end)
        while end < len(text) and text[end] == " ":
            end += 1
        return Fix(note=remedy.note, replacement="", start=start, end=end)
    if remedy.act is Act.REPLACE and hit.end > hit.start:
        return Fix(note=remedy.note, replacement=words, start=hit.start, end=hit.end)
    if remedy.act is Act.INSERT_FIRST:
        place = body[0].start if body else len(text)
        gap = " " if lang == "en" else ""
        return Fix(note=remedy.note, replacement=words + gap, start=place, end=place)
    if remedy.act is Act.INSERT_LAST:
        place = body[-1].end if body else len(text)
        return Fix(note=remedy.note, replacement="\n" + words, start=place, end=place)
    if remedy.act is Act.MOVE_FIRST and hit.sentence is not None and body and hit.sentence.start > body[0].start:
        first, moved = body[0].start, hit.sentence
        gap = " " if lang == "en" else ""
        between = text[first : moved.start].rstrip(" ")
        replacement = text[moved.start : moved.end] + gap + between
        return Fix(note=remedy.note, replacement=replacement, start=first, end=moved.end)
    return Fix(note=remedy.note, replacement=None, start=hit.start, end=hit.end)


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
