"""What stands of a report: its findings without those that somebody let pass, counted for lists and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crisis.core.checks import CheckReport, Finding, Level
from crisis.core.people import Action, Person, demand, may
from crisis.core.statement import Waiver
from crisis.errors import NotPermitted

_GRAVITY = (Level.LOW, Level.MEDIUM, Level.HIGH, Level.BLOCK)


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
    """The findings of a text that nobody has waived, in the order of the report.

    A waiver speaks for one check about the same words, and for nothing graver than what was waived: with people hurt,
    what was advice may block.
    """
    return tuple(
        finding for finding in report.findings if not any(_lets_pass(waiver, finding, text) for waiver in waivers)
    )


def _lets_pass(waiver: Waiver, finding: Finding, text: str) -> bool:
    same = (waiver.check, waiver.quote) == (finding.check, text[finding.start : finding.end])
    return same and _GRAVITY.index(finding.severity) <= _GRAVITY.index(waiver.severity)


def demand_waiver(person: Person, severity: Level, *, lead: int) -> None:
    """Whether the person may let a finding of this severity pass, in an incident that the person `lead` owns.

    Advice may be waived by whoever drafts. What blocks may be waived by the lead of the incident, or by somebody who
    approves statements: it is their decision that goes out (part 6 of the domain study: "override by the incident
    commander, with a reason"). Raises NotPermitted.
    """
    if severity is Level.BLOCK:
        if not may_waive_blocking(person, lead=lead):
            raise NotPermitted("a blocking finding is the lead's", person=person.id)
    else:
        demand(person, Action.DRAFT)


def may_waive_blocking(person: Person, *, lead: int) -> bool:
    """Whether the person may let pass what blocks, in an incident that the person `lead` owns."""
    return may(person, Action.APPROVE) or (person.id == lead and may(person, Action.DRAFT))


def counts(findings: Sequence[Finding]) -> Counts:
    certain = [finding.severity for finding in findings if not finding.guess]
    return Counts(
        **{str(level): certain.count(level) for level in Level}, guesses=sum(finding.guess for finding in findings)
    )
