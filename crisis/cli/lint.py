"""`crisis lint`: statements in, findings out. Shape in docs/commands.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from crisis.cli.ndjson import FILES, Lines, write
from crisis.content.checks import load_checks
from crisis.core.case import FactStatus
from crisis.core.checks import CheckReport, DraftText, LedgerFact, OtherText, Question, check
from monitors.article import BadField


@click.command(name="lint")
@FILES
def command(files: tuple[str, ...]) -> None:
    """Read drafts as NDJSON and write what the sixty checks find in each."""
    checks = load_checks()
    lines = Lines()
    for draft in lines.read(files, draft_of):
        write(record_of(check(draft, checks), lang=draft.lang))
    lines.exit()


def draft_of(record: Mapping[str, Any]) -> DraftText:
    """The draft of one NDJSON object. Unknown fields are ignored. Raises BadField."""
    identity = record.get("id")
    if not isinstance(identity, str) or not identity:
        raise BadField("id", "missing")
    text = record.get("text")
    if not isinstance(text, str) or not text.strip():
        raise BadField("text", "missing")
    lang = record.get("lang") or ("zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en")
    if lang not in ("zh", "en"):
        raise BadField("lang", "not zh or en")
    hours = record.get("hours") or 0.0
    if isinstance(hours, bool) or not isinstance(hours, int | float):
        raise BadField("hours", "not a number")
    promises = record.get("promises")
    due = record.get("due_hours")
    return DraftText(
        id=identity,
        lang=lang,
        text=text,
        audience=_text(record, "audience", "public"),
        crisis_type=_text(record, "crisis_type", ""),
        kind=_text(record, "kind", ""),
        injury=record.get("injury") is True,
        hours=float(hours),
        facts=tuple(_fact(place, fact) for place, fact in enumerate(_objects(record, "facts"))),
        fault_gate_open=record.get("fault_gate_open") is True,
        claim_refuted=record.get("claim_refuted") is True,
        cause_established=record.get("cause_established") is True,
        approved_remedies=_texts(record, "approved_remedies"),
        listed=record.get("listed") is True,
        filed=record.get("filed") is True,
        promises=None if promises is None else _texts(record, "promises"),
        own_numbers=_texts(record, "own_numbers"),
        due_hours=float(due) if isinstance(due, int | float) and not isinstance(due, bool) else None,
        other_texts=tuple(
            OtherText(
                audience=_text(other, "audience", ""),
                lang=_text(other, "lang", lang),
                text=_text(other, "text", ""),
                released=other.get("released") is True,
            )
            for other in _objects(record, "other_texts")
        ),
        questions=tuple(
            Question(
                id=_text(question, "id", ""),
                question=_text(question, "question", ""),
                answers=_texts(question, "answers"),
            )
            for question in _objects(record, "questions")
        ),
    )


def record_of(report: CheckReport, *, lang: str) -> dict[str, Any]:
    """The answer line of a report, worded in the language of the statement."""
    return {
        "id": report.id,
        "blocked": report.blocked,
        "findings": [
            {
                "check": finding.check,
                "principle": finding.principle,
                "severity": finding.severity,
                "start": finding.start,
                "end": finding.end,
                "message": finding.message[lang],
                "guess": finding.guess,
                "alike": list(finding.alike),
                "fix": None
                if finding.fix is None
                else {
                    "note": finding.fix.note[lang],
                    "replacement": finding.fix.replacement,
                    "start": finding.fix.start,
                    "end": finding.fix.end,
                },
            }
            for finding in report.findings
        ],
        "principles": {score.principle.value: score.score / 100 for score in report.principles},
        "because": {
            score.principle.value: [
                {"check": row.check, "points": row.points, "because": row.because[lang], "guess": row.guess}
                for row in score.rows
            ]
            for score in report.principles
        },
    }


def _text(record: Mapping[str, Any], field: str, default: str) -> str:
    value = record.get(field)
    if value is None:
        return default
    if not isinstance(value, str):
        raise BadField(field, "not a text")
    return value


def _texts(record: Mapping[str, Any], field: str) -> tuple[str, ...]:
    values = record.get(field) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BadField(field, "not a list of texts")
    return tuple(values)


def _objects(record: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    values = record.get(field) or []
    if not isinstance(values, list) or not all(isinstance(value, Mapping) for value in values):
        raise BadField(field, "not a list of objects")
    return values


def _fact(place: int, record: Mapping[str, Any]) -> LedgerFact:
    status = record.get("status", FactStatus.UNCONFIRMED)
    try:
        known = FactStatus(status)
    except ValueError:
        raise BadField(f"facts.{place}.status", f"not one of {', '.join(FactStatus)}") from None
    return LedgerFact(id=_text(record, "id", f"F{place + 1}"), claim=_text(record, "claim", ""), status=known)
