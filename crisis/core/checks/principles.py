"""The four principle scores of a text, each an explained sum.

Source of the weights: part 6 of the domain study: 100 - 40 block - 15 high - 7 medium - 3 low, floor 0.
A check counts once, however often it was found: ten vague times are one habit. A guess costs half of what a finding
of its level costs, rounded down: about four of five are right (docs/figures.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crisis.core.checks.findings import Finding, Level, Principle, PrincipleScore, ScoreRow

COST = {Level.BLOCK: 40, Level.HIGH: 15, Level.MEDIUM: 7, Level.LOW: 3}
# What a guess costs is divided by this.
GUESS_DIVISOR = 2


def scores(findings: Sequence[Finding], active: Iterable[tuple[str, Principle]]) -> tuple[PrincipleScore, ...]:
    """One score per principle, from the findings and the (check, principle) pairs that were looked at."""
    looked_at = list(active)
    answer = []
    for principle in Principle:
        rows: dict[str, ScoreRow] = {}
        for finding in findings:
            if finding.principle is principle and finding.check not in rows:
                cost = COST[finding.severity]
                rows[finding.check] = ScoreRow(
                    check=finding.check,
                    points=cost // GUESS_DIVISOR if finding.guess else cost,
                    because=finding.message,
                    guess=finding.guess,
                )
        total = sum(1 for _, owner in looked_at if owner is principle)
        lost = sum(row.points for row in rows.values())
        answer.append(
            PrincipleScore(
                principle=principle,
                score=max(0, 100 - lost),
                rows=tuple(rows.values()),
                passed=total - len(rows),
                total=total,
            )
        )
    return tuple(answer)
