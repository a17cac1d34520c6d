"""The classifier's shelf: the built-in content is whole, and what is wrong is told with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crisis.content.classifier import rules, rules_from
from crisis.content.roots import builtin
from crisis.core.case import CrisisType
from crisis.core.classify.matcher import terms_of
from crisis.errors import ContentInvalid


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    shutil.copytree(builtin("playbooks") / "classifier", tmp_path / "classifier")
    return tmp_path


def test_the_built_in_shelf_is_whole() -> None:
    known = rules()

    assert known.weights.version >= 1
    least = [mentions for mentions, _ in known.weights.temperatures]
    assert least[0] == 0 and least == sorted(least)
    assert all(degree > 0 for _, degree in known.weights.temperatures)
    for kind in CrisisType:
        assert any(points.get(kind, 0) > 0.5 for points in known.weights.types.values())


def test_every_concept_speaks_both_languages() -> None:
    for concept in rules().concepts:
        assert concept.name.zh and concept.name.en, concept.id
        if not concept.dynamic:
            assert terms_of(concept.zh) and terms_of(concept.en), concept.id


def test_no_word_is_listed_twice_in_a_concept() -> None:
    for concept in rules().concepts:
        for words in (concept.zh, concept.en):
            plain = [term.lstrip("?") for term in terms_of(words)]
            assert len(plain) == len(set(plain)), (concept.id, {term for term in plain if plain.count(term) > 1})


def test_a_mistyped_key_is_told_with_its_line(shelf: Path) -> None:
    file = shelf / "classifier" / "scale.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("severe: 0.6", "sever: 0.6", 1), encoding="utf-8")

    with pytest.raises(ContentInvalid) as bad:
        rules_from((shelf,))

    assert any(problem.startswith("classifier/scale.yaml:") and "sever" in problem for problem in bad.value.problems)


def test_weights_of_an_unknown_concept_are_refused(shelf: Path) -> None:
    file = shelf / "classifier" / "weights.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("  falsified:", "  falsifyed:"), encoding="utf-8")

    with pytest.raises(ContentInvalid) as bad:
        rules_from((shelf,))

    assert any("falsifyed" in problem for problem in bad.value.problems)


def test_a_missing_question_is_told(shelf: Path) -> None:
    file = shelf / "classifier" / "questions.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("between: [credit, chain]", "between: [linear, chain]"), encoding="utf-8")

    with pytest.raises(ContentInvalid) as bad:
        rules_from((shelf,))

    assert any("credit and chain" in problem for problem in bad.value.problems)


def test_a_desk_may_replace_one_list(shelf: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "classifier").mkdir(parents=True)
    text = (shelf / "classifier" / "scale.yaml").read_text(encoding="utf-8")
    (home / "classifier" / "scale.yaml").write_text(text.replace("万人|", "万人|本店|", 1), encoding="utf-8")

    known = rules_from((shelf, home))

    assert "本店" in terms_of(known.by_id["many_people"].zh)
