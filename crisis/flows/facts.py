"""Facts of an incident: added, confirmed, disputed, withheld, superseded. Nothing changes without a log entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from crisis.core import fact as rules
from crisis.core.case import FactStatus
from crisis.core.fact import Fact
from crisis.core.incident import Incident
from crisis.core.people import Action, Person, demand
from crisis.errors import NotFound, Stale, WrongState
from crisis.flows import follow
from crisis.flows.desk import Desk, judging, note
from crisis.store import incidents, records, search


@dataclass(frozen=True, kw_only=True)
class NewFact:
    """What a person types for a fact. `sure` says that a time long before the incident is meant."""

    claim_zh: str = ""
    claim_en: str = ""
    source: str
    as_of: datetime
    status: FactStatus = FactStatus.UNCONFIRMED
    asking: str = ""
    is_cause: bool = False
    sure: bool = False


def add(desk: Desk, incident_key: str, typed: NewFact, *, by: Person) -> Fact:
    """A new fact in the ledger. Raises Invalid when the claim or its source is missing, or its time cannot be."""
    demand(by, Action.RUN_INCIDENT)
    with judging(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        fact = _added(db, incident, typed, by=by, now=now)
        follow.facts_changed(desk, db, incident, at=now)
        return fact


def _added(db: Connection, incident: Incident, typed: NewFact, *, by: Person, now: datetime) -> Fact:
    known = incidents.facts(db, incident.id)
    fact = rules.checked(
        Fact(
            incident_id=incident.id,
            number=max((item.number for item in known), default=0) + 1,
            claim_zh=typed.claim_zh.strip(),
            claim_en=typed.claim_en.strip(),
            source=typed.source.strip(),
            as_of=typed.as_of,
            status=typed.status,
            asking=typed.asking.strip(),
            is_cause=typed.is_cause,
            added_by=by.id,
            added_at=now,
        )
    )
    fact = records.add(db, rules.timed(fact, began_at=incident.t0_at, now=now, sure=typed.sure))
    note(
        db,
        "fact_added",
        at=now,
        by=by,
        incident_id=incident.id,
        fact=fact.number,
        zh=fact.claim("zh"),
        en=fact.claim("en"),
        status=str(fact.status),
    )
    _findable(db, fact)
    return fact


def judge(
    desk: Desk, incident_key: str, number: int, status: FactStatus, *, by: Person, note_text: str, seen: int
) -> Fact:
    """The fact as confirmed, disputed, unconfirmed or withheld. `seen` is the version that was judged. Raises
    WrongState, Invalid, and Stale when somebody has judged it since."""
    demand(by, Action.RUN_INCIDENT)
    with judging(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        fact = _as_seen(db, incident, number, seen)
        fact = rules.judged(fact, status, by=by.id, note=note_text, at=now)
        fact = records.save(db, fact)
        note(
            db,
            "fact_judged",
            at=now,
            by=by,
            incident_id=incident.id,
            words=note_text.strip(),
            fact=fact.number,
            status=str(status),
            zh=fact.claim("zh"),
            en=fact.claim("en"),
        )
        follow.facts_changed(desk, db, incident, at=now)
        return fact


def supersede(desk: Desk, incident_key: str, number: int, typed: NewFact, *, by: Person, seen: int) -> Fact:
    """The new fact; the old one stays in the ledger, struck through. `seen` is the version of the old one that was
    replaced. Raises WrongState, Invalid, and Stale when somebody has judged it since."""
    demand(by, Action.RUN_INCIDENT)
    with judging(desk) as (db, now):
        incident = incidents.by_key(db, incident_key, person=by)
        old = _as_seen(db, incident, number, seen)
        fact = _added(db, incident, typed, by=by, now=now)
        records.save(db, rules.superseded(old, by_number=fact.number, by=by.id, at=now))
        note(db, "fact_superseded", at=now, by=by, incident_id=incident.id, fact=number, successor=fact.number)
        # Once both are in place: a cause that was confirmed no longer is.
        follow.facts_changed(desk, db, incident, at=now)
        return fact


def _as_seen(db: Connection, incident: Incident, number: int, seen: int) -> Fact:
    fact = records.first(db, Fact, incident_id=incident.id, number=number)
    if fact is None:
        raise NotFound(kind="fact", number=number)
    if fact.status is FactStatus.SUPERSEDED:
        raise WrongState("fact is superseded", fact=number)
    if fact.version != seen:
        raise Stale(kind="fact", id=fact.id)
    return fact


def _findable(db: Connection, fact: Fact) -> None:
    search.put(
        db,
        kind="fact",
        ref=fact.id,
        incident_id=fact.incident_id,
        title=f"F{fact.number} {fact.claim_zh or fact.claim_en}",
        words=f"{fact.claim_en} {fact.source}",
    )
