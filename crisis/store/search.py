"""Full-text search over incidents, facts, statements, mentions and complaints, in Chinese and English.

The desk writes its own tokens (`crisis.core.tokens`); SQLite keeps them in FTS5 with the plain unicode61
tokeniser, PostgreSQL in a `simple` tsvector, so that both find the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite

from crisis.core.people import Person
from crisis.core.tokens import Phrase, indexed, phrases
from crisis.store import schema, visible


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing found: its kind (incident, fact, statement, story, complaint), row id, incident, title."""

    kind: str
    ref: int
    incident_id: int | None
    title: str


def create_index(db: Connection) -> None:
    """Make the index if it is not there yet."""
    if db.dialect.name == "postgresql":
        db.execute(text("CREATE INDEX IF NOT EXISTS search_tokens ON search USING gin (to_tsvector('simple', tokens))"))
        return
    db.execute(
        text("CREATE VIRTUAL TABLE IF NOT EXISTS search_fts USING fts5(tokens, content='search', content_rowid='id')")
    )
    for name, when, body in (
        ("ai", "AFTER INSERT", "INSERT INTO search_fts(rowid, tokens) VALUES (new.id, new.tokens);"),
        (
            "ad",
            "AFTER DELETE",
            "INSERT INTO search_fts(search_fts, rowid, tokens) VALUES ('delete', old.id, old.tokens);",
        ),
        (
            "au",
            "AFTER UPDATE",
            "INSERT INTO search_fts(search_fts, rowid, tokens) VALUES ('delete', old.id, old.tokens);"
            " INSERT INTO search_fts(rowid, tokens) VALUES (new.id, new.tokens);",
        ),
    ):
        db.execute(text(f"CREATE TRIGGER IF NOT EXISTS search_{name} {when} ON search BEGIN {body} END"))


def put(db: Connection, *, kind: str, ref: int, incident_id: int | None, title: str, words: str) -> None:
    """Make one thing findable by its words; again replaces what was there."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    query = dialect.insert(schema.search).values(
        kind=kind, ref=ref, incident_id=incident_id, title=title, tokens=" ".join(indexed(f"{title}\n{words}"))
    )
    db.execute(
        query.on_conflict_do_update(
            index_elements=["kind", "ref"],
            set_={
                "incident_id": query.excluded.incident_id,
                "title": query.excluded.title,
                "tokens": query.excluded.tokens,
            },
        )
    )


def find(db: Connection, words: str, *, person: Person, limit: int = 50) -> tuple[Hit, ...]:
    """What holds all the words and may be known to this person, newest first."""
    # Each word that was typed is a phrase of its own tokens; all of them must be there.
    wanted = [phrase for piece in words.split() for phrase in phrases(piece)][:12]
    if not wanted:
        return ()
    table = schema.search
    if db.dialect.name == "postgresql":
        match = text("to_tsvector('simple', search.tokens) @@ to_tsquery('simple', :words)")
        match = match.bindparams(words=" & ".join(_in_postgresql(phrase) for phrase in wanted))
    else:
        match = text("search.id IN (SELECT rowid FROM search_fts WHERE search_fts MATCH :words)")
        match = match.bindparams(words=" AND ".join(_in_sqlite(phrase) for phrase in wanted))
    story = select(schema.story.c.id).where(visible.stories(person))
    complaint = select(schema.complaint.c.id).where(visible.complaints(person))
    seen = or_(
        visible.incident_ids(person, table.c.incident_id),
        and_(table.c.incident_id.is_(None), table.c.kind == "story", table.c.ref.in_(story)),
        and_(table.c.kind == "complaint", table.c.ref.in_(complaint)),
    )
    rows = db.execute(
        select(table.c.kind, table.c.ref, table.c.incident_id, table.c.title)
        .where(match, seen)
        .order_by(table.c.id.desc())
        .limit(limit)
    )
    return tuple(Hit(kind=row.kind, ref=row.ref, incident_id=row.incident_id, title=row.title) for row in rows)


def _in_postgresql(phrase: Phrase) -> str:
    # Tokens are letters and digits only: nothing in them has a meaning in the query language.
    return f"({' <-> '.join(phrase.tokens)}{':*' if phrase.open_end else ''})"


def _in_sqlite(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"{" *" if phrase.open_end else ""}'
