"""playbooks/likeness/: the labelled sentences, their vectors and points fit each other and the checks."""

from __future__ import annotations

import numpy as np

from crisis.content.checks import load_checks
from crisis.content.roots import builtin
from crisis.core.checks.rules import Kind

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
        names = {str(name) for name in file["checks"]}
        assert file["vectors"].shape[0] == file["weights"].shape[0] >= len(LINES)
        assert file["weights"].shape[1] == len(file["checks"])
    assert names == set(likeness.forbidden.checks) | set(likeness.required.checks)
    kinds = {rule.id: rule.kind for rule in CHECKS.checks}
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
