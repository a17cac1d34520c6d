"""The next update that a released text names: promised with the release, declined with a reason, or still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from crisis.core.incident import Incident
from crisis.core.log import LogEntry
from crisis.core.nextupdate import Announced, announced
from crisis.core.people import Person
from crisis.core.promise import Promise, PromiseState, standing
from crisis.core.release import Release
from crisis.core.statement import Statement
from crisis.errors import Invalid
from crisis.flows.desk import Desk, at_home, note
from crisis.flows.responses import NewPromise, put_promise
from crisis.store import records


@dataclass(frozen=True, kw_only=True)
class Declined:
    """A person releases a text that names a next update and enters no promise of it, with the reason."""

    reason: str


def promise(
    db: Connection, incident: Incident, statement: Statement, typed: NewPromise, *, by: Person, now: datetime
) -> None:
    """Put the next update on the promise rail. Where an earlier promise of it stands there, the log says so."""
    if typed.due_at <= now:
        raise Invalid("due_at", "due_passed")
    kept = records.find(db, Promise, incident_id=incident.id, state=PromiseState.OPEN)
    stands = standing(kept, due_at=typed.due_at, audience=statement.audience)
    if stands is None:
        typed = replace(typed, statement_id=statement.id, audience=statement.audience)
        put_promise(db, incident, typed, by=by, now=now)
        return
    # Else Publishing would ask again where the person has set another time than the text names.
    note(
        db,
        "promise_stands",
        at=now,
        by=by,
        incident_id=incident.id,
        statement=statement.number,
        promise=stands.text,
    )


def standing_for(promises: Iterable[Promise], update: Announced | None, audience: str) -> Promise | None:
    """The open promise that keeps what a text has announced, when one stands."""
    if update is None or update.at is None:
        return None
    return standing(promises, due_at=update.at, audience=audience, early=update.early)


def decline(
    db: Connection, incident: Incident, statement: Statement, declined: Declined, *, by: Person, now: datetime
) -> None:
    """Log why a text that names its next update goes out without a promise of it."""
    if not declined.reason.strip():
        raise Invalid("reason", "reason_missing")
    note(
        db,
        "promise_declined",
        at=now,
        by=by,
        incident_id=incident.id,
        words=declined.reason.strip(),
        statement=statement.number,
    )


def unpromised(desk: Desk, db: Connection, made: Iterable[Release]) -> Mapping[int, Announced]:
    """By number of the release: the next update that a text named when it went out, of which no promise was entered
    and nobody said why not."""
    found = {}
    for item in made:
        said_at = at_home(db, item.at)
        update = announced(item.text, lang=item.lang, said_at=said_at, checks=desk.content.checks)
        if update is not None and item.withdrawn_at is None and not _is_settled(db, item, update):
            found[item.id] = update
    return found


def _is_settled(db: Connection, made: Release, update: Announced) -> bool:
    statement = records.get(db, Statement, made.statement_id)
    promises = records.find(db, Promise, incident_id=made.incident_id)
    # Kept or broken, it was on the rail.
    stood = [replace(promise, state=PromiseState.OPEN) for promise in promises]
    settled = [
        entry
        for verb in ("promise_declined", "promise_stands")
        for entry in records.find(db, LogEntry, incident_id=made.incident_id, verb=verb)
    ]
    return (
        any(promise.statement_id == statement.id for promise in promises)
        or standing_for(stood, update, made.audience) is not None
        or any(entry.args.get("statement") == statement.number for entry in settled)
    )
