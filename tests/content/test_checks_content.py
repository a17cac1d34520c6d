"""The sixty checks on the shelf: complete, in both languages, true to their own examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crisis.content.checks import load_checks
from crisis.core.checks import DraftText, check
from crisis.core.checks.rules import Kind
from crisis.errors import ContentInvalid

CHECKS = load_checks()
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_there_are_sixty_checks_and_each_has_one_id() -> None:
    assert [rule.id for rule in CHECKS.checks] == [f"SC{number:02d}" for number in range(1, 61)]


def test_no_example_shows_the_signs_of_its_file_format() -> None:
    shown = [
        words
        for rule in CHECKS.checks
        for side in (rule.examples.good, rule.examples.bad)
        for lang in ("zh", "en")
        for words in side[lang]
    ]

    assert [words for words in shown if "\\" in words] == []


def test_every_word_a_reader_sees_is_in_both_languages() -> None:
    for rule in CHECKS.checks:
        for text in (rule.name, rule.message, rule.fix.note, *([rule.fix.text] if rule.fix.text else [])):
            assert HAN.search(text.zh), rule.id
            assert text.en and not HAN.search(text.en), rule.id


def _found(identity: str, sentence: str, lang: str) -> bool:
    rule = CHECKS.check(identity)
    crisis_type = rule.when.types[0] if rule.when.types else "linear"
    audience = rule.when.audiences[0] if rule.when.audiences else "customers"
    draft = DraftText(
        id="x",
        lang=lang,
        text=sentence,
        audience=audience,
        crisis_type=crisis_type,
        injury=rule.when.injury is True,
        hours=80 if rule.when.only_settled else 4,
    )
    if rule.when.only_settled:
        from crisis.core.case import FactStatus
        from crisis.core.checks import LedgerFact

        draft = DraftText(
            id="x",
            lang=lang,
            text=sentence,
            crisis_type=crisis_type,
            hours=80,
            facts=(LedgerFact(id="F1", claim="x", status=FactStatus.CONFIRMED),),
        )
    return any(finding.check == identity for finding in check(draft, CHECKS).findings)


_CASES = [
    (rule.id, lang, kind, sentence)
    for rule in CHECKS.checks
    if rule.kind is not Kind.STRUCTURE
    for lang in ("zh", "en")
    for kind in ("good", "bad")
    for sentence in getattr(rule.examples, kind)[lang]
]


@pytest.mark.parametrize(("identity", "lang", "kind", "sentence"), _CASES)
def test_a_check_fires_on_its_bad_example_and_is_silent_on_its_good_one(
    identity: str, lang: str, kind: str, sentence: str
) -> None:
    assert _found(identity, sentence, lang) is (kind == "bad")


def test_a_wrong_check_of_the_user_is_named_with_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "playbooks" / "checks"
    folder.mkdir(parents=True)
    (folder / "own.yaml").write_text("- id: XX01\n  nmae: {zh: 名, en: name}\n", encoding="utf-8")

    with pytest.raises(ContentInvalid) as caught:
        load_checks(tmp_path)

    assert any(problem.startswith("checks/own.yaml:") for problem in caught.value.problems)


def test_two_word_lists_of_one_name_are_named_with_their_line(tmp_path: Path) -> None:
    folder = tmp_path / "playbooks" / "checks"
    folder.mkdir(parents=True)
    (folder / "words.yaml").write_text("en: {}\nzh:\n  us: 我们\n  us: 公司\n", encoding="utf-8")

    with pytest.raises(ContentInvalid) as caught:
        load_checks(tmp_path)

    problems = caught.value.problems
    assert any(problem.startswith("checks/words.yaml:4:") and "us is there twice" in problem for problem in problems)
