"""Where the thresholds come from: a parametric bootstrap of the burst detector.

Hourly counts are drawn from a negative binomial with a shape of day and week and a level that drifts
(what streams of articles do), without any burst; the detector learns its baseline from them as in life;
the threshold for "one false alarm in N days" is the one at which that many alarms came. A table for all
means and scatters (`monitors/thresholds.py`) is drawn by tests/eval/bursts_table.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import cos, exp, log, pi, sqrt
from random import Random

from monitors.bursts import HOUR, REST, Stream, step

# Drift of the level: standard deviation of its logarithm, and the hours after which it is forgotten.
DRIFT = 0.25
DRIFT_HOURS = 168.0
WARM_UP_HOURS = 28 * 24
START = datetime(2024, 1, 1, tzinfo=UTC)


def shape(hour: int) -> float:
    """How much busier an hour is than the average: nights at a half, weekends at four fifths. Mean about 1."""
    day = 1.0 - 0.5 * cos(2 * pi * ((hour % 24) - 3) / 24)
    return day * (0.8 if (hour // 24) % 7 >= 5 else 1.08)


def negative_binomial(chance: Random, mean: float, scatter: float) -> int:
    """One draw; `scatter` is the size k, variance = mean + mean**2 / k."""
    rate = chance.gammavariate(scatter, mean / scatter)
    if rate > 50:
        return max(0, round(chance.gauss(rate, sqrt(rate))))
    floor, product, number = exp(-rate), chance.random(), 0
    while product > floor:
        product *= chance.random()
        number += 1
    return number


def quiet(chance: Random, *, mean: float, scatter: float, hours: int) -> Iterator[int]:
    """Hourly counts without a burst."""
    drift = chance.gauss(0.0, DRIFT)
    hold = exp(-1.0 / DRIFT_HOURS)
    for hour in range(hours):
        drift = drift * hold + chance.gauss(0.0, DRIFT * sqrt(1 - hold * hold))
        yield negative_binomial(chance, mean * shape(hour) * exp(drift - DRIFT * DRIFT / 2), scatter)


def steps(counts: Sequence[int], *, expected: float) -> list[float]:
    """How each hour would move the detector's sum, after its warm-up, with the baseline it had learned by then."""
    stream = Stream(expected=expected)
    first = int(START.timestamp()) // HOUR
    moves: list[float] = []
    for hour, count in enumerate(counts):
        at = START + timedelta(hours=hour)
        stream.advance(at)
        if hour >= WARM_UP_HOURS:
            moves.append(step(count, stream.mean(first + hour), stream.scatter))
        if count:
            stream.learn(at, count)
    return moves


def alarms(moves: Sequence[float], threshold: float) -> int:
    """How many alarms a threshold gives on these moves, with the rest after each."""
    rest = int(REST.total_seconds()) // HOUR
    total, number, until = 0.0, 0, 0
    for hour, move in enumerate(moves):
        total = max(0.0, total + move)
        if total >= threshold and hour >= until:
            number += 1
            total, until = 0.0, hour + rest
    return number


def bootstrap(*, mean: float, scatter: float, days: float, simulated_days: int = 4000, seed: int = 1) -> float:
    """The threshold that gives one false alarm in `days` days on quiet streams of this mean and scatter."""
    chance = Random(seed)
    series = 4
    hours = WARM_UP_HOURS + simulated_days * 24 // series
    moves = [steps(list(quiet(chance, mean=mean, scatter=scatter, hours=hours)), expected=mean) for _ in range(series)]
    return fit(moves, days=days)


def fit(moves: Sequence[Sequence[float]], *, days: float) -> float:
    """The lowest threshold with at most one alarm in `days` days on these moves."""
    allowed = sum(len(series) for series in moves) / 24 / days
    low, high = 0.5, 20.0
    while high - low > 0.02:
        middle = (low + high) / 2
        if sum(alarms(series, middle) for series in moves) > allowed:
            low = middle
        else:
            high = middle
    return high


def line(moves: Sequence[Sequence[float]], *, reserve: float) -> tuple[float, float]:
    """The threshold for one false alarm in 30 days, and what it grows by when the days are multiplied by e.

    `reserve` is how much rarer than promised to aim, because the simulated days are finite.
    """
    at_30 = fit(moves, days=30 * reserve)
    at_150 = fit(moves, days=150 * reserve)
    return at_30, (at_150 - at_30) / log(5.0)
