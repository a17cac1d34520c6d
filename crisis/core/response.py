"""Responses: what audiences answer, region by region, and how their stance moves beside the releases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crisis.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class Response:
    """What somebody of an audience said. `stance` -2 (hostile) .. +2 (supportive); the goal for -1, -2 is 0."""

    id: int = 0
    incident_id: int
    audience: str
    region: str = ""
    stance: int
    said: str
    lang: str = ""
    question: bool = False
    release_id: int | None = None
    at: datetime
    by: int


@dataclass(frozen=True, kw_only=True)
class StancePoint:
    """Mean stance of the responses of one slice of time; `n` of them."""

    at: datetime
    mean: float
    n: int


def checked(response: Response) -> Response:
    """The response, or Invalid: an audience, words and a stance between -2 and +2 are needed."""
    if not response.audience:
        raise Invalid("audience", "audience_missing")
    if not response.said.strip():
        raise Invalid("said", "said_missing")
    if not -2 <= response.stance <= 2:
        raise Invalid("stance", "stance_range")
    return response


def stance_series(responses: Iterable[Response], *, step: timedelta) -> tuple[StancePoint, ...]:
    """Mean stance per step of time, oldest first; steps without responses are left out."""
    slices: dict[int, list[Response]] = {}
    for response in responses:
        slices.setdefault(int(response.at.timestamp() // step.total_seconds()), []).append(response)
    return tuple(
        StancePoint(
            at=min(item.at for item in group), mean=sum(item.stance for item in group) / len(group), n=len(group)
        )
        for _, group in sorted(slices.items())
    )


def stance_now(responses: Sequence[Response], *, last: int = 10) -> float | None:
    """Mean stance of the newest responses (at most `last`); None when nobody has answered."""
    newest = sorted(responses, key=lambda item: item.at)[-last:]
    return sum(item.stance for item in newest) / len(newest) if newest else None


def shift(responses: Iterable[Response], release_at: datetime) -> tuple[float | None, float | None]:
    """Mean stance before and after a release."""
    before: list[int] = []
    after: list[int] = []
    for response in responses:
        (after if response.at >= release_at else before).append(response.stance)
    return (
        sum(before) / len(before) if before else None,
        sum(after) / len(after) if after else None,
    )
