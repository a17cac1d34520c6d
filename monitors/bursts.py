"""Bursts: counts per hour to alarms at a stated false-alarm rate.

Each stream (a story; an organisation and a topic) is counted in hours, in distinct voices. The way of a
count: expected mean (level x hour of day x weekday, learned as it goes; winsorised, and during a rise learned
late, so that a burst does not raise its own baseline) -> log-likelihood ratio of a negative binomial with nearly
twice the mean and a voice more against the expected one -> one-sided CUSUM -> alarm at the threshold -> 24 hours'
rest.

The negative binomial, because real counts scatter more than a Poisson's: Poisson tails, Kleinberg's
automaton and Bayesian change points drown in false alarms from one article an hour on. The threshold
belongs to a promise, "one false alarm in N days": it comes from a parametric bootstrap of the stream's own
mean and scatter (`monitors.calibration`, tabled in `monitors.thresholds`). Method: negative-binomial CUSUM
as in Hoehle and Paul 2008, Computational Statistics and Data Analysis 52 (algo.glrnb of the R package surveillance).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, log, sqrt
from typing import Any

from monitors.thresholds import threshold

HOUR = 3600
REST = timedelta(hours=24)
# The burst worth finding: this many times the expected mean, plus this much.
TIMES = 1.8
PLUS = 1.2
# How far the logarithm of a level wanders, as variance an hour: .25 within a week (`monitors.calibration`). The level
# follows a count as much as this makes it worth, against the scatter of the count: the steady state of a Kalman filter.
# A stream of five voices an hour follows in a day and a half, one of a voice a week hardly moves.
_DRIFT_AN_HOUR = 0.25**2 * 2 / 168
# Hours of a rise (the sum stands above zero) teach what is expected so many hours late. Taught at once, a burst is
# soon expected; taught a day late, a stream whose level wanders is taken for a burst.
_HELD_HOURS = 3
# The shape of day and week forgets in eight weeks.
_SHAPE_HOURS = 1344.0
# Counts that a new stream is taken to have behind it, at the level it is told to expect.
_PRIOR_HOURS = 48.0
_SHAPE_PRIOR = 12.0
_LOWEST = 0.004
# With less history than this the scatter cannot be estimated: take the pooled one.
_SCATTER_DAYS = 28
_SCATTER_EVENTS = 30
POOLED_SCATTER = 1.0
_LONGEST_GAP = 24 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """One false alarm in `days` days for all of `streams` streams together."""

    days: float = 30.0
    streams: int = 1

    @property
    def per_stream(self) -> float:
        """Days between false alarms of each single stream."""
        return self.days * self.streams


@dataclass(frozen=True, kw_only=True, slots=True)
class Burst:
    """One alarm, with what it rests on.

    `count` voices came since `since`, where `expected` were to be expected; `score` reached `threshold`, which holds
    the promise of one false alarm in `days` days for this stream.
    """

    at: datetime
    since: datetime
    count: int
    expected: float
    score: float
    threshold: float
    days: float


class Stream:
    """The counts of one stream, hour by hour. Feed it voices in time order; hours without one count as zero."""

    __slots__ = (
        "_clock", "_count", "_day", "_events", "_first", "_g", "_held", "_hours", "_level", "_rest", "_run_count",
        "_run_mean", "_run_since", "_scatter_down", "_scatter_up", "_week", "promise",
    )  # fmt: skip

    def __init__(self, *, expected: float = 0.02, promise: Promise | None = None) -> None:
        self.promise = promise or Promise()
        self._level = max(_LOWEST, expected)
        self._day = [0.0] * 24
        self._week = [0.0] * 7
        self._hours = 0
        self._events = 0
        self._scatter_up = 0.0
        self._scatter_down = 0.0
        self._g = 0.0
        self._held: list[int] = []  # counts of the last closed hours that have not taught yet
        self._clock: int | None = None  # the open hour, in hours since 1970
        self._count = 0
        self._run_since = 0
        self._run_count = 0
        self._run_mean = 0.0
        self._rest = 0

    @property
    def level(self) -> float:
        """Voices per hour that are expected now, before the shape of day and week."""
        return self._level

    @property
    def scatter(self) -> float:
        """The size parameter k of the negative binomial: variance = mean + mean**2 / k. 0.3 to 50."""
        if self._hours < _SCATTER_DAYS * 24 or self._events < _SCATTER_EVENTS or self._scatter_down <= 0:
            return POOLED_SCATTER
        return min(50.0, max(0.3, self._scatter_up / self._scatter_down))

    def voice(self, at: datetime, number: int = 1, *, least: int = 2) -> Burst | None:
        """Count voices at a time; an alarm as soon as the open hour reaches the threshold with `least` voices.

        `least` is 2 or more: one voice is no burst, however rare voices are. A time before the open hour counts in
        the open hour: the past is not judged again.
        """
        hour = int(at.timestamp()) // HOUR
        self._advance(hour)
        self._count += number
        return self._judge(at, least)

    def advance(self, now: datetime) -> None:
        """Let time pass without a voice."""
        self._advance(int(now.timestamp()) // HOUR)

    def learn(self, at: datetime, number: int = 1) -> None:
        """Count voices of the past into the baseline without judging them: how a backlog is imported."""
        self._advance(int(at.timestamp()) // HOUR)
        self._count += number
        self._rest = max(self._rest, (self._clock or 0) + 1)

    def set_back(self, now: datetime) -> None:
        """The clock ran ahead and is right again: go on from now, without what was counted in an hour to come."""
        hour = int(now.timestamp()) // HOUR
        if self._clock is None or self._clock <= hour:
            return
        self._clock, self._count, self._g, self._held = hour, 0, 0.0, []
        self._run_count, self._run_mean, self._run_since = 0, 0.0, hour
        self._rest = min(self._rest, hour + int(REST.total_seconds()) // HOUR)

    def mean(self, hour: int) -> float:
        """Voices expected in an hour, counted in hours since 1970 (UTC)."""
        return self._level * self._shape(hour)

    def _shape(self, hour: int) -> float:
        day, week = self._day, self._week
        total = sum(day)
        of_day = (day[hour % 24] + _SHAPE_PRIOR) / (total / 24 + _SHAPE_PRIOR)
        of_week = (week[(hour // 24 + 3) % 7] + _SHAPE_PRIOR) / (total / 7 + _SHAPE_PRIOR)
        return of_day * of_week

    def _advance(self, hour: int) -> None:
        if self._clock is None:
            self._clock = hour
            return
        gap = hour - self._clock
        if gap <= 0:
            return
        # A pause longer than two months says nothing about the hours before the next voice.
        for _ in range(min(gap, _LONGEST_GAP)):
            self._close()
        self._clock = hour

    def _close(self) -> None:
        """End the open hour: move the sum, then learn from the count."""
        assert self._clock is not None
        mean, count, scatter = self.mean(self._clock), self._count, self.scatter
        self._g = max(0.0, self._g + step(count, mean, scatter))
        if self._g == 0.0:
            self._run_count, self._run_mean, self._run_since = 0, 0.0, self._clock + 1
        else:
            self._run_count += count
            self._run_mean += mean
        self._hours += 1
        self._events += count
        self._scatter_up += mean * mean
        # Clipped less than the level: cutting the tail off would make the stream look tamer than it is.
        loud = min(float(count), mean + 10.0 * sqrt(mean + mean * mean) + 5.0)
        self._scatter_down += (loud - mean) ** 2 - mean
        self._held.append(count)
        while len(self._held) > (_HELD_HOURS if self._g > 0.0 else 0):
            self._teach(self._clock + 1 - len(self._held), self._held.pop(0), scatter)
        if self._hours % 168 == 0:
            keep = exp(-168.0 / _SHAPE_HOURS)
            self._day = [value * keep for value in self._day]
            self._week = [value * keep for value in self._week]
        self._count = 0
        self._clock += 1

    def _teach(self, hour: int, count: int, scatter: float) -> None:
        """Move level and shape by the count of an hour."""
        shape = self._shape(hour)
        mean = self._level * shape
        seen = min(float(count), mean + 4.0 * sqrt(mean + mean * mean / 2.0) + 2.0)
        fade = max(1.0 / (_PRIOR_HOURS + self._hours), sqrt(_DRIFT_AN_HOUR / (1.0 / self._level + 1.0 / scatter)))
        self._level = max(_LOWEST, self._level + fade * (seen / shape - self._level))
        if count:
            self._day[hour % 24] += seen
            self._week[(hour // 24 + 3) % 7] += seen

    def _judge(self, at: datetime, least: int) -> Burst | None:
        assert self._clock is not None
        if self._clock < self._rest or self._run_count + self._count < least:
            return None
        mean, scatter = self.mean(self._clock), self.scatter
        score = self._g + step(self._count, mean, scatter)
        limit = threshold(mean=self._level, scatter=scatter, days=self.promise.per_stream)
        if score < limit:
            return None
        since = self._run_since if self._g > 0 else self._clock
        burst = Burst(
            at=at,
            since=datetime.fromtimestamp(since * HOUR, UTC),
            count=self._run_count + self._count,
            expected=self._run_mean + mean,
            score=score,
            threshold=limit,
            days=self.promise.per_stream,
        )
        self._rest = self._clock + int(REST.total_seconds()) // HOUR
        self._g = 0.0
        self._run_count, self._run_mean, self._run_since = 0, 0.0, self._clock
        return burst

    def dump(self) -> dict[str, Any]:
        """Everything remembered, as JSON-able data."""
        state = {name.strip("_"): getattr(self, name) for name in self.__slots__ if name not in ("promise", "_first")}
        return {**state, "days": self.promise.days, "streams": self.promise.streams}

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> Stream:
        """The memory of an earlier `dump()`; one from before counts were held back holds none."""
        state = {"held": [], **state}
        stream = cls(promise=Promise(days=state["days"], streams=state["streams"]))
        for name in cls.__slots__:
            if name not in ("promise", "_first"):
                value = state[name.strip("_")]
                setattr(stream, name, list(value) if isinstance(value, list) else value)
        return stream


def step(count: int, mean: float, scatter: float) -> float:
    """How much one hour's count moves the CUSUM: the log-likelihood ratio of burst against expected."""
    burst = TIMES * mean + PLUS
    return count * log(burst * (scatter + mean) / (mean * (scatter + burst))) - scatter * log(
        (scatter + burst) / (scatter + mean)
    )
