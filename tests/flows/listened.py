"""Rounds of the listening process over what is due, and what they brought."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from crisis.core.sources import Source, StoredArticle, StoredMention
from crisis.flows.desk import Desk
from crisis.jobs.listening import Listening
from crisis.store import records, schema
from monitors.fetch import open_session
from monitors.guard import allowed_of
from monitors.poller import Politeness
from monitors.reading import Readers


def listen(desk: Desk, *, again_after: timedelta | None = None, clock: Any = None, rounds: int = 1) -> None:
    """Rounds of the listening process over whatever is due."""
    allowed = allowed_of(networks=("127.0.0.1",))

    async def play() -> None:
        listening = Listening(desk, allowed=allowed, politeness=Politeness(spacing_s=0.0, parallel=8))
        async with open_session(allowed=allowed) as session, Readers(0) as readers:
            for number in range(rounds):
                if number and again_after is not None:
                    clock.pass_by(again_after)
                await listening.round(session, readers)

    asyncio.run(play())


def articles(desk: Desk) -> tuple[StoredArticle, ...]:
    with desk.reading() as db:
        return records.find(db, StoredArticle)


def mentions(desk: Desk) -> tuple[StoredMention, ...]:
    with desk.reading() as db:
        return records.find(db, StoredMention)


def source_now(desk: Desk, source: Source) -> Source:
    with desk.reading() as db:
        return records.get(db, Source, source.id)


def due_again(desk: Desk, source: Source) -> None:
    with desk.transaction() as db:
        now = desk.now(db)
        db.execute(schema.source.update().where(schema.source.c.id == source.id).values(due_at=now))
