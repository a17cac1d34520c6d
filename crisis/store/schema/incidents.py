"""Incidents and what belongs to them: judgements, tasks, facts, the audience plan, promises, responses; complaints."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, String, Table, UniqueConstraint

from crisis.core import text as core_text
from crisis.core.case import CrisisType, FactStatus
from crisis.core.complaint import ComplaintState, StepKind, Tier
from crisis.core.incident import IncidentState, TaskState
from crisis.core.promise import PromiseState
from crisis.store.schema.columns import flag, identity, metadata, record, rows, string, text, texts, time, to, version
from crisis.store.types import Code, Json

incident = Table(
    "incident",
    metadata,
    identity(),
    Column("key", String(40), nullable=False, unique=True),
    text("title"),
    time("t0_at"),
    time("opened_at"),
    Column("opened_by", Integer, nullable=False),
    to("person", "owner_id"),
    Column("severity", Integer, nullable=False),
    Column("state", Code(IncidentState), nullable=False),
    flag("restricted"),
    Column("regions", Json(texts), nullable=False),
    Column("playbook", Json(record), nullable=False),
    text("situation"),
    Column("situation_by", Integer),
    time("situation_at", null=True),
    flag("injury"),
    flag("cause_established"),
    flag("claim_refuted"),
    flag("fault_gate_open"),
    flag("filed"),
    flag("drill"),
    time("closed_at", null=True),
    version(),
)

LONGEST_REGION = 80

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
    Column("region", String(LONGEST_REGION), primary_key=True),
)

classification = Table(
    "classification",
    metadata,
    identity(),
    to("incident", "incident_id"),
    time("at"),
    Column("by", Integer, nullable=False),
    Column("primary", Code(CrisisType), nullable=False),
    Column("secondary", Json(tuple[CrisisType, ...]), nullable=False),
    Column("credit_kind", String(20)),
    Column("scores", Json(Mapping[str, float]), nullable=False),
    Column("confidence", Float, nullable=False),
    string("severity", 20),
    Column("evidence", Json(rows), nullable=False),
    Column("next_fact", Json(core_text.Text | None)),
    text("reason"),
    string("rules_version", 40),
)

task = Table(
    "task",
    metadata,
    identity(),
    to("incident", "incident_id"),
    string("step_id", 40),
    string("phase", 40),
    Column("title", Json(core_text.Text), nullable=False),
    string("owner_role", 20),
    to("person", "owner_id", null=True),
    time("due_at", null=True),
    Column("gate", Json(core_text.Text | None)),
    flag("gate_hard"),
    Column("output", Json(core_text.Text | None)),
    string("principle", 20),
    Column("state", Code(TaskState), nullable=False),
    text("note"),
    time("done_at", null=True),
    Column("done_by", Integer),
    to("release", "release_id", null=True),
    version(),
)

fact = Table(
    "fact",
    metadata,
    identity(),
    to("incident", "incident_id"),
    Column("number", Integer, nullable=False),
    text("claim_zh"),
    text("claim_en"),
    text("source"),
    time("as_of"),
    Column("status", Code(FactStatus), nullable=False),
    string("asking"),
    flag("is_cause"),
    Column("added_by", Integer, nullable=False),
    time("added_at"),
    Column("decided_by", Integer),
    time("decided_at", null=True),
    text("note"),
    Column("superseded_by", Integer),
    version(),
    UniqueConstraint("incident_id", "number"),
)

audience = Table(
    "audience",
    metadata,
    identity(),
    to("incident", "incident_id"),
    Column("audience", String(40), nullable=False),
    Column("position", Integer, nullable=False),
    text("who"),
    text("know"),
    text("feel"),
    text("motivate"),
    Column("stance", Float, nullable=False),
    Column("target", Float, nullable=False),
    Column("channels", Json(texts), nullable=False),
    string("spokesperson"),
    time("due_at", null=True),
    time("told_at", null=True),
    Column("reason", Json(core_text.Text), nullable=False),
    Column("details", Json(record), nullable=False),
    flag("left_out"),
    version(),
    UniqueConstraint("incident_id", "audience"),
)

promise = Table(
    "promise",
    metadata,
    identity(),
    to("incident", "incident_id"),
    to("statement", "statement_id", null=True),
    text("text"),
    string("audience", 40),
    to("person", "owner_id"),
    time("due_at", index=True),
    Column("state", Code(PromiseState), nullable=False),
    time("made_at"),
    time("ended_at", null=True),
    text("note"),
    version(),
)

response = Table(
    "response",
    metadata,
    identity(),
    to("incident", "incident_id"),
    Column("audience", String(40), nullable=False),
    string("region", 80),
    Column("stance", Integer, nullable=False),
    text("said"),
    string("lang", 8),
    flag("question"),
    to("release", "release_id", null=True),
    time("at"),
    Column("by", Integer, nullable=False),
)

complaint = Table(
    "complaint",
    metadata,
    identity(),
    Column("key", String(40), nullable=False, unique=True),
    time("received_at"),
    string("received_by"),
    string("unit"),
    string("medium", 20),
    string("customer_kind", 20),
    string("customer_name"),
    text("customer_address"),
    text("customer_other"),
    string("customer_phone", 60),
    string("customer_fax", 60),
    string("customer_email"),
    flag("consent"),
    string("subject", 20),
    string("region", 80),
    string("product"),
    text("details"),
    text("desired_outcome"),
    Column("tier", Code(Tier), nullable=False),
    flag("injury"),
    text("action_taken"),
    time("action_completed_at", null=True),
    string("signed_by"),
    time("signed_at", null=True),
    string("supervisor"),
    to("person", "owner_id"),
    time("due_at", null=True, index=True),
    Column("interval_h", Integer, nullable=False),
    Column("state", Code(ComplaintState), nullable=False, index=True),
    Column("satisfied", Boolean),
    to("incident", "incident_id", null=True),
    version(),
)

complaint_step = Table(
    "complaint_step",
    metadata,
    identity(),
    to("complaint", "complaint_id"),
    time("at"),
    Column("by", Integer, nullable=False),
    Column("kind", Code(StepKind), nullable=False),
    text("text"),
    flag("visible"),
)
