"""`crisis plan`: cases in, one plan per line out: playbook, audiences in telling order, a draft for each.

Shape: docs/commands.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import click

from crisis.cli.classify import as_line as classified_line
from crisis.cli.ndjson import FILES, Lines, write
from crisis.content.checks import load_checks
from crisis.content.classifier import rules
from crisis.content.plans import load_plan_content
from crisis.content.statements import StatementShelf, load_statements
from crisis.core.audience import AudiencePlan
from crisis.core.case import Case, CreditKind, CrisisType, Severity, case_of
from crisis.core.classify import classify, language_of
from crisis.core.coverage import as_record as coverage_record
from crisis.core.drafting import Contacts, age_of, context_of, kind_for, phase_at, refused_claims, script_of
from crisis.core.legal import reach
from crisis.core.need import TypeJudgement
from crisis.core.plan import Plan, PlanContent, plan
from crisis.core.script import Script
from monitors.article import BadField, parse_time

Choice = TypeVar("Choice", CrisisType, CreditKind, Severity)


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenType:
    """A classification that came with the case."""

    primary: CrisisType
    secondary: tuple[CrisisType, ...]
    credit_kind: CreditKind | None
    severity: Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A case with the classification that was given for it, None when it is to be computed."""

    case: Case
    given: GivenType | None
    given_line: Mapping[str, Any]


def request_of(record: dict[str, Any]) -> Request:
    """The case of a line and its classification, if the line carries one. Raises BadField."""
    case = case_of(record)
    line = record.get("classification")
    if line is None:
        return Request(case=case, given=None, given_line={})
    if not isinstance(line, Mapping):
        raise BadField("classification", "not an object")
    secondary = line.get("secondary") or []
    if not isinstance(secondary, list):
        raise BadField("classification.secondary", "not a list")
    kind = line.get("credit_kind")
    given = GivenType(
        primary=_choice(CrisisType, line.get("primary"), "primary"),
        secondary=tuple(_choice(CrisisType, value, "secondary") for value in secondary),
        credit_kind=None if kind is None else _choice(CreditKind, kind, "credit_kind"),
        severity=_choice(Severity, line.get("severity", Severity.MODERATE), "severity"),
    )
    return Request(case=case, given=given, given_line=line)


def as_line(made: Plan, case: Case, shelf: StatementShelf, *, lang: str, at: datetime) -> dict[str, Any]:
    """The NDJSON object of a plan in one language, without the classification."""
    names = load_plan_content().playbooks.roles
    refused = refused_claims(case, made.judged.primary, load_checks())
    script = script_of(case, reach(case, load_plan_content().legal).placed, shelf.scribe)
    return {
        "id": case.id,
        "playbook": {
            "id": made.playbook.id,
            "title": made.playbook.title[lang],
            "aim": made.playbook.aim[lang],
            "steps": [
                {
                    "id": step.id,
                    "phase": step.phase,
                    "title": step.title[lang],
                    "owner": step.owner,
                    "owner_name": names[step.owner][lang],
                    "due_hours": step.due_hours,
                    "due_note": None if step.due_note is None else step.due_note[lang],
                    "gate": None if step.gate is None else step.gate[lang],
                    "gate_hard": step.gate_hard,
                    "output": step.output[lang],
                    "principle": step.principle,
                    "refines": step.refines or None,
                }
                for step in made.playbook.steps
            ],
            "modules": list(made.modules),
        },
        "audiences": [
            _audience(item, lang=lang)
            | {"message": message(item, made, case, shelf, lang=lang, at=at, refused=refused, script=script)}
            | {"script": script if lang == "zh" else None}
            for item in made.audiences
        ],
        "left_out": [
            {"audience": item.audience, "name": item.name[lang], "reason": item.reason[lang]}
            for item in made.analysis.left_out
        ],
        "coverage": coverage_record(made.coverage, lang),
        "legal": [
            {
                "id": item.id,
                "jurisdiction": item.jurisdiction,
                "trigger": item.trigger[lang],
                "reminder": item.reminder[lang],
                "source": item.source[lang],
                "site": item.site or None,
                "valid_from": None if item.valid_from is None else f"{item.valid_from}",
                "valid_to": None if item.valid_to is None else f"{item.valid_to}",
                "checked": item.checked,
                "verify": load_plan_content().legal.places.verify[lang],
            }
            for item in made.law.reminders
        ],
        "legal_missing": [name[lang] for name in made.law.missing],
        "legal_unplaced": list(made.law.unplaced),
        "principles": {item.principle: item.share for item in made.principles},
        "principle_rows": [
            {"principle": item.principle, "code": row.code, "share": row.share, "text": row.text[lang]}
            for item in made.principles
            for row in item.rows
        ],
    }


