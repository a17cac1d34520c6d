"""People by their e-mail, the sessions of their browsers, and the guesses at their passwords. Times are real time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from crisis.core.people import Person, Role
from crisis.store import records, schema


def by_email(db: Connection, email: str) -> Person | None:
    """Who has this e-mail address, in small or capital letters; also somebody who may not sign in any more."""
    return records.first(db, Person, func.lower(schema.person.c.email) == email.lower())


def locked(db: Connection, person_id: int) -> Person:
    """Somebody as they are, whom nobody else can change until the transaction ends. Raises NotFound."""
    table = schema.person
    db.execute(select(table.c.id).where(table.c.id == person_id).with_for_update())
    return records.get(db, Person, person_id)


def holding(db: Connection, role: Role) -> tuple[Person, ...]:
    """Everybody active who has a role, by id."""
    return tuple(person for person in records.find(db, Person, active=True) if person.has(role))


def set_lang(db: Connection, person_id: int, lang: str) -> None:
    """Which language somebody reads in. It is no version of the person: nobody else decides about it."""
    db.execute(update(schema.person).where(schema.person.c.id == person_id).values(lang=lang))


@dataclass(frozen=True, kw_only=True)
class StoredSession:
    """A signed-in browser as it is kept."""

    id: int
    person_id: int
    csrf: str
    seen_at: datetime


def add_session(
    db: Connection, *, token_hash: str, person_id: int, csrf: str, now: datetime, expires_at: datetime
) -> None:
    db.execute(
        insert(schema.session).values(
            token_hash=token_hash,
            person_id=person_id,
            csrf=csrf,
            created_at=now,
            seen_at=now,
            expires_at=expires_at,
        )
    )


def session_of(db: Connection, token_hash: str, *, now: datetime) -> StoredSession | None:
    """The session of a token, or None when it has ended."""
    table = schema.session
    query = select(table.c.id, table.c.person_id, table.c.csrf, table.c.seen_at)
    row = db.execute(query.where(table.c.token_hash == token_hash, table.c.expires_at > now)).first()
    return None if row is None else StoredSession(**row._mapping)


def prolong(db: Connection, session_id: int, *, now: datetime, expires_at: datetime) -> None:
    table = schema.session
    db.execute(update(table).where(table.c.id == session_id).values(seen_at=now, expires_at=expires_at))


def end_session(db: Connection, token_hash: str) -> None:
    db.execute(delete(schema.session).where(schema.session.c.token_hash == token_hash))


def end_sessions_of(db: Connection, person_id: int) -> None:
    """Sign somebody out everywhere."""
    db.execute(delete(schema.session).where(schema.session.c.person_id == person_id))


def rename_session(db: Connection, token_hash: str, *, to: str) -> None:
    """A session goes on under another token; its form token stays, so that pages that are open can still be sent."""
    db.execute(update(schema.session).where(schema.session.c.token_hash == token_hash).values(token_hash=to))


def end_other_sessions(db: Connection, person_id: int, *, but: str) -> None:
    """Sign somebody out everywhere else: the session of the token hash `but` stays."""
    table = schema.session
    db.execute(delete(table).where(table.c.person_id == person_id, table.c.token_hash != but))


def forget_ended_sessions(db: Connection, *, now: datetime) -> None:
    db.execute(delete(schema.session).where(schema.session.c.expires_at < now))


def guesses(db: Connection, key: str, *, since: datetime) -> int:
    """How often somebody guessed wrong at an account, or from an address."""
    table = schema.attempt
    query = select(func.count()).where(table.c.key == key, table.c.at > since)
    return int(db.execute(query).scalar_one())


def add_guesses(db: Connection, keys: Sequence[str], *, at: datetime) -> None:
    for key in keys:
        db.execute(insert(schema.attempt).values(key=key, at=at))


def forget_guesses(db: Connection, key: str) -> None:
    db.execute(delete(schema.attempt).where(schema.attempt.c.key == key))


def forget_old_guesses(db: Connection, *, upto: datetime) -> None:
    db.execute(delete(schema.attempt).where(schema.attempt.c.at <= upto))
