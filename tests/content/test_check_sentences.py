"""Sentences of our own that the checks must find, and plain ones they must leave alone.

`sentences_{zh,en}.tsv`: one sentence a line, the check it breaks (or `ok`) before it. Most avoid the words
one would search for. The floors below only rise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from crisis.cli.lint import draft_of
from crisis.content.checks import load_checks
from crisis.core.checks import DraftText, Level, check
from crisis.core.checks.rules import Kind

CHECKS = load_checks()
FORBIDDING = {rule.id for rule in CHECKS.checks if rule.kind is Kind.FORBID} | {"SC21"}
HERE = Path(__file__).parent
FLOOR = 0.96
WRONG_CEILING = 0.03


def _sentences(lang: str) -> list[tuple[str, str]]:
    lines = (HERE / f"sentences_{lang}.tsv").read_text(encoding="utf-8").splitlines()
    return [(line.split("\t")[0], line.split("\t")[1]) for line in lines if "\t" in line]


def _found(sentence: str, lang: str, crisis_type: str) -> set[str]:
    draft = DraftText(id="x", lang=lang, text=sentence, audience="customers", crisis_type=crisis_type, hours=4)
    return {finding.check for finding in check(draft, CHECKS).findings} & FORBIDDING


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_there_are_two_hundred_sentences_in_each_language(lang: str) -> None:
    assert len(_sentences(lang)) >= 200


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sentences_that_break_a_check_are_found(lang: str) -> None:
    bad = [(identity, sentence) for identity, sentence in _sentences(lang) if identity != "ok"]

    missed = []
    for identity, sentence in bad:
        types = CHECKS.check(identity).when.types
        if identity not in _found(sentence, lang, types[0] if types else "linear"):
            missed.append(f"{identity} {sentence}")

    assert 1 - len(missed) / len(bad) >= FLOOR, missed


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_plain_sentences_raise_nothing(lang: str) -> None:
    good = [sentence for identity, sentence in _sentences(lang) if identity == "ok"]

    wrong = [(sentence, found) for sentence in good if (found := _found(sentence, lang, "linear"))]

    assert len(wrong) / len(good) <= WRONG_CEILING, wrong


@pytest.mark.parametrize("record", yaml.safe_load((HERE / "good_statements.yaml").read_text(encoding="utf-8")))
def test_a_good_statement_has_nothing_at_high_or_block(record: dict[str, Any]) -> None:
    report = check(draft_of({"id": "good", **record}), CHECKS)

    grave = [finding.check for finding in report.findings if finding.severity in (Level.HIGH, Level.BLOCK)]
    assert grave == []
