"""Listening: sources and what they brought, stories with their mentions and alarms, what the ear remembers."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from crisis.core.ruling import RulingKind, Side
from crisis.core.sources import Form, StoryState
from crisis.store.schema.columns import flag, identity, metadata, record, rows, string, text, time, to, version
from crisis.store.types import Code, Json
from monitors.websub import SubscriptionState

source = Table(
    "source",
    metadata,
    identity(),
    string("name"),
    Column("url", Text, nullable=False, unique=True),
    Column("form", Code(Form), nullable=False, default=Form.FEED, server_default="feed"),
    Column("options", Json(record), nullable=False, default={}, server_default="{}"),
    string("kind", 20),
    Column("reach", Integer, nullable=False),
    string("lang", 8),
    string("region", 80),
    flag("active"),
    Column("interval_s", Integer),
    Column("health", Json(record), nullable=False),
    time("due_at", index=True),
    time("polled_at", null=True),
    time("added_at"),
    version(),
)

# What a source remembers between two visits: a feed what it listed, a page its words, a folder its files, a mailbox its
# place.
source_kept = Table(
    "source_kept",
    metadata,
    Column("source_id", ForeignKey("source.id"), primary_key=True),
    Column("kept", Json(record), nullable=False),
)

# Subscriptions at hubs, one per source.
subscription = Table(
    "subscription",
    metadata,
    identity(),
    Column("source_id", ForeignKey("source.id"), nullable=False, unique=True),
    Column("token", String(64), nullable=False, unique=True),
    text("hub"),
    text("topic"),
    string("secret"),
    Column("state", Code(SubscriptionState), nullable=False),
    time("asked_at", null=True),
    time("granted_at", null=True),
    time("lease_until", null=True),
    time("heard_at", null=True),
    string("reason"),
    version(),
)

# What hubs have pushed, until the process that listens has heard it.
push = Table(
    "push",
    metadata,
    identity(),
    to("source", "source_id"),
    time("at"),
    Column("body", LargeBinary, nullable=False),
    string("content_type"),
)

# What is known of a host over all its sources (waits, outages, what robots.txt asks for).
host = Table("host", metadata, Column("name", String(255), primary_key=True), Column("health", Json(record)))

article = Table(
    "article",
    metadata,
    identity(),
    to("source", "source_id"),
    Column("key", String(500), nullable=False),
    string("outlet"),
    text("title"),
    text("body"),
    text("url"),
    string("lang", 8),
    time("published_at", null=True),
    time("fetched_at", index=True),
    to("article", "copy_id", null=True),
    to("story", "story_id", null=True),
    # A row of `evidence`; without a constraint, which SQLite could only add by copying every article.
    Column("evidence_id", Integer),
    UniqueConstraint("source_id", "key"),
)

story = Table(
    "story",
    metadata,
    identity(),
    Column("key", String(80), nullable=False, unique=True),
    text("title"),
    flag("title_outside"),
    time("first_at"),
    time("found_at"),
    time("last_at", index=True),
    Column("articles", Integer, nullable=False),
    Column("mentions", Integer, nullable=False),
    Column("voices", Integer, nullable=False),
    Column("risk", Float, nullable=False),
    Column("severity", Integer, nullable=False),
    string("level", 20),
    string("origin", 20),
    string("region", 80),
    Column("reasons", Json(rows), nullable=False),
    Column("state", Code(StoryState), nullable=False, index=True),
    to("incident", "incident_id", null=True),
    Column("decided_by", Integer),
    time("decided_at", null=True),
    text("reason"),
    # The story that this one has become part of; without a constraint, which SQLite could only add by copying.
    Column("into_id", Integer, index=True),
    version(),
)

# What officers decided about which articles are one story. Rows are added and never changed: who takes a ruling back
# adds one that says so, and a second one that takes back the same is refused.
ruling = Table(
    "ruling",
    metadata,
    identity(),
    time("at"),
    Column("by", Integer, nullable=False),
    Column("kind", Code(RulingKind), nullable=False),
    to("story", "story_id"),
    to("story", "other_id"),
    text("reason"),
    string("was", 40),
    Column("undoes", ForeignKey("ruling.id"), unique=True),
)

# The articles of both stories as they stood at the ruling.
ruled = Table(
    "ruled",
    metadata,
    Column("ruling_id", ForeignKey("ruling.id"), primary_key=True),
    Column("article_id", ForeignKey("article.id"), primary_key=True, index=True),
    Column("side", Code(Side), nullable=False),
)

# Stories of two languages that the ear proposes to be one.
link = Table(
    "link",
    metadata,
    identity(),
    to("story", "story_id"),
    to("story", "other_id"),
    time("at"),
    Column("likeness", Float, nullable=False),
    Column("words", Json(tuple[tuple[str, str], ...]), nullable=False),
    UniqueConstraint("story_id", "other_id"),
)

mention = Table(
    "mention",
    metadata,
    identity(),
    to("article", "article_id"),
    to("story", "story_id"),
    Column("watch", String(120), nullable=False),
    Column("spans", Json(rows), nullable=False),
    Column("negative", Float, nullable=False),
    Column("risk", Json(record), nullable=False),
    time("at", index=True),
    UniqueConstraint("article_id", "watch"),
)

alarm = Table(
    "alarm",
    metadata,
    identity(),
    to("story", "story_id"),
    time("at"),
    string("level", 20),
    Column("reasons", Json(rows), nullable=False),
    Column("articles", Json(tuple[int, ...]), nullable=False),
)

dropped = Table(
    "dropped", metadata, identity(), to("source", "source_id"), time("at", index=True), text("key"), text("why")
)

# Bytes kept as evidence of what is cited in an incident.
evidence = Table(
    "evidence",
    metadata,
    identity(),
    to("source", "source_id"),
    time("at"),
    Column("hash", String(64), nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
    string("content_type"),
    text("url"),
)

watch = Table("watch", metadata, identity(), string("name"), text("query"), flag("active"), version())

# What the ear remembers between two polls (copies, stories, counts), one row per part of it.
ear = Table("ear", metadata, Column("name", String(60), primary_key=True), Column("state", LargeBinary, nullable=False))
