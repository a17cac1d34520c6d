"""The drill: a sample desk is laid out, its clock runs, and nothing leaves the building."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from crisis.content.drills import Drill
from crisis.core.clock import DrillClock
from crisis.core.contact import Recipient
from crisis.core.people import Person, Role
from crisis.core.sources import Alarm, Source
from crisis.flows.desk import (
    ORGANISATION,
    Desk,
    acting,
    drill_clock,
    house_of,
    keep_drill_clock,
    note,
)
from crisis.flows.setup import checked, record_of
from crisis.store import keep, log, records, sources

AUTO = "drill_auto"
POLL_S = 20


def lay_out(desk: Desk, drill: Drill, *, feeds: Mapping[str, str]) -> None:
    """The sample desk, when it is not there yet: house, people, recipients, sources, clock.

    `feeds` are the addresses of the drill's outlets by title. A desk that was stopped goes on where it was: its
    sources get the addresses of today's server.
    """
    with desk.transaction() as db:
        real = desk.real_now()
        if keep.read(db, ORGANISATION) is None:
            _first_time(desk, db, drill, real=real)
        else:
            _go_on(db, real=real)
        for outlet in drill.outlets:
            _source(
                db,
                outlet.name,
                feeds[outlet.name],
                kind=outlet.kind,
                reach=outlet.reach,
                lang=outlet.lang,
                region=outlet.region,
                now=desk.now(db),
            )


def _first_time(desk: Desk, db: Connection, drill: Drill, *, real: datetime) -> None:
    keep_drill_clock(db, DrillClock(anchor=real, at=drill.begins_at, speed=drill.first_speed))
    keep.write(db, AUTO, True)
    now = desk.now(db)
    kept = checked(house_of({"allow": [], **drill.house}))
    keep.write(db, ORGANISATION, record_of(kept))
    note(db, "desk_opened", at=now, organisation=kept.organisation.name)
    for someone in drill.people:
        records.add(
            db,
            Person(
                name=someone.name,
                email=someone.email,
                roles=tuple(Role(role) for role in someone.roles),
                regions=someone.regions,
                title=someone.title,
                phone=someone.phone,
                lang=someone.lang,
                created_at=now,
            ),
        )
    for recipient in drill.recipients:
        records.add(
            db,
            Recipient(
                audience=recipient.audience,
                name=recipient.name,
                email=recipient.email,
                lang=recipient.lang,
                region=recipient.region,
            ),
        )
    note(db, "drill_started", at=now, drill=drill.id)


def _go_on(db: Connection, *, real: datetime) -> None:
    """The clock goes on where the desk was closed. One that was killed goes on after the newest thing it has logged:
    the drill's time stands still while nobody plays, and never runs backwards."""
    clock = drill_clock(db)
    if clock is None:
        return
    logged = log.newest_at(db)
    at = max(clock.at, min(logged or clock.at, clock.now(real)))
    keep_drill_clock(db, replace(clock, anchor=real, at=at))


def put_away(desk: Desk) -> None:
    """The clock as it shows now, kept for the next time the desk is opened."""
    with desk.transaction() as db:
        clock = drill_clock(db)
        if clock is not None:
            keep_drill_clock(db, clock.at_speed(clock.speed, desk.real_now()))


def _source(
    db: Connection, name: str, url: str, *, kind: str, reach: int, lang: str, region: str, now: datetime
) -> None:
    known = records.first(db, Source, name=name)
    if known is None:
        records.add(
            db,
            Source(
                name=name,
                url=url,
                kind=kind,
                reach=reach,
                lang=lang,
                region=region,
                interval_s=POLL_S,
                health={},
                due_at=now,
                added_at=now,
            ),
        )
    elif known.url != url:
        records.save(db, replace(known, url=url, health={}, due_at=now))


def set_speed(desk: Desk, speed: float, *, by: Person | None) -> DrillClock | None:
    """The drill's clock at another speed, 1 to 60; it stays so whatever happens."""
    with acting(desk) as (db, _):
        clock = drill_clock(db)
        if clock is None:
            return None
        clock = clock.at_speed(speed, desk.real_now())
        keep_drill_clock(db, clock)
        keep.write(db, AUTO, False)
        note(db, "drill_speed", at=clock.at, by=by, speed=speed)
        return clock


def to_next_event(desk: Desk, drill: Drill, *, by: Person | None) -> datetime | None:
    """Set the clock to just after the next thing that is published; None when everything was."""
    with acting(desk) as (db, _):
        clock = drill_clock(db)
        if clock is None:
            return None
        real = desk.real_now()
        event = drill.next_event(clock.now(real))
        if event is None:
            return None
        clock = clock.jumped(event, real).at_speed(1, real)
        keep_drill_clock(db, clock)
        keep.write(db, AUTO, False)
        # The sources are asked at once, so that what was published is heard in the next second.
        sources.ask_all(db, at=clock.at)
        note(db, "drill_speed", at=clock.at, by=by, speed=1)
        return event


def slow_down_at_alarm(desk: Desk) -> bool:
    """Real time from the first alarm on, so that a person can act. True when it was just slowed down."""
    with desk.reading() as db:
        if not keep.read(db, AUTO, False):
            return False
        if records.first(db, Alarm, level="alert") is None:
            return False
    with desk.transaction() as db:
        clock = drill_clock(db)
        if clock is None or not keep.read(db, AUTO, False):
            return False
        keep_drill_clock(db, clock.at_speed(1, desk.real_now()))
        keep.write(db, AUTO, False)
    return True
