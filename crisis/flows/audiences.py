"""The audience plan of an incident: drafted from the analysis, then changed by people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Connection

from crisis.core.audience import Analysis, AudiencePlan, analyse
from crisis.core.audienceplan import AudienceEntry
from crisis.core.case import Case, CreditKind, CrisisType, Severity
from crisis.core.complaint import Complaint
from crisis.core.coverage import ways_to
from crisis.core.feeling import Voice
from crisis.core.incident import Incident, StoredClassification
from crisis.core.legal import Law, law
from crisis.core.need import look
from crisis.core.people import Action, Person, demand
from crisis.core.response import Response
from crisis.core.statement import Statement
from crisis.core.text import Text
from crisis.errors import Invalid, NotFound
from crisis.flows.cases import case_of_incident, standing
from crisis.flows.desk import Desk, acting, house, judging, note
from crisis.store import incidents, records

_plan = TypeAdapter(AudiencePlan)


class Judged:
    """A stored judgement as the analysis reads it."""

    def __init__(self, judgement: StoredClassification) -> None:
        self._judgement = judgement

    @property
    def primary(self) -> CrisisType:
        return self._judgement.primary

    @property
    def secondary(self) -> tuple[CrisisType, ...]:
        return self._judgement.secondary

    @property
    def credit_kind(self) -> CreditKind | None:
        return CreditKind(self._judgement.credit_kind) if self._judgement.credit_kind else None

    @property
    def severity(self) -> Severity:
        return Severity(self._judgement.severity)


def analysis(
    desk: Desk, db: Connection, incident: Incident, judgement: StoredClassification, *, now: datetime
) -> Analysis:
    """Who must be told, from the mentions, the complaints and the responses at hand."""
    voices = [
        Voice(
            audience=item.audience,
            text=item.said,
            where=item.region,
            hours=max(0.0, (item.at - incident.t0_at).total_seconds() / 3600),
            stance=item.stance,
        )
        for item in records.find(db, Response, incident_id=incident.id)
    ]
    voices += [
        Voice(
            audience="customers",
            text=item.details,
            where=item.key,
            hours=max(0.0, (item.received_at - incident.t0_at).total_seconds() / 3600),
        )
        for item in records.find(db, Complaint, incident_id=incident.id)
    ]
    return analyse(case_of_incident(db, incident, now=now), Judged(judgement), desk.content.audiences, voices=voices)


def draft_plan(
    desk: Desk, db: Connection, incident: Incident, judgement: StoredClassification, *, now: datetime
) -> None:
    """Write the plan of the analysis. Where every answer is still as it was planned, the new plan stands; what people
    have written, told or taken in themselves stays as they left it and shows what the plan says now."""
    home = house(db)
    # The working language of the plan is the organisation's; every card exists in both.
    lang = "en" if home and home.organisation.name.isascii() else "zh"
    found = analysis(desk, db, incident, judgement, now=now)
    known = {entry.audience: entry for entry in incidents.audiences(db, incident.id)}
    for plan in found.audiences:
        entry = _entry(incident, plan, lang=lang)
        old = known.get(plan.audience)
        if old is None:
            records.add(db, entry)
        else:
            _save(db, old, old.replanned(entry))
    spoken = {item.audience for item in records.find(db, Statement, incident_id=incident.id)}
    spoken |= {item.audience for item in records.find(db, Response, incident_id=incident.id)}
    for left in found.left_out:
        entry = AudienceEntry(
            incident_id=incident.id,
            audience=left.audience,
            position=99,
            reason=left.reason,
            details={},
            left_out=True,
        )
        old = known.get(left.audience)
        if old is None:
            records.add(db, entry)
        elif (old.left_out and old.told_at is None) or (old.is_as_planned and old.audience not in spoken):
            _save(db, old, entry)
    note(db, "plan_drafted", at=now, incident_id=incident.id, count=len(found.audiences))


def _save(db: Connection, old: AudienceEntry, new: AudienceEntry) -> None:
    """Saved only when it says something else: a page that somebody has open stays true."""
    new = replace(new, id=old.id, version=old.version)
    if new != old:
        records.save(db, new)


def _entry(incident: Incident, plan: AudiencePlan, *, lang: str) -> AudienceEntry:
    reasons = [reason.text for reason in plan.reasons]
    return AudienceEntry(
        incident_id=incident.id,
        audience=plan.audience,
        position=plan.order,
        who=plan.who[lang],
        know=plan.know_or_need[lang],
        feel=plan.feel[lang],
        motivate=plan.motivate[lang],
        stance=plan.stance,
        target=plan.target,
        channels=tuple(channel[lang] for channel in plan.channels),
        spokesperson=plan.spokesperson[lang],
        due_at=incident.t0_at + timedelta(hours=plan.deadline_hours),
        reason=Text(zh="；".join(text.zh for text in reasons), en="; ".join(text.en for text in reasons)),
        details=_plan.dump_python(plan, mode="json"),
    )


def redraft(desk: Desk, incident_key: str, *, by: Person) -> None:
    """Bring the plan up to date with the judgement and what was heard since. Answers as planned are planned anew;
    what people wrote stays, and what the plan says now stands beside it (`AudienceEntry.suggestion`)."""
    demand(by, Action.RUN_INCIDENT)
    with judging(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        judgement = standing(incidents.classifications(db, incident.id))
        if judgement is not None:
            draft_plan(desk, db, incident, judgement, now=now)


def include(desk: Desk, incident_key: str, audience: str, *, by: Person, reason: str) -> AudienceEntry:
    """An audience that was left out, taken into the plan by a person, with blank answers to fill."""
    demand(by, Action.RUN_INCIDENT)
    if not reason.strip():
        raise Invalid("reason", "reason_missing")
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        plan = incidents.audiences(db, incident.id)
        entry = next((item for item in plan if item.audience == audience), None)
        if entry is None:
            raise NotFound(kind="audience", audience=audience)
        place = sum(1 for item in plan if not item.left_out) + 1
        entry = records.save(
            db,
            replace(
                entry,
                left_out=False,
                position=place,
                due_at=incident.t0_at + timedelta(hours=24),
                reason=Text(zh=reason.strip(), en=reason.strip()),
            ),
        )
        note(
            db,
            "audience_answered",
            at=now,
            by=by,
            incident_id=incident.id,
            audience=audience,
            words=reason.strip(),
        )
        return entry


@dataclass(frozen=True, kw_only=True)
class Reached:
    """One audience in one region ("" stands for everywhere): the channels that reach it there, how many of its
    responses were entered from there, and their mean stance -2..+2, None without one."""

    region: str
    channels: tuple[str, ...]
    responses: int
    stance: float | None


def coverage(
    plan: Sequence[AudienceEntry], regions: Sequence[str], answered: Sequence[Response], *, lang: str
) -> list[tuple[AudienceEntry, list[Reached]]]:
    """Audience x region x channel for those to be told, in telling order. A cell without channels is a hole."""
    return [
        (entry, [_reached(entry, region, answered, lang=lang) for region in regions or ("",)])
        for entry in plan
        if not entry.left_out
    ]


def _reached(entry: AudienceEntry, region: str, answered: Sequence[Response], *, lang: str) -> Reached:
    own = [
        item.stance for item in answered if item.audience == entry.audience and (not region or item.region == region)
    ]
    planned = {
        name: tuple(str(way[lang]) for way in entry.details.get(name) or ())
        for name in ("channels_china", "channels_international")
    }
    return Reached(
        region=region,
        channels=ways_to(region, entry.ways(lang), planned["channels_china"], planned["channels_international"]),
        responses=len(own),
        stance=sum(own) / len(own) if own else None,
    )


def law_of(desk: Desk, case: Case, judgement: StoredClassification, *, regions: Iterable[str] = (), on: date) -> Law:
    """Legal clocks that may run in a case on a day, and where nothing is kept. `regions` are those of the incident: law
    holds where it happened and where the organisation is at home. Reminders, never advice."""
    seen = look(case, Judged(judgement), desk.content.audiences.needs)
    there = replace(case, org=replace(case.org, regions=tuple(dict.fromkeys((*regions, *case.org.regions)))))
    return law(there, seen, desk.content.legal, on=on)
