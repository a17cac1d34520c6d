"""Evidence: the bytes of a document that names us, as they came, with their hash and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from crisis.core.people import Person
from crisis.core.sources import Evidence, Source, StoredArticle, StoredMention, Story
from crisis.errors import NotFound
from crisis.flows import triage
from crisis.flows.desk import Desk
from crisis.store import records, sources
from monitors.fetch import Body


def keep_cited(db: Connection, source: Source, body: Body, article_ids: Sequence[int], now: datetime) -> None:
    """Keep a document, and note at its articles that it is kept. One that broke off has no hash and is not kept."""
    if not body.body_hash:
        return
    kept = sources.keep_evidence(
        db,
        source_id=source.id,
        at=now,
        hash=body.body_hash,
        body=body.body,
        content_type=body.content_type,
        url=body.final_url,
    )
    sources.cite(db, article_ids, kept)


@dataclass(frozen=True, kw_only=True)
class Cited:
    """An article of a story that a person may see."""

    article: StoredArticle
    story: Story
    source: Source


def cited(db: Connection, article_id: int, *, person: Person) -> Cited:
    """The article with its story. Raises NotFound, also when its story is not for this person."""
    article = records.get(db, StoredArticle, article_id)
    if article.story_id is None:
        raise NotFound(kind="article", id=article_id)
    story = triage.story(db, article.story_id, person=person)
    return Cited(article=article, story=story, source=records.get(db, Source, article.source_id))


def mention(db: Connection, mention_id: int, *, person: Person) -> tuple[StoredMention, Cited]:
    """A mention with its article and story. Raises NotFound, also when its story is not for this person."""
    found = records.get(db, StoredMention, mention_id)
    return found, cited(db, found.article_id, person=person)


def bytes_of(desk: Desk, article_id: int, *, by: Person) -> Evidence:
    """The document that an article was read from, as it came. Raises NotFound."""
    with desk.reading() as db:
        article = cited(db, article_id, person=by).article
        if article.evidence_id is None:
            raise NotFound(kind="evidence", id=article_id)
        return sources.evidence_of(db, article.evidence_id)
