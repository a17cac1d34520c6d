"""Rulings: an officer joins two stories, takes mentions out of one, says that two are not the same, or takes it back.

What stands in the desk moves in the same transaction; the ear, in another process, obeys before it hears the next
article (`crisis.flows.ear: obey`). Nothing that it finds later undoes a ruling. Nothing goes out from here.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from crisis.core.people import Action, Person, demand
from crisis.core.ruling import Ruling, RulingKind, Side
from crisis.core.sources import Source, StoredArticle, Story, StoryState
from crisis.errors import Invalid, NotFound, Stale, WrongState
from crisis.flows import triage, waiting
from crisis.flows.desk import Desk, acting, note
from crisis.flows.ear import MEMORY
from crisis.flows.links import of_two_incidents
from crisis.store import records, rulings, search, sources, visible

MOST_JOINABLE = 60


def join(
    desk: Desk, story_id: int, *, by: Person, other_id: int | None, reason: str, since: int | None = None
) -> Story:
    """The story that two are now. The one of an incident stays, then the one that waits, then the older; the address of
    the other leads to it.

    `since` is the newest ruling about the story that the page showed; None does not ask.
    """
    demand(by, Action.TRIAGE)
    with acting(desk) as (db, now):
        one, other = _two(db, story_id, other_id, by)
        _said(reason)
        _unchanged(db, one, since)
        if other.id in rulings.away_from(db, one.id):
            raise WrongState("stories are kept apart", story=one.id)
        if of_two_incidents(one, other):
            raise WrongState("stories belong to two incidents", story=one.id)
        kept, gone = sorted((one, other), key=lambda story: (not story.incident_id, _STATES[story.state], story.id))
        _demand_running(db, kept, gone)
        _rule(
            db,
            Ruling(
                at=now,
                by=by.id,
                kind=RulingKind.JOIN,
                story_id=kept.id,
                other_id=gone.id,
                reason=reason.strip(),
                was=str(gone.state),
            ),
            kept=rulings.articles_of(db, kept.id),
            others=rulings.articles_of(db, gone.id),
        )
        note(db, "stories_joined", **_told(kept, now, by, reason), title=gone.title, story=gone.id, into=kept.id)
        return waiting.fold(desk, db, gone, kept, now=now, by=by, reason=reason.strip())


# Of two stories the one that waits stays in sight.
_STATES = {StoryState.DECLARED: 0, StoryState.MERGED: 0, StoryState.OPEN: 1, StoryState.DISMISSED: 2}


def part(
    desk: Desk, story_id: int, *, by: Person, articles: Sequence[int], reason: str, since: int | None = None
) -> Story:
    """The new story, waiting in triage, of these mentions with their reprints; the others stay where they are."""
    demand(by, Action.TRIAGE)
    ticked = frozenset(articles)
    with acting(desk) as (db, now):
        found = _current(db, story_id, by)
        if not ticked:
            raise Invalid("article", "mentions_missing")
        _said(reason)
        _unchanged(db, found, since)
        here = rulings.articles_of(db, found.id)
        if not ticked <= here.keys():
            raise WrongState("mentions have moved", story=found.id)
        leave = [article for article, copy_of in here.items() if article in ticked or copy_of in ticked]
        stay = [article for article in here if article not in set(leave)]
        if not stay:
            raise Invalid("article", "mentions_all")
        made = _opened(db, min(ticked), leave, now)
        rulings.move(db, leave, made.id)
        _rule(
            db,
            Ruling(at=now, by=by.id, kind=RulingKind.PART, story_id=found.id, other_id=made.id, reason=reason.strip()),
            kept=stay,
            others=leave,
        )
        note(
            db,
            "mentions_parted",
            **_told(found, now, by, reason),
            title=made.title,
            count=len(leave),
            story=found.id,
            into=made.id,
        )
        _counted(desk, db, [found.id, made.id], now=now)
        return records.get(db, Story, made.id)


def _opened(db: Connection, first: int, articles: Sequence[int], now: datetime) -> Story:
    told = [records.get(db, StoredArticle, article) for article in (first, *articles[:1])]
    source = records.get(db, Source, told[0].source_id)
    return records.add(
        db,
        Story(
            # The ear's name for it is not known before it obeys.
            key=f"part-{secrets.token_hex(8)}",
            title=told[0].title,
            first_at=now,
            found_at=min(article.fetched_at for article in told),
            last_at=now,
            region=source.region,
        ),
    )


def keep_apart(desk: Desk, story_id: int, *, by: Person, other_id: int | None, reason: str = "") -> Story:
    """The story, after it was said that another is not the same: both stay, and it is not proposed again."""
    demand(by, Action.TRIAGE)
    with acting(desk) as (db, now):
        one, other = _two(db, story_id, other_id, by)
        if other.id in rulings.away_from(db, one.id):
            raise WrongState("stories are kept apart", story=one.id)
        _rule(
            db,
            Ruling(at=now, by=by.id, kind=RulingKind.APART, story_id=one.id, other_id=other.id, reason=reason.strip()),
            kept=rulings.articles_of(db, one.id),
            others=rulings.articles_of(db, other.id),
        )
        note(db, "stories_kept_apart", **_told(one, now, by, reason), title=other.title, story=one.id, other=other.id)
        return one


def undo(desk: Desk, ruling_id: int, *, by: Person) -> Story:
    """The story that the articles of a ruling went back to; the ruling holds no longer, and stays in sight.

    Only the newest ruling that brought an article elsewhere can be taken back.
    """
    demand(by, Action.TRIAGE)
    with acting(desk) as (db, now):
        ruling = records.get(db, Ruling, ruling_id)
        if ruling.kind is RulingKind.UNDO:
            raise NotFound(kind="ruling", id=ruling_id)
        for story_id in (ruling.story_id, ruling.other_id):
            triage.story(db, story_id, person=by)
        if rulings.is_undone(db, ruling_id):
            raise WrongState("ruling is taken back", ruling=ruling_id)
        if not rulings.is_last(db, ruling_id):
            raise WrongState("ruling is not the newest", ruling=ruling_id)
        sides = rulings.articles(db, ruling_id)
        back = _current(db, ruling.story_id, by)
        if ruling.kind is RulingKind.JOIN:
            back = _stands_again(db, ruling)
            _brought_back(desk, db, sides[Side.OTHER], back, now=now)
        elif ruling.kind is RulingKind.PART:
            homes = Counter(rulings.stories_of(db, sides[Side.STORY]).values())
            back = records.get(db, Story, max(homes, key=lambda story_id: (homes[story_id], -story_id)))
            for story_id in set(rulings.stories_of(db, sides[Side.OTHER]).values()):
                taken = records.get(db, Story, story_id)
                if taken.incident_id is not None and taken.incident_id != back.incident_id:
                    raise WrongState("stories belong to two incidents", story=story_id)
                _demand_running(db, back, taken)
            _brought_back(desk, db, sides[Side.OTHER], back, now=now)
        ended = replace(ruling, id=0, at=now, by=by.id, kind=RulingKind.UNDO, reason="", was="", undoes=ruling.id)
        rulings.add(db, ended, sides)
        if rulings.contradicted(db, back.id):
            raise WrongState("ruling is not the newest", ruling=ruling_id)
        note(db, "ruling_undone", **_told(back, now, by), story=ruling.story_id, other=ruling.other_id)
        return records.get(db, Story, back.id)


def _stands_again(db: Connection, ruling: Ruling) -> Story:
    """The story that was joined to another, as it was before."""
    gone = records.get(db, Story, ruling.other_id)
    if ruling.was == StoryState.OPEN:
        gone = replace(gone, state=StoryState.OPEN, incident_id=None, decided_at=None, decided_by=None, reason="")
    elif ruling.was == StoryState.DISMISSED:
        gone = replace(gone, incident_id=None)
    gone = records.save(db, replace(gone, into_id=None))
    search.put(db, kind="story", ref=gone.id, incident_id=gone.incident_id, title=gone.title, words="")
    return gone


def _brought_back(desk: Desk, db: Connection, articles: Sequence[int], back: Story, *, now: datetime) -> None:
    """Articles stand in a story again. One that they leave and that has no other is part of it."""
    left = [records.get(db, Story, story_id) for story_id in sorted(set(rulings.stories_of(db, articles).values()))]
    rulings.move(db, articles, back.id)
    stay = []
    for story in left:
        if story.id != back.id and not rulings.articles_of(db, story.id):
            waiting.fold(desk, db, story, back, now=now)
        else:
            stay.append(story.id)
    _counted(desk, db, [back.id, *stay], now=now)


def _counted(desk: Desk, db: Connection, story_ids: Iterable[int], *, now: datetime) -> None:
    for story_id in dict.fromkeys(story_ids):
        story = waiting.counted_anew(desk, db, story_id, now=now)
        if story.incident_id is not None:
            # Its voices may be as many as they were and others.
            waiting.rejudge(desk, db, story.incident_id, f"{story.id}:r{rulings.mark(db)}")


def _said(reason: str) -> None:
    if not reason.strip():
        raise Invalid("reason", "reason_missing")


def _current(db: Connection, story_id: int, by: Person) -> Story:
    """The story as this person may know of it, or the one that it is part of now. Raises NotFound."""
    found = triage.story(db, story_id, person=by)
    return triage.story(db, rulings.current(db, found.id), person=by) if found.is_folded else found


def _two(db: Connection, story_id: int, other_id: int | None, by: Person) -> tuple[Story, Story]:
    one = _current(db, story_id, by)
    if other_id is None:
        raise Invalid("other", "story_missing")
    try:
        other = _current(db, other_id, by)
    except NotFound:
        raise Invalid("other", "story_unknown", story=other_id) from None
    if other.id == one.id:
        raise Invalid("other", "story_itself")
    if not one.articles or not other.articles:
        raise Invalid("other", "story_without_articles")
    return one, other


def _unchanged(db: Connection, story: Story, since: int | None) -> None:
    if since is not None and rulings.newest(db, story.id) != since:
        raise Stale(kind="matter", id=story.id, matter="ruling")


def _demand_running(db: Connection, kept: Story, gone: Story) -> None:
    """What waits is not put where nobody looks any more."""
    if kept.incident_id is not None and gone.incident_id is None and not waiting.runs(db, kept.incident_id):
        raise WrongState("incident is closed", story=kept.id)


def _rule(db: Connection, ruling: Ruling, *, kept: Iterable[int], others: Iterable[int]) -> Ruling:
    return rulings.add(db, ruling, {Side.STORY: tuple(kept), Side.OTHER: tuple(others)})


def _told(about: Story, now: datetime, by: Person, words: str = "") -> dict[str, Any]:
    """What every log entry about a ruling holds: it is a decision about a story, with its reason."""
    return {"at": now, "by": by, "incident_id": about.incident_id, "words": words.strip(), "decision": True}


def where(db: Connection, story_id: int, *, person: Person) -> int:
    """The story that a story is part of now, when this person may know of it; else itself."""
    found = records.first(db, Story, visible.stories(person), id=rulings.current(db, story_id))
    return found.id if found is not None else story_id


def joinable(db: Connection, story: Story, *, person: Person, now: datetime) -> tuple[Story, ...]:
    """Stories that may be joined with this one as they stand, the newest first: they moved lately, hold articles,
    belong to no other incident, and nobody keeps them apart."""
    if not story.articles:
        return ()
    away = rulings.away_from(db, story.id)
    moving = sources.moving_stories(db, since=now - MEMORY, limit=MOST_JOINABLE, person=person)
    return tuple(
        other
        for other in moving
        if other.id != story.id and other.id not in away and not of_two_incidents(story, other)
    )


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """A ruling about a story as a page shows it: `ended` is the one that took it back, `may_undo` whether this one is
    the newest about its articles."""

    ruling: Ruling
    ended: Ruling | None
    may_undo: bool


def about(db: Connection, story: Story, *, person: Person) -> tuple[Ruled, ...]:
    """The rulings about the articles of a story, newest first; none that speaks of a story which is hidden from this
    person."""
    found = rulings.of_story(db, story.id)
    sides = {side for ruling, _ in found for side in (ruling.story_id, ruling.other_id)}
    known = rulings.known_of(db, sides, person=person)
    return tuple(
        Ruled(ruling=ruling, ended=ended, may_undo=ended is None and rulings.is_last(db, ruling.id))
        for ruling, ended in found
        if {ruling.story_id, ruling.other_id} <= known
    )
