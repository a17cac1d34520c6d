"""Every table. What happened is a row; what can change carries a `version` that is compared when it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from crisis.core import text as core_text
from crisis.core.approval import Approval, ApprovalState, Vote, VoteKind
from crisis.core.audienceplan import AudienceEntry
from crisis.core.case import CrisisType, FactStatus
from crisis.core.complaint import Complaint, ComplaintState, ComplaintStep, StepKind, Tier
from crisis.core.contact import Recipient
from crisis.core.fact import Fact
from crisis.core.incident import Incident, IncidentState, StoredClassification, Task, TaskState
from crisis.core.job import Job
from crisis.core.log import LogEntry
from crisis.core.people import Person, Role
from crisis.core.promise import Promise, PromiseState
from crisis.core.release import Delivery, DeliveryState, Release
from crisis.core.response import Response
from crisis.core.sources import (
    Alarm,
    Dropped,
    Evidence,
    Form,
    Source,
    StoredArticle,
    StoredMention,
    StoredWatch,
    Story,
    StoryState,
)
from crisis.core.statement import ChannelKind, Revision, Statement, StatementState, Waiver
from crisis.core.subscription import Push, StoredSubscription
from crisis.store.types import Code, Json, UtcDateTime
from monitors.websub import SubscriptionState

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_record = Mapping[str, Any]
_records = tuple[Mapping[str, Any], ...]
_texts = tuple[str, ...]


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _version() -> Column[int]:
    return Column("version", Integer, nullable=False, default=1)


def _to(table: str, name: str, *, null: bool = False, index: bool = True) -> Column[int]:
    return Column(name, Integer, ForeignKey(f"{table}.id"), nullable=null, index=index)


def _string(name: str, size: int = 200) -> Column[str]:
    return Column(name, String(size), nullable=False, default="", server_default="")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, default="", server_default="")


def _time(name: str, *, null: bool = False, index: bool = False) -> Column[Any]:
    return Column(name, UtcDateTime, nullable=null, index=index)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, default=False)


# What is set up once: the organisation, the mail server, the drill's clock. One row per name.
setting = Table("setting", metadata, Column("name", String(60), primary_key=True), Column("value", Json(Any)))

person = Table(
    "person",
    metadata,
    _id(),
    _string("name"),
    Column("email", String(200), nullable=False, unique=True),
    Column("roles", Json(tuple[Role, ...]), nullable=False),
    Column("regions", Json(_texts), nullable=False),
    _string("title"),
    _string("lang", 8),
    _text("password_hash"),
    _flag("active"),
    _time("created_at", null=True),
    _version(),
)

# Sign-in of a browser: the cookie holds a token, here lies its SHA-256. Times are real time.
session = Table(
    "session",
    metadata,
    _id(),
    Column("token_hash", String(64), nullable=False, unique=True),
    _to("person", "person_id"),
    _string("csrf", 64),
    _time("created_at"),
    _time("seen_at"),
    _time("expires_at", index=True),
)

# Failed sign-ins, for throttling by address and by account.
attempt = Table("attempt", metadata, _id(), Column("key", String(200), nullable=False, index=True), _time("at"))

source = Table(
    "source",
    metadata,
    _id(),
    _string("name"),
    Column("url", Text, nullable=False, unique=True),
    Column("form", Code(Form), nullable=False, default=Form.FEED, server_default="feed"),
    Column("options", Json(_record), nullable=False, default={}, server_default="{}"),
    _string("kind", 20),
    Column("reach", Integer, nullable=False),
    _string("lang", 8),
    _string("region", 80),
    _flag("active"),
    Column("interval_s", Integer),
    Column("health", Json(_record), nullable=False),
    _time("due_at", index=True),
    _time("polled_at", null=True),
    _time("added_at"),
    _version(),
)

# What a source that is no feed remembers between two visits: a page its words, a folder its files, a mailbox its place.
source_kept = Table(
    "source_kept",
    metadata,
    Column("source_id", ForeignKey("source.id"), primary_key=True),
    Column("kept", Json(_record), nullable=False),
)

# Subscriptions at hubs, one per source.
subscription = Table(
    "subscription",
    metadata,
    _id(),
    Column("source_id", ForeignKey("source.id"), nullable=False, unique=True),
    Column("token", String(64), nullable=False, unique=True),
    _text("hub"),
    _text("topic"),
    _string("secret"),
    Column("state", Code(SubscriptionState), nullable=False),
    _time("asked_at", null=True),
    _time("granted_at", null=True),
    _time("lease_until", null=True),
    _time("heard_at", null=True),
    _string("reason"),
    _version(),
)

# What hubs have pushed, until the process that listens has heard it.
push = Table(
    "push",
    metadata,
    _id(),
    _to("source", "source_id"),
    _time("at"),
    Column("body", LargeBinary, nullable=False),
    _string("content_type"),
)

# What is known of a host over all its sources (waits, outages, what robots.txt asks for).
host = Table("host", metadata, Column("name", String(255), primary_key=True), Column("health", Json(_record)))

article = Table(
    "article",
    metadata,
    _id(),
    _to("source", "source_id"),
    Column("key", String(500), nullable=False),
    _string("outlet"),
    _text("title"),
    _text("body"),
    _text("url"),
    _string("lang", 8),
    _time("published_at", null=True),
    _time("fetched_at", index=True),
    _to("article", "copy_id", null=True),
    _to("story", "story_id", null=True),
    # A row of `evidence`; without a constraint, which SQLite could only add by copying every article.
    Column("evidence_id", Integer),
    UniqueConstraint("source_id", "key"),
)

story = Table(
    "story",
    metadata,
    _id(),
    Column("key", String(80), nullable=False, unique=True),
    _text("title"),
    _flag("title_outside"),
    _time("first_at"),
    _time("found_at"),
    _time("last_at", index=True),
    Column("articles", Integer, nullable=False),
    Column("mentions", Integer, nullable=False),
    Column("voices", Integer, nullable=False),
    Column("risk", Float, nullable=False),
    Column("severity", Integer, nullable=False),
    _string("level", 20),
    _string("origin", 20),
    _string("region", 80),
    Column("reasons", Json(_records), nullable=False),
    Column("state", Code(StoryState), nullable=False, index=True),
    _to("incident", "incident_id", null=True),
    Column("decided_by", Integer),
    _time("decided_at", null=True),
    _text("reason"),
    _version(),
)

mention = Table(
    "mention",
    metadata,
    _id(),
    _to("article", "article_id"),
    _to("story", "story_id"),
    Column("watch", String(120), nullable=False),
    Column("spans", Json(_records), nullable=False),
    Column("negative", Float, nullable=False),
    Column("risk", Json(_record), nullable=False),
    _time("at", index=True),
    UniqueConstraint("article_id", "watch"),
)

alarm = Table(
    "alarm",
    metadata,
    _id(),
    _to("story", "story_id"),
    _time("at"),
    _string("level", 20),
    Column("reasons", Json(_records), nullable=False),
    Column("articles", Json(tuple[int, ...]), nullable=False),
)

dropped = Table(
    "dropped", metadata, _id(), _to("source", "source_id"), _time("at", index=True), _text("key"), _text("why")
)

watch = Table("watch", metadata, _id(), _string("name"), _text("query"), _flag("active"), _version())

incident = Table(
    "incident",
    metadata,
    _id(),
    Column("key", String(40), nullable=False, unique=True),
    _text("title"),
    _time("t0_at"),
    _time("opened_at"),
    Column("opened_by", Integer, nullable=False),
    _to("person", "owner_id"),
    Column("severity", Integer, nullable=False),
    Column("state", Code(IncidentState), nullable=False),
    _flag("restricted"),
    Column("regions", Json(_texts), nullable=False),
    Column("playbook", Json(_record), nullable=False),
    _text("situation"),
    Column("situation_by", Integer),
    _time("situation_at", null=True),
    _flag("injury"),
    _flag("cause_established"),
    _flag("claim_refuted"),
    _flag("fault_gate_open"),
    _flag("drill"),
    _time("closed_at", null=True),
    _version(),
)

# Who may see a restricted incident, and which regions an incident touches: read by every scoped query.
member = Table(
    "member",
    metadata,
    Column("incident_id", ForeignKey("incident.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
)
incident_region = Table(
    "incident_region",
    metadata,
    Column("incident_id", ForeignKey("incident.id"), primary_key=True),
    Column("region", String(80), primary_key=True),
)

classification = Table(
    "classification",
    metadata,
    _id(),
    _to("incident", "incident_id"),
    _time("at"),
    Column("by", Integer, nullable=False),
    Column("primary", Code(CrisisType), nullable=False),
    Column("secondary", Json(tuple[CrisisType, ...]), nullable=False),
    Column("credit_kind", String(20)),
    Column("scores", Json(Mapping[str, float]), nullable=False),
    Column("confidence", Float, nullable=False),
    _string("severity", 20),
    Column("evidence", Json(_records), nullable=False),
    Column("next_fact", Json(core_text.Text | None)),
    _text("reason"),
    _string("rules_version", 40),
)

task = Table(
    "task",
    metadata,
    _id(),
    _to("incident", "incident_id"),
    _string("step_id", 40),
    _string("phase", 40),
    Column("title", Json(core_text.Text), nullable=False),
    _string("owner_role", 20),
    _to("person", "owner_id", null=True),
    _time("due_at", null=True),
    Column("gate", Json(core_text.Text | None)),
    _flag("gate_hard"),
    Column("output", Json(core_text.Text | None)),
    _string("principle", 20),
    Column("state", Code(TaskState), nullable=False),
    _text("note"),
    _time("done_at", null=True),
    Column("done_by", Integer),
    _version(),
)

fact = Table(
    "fact",
    metadata,
    _id(),
    _to("incident", "incident_id"),
    Column("number", Integer, nullable=False),
    _text("claim_zh"),
    _text("claim_en"),
    _text("source"),
    _time("as_of"),
    Column("status", Code(FactStatus), nullable=False),
    _string("asking"),
    _flag("is_cause"),
    Column("added_by", Integer, nullable=False),
    _time("added_at"),
    Column("decided_by", Integer),
    _time("decided_at", null=True),
    _text("note"),
    Column("superseded_by", Integer),
    _version(),
    UniqueConstraint("incident_id", "number"),
)

audience = Table(
    "audience",
    metadata,
    _id(),
    _to("incident", "incident_id"),
    Column("audience", String(40), nullable=False),
    Column("position", Integer, nullable=False),
    _text("who"),
    _text("know"),
    _text("feel"),
    _text("motivate"),
    Column("stance", Float, nullable=False),
    Column("target", Float, nullable=False),
    Column("channels", Json(_texts), nullable=False),
    _string("spokesperson"),
    _time("due_at", null=True),
    _time("told_at", null=True),
    Column("reason", Json(core_text.Text), nullable=False),
    Column("details", Json(_record), nullable=False),
    _flag("left_out"),
    _version(),
    UniqueConstraint("incident_id", "audience"),
)

statement = Table(
    "statement",
    metadata,
    _id(),
    _to("incident", "incident_id"),
    Column("number", Integer, nullable=False),
    _string("audience", 40),
    _string("lang", 8),
    _string("kind", 40),
    _text("title"),
    Column("state", Code(StatementState), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("channels", Json(tuple[ChannelKind, ...]), nullable=False),
    _to("person", "author_id"),
    _time("created_at"),
    _time("due_at", null=True),
    _text("withdrawn_reason"),
    _version(),
    UniqueConstraint("incident_id", "number"),
)

revision = Table(
    "revision",
    metadata,
    _id(),
    _to("statement", "statement_id"),
    Column("number", Integer, nullable=False),
    _text("text"),
    Column("by", Integer, nullable=False),
    _time("at"),
    _string("origin", 80),
    Column("report", Json(_record), nullable=False),
    UniqueConstraint("statement_id", "number"),
)

waiver = Table(
    "waiver",
    metadata,
    _id(),
    _to("statement", "statement_id"),
    _string("check", 20),
    _text("quote"),
    Column("by", Integer, nullable=False),
    _time("at"),
    _text("reason"),
)

approval = Table(
    "approval",
    metadata,
    _id(),
    _to("statement", "statement_id"),
    Column("revision", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("needed", Integer, nullable=False),
    _time("opened_at"),
    Column("opened_by", Integer, nullable=False),
    _time("due_at", null=True),
    _to("statement", "fallback_id", null=True),
    Column("state", Code(ApprovalState), nullable=False, index=True),
    _time("ended_at", null=True),
    _version(),
)

# One vote per person and run: the database itself refuses a second one.
vote = Table(
    "vote",
    metadata,
    _id(),
    _to("approval", "approval_id"),
    _to("person", "person_id"),
    Column("kind", Code(VoteKind), nullable=False),
    Column("hash", String(64), nullable=False),
    _time("at"),
    _text("note"),
    Column("sentence", Integer),
    UniqueConstraint("approval_id", "person_id"),
)

# One release per approval: the database itself refuses a second one.
release = Table(
    "release",
    metadata,
    _id(),
    _to("statement", "statement_id"),
    Column("approval_id", Integer, ForeignKey("approval.id"), nullable=False, unique=True),
    _to("incident", "incident_id"),
    Column("hash", String(64), nullable=False),
    _text("title"),
    _text("text"),
    _string("lang", 8),
    _string("audience", 40),
    _time("at", index=True),
    Column("by", Integer, nullable=False),
    _flag("drill"),
    _time("withdrawn_at", null=True),
    _text("withdrawn_reason"),
    _version(),
)

delivery = Table(
    "delivery",
    metadata,
    _id(),
    _to("release", "release_id"),
    Column("channel", String(40), nullable=False),
    _text("target"),
    Column("key", String(300), nullable=False, unique=True),
    Column("state", Code(DeliveryState), nullable=False),
    Column("attempts", Integer, nullable=False),
    _time("updated_at"),
    Column("receipt", Json(_record), nullable=False),
    _version(),
)

recipient = Table(
    "recipient",
    metadata,
    _id(),
    Column("audience", String(40), nullable=False, index=True),
    _string("name"),
    _string("email"),
    _string("lang", 8),
    _string("region", 80),
    _flag("active"),
)

promise = Table(
    "promise",
    metadata,
    _id(),
    _to("incident", "incident_id"),
    _to("statement", "statement_id", null=True),
    _text("text"),
    _string("audience", 40),
    _to("person", "owner_id"),
    _time("due_at", index=True),
    Column("state", Code(PromiseState), nullable=False),
    _time("made_at"),
    _time("ended_at", null=True),
    _text("note"),
    _version(),
)

response = Table(
    "response",
    metadata,
    _id(),
    _to("incident", "incident_id"),
    Column("audience", String(40), nullable=False),
    _string("region", 80),
    Column("stance", Integer, nullable=False),
    _text("said"),
    _string("lang", 8),
    _flag("question"),
    _to("release", "release_id", null=True),
    _time("at"),
    Column("by", Integer, nullable=False),
)

complaint = Table(
    "complaint",
    metadata,
    _id(),
    Column("key", String(40), nullable=False, unique=True),
    _time("received_at"),
    _string("received_by"),
    _string("unit"),
    _string("medium", 20),
    _string("customer_kind", 20),
    _string("customer_name"),
    _text("customer_address"),
    _text("customer_other"),
    _string("customer_phone", 60),
    _string("customer_fax", 60),
    _string("customer_email"),
    _flag("consent"),
    _string("subject", 20),
    _string("region", 80),
    _string("product"),
    _text("details"),
    _text("desired_outcome"),
    Column("tier", Code(Tier), nullable=False),
    _flag("injury"),
    _text("action_taken"),
    _time("action_completed_at", null=True),
    _string("signed_by"),
    _time("signed_at", null=True),
    _string("supervisor"),
    _to("person", "owner_id"),
    _time("due_at", null=True, index=True),
    Column("interval_h", Integer, nullable=False),
    Column("state", Code(ComplaintState), nullable=False, index=True),
    Column("satisfied", Boolean),
    _to("incident", "incident_id", null=True),
    _version(),
)

complaint_step = Table(
    "complaint_step",
    metadata,
    _id(),
    _to("complaint", "complaint_id"),
    _time("at"),
    Column("by", Integer, nullable=False),
    Column("kind", Code(StepKind), nullable=False),
    _text("text"),
    _flag("visible"),
)

log = Table(
    "log",
    metadata,
    _id(),
    Column("seq", Integer, nullable=False, unique=True),
    _to("incident", "incident_id", null=True),
    _time("at"),
    Column("by", Integer, nullable=False),
    Column("verb", String(60), nullable=False, index=True),
    Column("args", Json(_record), nullable=False),
    _text("note"),
    _flag("decision"),
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
    _id(),
    Column("name", String(60), nullable=False),
    Column("key", String(300), nullable=False, unique=True),
    Column("payload", Json(_record), nullable=False),
    _time("run_at"),
    Column("attempts", Integer, nullable=False),
    _time("locked_until", null=True),
    _time("done_at", null=True),
    _flag("dead"),
    _text("last_error"),
    Index("ix_job_waiting", "done_at", "dead", "run_at"),
)

# Bytes kept as evidence of what is cited in an incident.
evidence = Table(
    "evidence",
    metadata,
    _id(),
    _to("source", "source_id"),
    _time("at"),
    Column("hash", String(64), nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
    _string("content_type"),
    _text("url"),
)

# What the ear remembers between two polls (copies, stories, counts), one row per part of it.
ear = Table("ear", metadata, Column("name", String(60), primary_key=True), Column("state", LargeBinary, nullable=False))

# Full text: our own bigrams in `tokens`; the index over it is made per database in `store.search`.
search = Table(
    "search",
    metadata,
    _id(),
    Column("kind", String(20), nullable=False),
    Column("ref", Integer, nullable=False),
    Column("incident_id", Integer),
    _text("title"),
    _text("tokens"),
    UniqueConstraint("kind", "ref"),
)

TABLES: dict[type[Any], Table] = {
    Person: person,
    Source: source,
    StoredArticle: article,
    Story: story,
    StoredMention: mention,
    Alarm: alarm,
    Dropped: dropped,
    Evidence: evidence,
    StoredSubscription: subscription,
    Push: push,
    StoredWatch: watch,
    Incident: incident,
    StoredClassification: classification,
    Task: task,
    Fact: fact,
    AudienceEntry: audience,
    Statement: statement,
    Revision: revision,
    Waiver: waiver,
    Approval: approval,
    Vote: vote,
    Release: release,
    Delivery: delivery,
    Recipient: recipient,
    Promise: promise,
    Response: response,
    Complaint: complaint,
    ComplaintStep: complaint_step,
    LogEntry: log,
    Job: job,
}
