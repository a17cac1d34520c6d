"""Subscriptions at hubs, and the documents that hubs have pushed and nobody has heard yet."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from crisis.core.sources import Source
from crisis.core.subscription import Push, StoredSubscription
from crisis.store import records, schema
from monitors.websub import SubscriptionState


def by_token(db: Connection, token: str) -> StoredSubscription | None:
    """The subscription whose callback ends in this token."""
    return records.first(db, StoredSubscription, token=token)


def of_source(db: Connection, source_id: int) -> StoredSubscription | None:
    return records.first(db, StoredSubscription, source_id=source_id)


def of_active_sources(db: Connection) -> tuple[StoredSubscription, ...]:
    """Subscriptions of the sources that are polled."""
    table = schema.subscription
    active = select(schema.source.c.id).where(schema.source.c.active.is_(True))
    return records.find(db, StoredSubscription, table.c.source_id.in_(active))


def to_give_back(db: Connection, *, limit: int) -> tuple[StoredSubscription, ...]:
    """Subscriptions that a hub was asked for, of sources that are not polled any more."""
    table = schema.subscription
    off = select(schema.source.c.id).where(schema.source.c.active.is_(False))
    held = table.c.state.in_((SubscriptionState.ASKED, SubscriptionState.ACTIVE))
    return records.find(
        db, StoredSubscription, table.c.source_id.in_(off), held, table.c.asked_at.is_not(None), limit=limit
    )


def waiting(db: Connection, *, limit: int) -> tuple[tuple[Push, Source], ...]:
    """The oldest pushes that nobody has heard, each with its source."""
    found = records.find(db, Push, limit=limit)
    return tuple((push, records.get(db, Source, push.source_id)) for push in found)


def waiting_count(db: Connection, source_id: int) -> int:
    """How many pushes of a source nobody has heard yet."""
    table = schema.push
    query = select(func.count()).select_from(table).where(table.c.source_id == source_id)
    return int(db.execute(query).scalar_one())


def heard(db: Connection, push_id: int) -> None:
    """A push was taken in: it waits no longer."""
    db.execute(schema.push.delete().where(schema.push.c.id == push_id))
