"""The house: what is set up once, people and their sign-in, the log, the queue, the full text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint

from crisis.core.people import Role
from crisis.store.schema.columns import flag, identity, metadata, record, string, text, texts, time, to, version
from crisis.store.types import Json

# What is set up once: the organisation, the mail server, the drill's clock. One row per name.
setting = Table("setting", metadata, Column("name", String(60), primary_key=True), Column("value", Json(Any)))

person = Table(
    "person",
    metadata,
    identity(),
    string("name"),
    Column("email", String(200), nullable=False, unique=True),
    Column("roles", Json(tuple[Role, ...]), nullable=False),
    Column("regions", Json(texts), nullable=False),
    string("title"),
    string("phone", 80),
    string("lang", 8),
    text("password_hash"),
    flag("active"),
    time("created_at", null=True),
    version(),
)

# Sign-in of a browser: the cookie holds a token, here lies its SHA-256. Times are real time.
session = Table(
    "session",
    metadata,
    identity(),
    Column("token_hash", String(64), nullable=False, unique=True),
    to("person", "person_id"),
    string("csrf", 64),
    time("created_at"),
    time("seen_at"),
    time("expires_at", index=True),
)

# Failed sign-ins, for throttling by address and by account.
attempt = Table("attempt", metadata, identity(), Column("key", String(200), nullable=False, index=True), time("at"))

log = Table(
    "log",
    metadata,
    identity(),
    Column("seq", Integer, nullable=False, unique=True),
    to("incident", "incident_id", null=True),
    time("at"),
    Column("by", Integer, nullable=False),
    Column("verb", String(60), nullable=False, index=True),
    Column("args", Json(record), nullable=False),
    text("note"),
    flag("decision"),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# The newest entry's place and hash, kept apart so that cutting off the end of the log is found too.
log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

job = Table(
    "job",
    metadata,
    identity(),
    Column("name", String(60), nullable=False),
    Column("key", String(300), nullable=False, unique=True),
    Column("payload", Json(record), nullable=False),
    time("run_at"),
    Column("attempts", Integer, nullable=False),
    time("locked_until", null=True),
    time("done_at", null=True),
    flag("dead"),
    text("last_error"),
    Index("ix_job_waiting", "done_at", "dead", "run_at"),
)

# What one process does for all (listening), by whom and until when. Times are real time.
lease = Table(
    "lease",
    metadata,
    Column("name", String(60), primary_key=True),
    string("host"),
    Column("number", Integer, nullable=False),
    string("place"),
    Column("term", Integer, nullable=False),
    time("since_at"),
    time("until_at"),
)

# Full text: our own bigrams in `tokens`; the index over it is made per database in `store.search`.
search = Table(
    "search",
    metadata,
    identity(),
    Column("kind", String(20), nullable=False),
    Column("ref", Integer, nullable=False),
    Column("incident_id", Integer),
    text("title"),
    text("tokens"),
    UniqueConstraint("kind", "ref"),
)
