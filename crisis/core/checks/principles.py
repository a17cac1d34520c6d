"""The four principle scores of a text, each an explained sum.

Source of the weights: part 6 of the domain study: 100 - 40 block - 15 high - 7 medium - 3 low, floor 0.
A check counts once, however often it was found: ten vague times are one habit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crisis.core.checks.findings import Finding, Level, Principle, PrincipleScore, ScoreRow

COST = {Level.BLOCK: 40, Level.HIGH: 15, Level.MEDIUM: 7, Level.LOW: 3}


def scores(findings: Sequence[Finding], active: Iterable[tuple[str, Principle]]) -> tuple[PrincipleScore, ...]:
    """One score per principle, from the findings and the (check, principle) pairs that were looked at."""
    looked_at = list(active)
    answer = []
    for principle in Principle:
        rows: dict[str, ScoreRow] = {}
        for finding in findings:
            if finding.principle is principle and finding.check not in rows:
                rows[finding.check] = ScoreRow(
                    check=finding.check, points=COST[finding.severity], because=finding.message
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
