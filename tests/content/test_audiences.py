"""Audience cards: sixteen, complete for five types in two languages, and refused with a place when wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crisis.content.audiences import load_audiences
from crisis.content.legal import load_legal
from crisis.content.plans import load_plan_content
from crisis.content.roots import builtin
from crisis.content.yamlfile import load
from crisis.core.audience import AUDIENCES
from crisis.core.case import CrisisType
from crisis.core.need import NeedRules
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
    kept = {"CN", "HK", "TW", "SG", "JP", "KR", "AU", "NZ", "UK", "EU", "US", "CA", "ANY"}
    assert {item.jurisdiction for item in content.legal.reminders} == kept


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


def _law(tmp_path: Path, name: str, was: str, now: str) -> Path:
    """A home whose file of legal reminders differs from ours in one place."""
    folder = tmp_path / "playbooks" / "legal"
    folder.mkdir(parents=True)
    text = (builtin("playbooks") / "legal" / name).read_text(encoding="utf-8")
    assert was in text
    (folder / name).write_text(text.replace(was, now, 1), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "was", "now", "problem"),
    [
        ("sg.yaml", "jurisdiction: SG", "jurisdiction: XX", "legal/sg.yaml:1: SG01: places.yaml does not know XX"),
        ("sg.yaml", "site: sso", "site: https://sso", "legal/sg.yaml:1: SG01: site is no host: https://sso.agc.gov.sg"),
        ("sg.yaml", "id: SG02", "id: SG01", "legal/sg.yaml:1: SG01 stands twice"),
        ("sg.yaml", "[personal_data", "[rumours", "legal/sg.yaml:1: SG01: unknown signal rumours"),
        ("sg.yaml", "valid_to: null", "valid_to: 2020-01-01", "legal/sg.yaml:1: SG01: valid_to lies before valid_from"),
        ("places.yaml", "狮城", "香港", "legal/places.yaml:1: 香港 points to HK and to SG"),
        ("places.yaml", "{zh: CN}", "{zh: XX}", "legal/places.yaml:1: languages: XX is no place"),
        ("signals.yaml", "id: ransom", "id: data", "legal/signals.yaml:1: data is a signal of the audiences"),
    ],
)
def test_a_legal_reminder_that_cannot_be_right_is_refused(
    tmp_path: Path, name: str, was: str, now: str, problem: str
) -> None:
    with pytest.raises(ContentInvalid) as bad:
        load_plan_content(_law(tmp_path, name, was, now))

    assert problem in bad.value.problems


def _rules(tmp_path: Path, **files: str) -> Path:
    """A home with its own points for the audiences."""
    folder = tmp_path / "playbooks"
    folder.mkdir()
    rules = (builtin("playbooks") / "audience_rules.yaml").read_text(encoding="utf-8")
    (folder / "audience_rules.yaml").write_text(rules, encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_what_labelled_cases_add_moves_the_reviewed_points() -> None:
    reviewed = load(builtin("playbooks") / "audience_rules.yaml", NeedRules)

    moved = load_audiences().needs

    assert moved.signals == reviewed.signals
    assert any(moved.audiences[name] != rule for name, rule in reviewed.audiences.items())
    assert any(rule.alike > 0 for rule in moved.audiences.values())


def test_an_organisation_that_sets_its_own_points_gets_those_and_no_others(tmp_path: Path) -> None:
    reviewed = load(builtin("playbooks") / "audience_rules.yaml", NeedRules)

    assert load_audiences(_rules(tmp_path)).needs == reviewed


def test_moves_beside_an_organisations_own_points_are_taken(tmp_path: Path) -> None:
    home = _rules(tmp_path, audience_points="version: 1\naudiences:\n  unions: {base: 9}\n")

    assert load_audiences(home).needs.audiences["unions"].base == 6.75


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version: 1\naudiences:\n  uncles: {base: 1}\n", "playbooks/audience_points.yaml:1: no such audience: uncles"),
        (
            "version: 1\naudiences:\n  unions: {base: 1, points: [{when: [full_moon], points: 1}]}\n",
            "playbooks/audience_points.yaml:1: unions: unknown condition full_moon",
        ),
        ("version: 1\naudiences:\n  unions: {bass: 1}\n", "audience_points.yaml:3: audiences.unions.bass"),
    ],
)
def test_moves_that_nobody_can_follow_are_told_with_their_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ContentInvalid) as bad:
        load_audiences(_rules(tmp_path, audience_points=text))

    assert any(problem in told for told in bad.value.problems), bad.value.problems
