"""Statements on their way out: revisions, approval with its votes, release, deliveries, recipients."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, func

from crisis.core.approval import ApprovalState, VoteKind
from crisis.core.checks import Level
from crisis.core.release import DeliveryState
from crisis.core.statement import ChannelKind, StatementState
from crisis.store.schema.columns import flag, identity, metadata, record, string, text, time, to, version
from crisis.store.types import Code, Json

statement = Table(
    "statement",
    metadata,
    identity(),
    to("incident", "incident_id"),
    Column("number", Integer, nullable=False),
    string("audience", 40),
    string("lang", 8),
    string("kind", 40),
    text("title"),
    Column("state", Code(StatementState), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("channels", Json(tuple[ChannelKind, ...]), nullable=False),
    to("person", "author_id"),
    time("created_at"),
    time("due_at", null=True),
    text("withdrawn_reason"),
    version(),
    UniqueConstraint("incident_id", "number"),
)

revision = Table(
    "revision",
    metadata,
    identity(),
    to("statement", "statement_id"),
    Column("number", Integer, nullable=False),
    text("text"),
    Column("by", Integer, nullable=False),
    time("at"),
    string("origin", 80),
    Column("report", Json(record), nullable=False),
    UniqueConstraint("statement_id", "number"),
)

waiver = Table(
    "waiver",
    metadata,
    identity(),
    to("statement", "statement_id"),
    string("check", 20),
    text("quote"),
    Column("severity", Code(Level), nullable=False, server_default=Level.HIGH),
    Column("by", Integer, nullable=False),
    time("at"),
    text("reason"),
)

approval = Table(
    "approval",
    metadata,
    identity(),
    to("statement", "statement_id"),
    Column("revision", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("needed", Integer, nullable=False),
    time("opened_at"),
    Column("opened_by", Integer, nullable=False),
    time("due_at", null=True),
    to("statement", "fallback_id", null=True),
    Column("state", Code(ApprovalState), nullable=False, index=True),
    time("ended_at", null=True),
    version(),
)

# One vote per person and run: the database itself refuses a second one.
vote = Table(
    "vote",
    metadata,
    identity(),
    to("approval", "approval_id"),
    to("person", "person_id"),
    Column("kind", Code(VoteKind), nullable=False),
    Column("hash", String(64), nullable=False),
    time("at"),
    text("note"),
    Column("sentence", Integer),
    UniqueConstraint("approval_id", "person_id"),
)

# One release per approval: the database itself refuses a second one.
release = Table(
    "release",
    metadata,
    identity(),
    to("statement", "statement_id"),
    Column("approval_id", Integer, ForeignKey("approval.id"), nullable=False, unique=True),
    to("incident", "incident_id"),
    Column("hash", String(64), nullable=False),
    text("title"),
    text("text"),
    string("lang", 8),
    string("audience", 40),
    time("at", index=True),
    Column("by", Integer, nullable=False),
    flag("drill"),
    time("withdrawn_at", null=True),
    text("withdrawn_reason"),
    version(),
)

delivery = Table(
    "delivery",
    metadata,
    identity(),
    to("release", "release_id"),
    Column("channel", String(40), nullable=False),
    text("target"),
    Column("key", String(300), nullable=False, unique=True),
    Column("state", Code(DeliveryState), nullable=False),
    Column("attempts", Integer, nullable=False),
    time("updated_at"),
    Column("receipt", Json(record), nullable=False),
    version(),
)

recipient = Table(
    "recipient",
    metadata,
    identity(),
    Column("audience", String(40), nullable=False, index=True),
    string("name"),
    string("email"),
    string("lang", 8),
    string("region", 80),
    flag("active"),
)
# One row per address, audience and language: the database itself refuses a second one, in whatever letters.
Index("uq_recipient_address", recipient.c.audience, recipient.c.lang, func.lower(recipient.c.email), unique=True)
