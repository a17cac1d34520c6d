"""playbooks/likeness/: the labelled sentences, their vectors and points fit each other and the checks."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from crisis.content.checks import load_checks
from crisis.content.likeness import load_likeness
from crisis.content.roots import builtin
from crisis.core.case import Case, CaseFact, CrisisType, FactStatus
from crisis.core.checks import DraftText, check
from crisis.core.checks.rules import Kind
from crisis.core.drafting import refused_claims
from crisis.errors import ContentInvalid
from monitors.organisation import Organisation

CHECKS = load_checks()
FOLDER = builtin("playbooks") / "likeness"
LINES = [line.split("\t") for line in (FOLDER / "sentences.tsv").read_text(encoding="utf-8").splitlines()]


def test_every_labelled_sentence_names_checks_and_a_language() -> None:
    known = {rule.id for rule in CHECKS.checks}

    for checks, lang, text in LINES:
        assert checks and set(checks.split()) <= known
        assert lang in ("zh", "en") and text


def test_vectors_and_weights_fit_the_sentences_and_the_points() -> None:
    likeness = CHECKS.likeness
    assert likeness is not None
    with np.load(FOLDER / "sentences.npz", allow_pickle=False) as file:
        names = {str(name) for name in file["labels"]}
        assert file["vectors"].shape[0] == file["weights"].shape[0] >= len(LINES)
        assert file["weights"].shape[1] == len(file["labels"])
    kinds = {rule.id: rule.kind for rule in CHECKS.checks}
    judged = set(likeness.forbidden.checks) | set(likeness.required.checks)
    assert {kinds[identity] for identity in names - judged} == {Kind.ORDER} and judged < names
    assert set(likeness.forbidden.own) == set(likeness.forbidden.checks)
    assert all(kinds[identity] is Kind.REQUIRE for identity in likeness.required.checks)
    assert all(kinds[identity] is not Kind.REQUIRE for identity in likeness.forbidden.checks)


def test_a_guess_is_opened_to_labelled_sentences_of_its_language_that_commit_the_fault() -> None:
    likeness = CHECKS.likeness
    assert likeness is not None
    labelled = {(text, lang): set(checks.split()) for checks, lang, text in LINES}

    for sentence, lang in (("谁让他自己不看说明书呢。", "zh"), ("had they only read the label", "en")):
        shown = likeness.reads.alike(sentence, "SC15", lang)

        assert len(shown) == 2
        assert all("SC15" in labelled[text, lang] for text in shown)


def test_a_sentence_of_the_shelf_reads_like_what_it_was_labelled_with() -> None:
    likeness = CHECKS.likeness
    assert likeness is not None

    (score,) = likeness.reads(["it was probably user error and an isolated incident."])

    assert score["SC15"] > score["SC52"]


@pytest.mark.parametrize("broken", [b"", b"version https://git-lfs", b"PK\x03\x04 cut off"])
def test_a_damaged_file_of_vectors_is_named_when_it_is_loaded(tmp_path: Path, broken: bytes) -> None:
    shutil.copytree(FOLDER, tmp_path / "likeness")
    (tmp_path / "likeness" / "sentences.npz").write_bytes(broken)

    with pytest.raises(ContentInvalid) as caught:
        load_likeness(tmp_path)

    assert "likeness/sentences.npz:1:" in caught.value.problems[0]


def test_points_of_a_check_that_no_sentence_speaks_for_are_named(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "likeness")
    file = tmp_path / "likeness" / "points.yaml"
    points = yaml.safe_load(file.read_text(encoding="utf-8"))
    points["forbidden"]["checks"]["XX01"] = 0.0
    file.write_text(yaml.safe_dump(points), encoding="utf-8")

    with pytest.raises(ContentInvalid) as caught:
        load_likeness(tmp_path)

    assert "XX01" in caught.value.problems[0]


def test_a_check_that_an_organisation_has_written_anew_means_what_its_wordings_say(tmp_path: Path) -> None:
    folder = tmp_path / "playbooks" / "checks"
    folder.mkdir(parents=True)
    (folder / "own.yaml").write_text(
        """- id: SC15
  name: {zh: 内部代号, en: A code name}
  principle: candor
  severity: high
  kind: forbid
  patterns: {zh: ['蓝鲸'], en: ['teaspoon']}
  message: {zh: 这是内部代号。, en: This is a code name.}
  fix: {note: {zh: 换个说法。, en: Say it otherwise.}}
  examples: {good: {zh: [好。], en: [Good.]}, bad: {zh: [蓝鲸。], en: [Teaspoon.]}}
  source: our own
""",
        encoding="utf-8",
    )
    text = (
        "We are sorry for what you went through.\n{odd}\nThe cause is not known yet.\n"
        "Please call Li Man on 0800 000 000; you can choose a refund or a replacement.\nMore here at 18:00.\nKettleby"
    )
    draft = {odd: DraftText(id="d", lang="en", text=text.format(odd=odd)) for odd in ("A teaspoon.", "The user erred.")}

    found = {odd: {f.check for f in check(made, load_checks(tmp_path)).findings} for odd, made in draft.items()}

    assert "SC15" in found["A teaspoon."]
    assert "SC15" not in found["The user erred."]


def test_a_fact_may_be_stated_or_not_whatever_other_facts_there_are() -> None:
    claims = (
        "The money has been put back",
        "A refund was approved without receipt",
        "One customer was hurt and is at home",
        "Free transfers are open again",
        "The line in Gongshu was stopped on 13 May",
    )
    facts = tuple(CaseFact(hours=1.0, claim=claim, status=FactStatus.CONFIRMED) for claim in claims)
    case = Case(id="c", org=Organisation(name="Kettleby"), mentions=(), facts=facts, language="en")

    alone = [
        bool(
            refused_claims(
                Case(id="c", org=case.org, mentions=(), facts=(fact,), language="en"), CrisisType.LINEAR, CHECKS
            )
        )
        for fact in facts
    ]
    together = refused_claims(case, CrisisType.LINEAR, CHECKS)

    assert [number in together for number in range(1, len(facts) + 1)] == alone
