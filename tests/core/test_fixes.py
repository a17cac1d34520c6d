"""The fix of a finding, applied: the finding is gone, no other has come, and the text still reads as a text."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crisis.cli.lint import draft_of
from crisis.content.checks import load_checks
from crisis.core.checks import CheckReport, DraftText, Finding, Level, check
from crisis.core.checks.rules import Act, Kind
from crisis.core.checks.sentences import fold
from crisis.core.checks.spans import whole_words
from crisis.core.script import Script

# By wordings alone: what sentences read like is judged of whole texts, and a fix changes words.
CHECKS = load_checks(wordings_only=True)
STATEMENTS = Path(__file__).parent.parent / "data" / "own_statements.jsonl"
# What no text that was well written has: blanks and signs doubled, stray, or missing.
BROKEN = re.compile(
    r"  | [,.;:!?](?!\d)|[,;:] ?[,.;:]|\.\.(?!\.)|[。！？][。，；：]|[，、；：][。，、；：]"
    r"|(?:^|\n)[，。、；,.;]| \n|\n\n\n"
    r"|(?<=[一-鿿，。]) +(?=[一-鿿])|[.!?] [a-z]|\.\]|(?<=\n)[a-z]"
)


def draft(text: str, lang: str, **changes: Any) -> DraftText:
    facts = DraftText(id="d", lang=lang, text=text, audience="customers", crisis_type="linear", injury=True, hours=4)
    return replace(facts, **changes)


def applied(read: DraftText, finding: Finding) -> tuple[str, CheckReport]:
    assert finding.fix is not None
    text = finding.fix.apply(read.text)
    return text, check(replace(read, text=text), CHECKS)


def broken(before: str, after: str) -> Counter[str]:
    return Counter(BROKEN.findall(after)) - Counter(BROKEN.findall(before))


def faults(read: DraftText, before: CheckReport, finding: Finding) -> Iterator[str]:
    """What is wrong with the text after the fix of a finding, in words for whoever reads the failing test."""
    text, after = applied(read, finding)
    fix = finding.fix
    assert fix is not None and fix.replacement is not None
    written = (fix.start, fix.start + len(fix.replacement))
    for item in after.findings:
        inside = item.start < written[1] and written[0] < item.end
        if item.check == finding.check and not item.guess and (inside or finding.end == finding.start):
            yield f"{item.check} is still there: {text[item.start : item.end]}"
    known = {item.check for item in before.findings}
    told = {(item.check, read.text[item.start : item.end]) for item in before.findings}
    # An apology that counts at last may stand late: that is the next finding, and its fix moves it to the front.
    follows = {"SC02"} if finding.check in ("SC24", "SC45") else set()
    if CHECKS.check(finding.check).fix.act is Act.DELETE:
        # Where the injured were named only to accuse them, they are not mentioned any more.
        follows.add("SC37")
    for item in after.findings:
        rule, words = CHECKS.check(item.check), text[item.start : item.end]
        # What stands elsewhere is no work of the fix, even where another check comes to believe its wording.
        by_it = (words and item.start < written[1] and written[0] < item.end) or rule.kind is Kind.REQUIRE
        if by_it and item.check not in known | follows and (item.check, words) not in told:
            yield f"{item.check} is new: {words}"
    if signs := broken(read.text, text):
        yield f"the text has {list(signs)}"


@cache
def statements(script: str) -> tuple[dict[str, Any], ...]:
    """Every statement of a script that has enough to fix, in a spread over all hands."""
    records = [json.loads(line) for line in STATEMENTS.read_text(encoding="utf-8").splitlines()]
    faulty = [record for record in records if record["script"] == script and len(record["labels"]) >= 4]
    return tuple(faulty[:: len(faulty) // 9])


@pytest.mark.parametrize("script", ["latin", "hans", "hant"])
def test_the_fixes_of_labelled_statements_leave_good_language(script: str) -> None:
    offered = fixed = 0
    wrong = []
    for record in statements(script):
        read = draft_of(record)
        before = check(read, CHECKS)
        for finding in before.findings:
            rule = CHECKS.check(finding.check)
            if finding.guess or finding.fix is None or rule.fix.act is Act.ADVISE:
                continue
            offered += 1
            if finding.fix.replacement is not None:
                fixed += 1
                wrong += [f"{record['id']} {finding.check}: {fault}" for fault in faults(read, before, finding)]

    assert wrong == []
    assert fixed / offered > 0.7


@pytest.mark.parametrize("script", ["latin", "hans", "hant"])
def test_a_finding_shows_whole_words(script: str) -> None:
    cut = []
    for record in statements(script):
        text = record["text"]
        for finding in check(draft_of(record), CHECKS).findings:
            shown = text[finding.start : finding.end]
            for place in (finding.start, finding.end) if shown else ():
                if 0 < place < len(text) and re.match(r"[A-Za-z0-9]{2}", text[place - 1 : place + 1]):
                    cut.append(shown)
            if finding.end < len(text) and text[finding.end] in "者们們" and shown:
                cut.append(shown)

    assert cut == []


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("造谣者必将受到惩罚。", "造谣", "造谣者"),
        ("同我公司毫不相干，该找谁。", "同我公司毫不", "同我公司毫不相干"),
        ("保证一天都不会再拖。", "保证一天都不会再", "保证一天都不会再拖"),
        ("They called it a rumour-monger's tale, and more.", "rumour", "rumour-monger's"),
        ("It was the block system, and nothing else.", "the block sys", "the block system"),
        ("We said: the hose, of course, was old.", "hose, of course, ", "hose, of course"),
    ],
)
def test_words_grow_until_they_are_whole(text: str, words: str, shown: str) -> None:
    start = text.index(words)

    begin, end = whole_words(text, start, start + len(words), CHECKS.known, fold(text, CHECKS.traditional))

    assert text[begin:end] == shown


@pytest.mark.parametrize(
    ("lang", "text", "identity", "after"),
    [
        (
            "en",
            "We stopped sales today, and our supplier is to blame for this. The lab has the valve.",
            "SC12",
            "We stopped sales today. We take care of people first, and everyone involved joins the tests. "
            "The lab has the valve.",
        ),
        (
            "en",
            "The hose was probably old; we are testing it. The lab has the valve.",
            "SC22",
            "The cause is not known yet; results will be published on [date]. We are testing it. "
            "The lab has the valve.",
        ),
        ("en", "We will tell you as soon as we can.", "SC07", "We will tell you by [time] on [date]."),
        ("zh", "我们将尽快公布结果。", "SC07", "我们将在[日期][时间]前公布结果。"),
        ("zh", "我們會盡快公布結果，請放心等候。", "SC07", "我們會在[日期][時間]前公布結果，請放心等候。"),
    ],
)
def test_a_fix_takes_the_clause_and_leaves_the_rest_a_sentence(lang: str, text: str, identity: str, after: str) -> None:
    report = check(draft(text, lang), load_checks(wordings_only=True))
    finding = next(item for item in report.findings if item.check == identity)

    assert finding.fix is not None
    assert finding.fix.apply(text) == after


@pytest.mark.parametrize(
    ("lang", "text", "identity"),
    [
        # What people need would go with it.
        ("en", "It was probably the hose that hurt two people, so please call 0800 000 000. It rained.", "SC22"),
        # The next sentence speaks of it.
        ("en", "The driver was to blame. He will not be back. The lab has the valve.", "SC14"),
        # Nothing would be left.
        ("en", "Irresponsible media have run a smear.", "SC26"),
        ("zh", "部分媒体恶意炒作。", "SC26"),
    ],
)
def test_a_fix_that_would_break_the_text_is_advice(lang: str, text: str, identity: str) -> None:
    report = check(draft(text, lang), load_checks(wordings_only=True))
    found = [item for item in report.findings if item.check == identity]

    assert [item.fix.replacement for item in found if item.fix is not None] == [None] * len(found) != []


def test_a_line_that_a_fix_put_in_is_not_asked_for_again_while_a_blank_in_it_is_open() -> None:
    text = "We are sorry. The lab has the valve."
    for identity in ("SC05", "SC06", "SC40"):
        finding = next(item for item in check(draft(text, "en"), CHECKS).findings if item.check == identity)
        assert finding.fix is not None
        text = finding.fix.apply(text)
        assert identity not in {item.check for item in check(draft(text, "en"), CHECKS).findings}

    assert text.startswith("Update [1], [date], [time]\nWe are sorry.")
    filled = text.replace("[name]", "x").replace("[number]", "").replace("[hours]", "")
    assert "SC05" in {item.check for item in check(draft(filled, "en"), CHECKS).findings}


def test_a_sentence_that_a_fix_wrote_accuses_nobody_before_its_blanks_are_filled() -> None:
    for rule in CHECKS.checks:
        # SC45 wants a fault admitted, flatly, and is asked of a credit crisis alone.
        if rule.fix.text is None or rule.fix.act is Act.EXCHANGE or rule.id == "SC45":
            continue
        for lang, words in (("en", rule.fix.text.en), ("zh", rule.fix.text.zh), ("zh", turned(rule.fix.text.zh))):
            stop = "" if words.endswith(("\n", ".", "。", "]")) else "." if lang == "en" else "。"
            grave = [
                item.check
                for item in check(draft(words + stop, lang), CHECKS).findings
                if item.end > item.start and not item.guess and item.severity is not Level.LOW and item.check != "SC02"
            ]
            assert grave == [], (rule.id, words)


def test_the_traditional_words_of_a_fix_are_read_as_its_simplified_ones() -> None:
    for rule in CHECKS.checks:
        if rule.fix.text is not None:
            assert fold(turned(rule.fix.text.zh), CHECKS.traditional) == fold(rule.fix.text.zh, CHECKS.traditional), (
                rule.id
            )


def turned(words: str) -> str:
    return CHECKS.scribe.turned(words, Script.HANT)
