"""Every table. What happened is a row; what can change carries a `version` that is compared when it is saved."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table

from crisis.core.approval import Approval, Vote
from crisis.core.audienceplan import AudienceEntry
from crisis.core.complaint import Complaint, ComplaintStep
from crisis.core.contact import Recipient
from crisis.core.fact import Fact
from crisis.core.incident import Incident, StoredClassification, Task
from crisis.core.job import Job
from crisis.core.log import LogEntry
from crisis.core.people import Person
from crisis.core.promise import Promise
from crisis.core.release import Delivery, Release
from crisis.core.response import Response
from crisis.core.ruling import Link, Ruling
from crisis.core.sources import Alarm, Dropped, Evidence, Source, StoredArticle, StoredMention, StoredWatch, Story
from crisis.core.statement import Revision, Statement, Waiver
from crisis.core.subscription import Push, StoredSubscription
from crisis.store.schema.columns import metadata
from crisis.store.schema.house import attempt, job, lease, log, log_head, person, search, session, setting
from crisis.store.schema.incidents import (
    audience,
    classification,
    complaint,
    complaint_step,
    fact,
    incident,
    incident_region,
    member,
    promise,
    response,
    task,
)
from crisis.store.schema.listening import (
    alarm,
    article,
    dropped,
    ear,
    evidence,
    host,
    link,
    mention,
    push,
    ruled,
    ruling,
    source,
    source_kept,
    story,
    subscription,
    watch,
)
from crisis.store.schema.statements import approval, delivery, recipient, release, revision, statement, vote, waiver

__all__ = [
    "TABLES",
    "alarm",
    "approval",
    "article",
    "attempt",
    "audience",
    "classification",
    "complaint",
    "complaint_step",
    "delivery",
    "dropped",
    "ear",
    "evidence",
    "fact",
    "host",
    "incident",
    "incident_region",
    "job",
    "lease",
    "link",
    "log",
    "log_head",
    "member",
    "mention",
    "metadata",
    "person",
    "promise",
    "push",
    "recipient",
    "release",
    "response",
    "revision",
    "ruled",
    "ruling",
    "search",
    "session",
    "setting",
    "source",
    "source_kept",
    "statement",
    "story",
    "subscription",
    "task",
    "vote",
    "waiver",
    "watch",
]

TABLES: dict[type[Any], Table] = {
    Person: person,
    Source: source,
    StoredArticle: article,
    Story: story,
    Ruling: ruling,
    Link: link,
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
