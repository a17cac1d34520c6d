"""`crisis verify`: what it says of a log that holds, of one that was changed, and where there is no desk at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crisis.cli import main
from crisis.content.library import Library
from tests.world import Clock, lay_out, open_desk


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "desk"


def verify(home: Path, address: str = "") -> Result:
    return CliRunner().invoke(main, ["verify"], env={"CRISIS_HOME": str(home), "CRISIS_DATABASE": address or None})


def test_without_a_desk_a_sentence_says_so_and_nothing_is_made(home: Path) -> None:
    answer = verify(home)

    assert answer.exit_code == 2
    assert "There is no desk in" in answer.stderr
    assert not home.exists()


def test_a_database_without_an_organisation_is_no_desk_either(home: Path, address: str) -> None:
    answer = verify(home, address)

    assert answer.exit_code == 2
    assert "There is no desk in" in answer.stderr
    assert not home.exists()


def test_an_empty_folder_stays_empty(home: Path) -> None:
    home.mkdir()

    assert verify(home).exit_code == 2
    assert list(home.iterdir()) == []


def test_a_log_that_holds_is_told_with_its_head(home: Path, address: str, content: Library, clock: Clock) -> None:
    desk = open_desk(address, home=home, content=content, clock=clock)
    lay_out(desk, clock)
    desk.database.close()

    answer = verify(home, address)

    assert answer.exit_code == 0
    assert "the chain holds" in answer.stdout
