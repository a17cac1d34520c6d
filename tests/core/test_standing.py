"""What stands of a report, and how it is counted."""

from __future__ import annotations

from crisis.core.checks import Finding, Level, Principle
from crisis.core.standing import counts

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
