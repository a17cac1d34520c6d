"""A job: something that must happen after a transaction, safe to run twice because its key is unique."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Job:
    """One row of the queue. `run_at` and `locked_until` are real time, also in a drill."""

    id: int = 0
    name: str
    key: str
    payload: Mapping[str, Any]
    run_at: datetime
    attempts: int = 0
    locked_until: datetime | None = None
    done_at: datetime | None = None
    dead: bool = False
    last_error: str = ""
