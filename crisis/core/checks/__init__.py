"""The statement checks: sixty rules that a text is read with before anybody is asked to approve it.

`check(draft, checks)` is the door. The rules themselves lie in playbooks/checks/ and are loaded by
`crisis.content.checks.load_checks()`.
"""

from crisis.core.checks.draft import DraftText, LedgerFact, OtherText, Question
from crisis.core.checks.engine import check
from crisis.core.checks.findings import CheckReport, Finding, Fix, Level, Principle, PrincipleScore, ScoreRow
from crisis.core.checks.rules import Check, CheckSet

__all__ = [
    "Check",
    "CheckReport",
    "CheckSet",
    "DraftText",
    "Finding",
    "Fix",
    "LedgerFact",
    "Level",
    "OtherText",
    "Principle",
    "PrincipleScore",
    "Question",
    "ScoreRow",
    "check",
]
