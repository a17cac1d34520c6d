"""What stands of a report: its findings without those that somebody let pass, counted for lists and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crisis.core.checks import CheckReport, Finding, Level
from crisis.core.statement import Waiver


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many findings of each level stand, and how many guesses, which are counted apart."""

    block: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    guesses: int = 0

    @property
    def findings(self) -> int:
        return self.block + self.high + self.medium + self.low


def standing(report: CheckReport, text: str, waivers: Sequence[Waiver]) -> tuple[Finding, ...]:
    """The findings of a text that nobody has waived, in the order of the report."""
    waived = {(waiver.check, waiver.quote) for waiver in waivers}
    return tuple(
        finding for finding in report.findings if (finding.check, text[finding.start : finding.end]) not in waived
    )


def counts(findings: Sequence[Finding]) -> Counts:
    certain = [finding.severity for finding in findings if not finding.guess]
    return Counts(
        **{str(level): certain.count(level) for level in Level}, guesses=sum(finding.guess for finding in findings)
    )
