"""Audience cards: sixteen, complete for five types in two languages, and refused with a place when wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crisis.content.audiences import load_audiences
from crisis.content.legal import load_legal
from crisis.content.plans import load_plan_content
from crisis.content.roots import builtin
from crisis.core.audience import AUDIENCES
from crisis.core.case import CrisisType
from crisis.errors import ContentInvalid


def test_there_is_a_card_for_every_audience_with_four_answers_for_every_type() -> None:
    cards = load_audiences().cards

    assert set(cards) == set(AUDIENCES)
    for card in cards.values():
        assert set(card.types) == set(CrisisType)
        assert len(card.questions) == 2
        assert card.do and card.dont and card.channels.china and card.channels.international


def test_the_whole_content_of_a_plan_fits_together() -> None:
    content = load_plan_content()

    assert len(content.playbooks.modules) == 6
    assert {item.jurisdiction for item in content.legal.reminders} == {"CN", "EU", "US", "UK", "HK", "ANY"}


def _home(tmp_path: Path, card: str, was: str, now: str) -> Path:
    folder = tmp_path / "playbooks" / "audiences"
    folder.mkdir(parents=True)
    shutil.copy(builtin("playbooks") / "audiences" / f"{card}.yaml", folder)
    file = folder / f"{card}.yaml"
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, now, 1), encoding="utf-8")
    return tmp_path


def test_a_card_with_a_mistyped_key_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid) as bad:
        load_audiences(_home(tmp_path, "dealers", "order: 5", "ordre: 5"))

    assert any(problem.startswith("audiences/dealers.yaml:5: ordre:") for problem in bad.value.problems)


def test_a_value_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid) as bad:
        load_audiences(_home(tmp_path, "dealers", "margin", "glory"))

    assert "audiences/dealers.yaml:1: values.yaml does not know glory" in bad.value.problems


def test_an_answer_that_is_no_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid) as bad:
        load_plan_content(_home(tmp_path, "dealers", "请先停售", "{% if %}请先停售"))

    assert any(problem.startswith("audiences/dealers.yaml:1:") for problem in bad.value.problems)


def test_a_reminder_always_names_source_day_and_how_well_it_was_checked() -> None:
    legal = load_legal()

    assert all(item.source.en and item.checked_on and item.checked for item in legal.reminders)
    assert legal.places.verify.en == "verify with counsel"
