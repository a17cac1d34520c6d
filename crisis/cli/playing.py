"""Playing a desk without a browser: a temporary desk, a loopback server, a clock that jumps from event to event."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

from crisis.content.library import load
from crisis.core.clock import DrillClock
from crisis.core.people import Person, Role
from crisis.core.sources import Alarm, Source, Story
from crisis.flows.desk import ORGANISATION, Desk, House, keep_drill_clock, note
from crisis.flows.ingest import TakenIn
from crisis.flows.setup import record_of
from crisis.jobs.listening import Listening
from crisis.settings import Settings
from crisis.store import keep, migrate, records
from crisis.store.db import Database, open_engine
from monitors.fetch import open_session
from monitors.loopback import LoopbackFeeds, Outlet
from monitors.poller import Politeness
from monitors.reading import Readers


class Stage:
    """A desk that is played: nothing of it leaves this machine, and its clock stands still between two steps."""

    def __init__(self, outlets: Iterable[Outlet], *, begins_at: datetime, home: Path | None = None) -> None:
        folder = home or Path(mkdtemp(prefix="desk-"))
        settings = Settings(home=folder, database=f"sqlite:///{folder / 'desk.sqlite'}")
        database = Database(open_engine(settings.database))
        migrate.upgrade(database.engine)
        self.desk = Desk(
            settings=settings,
            database=database,
            content=load(folder),
            real_now=lambda: datetime.now(UTC),
            drill=True,
        )
        with self.desk.transaction() as db:
            keep_drill_clock(db, DrillClock(anchor=self.desk.real_now(), at=begins_at, speed=0))
        self._now = begins_at
        self.outlets = tuple(outlets)
        self.feeds = LoopbackFeeds(self.outlets, clock=lambda: self._now)
        self._stack = ExitStack()
        self.taken: list[TakenIn] = []

    def __enter__(self) -> Stage:
        self._stack.enter_context(self.feeds)
        self._stack.callback(self.desk.database.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def now(self) -> datetime:
        return self._now

    def set_up(self, house: House, people: Iterable[Person], *, reach: int = 4) -> dict[str, Person]:
        """The organisation, its people by name, and a source for every outlet."""
        with self.desk.transaction() as db:
            now = self.desk.now(db)
            keep.write(db, ORGANISATION, record_of(house))
            note(db, "desk_opened", at=now, organisation=house.organisation.name)
            found = {person.name: records.add(db, person) for person in people}
            for outlet in self.outlets:
                records.add(
                    db,
                    Source(
                        name=outlet.title,
                        url=self.feeds.url(outlet.name),
                        reach=reach,
                        lang=outlet.lang,
                        interval_s=1,
                        health={},
                        due_at=now,
                        added_at=now,
                    ),
                )
        return found

    def jump(self, to: datetime) -> None:
        """Set the clock forward; every source is due again."""
        self._now = to
        with self.desk.transaction() as db:
            keep_drill_clock(db, DrillClock(anchor=self.desk.real_now(), at=to, speed=0))

    def play(self, moments: Iterable[datetime], *, until_alert: bool = True) -> Alarm | None:
        """Poll at each moment; the first alert, or None. With `until_alert` it stops there."""
        return asyncio.run(self._play(moments, until_alert=until_alert))

    async def _play(self, moments: Iterable[datetime], *, until_alert: bool) -> Alarm | None:
        raised: list[TakenIn] = []

        def heard(taken: TakenIn) -> None:
            self.taken.append(taken)
            if taken.alerts:
                raised.append(taken)

        listening = Listening(
            self.desk,
            allowed=self.feeds.allowed(),
            politeness=Politeness(spacing_s=0.0, parallel=16),
            heard=heard,
        )
        first: Alarm | None = None
        async with open_session(allowed=self.feeds.allowed()) as session, Readers(0) as readers:
            for moment in moments:
                self.jump(moment + timedelta(seconds=1))
                await listening.round(session, readers)
                if raised and first is None:
                    first = self._alarm()
                    if first is not None and until_alert:
                        break
        return first

    def _alarm(self) -> Alarm | None:
        with self.desk.reading() as db:
            found = records.find(db, Alarm)
            return next((alarm for alarm in found if alarm.level == "alert"), None)

    def story(self, story_id: int) -> Story:
        with self.desk.reading() as db:
            return records.get(db, Story, story_id)


def player(name: str, *roles: Role) -> Person:
    """A person of a played desk."""
    return Person(name=name, email=f"{name}@desk.example", roles=roles)
