"""A statement: one text for one audience in one language, its revisions, and the bytes people vote on."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from crisis.core.checks import Level
from crisis.errors import Invalid, WrongState


class StatementState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class ChannelKind(StrEnum):
    NEWSROOM = "newsroom"
    FILE = "file"
    EMAIL = "email"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. `number` counts within the incident; `revision` is the newest one's number.

    Chinese and English are separate statements with separate approval. `due_at` is when the text should be out.
    """

    id: int = 0
    incident_id: int
    number: int
    audience: str
    lang: str
    kind: str
    title: str
    state: StatementState = StatementState.DRAFT
    revision: int = 1
    channels: tuple[ChannelKind, ...] = (ChannelKind.NEWSROOM,)
    author_id: int
    created_at: datetime
    due_at: datetime | None = None
    withdrawn_reason: str = ""
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One saved text of a statement; never changed. `report` is what the checks said about it."""

    id: int = 0
    statement_id: int
    number: int
    text: str
    by: int
    at: datetime
    origin: str = "edit"
    report: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A finding that somebody lets pass, with name and reason; approvers see it.

    `severity` is how grave it was then. A later finding of the check about the same words (none, where something is
    missing) passes as well, unless it is graver: see crisis.core.standing.
    """

    id: int = 0
    statement_id: int
    check: str
    quote: str
    severity: Level
    by: int
    at: datetime
    reason: str


def canonical_text(text: str) -> str:
    """The text as it is stored, voted on and sent: NFC, `\\n` line ends, no blanks at line ends, one final line end."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def bytes_to_approve(statement: Statement, text: str) -> bytes:
    """What a vote names: text, title, language, audience and channels in one fixed form."""
    record = {
        "text": canonical_text(text),
        "title": statement.title,
        "lang": statement.lang,
        "audience": statement.audience,
        "channels": sorted(statement.channels),
    }
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def hash_to_approve(statement: Statement, text: str) -> str:
    """SHA-256 (hex) of the bytes that people approve. Change a character and it is another hash."""
    return hashlib.sha256(bytes_to_approve(statement, text)).hexdigest()


def edited(statement: Statement) -> Statement:
    """The statement with one more revision. A text in review or approved goes back to draft: its votes are gone."""
    if statement.state in (StatementState.RELEASED, StatementState.WITHDRAWN):
        raise WrongState("a released statement is corrected by a new one", statement=statement.id)
    return replace(statement, state=StatementState.DRAFT, revision=statement.revision + 1)


def submitted(statement: Statement, *, blocked: bool, blanks: int) -> Statement:
    """The statement in review. A blocking finding or a blank `【…】` must be mended (or waived) first."""
    if statement.state is not StatementState.DRAFT:
        raise WrongState("statement is not a draft", statement=statement.id)
    if blanks:
        raise Invalid("text", "blanks_left", count=blanks)
    if blocked:
        raise Invalid("text", "blocking_findings")
    return replace(statement, state=StatementState.IN_REVIEW)


def withdrawn(statement: Statement, *, reason: str) -> Statement:
    """The statement as withdrawn. Only what is released can be withdrawn."""
    if statement.state is not StatementState.RELEASED:
        raise WrongState("statement is not released", statement=statement.id)
    if not reason.strip():
        raise Invalid("reason", "reason_missing")
    return replace(statement, state=StatementState.WITHDRAWN, withdrawn_reason=reason.strip())
