"""A small world for tests: one fictional maker of stoves, eight people, and short ways to bring a case to a point.

Lin     officer                   Shen, Wang  executives (they approve)
Zhou    officer and publisher     He          regional office of 温州 and 宁波
Li      complaint handler         Wu          administrator          Anna    viewer
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from crisis.content.library import Library
from crisis.core.approval import Approval, VoteKind
from crisis.core.checks import Level
from crisis.core.contact import Recipient
from crisis.core.incident import Incident
from crisis.core.matter import VERBS, Matter, last_set
from crisis.core.people import Person, Role
from crisis.core.release import Release
from crisis.core.sources import Source, Story
from crisis.core.statement import ChannelKind, Revision, Statement
from crisis.flows import approvals, people, releases, setup, statements, triage
from crisis.flows.desk import Desk, House
from crisis.settings import Settings
from crisis.store import incidents, log, records, search
from crisis.store import statements as texts
from crisis.store.db import Database, open_engine
from monitors.organisation import Organisation

BEGIN = datetime(2026, 5, 14, 1, 6, tzinfo=UTC)
PASSWORD = "stove-and-kettle"
TEXT = "今天上午九点，我们接到消息，杭州一户人家的厨房发生燃气事故。我们的人已经在现场，并与消防部门一起查明原因。\n"


@dataclass
class Clock:
    """The machine's clock as a test sets it. It stands still until it is moved."""

    at: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, span: timedelta) -> None:
        self.at += span


@lru_cache(maxsize=1)
def password_hash() -> str:
    return people.hashed(PASSWORD)


def open_desk(address: str, *, home: Path, content: Library, clock: Callable[[], datetime], **changes: Any) -> Desk:
    """A desk over a database that has its schema."""
    settings = Settings(home=home, database=address, base_url=changes.pop("base_url", ""))
    return Desk(settings=settings, database=Database(open_engine(address)), content=content, real_now=clock, **changes)


def house(**changes: Any) -> House:
    """The organisation of the world."""
    return replace(
        House(
            organisation=Organisation(
                name="星炉炊具",
                aliases=("星炉", "Starhearth"),
                products=("双环Q5",),
                people=("钱望山",),
                regions=("杭州", "温州", "宁波"),
                industry="kitchen",
            ),
            prefix="XL",
            hotline="400-820-0000",
            contact={"zh": "公关部 周晓", "en": "Zhou Xiao, press office"},
            signature={"zh": "星炉炊具", "en": "Starhearth"},
            name_en="Starhearth",
        ),
        **changes,
    )


