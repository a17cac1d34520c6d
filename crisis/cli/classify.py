"""`crisis classify`: cases in, judgements out, one line each. Shape: docs/commands.md."""

from __future__ import annotations

from typing import Any

import click

from crisis.cli.ndjson import FILES, Lines, write
from crisis.content.classifier import rules
from crisis.core.case import Case, case_of
from crisis.core.classify import Classification, Evidence, SeverityRow, classify, language_of
from crisis.core.text import Text


def as_line(case: Case, judgement: Classification) -> dict[str, Any]:
    """The NDJSON object of a judgement. `because` is in the language of the case, `because_text` in both."""
    lang = language_of(case)
    return {
        "id": case.id,
        "primary": judgement.primary,
        "secondary": list(judgement.secondary),
        "credit_kind": judgement.credit_kind,
        "scores": {str(kind): score for kind, score in judgement.scores.items()},
        "probabilities": {str(kind): share for kind, share in judgement.probabilities.items()},
        "confidence": judgement.confidence,
        "severity": judgement.severity,
        "evidence": [{"type": row.type, **_row(row, lang)} for row in judgement.evidence],
        "severity_evidence": [_row(row, lang) for row in judgement.severity_evidence],
        "next_fact": judgement.next_fact[lang],
        "next_fact_text": _both(judgement.next_fact),
        "rules_version": judgement.rules_version,
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _row(row: Evidence | SeverityRow, lang: str) -> dict[str, Any]:
    line: dict[str, Any] = {"points": row.points, "because": row.because[lang], "because_text": _both(row.because)}
    line["feature"] = row.feature
    if row.mention is not None:
        line["mention"] = row.mention
    if row.fact is not None:
        line["fact"] = row.fact
    if row.span is not None:
        line["span"] = list(row.span)
    return line


@click.command()
@FILES
def command(files: tuple[str, ...]) -> None:
    """Read cases as NDJSON from FILES or standard input and write one judgement per line."""
    known = rules()
    lines = Lines()
    for case in lines.read(files, case_of):
        write(as_line(case, classify(case, known)))
    lines.exit()