def message(
    item: AudiencePlan,
    made: Plan,
    case: Case,
    shelf: StatementShelf,
    *,
    lang: str,
    at: datetime,
    refused: Collection[int] = (),
    script: Script = Script.HANS,
) -> str:
    """The draft for one audience in one language and script, as the age of the case asks for it."""
    context = context_of(
        case,
        audience=item.audience,
        lang=lang,
        crisis_type=made.judged.primary,
        seen=made.analysis.seen,
        at=at,
        questions=item.questions,
        contacts=Contacts(),
        refused=refused,
        script=script,
    )
    return shelf.draft(kind_for(item.audience, phase_at(age_of(case))), context)


def judge(request: Request) -> tuple[TypeJudgement, dict[str, Any]]:
    """The classification of a request, given or computed, and its NDJSON object."""
    if request.given is not None:
        return request.given, dict(request.given_line)
    judged = classify(request.case, rules())
    return judged, classified_line(request.case, judged)


def _audience(item: AudiencePlan, *, lang: str) -> dict[str, Any]:
    return {
        "audience": item.audience,
        "name": item.name[lang],
        "order": item.order,
        "deadline_hours": item.deadline_hours,
        "who": item.who[lang],
        "know_or_need": item.know_or_need[lang],
        "feel": item.feel[lang],
        "motivate": item.motivate[lang],
        "heard": [
            {"mention": heard.mention, "where": heard.where, "quote": heard.quote, "feelings": list(heard.feelings)}
            for heard in item.heard
        ],
        "values": [value[lang] for value in (*item.values_material, *item.values_inner)],
        "values_material": [value[lang] for value in item.values_material],
        "values_inner": [value[lang] for value in item.values_inner],
        "stance": "negative" if item.stance < 0 else "positive" if item.stance > 0 else "neutral",
        "target": "neutral" if item.target == 0 else "positive",
        "stance_score": item.stance,
        "activity": item.activity,
        "channels": [channel[lang] for channel in item.channels],
        "channels_china": [channel[lang] for channel in item.channels_china],
        "channels_international": [channel[lang] for channel in item.channels_international],
        "spokesperson": item.spokesperson[lang],
        "do": [text[lang] for text in item.do],
        "dont": [text[lang] for text in item.dont],
        "questions": [question.ask[lang] for question in item.questions],
        "reasons": [
            {"code": reason.code, "text": reason.text[lang], "points": reason.points} for reason in item.reasons
        ],
    }


def _choice(kind: type[Choice], value: Any, field: str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        raise BadField(f"classification.{field}", f"not one of {', '.join(kind)}") from None


def _moment(_context: click.Context, _option: click.Parameter, value: str | None) -> datetime:
    if value is None:
        return datetime.now().astimezone()
    try:
        return parse_time(value, field="now")
    except BadField as bad:
        raise click.BadParameter(str(bad)) from None


@click.command()
@click.option("--lang", type=click.Choice(("zh", "en")), help="Language of the plan; default: that of each case.")
@click.option("--now", "at", callback=_moment, help="Time that drafts carry (ISO 8601); default: now.")
@FILES
def command(lang: str | None, at: datetime, files: tuple[str, ...]) -> None:
    """Read cases as NDJSON from FILES or standard input and write one plan per line."""
    content: PlanContent = load_plan_content()
    shelf = load_statements()
    lines = Lines()
    for request in lines.read(files, request_of):
        judged, line = judge(request)
        made = plan(request.case, judged, content, on=at.date())
        record = as_line(made, request.case, shelf, lang=lang or language_of(request.case), at=at)
        write({"id": record.pop("id"), "classification": line, **record})
    lines.exit()