@dataclass(frozen=True, kw_only=True)
class World:
    """The desk with its people."""

    desk: Desk
    clock: Clock
    lin: Person
    zhou: Person
    shen: Person
    wang: Person
    he: Person
    li: Person
    wu: Person
    anna: Person
    everybody: tuple[Person, ...] = field(default=())

    def story(self, title: str = "杭州一户人家星炉灶具爆炸，两人受伤", *, region: str = "", severity: int = 3) -> Story:
        """A story that waits in triage."""
        return triage.log_by_hand(
            self.desk,
            by=self.lin,
            title=title,
            details="电话，全市都在议论，网上也在转",
            severity=severity,
            origin="hand",
            region=region,
            at=None,
        )

    def incident(
        self,
        title: str = "杭州一户人家星炉灶具爆炸，两人受伤",
        *,
        regions: Sequence[str] = (),
        restricted: bool = False,
    ) -> Incident:
        """An incident that Lin has declared."""
        story = self.story(title)
        return triage.declare(self.desk, story.id, by=self.lin, severity=3, regions=regions, restricted=restricted)

    def room(
        self,
        title: str = "杭州一户人家星炉灶具爆炸，两人受伤",
        *,
        regions: Sequence[str] = (),
        restricted: bool = False,
    ) -> Incident:
        """An incident of Lin's as bare rows, without judgement and plan: quicker, where a test needs neither."""
        with self.desk.transaction() as db:
            now = self.desk.now(db)
            prefix = f"XL-{now:%m%d}-"
            made = records.add(
                db,
                Incident(
                    key=f"{prefix}{incidents.next_number(db, prefix):02d}",
                    title=title,
                    t0_at=now,
                    opened_at=now,
                    opened_by=self.lin.id,
                    owner_id=self.lin.id,
                    severity=3,
                    restricted=restricted,
                    regions=tuple(regions),
                    playbook={},
                    drill=self.desk.drill,
                ),
            )
            incidents.set_members(db, made.id, [self.lin.id])
            incidents.set_regions(db, made.id, regions)
            search.put(db, kind="incident", ref=made.id, incident_id=made.id, title=title, words=made.key)
            return made

    def draft(
        self,
        incident: Incident,
        *,
        text: str = TEXT,
        audience: str = "public",
        lang: str = "zh",
        by: Person | None = None,
        channels: Sequence[ChannelKind] = (ChannelKind.NEWSROOM, ChannelKind.FILE),
        title: str = "致公众",
    ) -> Statement:
        """A statement with a text of our own, every blocking finding waived."""
        by = by or self.lin
        with self.desk.transaction() as db:
            now = self.desk.now(db)
            made = records.add(
                db,
                Statement(
                    incident_id=incident.id,
                    number=texts.next_number(db, incident.id),
                    audience=audience,
                    lang=lang,
                    kind="holding",
                    title=title,
                    channels=tuple(channels),
                    author_id=by.id,
                    created_at=now,
                ),
            )
            first = Revision(statement_id=made.id, number=1, text="【】\n", by=by.id, at=now, report={})
            records.add(db, first)
        edited = statements.edit(self.desk, incident.key, made.number, by=by, text=text, seen_revision=1)
        assert isinstance(edited, Statement)
        self.waive_all(incident, edited, by=by)
        return edited

    def waive_all(self, incident: Incident, statement: Statement, *, by: Person) -> None:
        report = statements.recheck(self.desk, incident.key, statement.number, by=by)
        text = self.text_of(statement)
        for finding in report.findings:
            if finding.severity is Level.BLOCK:
                statements.waive(
                    self.desk,
                    incident.key,
                    statement.number,
                    by=by,
                    check_id=finding.check,
                    quote=text[finding.start : finding.end],
                    reason="this is a test of something else",
                )

    def text_of(self, statement: Statement) -> str:
        with self.desk.reading() as db:
            newest = records.get(db, Statement, statement.id)
            return texts.revision(db, newest.id, newest.revision).text

    def submitted(self, incident: Incident, statement: Statement, **more: Any) -> Approval:
        return statements.submit(self.desk, incident.key, statement.number, by=self.lin, **more)

    def yes(self, approval: Approval, by: Person) -> approvals.Ballot:
        return approvals.vote(self.desk, approval.id, by=by, kind=VoteKind.APPROVE, hash=approval.hash)

    def approved(self, incident: Incident, **draft: Any) -> tuple[Statement, Approval]:
        """A statement that Shen and Wang have approved."""
        statement = self.draft(incident, **draft)
        approval = self.submitted(incident, statement)
        self.yes(approval, self.shen)
        self.yes(approval, self.wang)
        with self.desk.reading() as db:
            return records.get(db, Statement, statement.id), records.get(db, Approval, approval.id)

    def released(self, incident: Incident, **draft: Any) -> Release:
        """A statement that went out."""
        statement, approval = self.approved(incident, **draft)
        return releases.release(self.desk, incident.key, statement.number, by=self.zhou, hash=approval.hash)


def lay_out(desk: Desk, clock: Clock, **changes: Any) -> World:
    """The world in an empty database. `changes` are fields of the house."""
    setup.save_house(desk, house(**changes), by=None)
    with desk.transaction() as db:
        found = {
            "lin": _person(db, "林若", "lin", (Role.OFFICER,)),
            "zhou": _person(db, "周晓", "zhou", (Role.OFFICER, Role.PUBLISHER)),
            "shen": _person(db, "沈立", "shen", (Role.EXECUTIVE,)),
            "wang": _person(db, "王珏", "wang", (Role.EXECUTIVE,)),
            "he": _person(db, "何东", "he", (Role.REGIONAL,), ("温州", "宁波")),
            "li": _person(db, "李蓝", "li", (Role.HANDLER,)),
            "wu": _person(db, "吴明", "wu", (Role.ADMINISTRATOR,)),
            "anna": _person(db, "Anna", "anna", (Role.VIEWER,), lang="en"),
        }
    return World(desk=desk, clock=clock, everybody=tuple(found.values()), **found)


def _person(
    db: Connection, name: str, short: str, roles: tuple[Role, ...], regions: tuple[str, ...] = (), lang: str = "zh"
) -> Person:
    return records.add(
        db,
        Person(
            name=name,
            email=f"{short}@starhearth.example",
            roles=roles,
            regions=regions,
            lang=lang,
            password_hash=password_hash(),
            created_at=BEGIN,
        ),
    )


def add_source(desk: Desk, url: str = "https://paper.example/feed", **changes: Any) -> Source:
    """A source that is due."""
    with desk.transaction() as db:
        values = {"name": "钱塘晚报", "kind": "newspaper", "lang": "zh"} | changes
        return records.add(db, Source(url=url, health={}, due_at=BEGIN, added_at=BEGIN, **values))


def add_recipient(desk: Desk, name: str, email: str, *, audience: str = "public", lang: str = "zh") -> None:
    with desk.transaction() as db:
        records.add(db, Recipient(audience=audience, name=name, email=email, lang=lang))


def incident_now(desk: Desk, incident: Incident, person: Person) -> Incident:
    with desk.reading() as db:
        return incidents.by_key(db, incident.key, person=person)


def entry_about(desk: Desk, incident: Incident, matter: Matter) -> int:
    """The newest log entry about a matter, as a page that is opened now shows it."""
    with desk.reading() as db:
        return last_set(log.told_of(db, incident.id, VERBS))[matter].seq
