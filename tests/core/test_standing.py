"""What stands of a report, and how it is counted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crisis.core.checks import CheckReport, Finding, Level, Principle
from crisis.core.standing import counts, standing
from crisis.core.statement import Waiver

MESSAGE = {"zh": "。", "en": "."}


def finding(severity: Level, *, guess: bool = False) -> Finding:
    return Finding(
        check="SC15",
        principle=Principle.CANDOR,
        severity=severity,
        start=0,
        end=3,
        message=MESSAGE,  # type: ignore[arg-type]
        fix=None,
        guess=guess,
    )


def test_guesses_are_counted_apart_from_findings() -> None:
    found = counts([finding(Level.BLOCK), finding(Level.LOW), finding(Level.HIGH, guess=True)])

    assert (found.findings, found.block, found.high, found.low, found.guesses) == (2, 1, 0, 1, 1)


@pytest.mark.parametrize(
    ("waived", "found", "stands"),
    [
        (Level.BLOCK, Level.BLOCK, 0),
        (Level.BLOCK, Level.MEDIUM, 0),
        (Level.HIGH, Level.BLOCK, 1),
        (Level.LOW, Level.MEDIUM, 1),
    ],
)
def test_a_waiver_lets_nothing_pass_that_is_graver_than_what_was_waived(
    waived: Level, found: Level, stands: int
) -> None:
    at = datetime(2026, 5, 14, tzinfo=UTC)
    waiver = Waiver(statement_id=1, check="SC15", quote="the", severity=waived, by=1, at=at, reason="seen")
    report = CheckReport(id="d", findings=(finding(found),), blocked=False, principles=())

    assert len(standing(report, "the same words", [waiver])) == stands
    assert len(standing(report, "But others", [waiver])) == 1
