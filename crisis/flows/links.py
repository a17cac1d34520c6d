"""Stories in two languages that may be one: the ear proposes, an officer decides (`crisis.flows.rulings`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from crisis.core.people import Person
from crisis.core.ruling import Link
from crisis.core.sources import Story, StoryState
from crisis.flows import ear as ears
from crisis.flows.desk import note
from crisis.flows.ear import Ear
from crisis.store import records, rulings, sources
from monitors.links import LEAST_SHARED, PROPOSE, is_chinese

MOST_COMPARED = 80
MOST_SHOWN = 3


def propose(db: Connection, ear: Ear, story_ids: Iterable[int], *, now: datetime) -> None:
    """Propose for each of these stories the one in the other language that is most like it, when it is like enough.

    A story is looked at when it has 1, 2, 4, 8 … articles: its texts say more then, and a crisis has thousands.
    """
    touched = sources.stories_by_id(db, story_ids)
    wanted = [story for story in touched if story.articles and not story.articles & story.articles - 1]
    if not wanted:
        return
    others = sources.moving_stories(db, since=now - ears.MEMORY, limit=MOST_COMPARED)
    known = {story.id: story for story in (*others, *wanted)}
    told = {item.story_id or 0: ears.article_for(item) for item in sources.tellers(db, tuple(known))}
    for story in wanted:
        if (article := told.get(story.id)) is None:
            continue
        away = rulings.away_from(db, story.id)
        proposed = {(link.story_id, link.other_id) for link in rulings.links_of(db, [story.id])}
        found = []
        for other_id, other in told.items():
            pair = (story.id, other_id) if is_chinese(article) else (other_id, story.id)
            if is_chinese(other) is is_chinese(article) or other_id in away or pair in proposed:
                continue
            chinese, english = (article, other) if is_chinese(article) else (other, article)
            likeness, shared = ear.bridge.likeness(chinese, english, ear.listener.stories.rarity)
            if likeness >= PROPOSE and len(shared) >= LEAST_SHARED:
                found.append((likeness, -other_id, pair, ear.bridge.meetings(chinese, english, shared)[:6]))
        if found:
            likeness, _, (story_id, other_id), words = max(found)
            records.add(
                db, Link(story_id=story_id, other_id=other_id, at=now, likeness=round(likeness, 3), words=words)
            )
            note(db, "link_proposed", at=now, story=story_id, other=other_id)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Another story that may be the same one, as it stands now, and in which words the two meet."""

    story: Story
    link: Link


def proposals(db: Connection, story_ids: Iterable[int], *, person: Person) -> dict[int, tuple[Proposal, ...]]:
    """What may be the same story as each of these, the likeliest first: neither decided yet nor part of it, nor in
    another incident, nor hidden from this person."""
    ids = frozenset(story_ids)
    links = rulings.links_of(db, ids | rulings.parts_within(db, ids))
    if not links:
        return {}
    sides = {side for link in links for side in (link.story_id, link.other_id)}
    now = rulings.went_into(db, sides)
    shown = {
        story.id: story for story in sources.stories_by_id(db, {now.get(side, side) for side in sides}, person=person)
    }
    apart = rulings.apart_among(db, shown)
    found: dict[int, dict[int, Proposal]] = {}
    for link in links:
        one, other = now.get(link.story_id, link.story_id), now.get(link.other_id, link.other_id)
        for here, there in ((one, other), (other, one)):
            if here == there or here not in ids or not {here, there} <= shown.keys():
                continue
            if (min(here, there), max(here, there)) not in apart and may_be_one(shown[here], shown[there]):
                found.setdefault(here, {}).setdefault(there, Proposal(story=shown[there], link=link))
    return {story_id: tuple(those.values())[:MOST_SHOWN] for story_id, those in found.items()}


def may_be_one(one: Story, other: Story) -> bool:
    """Whether it helps anybody that the two are joined: both hold articles, and somebody looks at one of them."""
    both_dismissed = one.state is other.state is StoryState.DISMISSED
    return bool(one.articles and other.articles) and not both_dismissed and not of_two_incidents(one, other)


def of_two_incidents(one: Story, other: Story) -> bool:
    """Whether the two belong to two incidents."""
    return one.incident_id != other.incident_id and None not in (one.incident_id, other.incident_id)
