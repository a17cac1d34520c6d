"""What audiences answer: entered by officers and regional offices, each for the regions they may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from crisis.core import promise as promise_rules
from crisis.core import response as rules
from crisis.core.audienceplan import ANSWERS, AudienceEntry
from crisis.core.incident import Incident
from crisis.core.people import Action, Person, demand, demand_in
from crisis.core.promise import Promise
from crisis.core.release import Release
from crisis.core.response import Response
from crisis.core.statement import Statement
from crisis.errors import Invalid, NotFound, Stale
from crisis.flows import people
from crisis.flows.desk import Desk, acting, note
from crisis.store import incidents, records


def enter(
    desk: Desk,
    incident_key: str,
    *,
    by: Person,
    audience: str,
    region: str,
    stance: int,
    said: str,
    question: bool = False,
    release_id: int | None = None,
) -> Response:
    """What somebody said, in their own words. A regional office enters for its own regions only."""
    region = region.strip()
    demand_in(by, Action.RESPOND, region)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        if release_id is not None and records.first(db, Release, id=release_id, incident_id=incident.id) is None:
            raise NotFound(kind="release", id=release_id)
        response = records.add(
            db,
            rules.checked(
                Response(
                    incident_id=incident.id,
                    audience=audience,
                    region=region,
                    stance=stance,
                    said=said.strip(),
                    question=question,
                    release_id=release_id,
                    at=now,
                    by=by.id,
                )
            ),
        )
        note(
            db,
            "response_entered",
            at=now,
            by=by,
            incident_id=incident.id,
            audience=audience,
            region=region,
            stance=stance,
        )
        entry = records.first(db, AudienceEntry, incident_id=incident.id, audience=audience)
        if entry is not None:
            known = records.find(db, Response, incident_id=incident.id, audience=audience)
            now_at = rules.stance_now(known)
            if now_at is not None and now_at != entry.stance:
                records.save(db, replace(entry, stance=round(now_at, 2)))
        return response


def answer(desk: Desk, incident_key: str, audience: str, *, by: Person, seen: str, **answers: str) -> AudienceEntry:
    """The audience with new answers to the four questions, or another spokesperson. `seen` is the `mark` of the entry
    that was answered; raises Stale when somebody has answered otherwise since."""
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        entry = records.first(db, AudienceEntry, incident_id=incident.id, audience=audience)
        if entry is None:
            raise NotFound(kind="audience", audience=audience)
        typed = {name: value.strip() for name, value in answers.items() if name in ANSWERS}
        changed = {name: value for name, value in typed.items() if not entry.says_same(name, value)}
        if not changed:
            return entry
        if entry.mark != seen:
            raise Stale(kind="audience", id=entry.id)
        entry = records.save(db, replace(entry, **changed))  # type: ignore[arg-type]
        note(db, "audience_answered", at=now, by=by, incident_id=incident.id, audience=audience, what=sorted(changed))
        return entry


def told(desk: Desk, incident_key: str, audience: str, *, by: Person, how: str) -> AudienceEntry:
    """The audience as told: the first contact, by hand (a visit, a call)."""
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        entry = records.first(db, AudienceEntry, incident_id=incident.id, audience=audience)
        if entry is None:
            raise NotFound(kind="audience", audience=audience)
        if entry.told_at is None:
            entry = records.save(db, replace(entry, told_at=now))
        note(db, "audience_told", at=now, by=by, incident_id=incident.id, words=how.strip(), audience=audience)
        return entry


@dataclass(frozen=True, kw_only=True)
class NewPromise:
    """What a person types for a promise: what, who keeps it, until when, to whom, and which text made it."""

    text: str
    due_at: datetime
    owner_id: int
    audience: str = ""
    statement_id: int | None = None


def promise(
    desk: Desk,
    incident_key: str,
    *,
    by: Person,
    text: str,
    due_at: datetime,
    owner_id: int,
    audience: str = "",
    statement_id: int | None = None,
) -> Promise:
    """A promise in the ledger: what, who, until when."""
    demand(by, Action.DRAFT)
    typed = NewPromise(text=text, due_at=due_at, owner_id=owner_id, audience=audience, statement_id=statement_id)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        if statement_id is not None and records.first(db, Statement, id=statement_id, incident_id=incident.id) is None:
            raise NotFound(kind="statement", id=statement_id)
        return put_promise(db, incident, typed, by=by, now=now)


def put_promise(db: Connection, incident: Incident, typed: NewPromise, *, by: Person, now: datetime) -> Promise:
    """A promise of an incident within a transaction of the caller. Raises Invalid."""
    if not typed.text.strip():
        raise Invalid("text", "promise_missing")
    if typed.due_at < incident.t0_at:
        raise Invalid("due_at", "due_before_incident")
    made = records.add(
        db,
        Promise(
            incident_id=incident.id,
            statement_id=typed.statement_id,
            text=typed.text.strip(),
            audience=typed.audience,
            owner_id=people.owner(db, typed.owner_id).id,
            due_at=typed.due_at,
            made_at=now,
        ),
    )
    note(db, "promise_made", at=now, by=by, incident_id=incident.id, promise=made.text, due=typed.due_at.isoformat())
    return made


def keep_promise(desk: Desk, incident_key: str, promise_id: int, *, by: Person, words: str, kept: bool) -> Promise:
    """The promise as kept or as broken, with words."""
    demand(by, Action.RUN_INCIDENT)
    with acting(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        found = records.first(db, Promise, id=promise_id, incident_id=incident.id)
        if found is None:
            raise NotFound(kind="promise", id=promise_id)
        ended = (promise_rules.kept if kept else promise_rules.broken)(found, note=words, at=now)
        ended = records.save(db, ended)
        note(
            db,
            "promise_kept" if kept else "promise_broken",
            at=now,
            by=by,
            incident_id=incident.id,
            words=words.strip(),
            promise=found.text,
        )
        return ended
