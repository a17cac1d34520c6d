"""When the time for a vote is over: a text that people approved before goes out instead, by itself."""

from __future__ import annotations

import logging
from dataclasses import replace

from crisis.core.approval import Approval
from crisis.core.incident import Incident
from crisis.core.statement import Statement
from crisis.errors import WrongState
from crisis.flows.desk import Desk, acting, note
from crisis.flows.releases import release_approved
from crisis.flows.statements import newest_approval
from crisis.store import records, statements

log = logging.getLogger(__name__)


def release_due(desk: Desk) -> int:
    """Where a run's time is over without enough votes, its fallback (approved before) goes out. How many did.

    A timed rule never approves anything: it releases only what people approved themselves, while the incident is
    open. A fallback that may not go out is struck from its run, and the log says so.
    """
    with desk.reading() as db:
        due = [item.id for item in statements.due_for_fallback(db, now=desk.now(db))]
    released = 0
    for approval_id in due:
        try:
            released += _release(desk, approval_id)
        except WrongState as refused:
            log.warning("fallback.refused approval=%s why=%s", approval_id, refused)
            _strike(desk, approval_id)
        except Exception:
            # One run that cannot be served must not hold up the others.
            log.exception("fallback.failed approval=%s", approval_id)
    return released


def _release(desk: Desk, approval_id: int) -> bool:
    with acting(desk) as (db, now):
        if approval_id not in [item.id for item in statements.due_for_fallback(db, now=now)]:
            return False
        approval = records.get(db, Approval, approval_id)
        assert approval.fallback_id is not None
        fallback = records.get(db, Statement, approval.fallback_id)
        incident = records.get(db, Incident, fallback.incident_id)
        run = newest_approval(db, fallback)
        if run is None:
            raise WrongState("not approved", statement=fallback.number)
        note(db, "fallback_due", at=now, incident_id=incident.id, statement=fallback.number, late=approval.hash[:12])
        release_approved(desk, db, incident, fallback, run, by=None, now=now)
        # The late text stays in review; it can still be approved and follow.
        records.save(db, replace(approval, fallback_id=None))
        return True


def _strike(desk: Desk, approval_id: int) -> None:
    with acting(desk) as (db, now):
        approval = records.get(db, Approval, approval_id)
        if approval.fallback_id is None:
            return
        fallback = records.get(db, Statement, approval.fallback_id)
        records.save(db, replace(approval, fallback_id=None))
        note(db, "fallback_refused", at=now, incident_id=fallback.incident_id, statement=fallback.number)
