"""The case of an incident, put together from what was heard and found; which judgement of it is in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from crisis.core.case import Case, CaseFact, CaseMention, FactStatus, OutletKind
from crisis.core.drafting import language_of
from crisis.core.incident import Incident, StoredClassification
from crisis.core.sources import Story
from crisis.flows.desk import house
from crisis.store import incidents, records, views

MOST_MENTIONS = 60


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One voice of an incident. `mention_id` is that of its stored mention, None when a person told it."""

    at: datetime
    mention: CaseMention
    mention_id: int | None = None


def case_of_incident(db: Connection, incident: Incident, *, now: datetime) -> Case:
    """The case as the classifier and the plan read it: one mention per voice in time order, the facts in force."""
    return case_of(db, incident, heard(db, incident))


def heard(db: Connection, incident: Incident) -> tuple[Heard, ...]:
    """The voices of an incident in time order, at most MOST_MENTIONS."""
    return _voices(db, records.find(db, Story, incident_id=incident.id), began_at=incident.t0_at)


def case_of_story(db: Connection, story: Story) -> Case:
    """The case that a story would be as an incident, before anything is known of it."""
    home = house(db)
    assert home is not None, "a desk without an organisation has no stories"
    voices = _voices(db, [story], began_at=story.first_at)
    return Case(id=story.key, org=home.organisation, mentions=tuple(voice.mention for voice in voices), facts=())


def _voices(db: Connection, stories: Sequence[Story], *, began_at: datetime) -> tuple[Heard, ...]:
    by_hand = [story for story in stories if story.key.startswith("hand-")]
    printed = views.with_voices(db, [story.id for story in by_hand])
    found = [
        Heard(at=story.first_at, mention=_told_by_hand(story, began_at=began_at))
        for story in by_hand
        if story.id not in printed
    ]
    for row in views.first_mention_rows(db, [story.id for story in stories], limit=MOST_MENTIONS):
        at = row.article.published_at or row.article.fetched_at
        found.append(
            Heard(
                at=at,
                mention_id=row.mentions[0].id if row.mentions else None,
                mention=CaseMention(
                    hours=max(0.0, (at - began_at).total_seconds() / 3600),
                    outlet=row.article.outlet or row.source.name,
                    kind=OutletKind(row.source.kind) if row.source.kind in list(OutletKind) else OutletKind.ONLINE,
                    reach=row.source.reach,
                    lang=row.article.lang or row.source.lang,
                    title=row.article.title,
                    summary=row.article.body[:600],
                ),
            )
        )
    return tuple(sorted(found, key=lambda voice: voice.at)[:MOST_MENTIONS])


def case_of(db: Connection, incident: Incident, voices: Iterable[Heard]) -> Case:
    """The case of these voices and of the facts in force."""
    home = house(db)
    assert home is not None, "a desk without an organisation has no incidents"
    facts = tuple(
        CaseFact(
            hours=max(0.0, (fact.as_of - incident.t0_at).total_seconds() / 3600),
            claim=fact.claim_zh or fact.claim_en,
            status=fact.status,
        )
        for fact in incidents.facts(db, incident.id)
        if fact.status not in (FactStatus.SUPERSEDED, FactStatus.WITHHELD)
    )
    return Case(
        id=incident.key,
        org=home.organisation,
        mentions=tuple(voice.mention for voice in voices),
        facts=facts,
    )


def _told_by_hand(story: Story, *, began_at: datetime) -> CaseMention:
    """What a person wrote about a call or a complaint counts as the first voice: nothing else is known yet."""
    details = " ".join(str(reason.get("details", "")) for reason in story.reasons).strip()
    return CaseMention(
        hours=max(0.0, (story.first_at - began_at).total_seconds() / 3600),
        outlet="",
        kind=OutletKind.ONLINE,
        reach=1,
        lang=language_of(story.title),
        title=story.title,
        summary=details[:600],
    )


def standing(judgements: tuple[StoredClassification, ...]) -> StoredClassification | None:
    """The judgement in force, of those newest first: an officer's, when there is one, else the machine's newest."""
    for judgement in judgements:
        if judgement.by:
            return judgement
    return judgements[0] if judgements else None
