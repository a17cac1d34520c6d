"""What two people may set at once in an incident, and which entry of the log told last how it was set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from crisis.core.log import LogEntry


class Matter(StrEnum):
    """One thing that a person sets by a form of the room; the next one who sets it goes over it."""

    TYPE = "type"
    SEVERITY = "severity"
    OWNER = "owner"
    INJURY = "injury"
    CLAIM_REFUTED = "claim_refuted"
    FAULT_GATE_OPEN = "fault_gate_open"
    FILED = "filed"
    VISIBILITY = "visibility"


# The states of the case that the checks read: each is a field of the incident.
GATES = (Matter.INJURY, Matter.CLAIM_REFUTED, Matter.FAULT_GATE_OPEN, Matter.FILED)
# Which entries tell of it. A gate's are told apart by its name; who is given the incident becomes a member.
_TOLD_BY: Mapping[Matter, tuple[str, ...]] = {
    Matter.TYPE: ("type_overruled",),
    Matter.SEVERITY: ("severity_set",),
    Matter.OWNER: ("owner_set",),
    Matter.VISIBILITY: ("restricted_set", "owner_set"),
    **dict.fromkeys(GATES, ("gate_set",)),
}
VERBS = tuple(sorted({verb for verbs in _TOLD_BY.values() for verb in verbs}))


def last_set(entries: Iterable[LogEntry]) -> Mapping[Matter, LogEntry]:
    """The newest entry about each matter that was ever set; `entries` are newest first."""
    found: dict[Matter, LogEntry] = {}
    for entry in entries:
        for matter, verbs in _TOLD_BY.items():
            if entry.verb in verbs and entry.args.get("gate", matter) == matter:
                found.setdefault(matter, entry)
    return found
