"""Triage: a story is declared an incident, joined to one, or dismissed with a reason. Nothing goes out from here."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from crisis.core.incident import Incident, incident_key
from crisis.core.people import Action, Person, demand, demand_in
from crisis.core.sources import Story, StoryState
from crisis.errors import Invalid, NotFound, WrongState
from crisis.flows import audiences, judgement
from crisis.flows.cases import case_of_story
from crisis.flows.desk import Desk, acting, at_home, house, judging, note
from crisis.store import incidents, records, rulings, search, visible

HURTS_PEOPLE = {"injury", "death"}


def story(db: Connection, story_id: int, *, person: Person) -> Story:
    """The story, if this person may know of it. Raises NotFound either way."""
    found = records.first(db, Story, visible.stories(person), id=story_id)
    if found is None:
        raise NotFound(kind="story", id=story_id)
    return found


def declare(
    desk: Desk,
    story_id: int,
    *,
    by: Person,
    title: str = "",
    severity: int | None = None,
    seen: int | None = None,
    regions: Sequence[str] = (),
    restricted: bool = False,
) -> Incident:
    """The incident that a story becomes: room, owner, judgement, playbook with due times, audience plan.

    `seen` is the suggested severity that the person decided by; None when it is the story's of now. The room asks about
    one that is graver.
    """
    demand(by, Action.TRIAGE)
    with judging(desk, lambda db: case_of_story(db, story(db, story_id, person=by))) as (db, now):
        found = _open(db, story_id, by)
        severity = found.severity if severity is None else severity
        if not 1 <= severity <= 5:
            raise Invalid("severity", "severity_range")
        home = house(db)
        assert home is not None, "a desk without an organisation has no stories"
        today = at_home(db, now)
        prefix = f"{home.prefix}-{today:%m%d}-"
        hurt = any(reason.get("code") in HURTS_PEOPLE for reason in found.reasons)
        incident = records.add(
            db,
            Incident(
                key=incident_key(home.prefix, today, incidents.next_number(db, prefix)),
                title=title.strip() or found.title,
                t0_at=min(found.first_at, now),
                opened_at=now,
                opened_by=by.id,
                owner_id=by.id,
                severity=severity,
                restricted=restricted,
                regions=tuple(dict.fromkeys(region.strip() for region in regions if region.strip())),
                playbook={},
                injury=hurt,
                drill=desk.drill,
            ),
        )
        incidents.set_members(db, incident.id, [by.id])
        incidents.set_regions(db, incident.id, incident.regions)
        _decide(db, found, StoryState.DECLARED, incident=incident, by=by, reason="", at=now)
        note(
            db,
            "incident_declared",
            at=now,
            by=by,
            incident_id=incident.id,
            title=incident.title,
            severity=severity,
            suggested=found.severity if seen is None else min(seen, found.severity),
            story=found.id,
        )
        first = judgement.judge(desk, db, incident, now=now)
        incident = judgement.use_playbook(desk, db, incident, first, now=now)
        audiences.draft_plan(desk, db, incident, first, now=now)
        search.put(
            db, kind="incident", ref=incident.id, incident_id=incident.id, title=incident.title, words=incident.key
        )
        return incident


def merge(desk: Desk, story_id: int, *, by: Person, incident_key: str) -> Incident:
    """The incident that the story now belongs to; its mentions count there from now on."""
    demand(by, Action.TRIAGE)
    with judging(desk, lambda db: case_of_story(db, story(db, story_id, person=by))) as (db, now):
        found = _open(db, story_id, by)
        incident = incidents.by_key(db, incident_key, person=by)
        _decide(db, found, StoryState.MERGED, incident=incident, by=by, reason="", at=now)
        note(db, "story_merged", at=now, by=by, incident_id=incident.id, title=found.title, story=found.id)
        judgement.judge(desk, db, incident, now=now)
        return incident


def dismiss(desk: Desk, story_id: int, *, by: Person, reason: str) -> Story:
    """The story as dismissed, with the reason. New articles of it come back only when they are graver."""
    demand(by, Action.TRIAGE)
    if not reason.strip():
        raise Invalid("reason", "reason_missing")
    with acting(desk) as (db, now):
        found = _open(db, story_id, by)
        dismissed = _decide(db, found, StoryState.DISMISSED, incident=None, by=by, reason=reason.strip(), at=now)
        note(db, "story_dismissed", at=now, by=by, words=reason.strip(), title=found.title, story=found.id)
        return dismissed


def log_by_hand(
    desk: Desk, *, by: Person, title: str, details: str, severity: int, origin: str, region: str, at: datetime | None
) -> Story:
    """A story that no source told: a call, a complaint, what a regional office sees."""
    demand_in(by, Action.REPORT, region)
    if not title.strip():
        raise Invalid("title", "heard_missing")
    if not 1 <= severity <= 5:
        raise Invalid("severity", "severity_range")
    with acting(desk) as (db, now):
        moment = min(at or now, now)
        made = records.add(
            db,
            Story(
                key=f"hand-{secrets.token_hex(8)}",
                title=title.strip(),
                title_outside=False,
                first_at=moment,
                found_at=now,
                last_at=now,
                severity=severity,
                origin=origin,
                region=region.strip(),
                reasons=({"code": "by_hand", "details": details.strip()},),
            ),
        )
        note(db, "story_logged", at=now, by=by, words=details.strip(), title=made.title, story=made.id)
        search.put(db, kind="story", ref=made.id, incident_id=None, title=made.title, words=details)
        return made


def _open(db: Connection, story_id: int, by: Person) -> Story:
    found = story(db, story_id, person=by)
    if found.state is not StoryState.OPEN:
        raise WrongState("story is decided", story=story_id)
    return found


def _decide(
    db: Connection,
    found: Story,
    state: StoryState,
    *,
    incident: Incident | None,
    by: Person,
    reason: str,
    at: datetime,
) -> Story:
    decided = records.save(
        db,
        replace(
            found,
            state=state,
            incident_id=incident.id if incident else None,
            decided_by=by.id,
            decided_at=at,
            reason=reason,
        ),
    )
    # What became part of it is hidden and found with it.
    parts = [records.get(db, Story, part) for part in sorted(rulings.parts_within(db, [found.id]))]
    for part in parts:
        records.save(db, replace(part, incident_id=decided.incident_id))
    for item in (decided, *parts):
        search.put(db, kind="story", ref=item.id, incident_id=decided.incident_id, title=item.title, words="")
    return decided
