"""What follows from a change, in the same transaction: a fact moves the judgement and the flags of its case."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from crisis.core.case import FactStatus
from crisis.core.incident import Incident
from crisis.flows import judgement
from crisis.flows.desk import Desk
from crisis.store import incidents, records


def facts_changed(desk: Desk, db: Connection, incident: Incident, *, at: datetime) -> None:
    """The cause counts as established when a fact that names it is confirmed; then the case is judged anew."""
    facts = incidents.facts(db, incident.id)
    established = any(fact.is_cause and fact.status is FactStatus.CONFIRMED for fact in facts)
    incident = records.get(db, Incident, incident.id)
    if established != incident.cause_established:
        incident = records.save(db, replace(incident, cause_established=established))
    judgement.judge(desk, db, incident, now=at)
