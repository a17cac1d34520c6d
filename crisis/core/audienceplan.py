"""One audience of one incident, as it was planned and then changed by people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crisis.core.text import Text

QUESTIONS = ("who", "know", "feel", "motivate")


@dataclass(frozen=True, kw_only=True)
class AudienceEntry:
    """One row of the audience plan, in telling order (`position` from 1).

    `who`, `know`, `feel`, `motivate` answer the four questions; a blank one is visible and blocks approval
    of texts for this audience. `stance` now and `target` -2..+2. `left_out` says why it need not be told;
    `told_at` is the first contact. `details` keeps values, do, don't, questions and sources as planned.
    """

    id: int = 0
    incident_id: int
    audience: str
    position: int
    who: str = ""
    know: str = ""
    feel: str = ""
    motivate: str = ""
    stance: float = 0.0
    target: float = 0.0
    channels: tuple[str, ...] = ()
    spokesperson: str = ""
    due_at: datetime | None = None
    told_at: datetime | None = None
    reason: Text
    details: Mapping[str, Any]
    left_out: bool = False
    version: int = 1

    @property
    def blanks(self) -> tuple[str, ...]:
        """The questions that nobody has answered."""
        return tuple(name for name in QUESTIONS if not getattr(self, name).strip())
