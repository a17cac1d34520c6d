"""Release: exactly the approved bytes, exactly once, and what each channel answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from crisis.core.approval import Approval, ApprovalState
from crisis.core.incident import IncidentState
from crisis.core.statement import Statement, StatementState, hash_to_approve
from crisis.errors import WrongState


@dataclass(frozen=True, kw_only=True)
class Release:
    """One statement as it left the building. `hash` is the one that was approved; one release per approval."""

    id: int = 0
    statement_id: int
    approval_id: int
    incident_id: int
    hash: str
    title: str
    text: str
    lang: str
    audience: str
    at: datetime
    by: int
    drill: bool = False
    withdrawn_at: datetime | None = None
    withdrawn_reason: str = ""
    version: int = 1


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One release through one channel to one target. `key` makes it safe to try again.

    `uncertain`: the desk died after it began to send and the channel cannot tell whether it arrived; a person
    decides. `refused`: the channel does not take it, as an outbound one in a drill. `cancelled`: the statement was
    withdrawn before this delivery had begun.
    """

    id: int = 0
    release_id: int
    channel: str
    target: str = ""
    key: str
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    updated_at: datetime
    receipt: Mapping[str, Any]
    version: int = 1


def demand_releasable(statement: Statement, approval: Approval, text: str, incident: IncidentState) -> None:
    """Raises WrongState unless these very bytes were approved, have not gone out yet, and their incident is open."""
    if statement.state is StatementState.RELEASED:
        raise WrongState("already released", statement=statement.id)
    if incident is IncidentState.CLOSED:
        raise WrongState("nothing is released after closing", statement=statement.id)
    if statement.state is not StatementState.APPROVED or approval.state is not ApprovalState.APPROVED:
        raise WrongState("not approved", statement=statement.id)
    if approval.revision != statement.revision or hash_to_approve(statement, text) != approval.hash:
        raise WrongState("text is not the approved one", statement=statement.id)
