"""Triage: how grave a story looks before a person has judged it, and why. A suggestion, never a decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crisis.core.sources import Story


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A severity of 1 to 5 with the reasons it was read from, each a code with its number."""

    severity: int
    reasons: tuple[Mapping[str, Any], ...]


_PEOPLE = {"death": 4, "injury": 3}
# Kinds of harm that bring a regulator, a court or a creditor with them count like contact with a regulator.
_AUTHORITY = {"regulator", "legal", "default", "fraud"}
_PRODUCT = {"safety", "data", "environment"}


def suggest(
    *, harms: Iterable[str], voices: int, risk: float, names_us: bool, reach: int, namesake: bool = False
) -> Suggestion:
    """How grave a story looks, on the scale of docs/decisions.md: 1 a complaint; 2 local, nobody hurt; 3 somebody
    hurt, or three independent voices, or an authority; 4 a death; 5 is for people to choose."""
    kinds = set(harms)
    reasons: list[Mapping[str, Any]] = []
    severity = 1
    if namesake or not names_us:
        reasons.append({"code": "not_named"})
        return Suggestion(severity=1, reasons=tuple(reasons))
    reasons.append({"code": "names_us"})
    if risk >= 0.5:
        severity = 2
        reasons.append({"code": "risk", "value": round(risk, 2), "least": 0.5})
    for kind, level in _PEOPLE.items():
        if kind in kinds:
            severity = max(severity, level)
            reasons.append({"code": kind})
    if risk >= 0.5 and kinds & _AUTHORITY:
        severity = max(severity, 3)
        reasons.append({"code": "authority"})
    elif risk >= 0.5 and kinds & _PRODUCT:
        severity = max(severity, 2)
        reasons.append({"code": "product"})
    if voices >= 3 and risk >= 0.5:
        severity = max(severity, 3)
    if voices >= 2:
        reasons.append({"code": "voices", "value": voices, "least": 3})
    if reach >= 4 and risk >= 0.5:
        reasons.append({"code": "reach", "value": reach})
    return Suggestion(severity=severity, reasons=tuple(reasons))


def beyond(stories: Iterable[Story], *, severity: int, known: int) -> Story | None:
    """The gravest story of an incident when it suggests more than the severity that people gave it and more than the
    suggestion that was known to them then, else None: what was weighed once is not asked again."""
    worst = max(stories, key=lambda story: (story.severity, story.last_at), default=None)
    return worst if worst is not None and worst.severity > max(severity, known) else None
