"""The desk: the bundle of tools that every flow is given. Built once at the door, exchanged for others in tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from crisis.content.library import Library
from crisis.content.yamlfile import Known
from crisis.core.case import Case
from crisis.core.clock import DrillClock
from crisis.core.log import LogEntry
from crisis.core.matter import VERBS, Matter, last_set
from crisis.core.people import Person
from crisis.errors import Stale
from crisis.settings import Settings
from crisis.store import keep, log
from crisis.store.db import Database
from monitors.organisation import Organisation, organisation_of

DRILL_CLOCK = "drill_clock"
ORGANISATION = "organisation"
DEFAULT_ZONE = "Asia/Shanghai"


def _nothing(name: str) -> None:
    """A checkpoint that does nothing; a test puts one here that ends the process."""


def _open(db: Connection) -> None:
    """No fence: this process may write."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Tools of the desk.

    `real_now` is the machine's clock. `drill` says that the world outside is played: its time is the drill's and
    nothing may leave the building. `checkpoint` is called by name at the points between which a release must
    survive the death of the process. `fence` is called first in each transaction and raises when this process may not
    write any more (`crisis.flows.listener`). `own` is where one's own desk would lie, when this one is the sample desk.
    """

    settings: Settings
    database: Database
    content: Library
    real_now: Callable[[], datetime]
    drill: bool = False
    own: Settings | None = None
    checkpoint: Callable[[str], None] = field(default=_nothing)
    fence: Callable[[Connection], None] = field(default=_open)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that writes; it begins at the fence."""
        with self.database.transaction() as db:
            self.fence(db)
            yield db

    def reading(self) -> AbstractContextManager[Connection]:
        return self.database.reading()

    def now(self, db: Connection | None = None) -> datetime:
        """The desk's time: real time, or the drill's."""
        real = self.real_now()
        if not self.drill:
            return real
        if db is None:
            with self.reading() as reading:
                return self.now(reading)
        clock = drill_clock(db)
        return clock.now(real) if clock else real


def drill_clock(db: Connection) -> DrillClock | None:
    """The drill's clock as it is kept, or None before the drill has begun."""
    record = keep.read(db, DRILL_CLOCK)
    if record is None:
        return None
    return DrillClock(
        anchor=datetime.fromisoformat(record["anchor"]), at=datetime.fromisoformat(record["at"]), speed=record["speed"]
    )


def keep_drill_clock(db: Connection, clock: DrillClock) -> None:
    keep.write(
        db,
        DRILL_CLOCK,
        {"anchor": clock.anchor.isoformat(), "at": clock.at.isoformat(), "speed": clock.speed},
    )


@dataclass(frozen=True, kw_only=True)
class House:
    """The organisation of this desk and what belongs to it beyond its names.

    `prefix` begins incident keys; `zone` is its time zone; `approvals` is how many people must approve a
    statement; `hotline`, `contact` and `signature` appear in drafts, per language.
    """

    organisation: Organisation
    prefix: str = "RD"
    zone: str = DEFAULT_ZONE
    approvals: int = 2
    hotline: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    signature: Mapping[str, str] = field(default_factory=dict)
    name_en: str = ""
    listed: bool = False
    smtp: Mapping[str, Any] = field(default_factory=dict)
    allow: tuple[str, ...] = ()


_FIELDS = ("prefix", "zone", "approvals", "hotline", "contact", "signature", "name_en", "listed", "smtp")
_BOTH: Known = {"zh": None, "en": None}
_SMTP = ("host", "port", "sender", "user", "password", "starttls")
# The fields of the record of an organisation, and those of a house, each with its own.
ORGANISATION_FIELDS: Known = {item.name: None for item in fields(Organisation)}
HOUSE_FIELDS: Known = {
    **dict.fromkeys((*_FIELDS, "allow")),
    "contact": _BOTH,
    "signature": _BOTH,
    "smtp": dict.fromkeys(_SMTP),
}


def house_of(record: Mapping[str, Any]) -> House:
    """The house of a record as it is kept. Raises BadField."""
    return House(
        organisation=organisation_of(record["organisation"]),
        **{name: record[name] for name in _FIELDS if name in record},
        allow=tuple(record.get("allow", ())),
    )


def house(db: Connection) -> House | None:
    """The organisation as it was set up, or None before that."""
    record = keep.read(db, ORGANISATION)
    return None if record is None else house_of(record)


def at_home(db: Connection, at: datetime) -> datetime:
    """The moment by the organisation's clock: the day that its people write into keys."""
    home = house(db)
    return at.astimezone(ZoneInfo(home.zone if home else DEFAULT_ZONE))


def note(
    db: Connection,
    verb: str,
    *,
    at: datetime,
    by: Person | None = None,
    incident_id: int | None = None,
    words: str = "",
    decision: bool = False,
    **args: Any,
) -> LogEntry:
    """Write one log entry. `verb` and `args` are worded at the edge; `words` are a person's own."""
    return log.append(
        db,
        LogEntry(
            incident_id=incident_id,
            at=at,
            by=by.id if by else 0,
            verb=verb,
            args=args,
            note=words,
            decision=decision,
        ),
    )


def demand_unchanged(db: Connection, incident_id: int, matter: Matter, *, since: int) -> None:
    """Raises Stale when somebody has set the matter after the log entry `since`, which the page showed as the newest
    about it (0 for none)."""
    newest = last_set(log.told_of(db, incident_id, VERBS)).get(matter)
    if newest is not None and newest.seq != since:
        raise Stale(kind="matter", id=incident_id, matter=str(matter))


@contextmanager
def acting(desk: Desk) -> Iterator[tuple[Connection, datetime]]:
    """A transaction that writes the log, together with the desk's time when its turn came.

    Such transactions stand in a queue: of two people who decide the same thing the second one sees what the first
    one has decided, and gets a sentence instead of a broken constraint.
    """
    with desk.transaction() as db:
        log.take_turn(db)
        yield db, desk.now(db)


@contextmanager
def judging(desk: Desk, case: Callable[[Connection], Case] | None = None) -> Iterator[tuple[Connection, datetime]]:
    """`acting` for an intention that judges a case or a text: what they are read with is loaded first, for others
    wait for the turn. Of a `case` that may be new the texts are read first too, as it stands before the turn."""
    desk.content.prepare()
    if case is not None:
        with desk.reading() as db:
            found = case(db)
        desk.content.read_ahead(found)
    with acting(desk) as (db, now):
        yield db, now
