"""`crisis user`, and what every command of the desk says when it does not open."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crisis.cli import main
from crisis.content.library import Library
from tests.world import Clock, World, lay_out, open_desk

PASSWORD = ["--password", "another-long-password"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "desk"


@pytest.fixture
def laid(home: Path, sqlite_template: Path, content: Library, clock: Clock) -> World:
    home.mkdir()
    shutil.copy(sqlite_template, home / "desk.sqlite")
    desk = open_desk(f"sqlite:///{home / 'desk.sqlite'}", home=home, content=content, clock=clock)
    world = lay_out(desk, clock)
    desk.database.close()
    return world


def run(home: Path, *words: str, **env: str) -> Result:
    return CliRunner().invoke(main, words, env={"CRISIS_HOME": str(home), "CRISIS_DATABASE": None, **env})


def add(home: Path, email: str) -> Result:
    return run(home, "user", "add", email, "--name", "新人", "--role", "officer", *PASSWORD)


def test_without_a_desk_nobody_is_added_to_one_that_plays(home: Path) -> None:
    for answer in (add(home, "new@starhearth.example"), run(home, "user", "password", "x@y.example", *PASSWORD)):
        assert answer.exit_code == 2
        assert "There is no desk in" in answer.stderr
    assert not home.exists()


def test_what_is_wrong_with_a_person_is_a_sentence_and_letters_of_an_address_do_not_matter(
    home: Path, laid: World
) -> None:
    taken = add(home, laid.lin.email.upper())
    changed = run(home, "user", "password", laid.lin.email.upper(), *PASSWORD)

    assert taken.exit_code == 1
    assert taken.stderr.startswith("email: ") and taken.stderr.endswith(".\n")
    assert "_" not in taken.stderr and "{" not in taken.stderr
    assert changed.exit_code == 0
    assert laid.lin.name in changed.stdout
    # What SQLite keeps beside its file is written into it: a desk that nobody has open is one file.
    assert [file.name for file in home.glob("desk.sqlite*")] == ["desk.sqlite"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("CRISIS_DATABASE", "no address"),
        ("CRISIS_DATABASE", "oracle-of-delphi://x"),
        ("CRISIS_DATABASE_FILE", "/nowhere/address"),
        ("CRISIS_HOME", "/dev/null/desk"),
        ("PORT", "eighty"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_in_a_sentence(home: Path, setting: str, value: str) -> None:
    # Only what makes a desk makes its folder.
    verb = ["work", "--until-idle"] if setting == "CRISIS_HOME" else ["verify"]
    answer = run(home, *verb, **{setting: value})

    assert answer.exit_code == 2
    assert answer.stderr.startswith(f"{setting}: ")
    assert isinstance(answer.exception, SystemExit)
