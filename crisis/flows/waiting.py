"""Stories in triage: brought up to date by what arrives, and joined when the ear finds that they are one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from crisis.core.incident import Incident, IncidentState
from crisis.core.log import LogEntry
from crisis.core.people import Person
from crisis.core.sources import Alarm, Story, StoryState
from crisis.core.text import Lang
from crisis.core.triage import suggest
from crisis.flows import ear as ears
from crisis.flows.desk import Desk, note
from crisis.flows.ear import Ear
from crisis.store import jobs, records, rulings, search, sources
from monitors.alert import Alert
from monitors.copies import independent_sources


def begun(claimed: datetime | None, found_at: datetime) -> datetime:
    """When a story began, from the date that an article claims: not after it was found, and not before the ear's
    memory of it. A feed that says 1998 would set every deadline of an incident in the past."""
    return found_at if claimed is None else min(max(claimed, found_at - ears.MEMORY), found_at)


def told(desk: Desk, db: Connection, story_id: int, alerts: Sequence[Alert], *, now: datetime) -> Story:
    """Bring a story up to date: counts, severity with reasons, alarms, its beginning while it waits; a dismissed one
    that is graver than it was comes back; one that belongs to an open incident has it judged anew."""
    story = records.get(db, Story, story_id)
    voices, articles, naming = sources.voices_of(db, story_id)
    risk, harms = sources.gravest_of(db, story_id)
    count = independent_sources(voices)
    suggestion = suggest(
        harms=harms, voices=count, risk=risk, names_us=naming > 0, reach=sources.reach_of(db, story_id)
    )
    level = story.level
    for alert in alerts:
        level = "alert" if "alert" in (level, str(alert.level)) else str(alert.level)
        _raised(desk, db, story, alert, now=now)
    severity = max(suggestion.severity, 2 if level == "alert" else 1)
    graver = story.state is StoryState.DISMISSED and severity > story.severity
    # What was joined has articles of its own again: they must not go where nobody looks.
    apart = story.is_folded and articles > 0 and story.incident_id is None and story.state is StoryState.MERGED
    state = StoryState.OPEN if graver or apart else story.state
    first_at = story.first_at
    claimed = min((published for _, _, published in voices if published is not None), default=None)
    reasons: tuple[dict[str, Any], ...] = tuple(dict(reason) for reason in suggestion.reasons)
    if claimed is not None and claimed < story.found_at - ears.MEMORY:
        reasons = (*reasons, {"code": "claimed_date", "at": claimed.isoformat()})
    if state is StoryState.OPEN:
        first_at = min(first_at, begun(claimed, story.found_at))
    story = records.save(
        db,
        replace(
            story,
            first_at=first_at,
            last_at=now,
            articles=articles,
            mentions=naming,
            voices=max(count, 1),
            risk=risk,
            severity=severity if story.state is StoryState.OPEN else max(severity, story.severity),
            level=level,
            reasons=reasons,
            state=state,
            into_id=None if articles else story.into_id,
        ),
    )
    search.put(db, kind="story", ref=story.id, incident_id=story.incident_id, title=story.title, words="")
    if story.incident_id is not None:
        rejudge(desk, db, story.incident_id, f"{story.id}:{articles}")
    return story


def counted_anew(desk: Desk, db: Connection, story_id: int, *, now: datetime) -> Story:
    """Bring a story up to date from which articles were taken, or to which some came back: also its level, and while
    it waits its beginning and its title, are those of what it holds now."""
    story = records.get(db, Story, story_id)
    levels = {alarm.level for alarm in records.find(db, Alarm, story_id=story_id)}
    level = next((level for level in ("alert", "notice") if level in levels), "")
    title = story.title
    if story.title_outside:
        titles = sources.titles_of(db, story_id)
        title = title if title in titles else next(iter(titles), title)
    first_at = story.found_at if story.state is StoryState.OPEN else story.first_at
    records.save(db, replace(story, level=level, first_at=first_at, title=title))
    return told(desk, db, story_id, (), now=now)


def _raised(desk: Desk, db: Connection, story: Story, alert: Alert, *, now: datetime) -> None:
    reasons = tuple(
        {
            "code": reason.code,
            "text": {
                "zh": desk.content.alarm_words(reason, Lang.ZH),
                "en": desk.content.alarm_words(reason, Lang.EN),
            },
        }
        for reason in alert.reasons
    )
    records.add(
        db,
        Alarm(
            story_id=story.id,
            at=alert.at,
            level=str(alert.level),
            reasons=reasons,
            articles=tuple(int(name) for name in alert.articles),
        ),
    )
    # An alarm of a story that belongs to an incident is part of its record: the room reads it there.
    note(
        db,
        "alarm_raised",
        at=now,
        incident_id=story.incident_id,
        title=story.title,
        story=story.id,
        level=str(alert.level),
    )


def rejudge(desk: Desk, db: Connection, incident_id: int, what: str) -> None:
    """Have an open incident judged anew soon, once for each `what`."""
    incident = records.get(db, Incident, incident_id)
    if incident.state is IncidentState.OPEN:
        jobs.enqueue(db, "rejudge", f"rejudge:{incident.id}:{what}", {"incident": incident.id}, run_at=desk.real_now())


def join(desk: Desk, db: Connection, ear: Ear, *, now: datetime) -> None:
    """Follow the ear, which has joined stories since: the one that was shown first keeps its row.

    What people decided stands, and nothing that waits is lost to it: a story that waits goes into the other with all
    its articles; when its other belongs to an incident that runs, it goes there. Two stories of two incidents are
    left as they are, and the log says so once.
    """
    for story in sources.live_stories(db, since=now - ears.MEMORY):
        key = ear.listener.stories.current(story.key)
        if key == story.key or story.is_folded:
            continue
        target = sources.story_by_key(db, key)
        if target is None:
            records.save(db, replace(story, key=key))
        else:
            _join(desk, db, story, target, now=now)


def _join(desk: Desk, db: Connection, story: Story, target: Story, *, now: datetime) -> None:
    if target.id in rulings.away_from(db, story.id):
        return
    if story.incident_id is not None:
        if target.incident_id is None:
            _follow(desk, db, story, target, now=now)
        elif target.incident_id != story.incident_id:
            _apart(db, story, target, now=now)
    elif story.state is StoryState.OPEN:
        # What waits is not put where nobody looks any more.
        if target.incident_id is None or runs(db, target.incident_id):
            _fold(desk, db, story, target, now=now)
    elif story.state is StoryState.DISMISSED and story.articles and target.incident_id is None:
        _fold(desk, db, story, target, now=now)


def _fold(desk: Desk, db: Connection, story: Story, target: Story, *, now: datetime) -> None:
    _joined(db, story, target, incident_id=target.incident_id, now=now)
    fold(desk, db, story, target, now=now)


def runs(db: Connection, incident_id: int) -> bool:
    """Whether an incident is open."""
    return records.get(db, Incident, incident_id).state is IncidentState.OPEN


def fold(
    desk: Desk,
    db: Connection,
    story: Story,
    target: Story,
    *,
    now: datetime,
    by: Person | None = None,
    reason: str = "",
) -> Story:
    """The target, looked at again as a whole, after everything of the story became part of it. `by` is the officer who
    decided so, None when it was the ear."""
    sources.move_story(db, story.id, target.id)
    waits = story.state is StoryState.OPEN
    records.save(
        db,
        replace(
            story,
            state=StoryState.MERGED if waits else story.state,
            incident_id=target.incident_id,
            decided_at=now if waits else story.decided_at,
            decided_by=(by.id if by else None) if waits else story.decided_by,
            reason=(reason or f"→ S-{target.id}") if waits else story.reason,
            into_id=target.id,
            articles=0,
            mentions=0,
            voices=0,
        ),
    )
    search.put(db, kind="story", ref=story.id, incident_id=target.incident_id, title=story.title, words="")
    target = records.save(
        db,
        replace(
            target,
            level="alert" if "alert" in (story.level, target.level) else target.level or story.level,
            # Somebody has looked at both: only what is graver than either was comes back.
            severity=target.severity if waits else max(target.severity, story.severity),
        ),
    )
    return told(desk, db, target.id, (), now=now)


def _follow(desk: Desk, db: Connection, story: Story, target: Story, *, now: datetime) -> None:
    """The story belongs to an incident and the target to none: the target, which hears what comes, goes there too."""
    assert story.incident_id is not None
    if not runs(db, story.incident_id):
        return
    target = records.save(
        db,
        replace(
            target,
            state=StoryState.MERGED,
            incident_id=story.incident_id,
            decided_at=now,
            decided_by=story.decided_by,
        ),
    )
    search.put(db, kind="story", ref=target.id, incident_id=target.incident_id, title=target.title, words="")
    _joined(db, target, story, incident_id=story.incident_id, now=now)
    rejudge(desk, db, story.incident_id, f"{target.id}:{target.articles}")


def _apart(db: Connection, story: Story, target: Story, *, now: datetime) -> None:
    said = records.find(db, LogEntry, verb="stories_apart", incident_id=story.incident_id)
    if not any(entry.args.get("story") == story.id and entry.args.get("into") == target.id for entry in said):
        note(
            db,
            "stories_apart",
            at=now,
            incident_id=story.incident_id,
            title=story.title,
            story=story.id,
            into=target.id,
        )


def _joined(db: Connection, story: Story, target: Story, *, incident_id: int | None, now: datetime) -> None:
    note(db, "story_joined", at=now, incident_id=incident_id, title=story.title, story=story.id, into=target.id)
