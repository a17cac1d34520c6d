"""A source that falls silent against its own habit. Pure.

A feed that answers 200 and never says anything new again looks healthy to everything that counts errors; a broken
publisher, a changed address or a block page that parses as an empty feed go unnoticed for months. So each source keeps
a habit, the longest pause of each of the last 28 days, and a pause that is long even for this source is noticed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

# Four weeks hold the rhythm of a week four times over.
_DAYS = 28
_YEARLY_WINDOWS = 365.25 / _DAYS
# How often we accept to be wrong: one false notice in ten years and source.
_FALSE_PER_YEAR = 0.1
_FEWEST = 8
_SHORTEST_WATCH = timedelta(days=7)
_LEAST_PAUSE = timedelta(hours=2)
_LARGEST_FACTOR = 8.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """One day (number since year 1): on how many occasions news came, and the longest pause that ended on it."""

    day: int
    occasions: int
    longest_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Habit:
    """When a source speaks. `since` is where our knowledge of it begins."""

    since: datetime | None = None
    last_at: datetime | None = None
    days: tuple[Day, ...] = ()

    def heard(self, at: datetime) -> Habit:
        """The habit after news came at `at`. An `at` before the last means that the clock was set back: start there."""
        if self.last_at is None:
            return replace(self, since=self.since or at, last_at=at)
        pause_s = (at - self.last_at).total_seconds()
        if pause_s <= 0:
            return replace(self, last_at=at)
        number = at.astimezone(UTC).toordinal()
        today = next((day for day in self.days if day.day == number), Day(day=number, occasions=0, longest_s=0.0))
        today = Day(day=number, occasions=today.occasions + 1, longest_s=max(today.longest_s, pause_s))
        days = tuple(day for day in self.days if number - _DAYS < day.day < number)
        return replace(self, last_at=at, days=(*days, today))


NO_HABIT = Habit()


def habit_of(published: Iterable[datetime], *, now: datetime) -> Habit:
    """The habit that the dates of a feed's entries show. Dates in the future or older than four weeks are left out."""
    oldest = now - timedelta(days=_DAYS)
    habit = Habit()
    for at in sorted({moment for moment in published if oldest <= moment <= now}):
        habit = habit.heard(at)
    return habit


def longest_usual(habit: Habit) -> timedelta | None:
    """How long this source may be quiet before it is strange; None while its habit is not known.

    Its longest pause of four weeks, times a factor that keeps false notices at one in ten years and source: were
    pauses exponential, a new pause beats f times the longest of n with probability gamma(f + 1) * n**-f, n times in
    four weeks. Sources more regular than that are noticed with fewer false notices still. The factor is 2.0 at 600
    occasions in four weeks, 4 at 20.
    """
    count = sum(day.occasions for day in habit.days)
    if habit.since is None or habit.last_at is None or count < _FEWEST:
        return None
    if habit.last_at - habit.since < _SHORTEST_WATCH:
        return None
    longest = max(day.longest_s for day in habit.days)
    return max(timedelta(seconds=longest * _factor(count)), _LEAST_PAUSE)


def is_silent(habit: Habit, now: datetime) -> bool:
    """Whether the source has been quiet for longer than its habit explains."""
    usual = longest_usual(habit)
    return usual is not None and habit.last_at is not None and now - habit.last_at > usual


def habit_record(habit: Habit) -> dict[str, Any]:
    """A JSON-able record of a habit."""
    return {
        "since": habit.since and habit.since.isoformat(),
        "last_at": habit.last_at and habit.last_at.isoformat(),
        "days": [[day.day, day.occasions, round(day.longest_s)] for day in habit.days],
    }


def habit_from(record: dict[str, Any]) -> Habit:
    """The habit of such a record."""
    since, last_at = record.get("since"), record.get("last_at")
    days: Sequence[Sequence[Any]] = record.get("days") or ()
    return Habit(
        since=datetime.fromisoformat(since) if since else None,
        last_at=datetime.fromisoformat(last_at) if last_at else None,
        days=tuple(Day(day=int(day), occasions=int(count), longest_s=float(pause)) for day, count, pause in days),
    )


@lru_cache(maxsize=1_024)
def _factor(count: int) -> float:
    wanted = math.log(_YEARLY_WINDOWS / _FALSE_PER_YEAR)
    factor = 2.0
    for _ in range(20):
        factor = min(1.0 + (wanted + math.lgamma(factor + 1.0)) / math.log(count), _LARGEST_FACTOR)
    return factor
