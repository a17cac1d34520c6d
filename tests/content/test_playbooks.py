"""The shelf of playbooks: complete, in both languages, and refused with a line when it is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crisis.content.playbooks import load_playbooks
from crisis.content.roots import builtin
from crisis.core.case import CrisisType
from crisis.errors import ContentInvalid

# Steps per part. Source: domain research part 5.
STEPS = {
    CrisisType.LINEAR: 14,
    CrisisType.MEDIA: 15,
    CrisisType.MATRIX: 14,
    CrisisType.CREDIT: 17,
    CrisisType.CHAIN: 14,
}


def test_the_core_has_its_29_steps_and_every_type_all_of_its_own() -> None:
    shelf = load_playbooks()

    assert [step.id for step in shelf.core.steps] == [f"K{number:02}" for number in range(1, 30)]
    assert {kind: len(book.steps) for kind, book in shelf.typed.items()} == STEPS


def _home(tmp_path: Path) -> Path:
    (tmp_path / "playbooks").mkdir()
    shutil.copy(builtin("playbooks") / "core.yaml", tmp_path / "playbooks" / "core.yaml")
    return tmp_path


def test_a_mistyped_key_is_told_with_file_and_line(tmp_path: Path) -> None:
    file = _home(tmp_path) / "playbooks" / "core.yaml"
    text = file.read_text(encoding="utf-8").replace("    due_hours: 0.17", "    due_hour: 0.17")
    file.write_text(text, encoding="utf-8")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "due_hour: 0.17" in row)

    with pytest.raises(ContentInvalid) as bad:
        load_playbooks(tmp_path)

    assert any(problem.startswith(f"playbooks/core.yaml:{line}: steps.0.due_hour") for problem in bad.value.problems)


def test_a_step_in_one_language_is_refused_with_its_line(tmp_path: Path) -> None:
    file = _home(tmp_path) / "playbooks" / "core.yaml"
    text = file.read_text(encoding="utf-8").replace("en: Incident record}", 'en: ""}')
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ContentInvalid) as bad:
        load_playbooks(tmp_path)

    assert any("K01 is not written in both languages" in problem for problem in bad.value.problems)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{kinds: [holdin], audiences: [public]}", "steps.10.fulfilled_by.kinds.0: "),
        ("{kinds: [holding], audiences: [publik]}", "step K11: fulfilled_by: there is no audience card publik"),
        ("{kinds: [], audiences: [public]}", "step K11: fulfilled_by: kinds is empty"),
        ("{kinds: [holding], audience: [public]}", "steps.10.fulfilled_by.audience"),
    ],
)
def test_a_release_that_cannot_fulfil_a_step_is_told_with_file_and_line(
    tmp_path: Path, written: str, told: str
) -> None:
    file = _home(tmp_path) / "playbooks" / "core.yaml"
    text = file.read_text(encoding="utf-8")
    text = text.replace("fulfilled_by: {kinds: [holding], audiences: [public, media]}", f"fulfilled_by: {written}", 1)
    file.write_text(text, encoding="utf-8")
    rows = text.splitlines()
    begin = next(number for number, row in enumerate(rows, 1) if "- id: K11" in row)
    end = next(number for number, row in enumerate(rows, 1) if "- id: K12" in row)

    with pytest.raises(ContentInvalid) as bad:
        load_playbooks(tmp_path)

    (line,) = {
        int(problem.split(":")[1])
        for problem in bad.value.problems
        if problem.startswith("playbooks/core.yaml:") and told in problem
    }
    assert begin <= line < end


def test_a_desk_may_change_a_step_without_programming(tmp_path: Path) -> None:
    file = _home(tmp_path) / "playbooks" / "core.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("due_hours: 0.17", "due_hours: 0.1"), encoding="utf-8")

    assert load_playbooks(tmp_path).core.steps[0].due_hours == 0.1
