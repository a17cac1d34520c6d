"""Promises: what we said we would do, who does it, until when, and whether it was kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from crisis.errors import WrongState


class PromiseState(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One promise. `statement_id` names the text that made it, when one did."""

    id: int = 0
    incident_id: int
    statement_id: int | None = None
    text: str
    audience: str = ""
    owner_id: int
    due_at: datetime
    state: PromiseState = PromiseState.OPEN
    made_at: datetime
    ended_at: datetime | None = None
    note: str = ""
    version: int = 1


def kept(promise: Promise, *, note: str, at: datetime) -> Promise:
    if promise.state is not PromiseState.OPEN:
        raise WrongState("promise has ended", promise=promise.id)
    return replace(promise, state=PromiseState.KEPT, ended_at=at, note=note.strip())


def broken(promise: Promise, *, note: str, at: datetime) -> Promise:
    if promise.state is not PromiseState.OPEN:
        raise WrongState("promise has ended", promise=promise.id)
    return replace(promise, state=PromiseState.BROKEN, ended_at=at, note=note.strip())


def standing(
    promises: Iterable[Promise], *, due_at: datetime, audience: str, early: timedelta = timedelta(0)
) -> Promise | None:
    """The open promise for the same minute to the same audience, or to nobody in particular, when one stands.

    What keeps a promise `early` stands for it too: "within three hours", said again ten minutes later, is kept by the
    promise that stands there.
    """
    minute = due_at.replace(second=0, microsecond=0)
    return next(
        (
            promise
            for promise in promises
            if promise.state is PromiseState.OPEN
            and minute - early <= promise.due_at.replace(second=0, microsecond=0) <= minute
            and (not promise.audience or not audience or promise.audience == audience)
        ),
        None,
    )
