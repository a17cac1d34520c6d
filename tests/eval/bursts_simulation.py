# ruff: noqa: T201
"""Bursts: how many are found, how fast, at one false alarm in 30 days, against a rolling z-score (what peers ship).

    python tests/eval/bursts_simulation.py [--bursts 400] [--days 6000]

Needs no data: counts are drawn as in `monitors.calibration`, bursts add E voices over 24 hours, decaying with 8 hours.
The z-score (last hour against seven days) gets its threshold on the same quiet series, so both keep the same promise.
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from math import exp
from random import Random
from statistics import median

from monitors.bursts import Stream
from monitors.calibration import START, WARM_UP_HOURS, quiet

CELLS = (
    (0.02, 1.0, 6),
    (0.2, 1.0, 15),
    (0.2, 1.0, 40),
    (1.0, 1.0, 15),
    (1.0, 1.0, 40),
    (5.0, 2.0, 40),
    (5.0, 2.0, 100),
)
# Shares found within 24 h and 3 h in the study this method was chosen by.
STUDY = ((0.94, 0.66), (0.84, 0.53), (1.0, 0.96), (0.28, 0.02), (0.80, 0.48), (0.32, 0.08), (0.88, 0.56))


def burst(chance: Random, extra: int) -> list[int]:
    """The extra voices of 24 hours."""
    weights = [exp(-hour / 8.0) for hour in range(24)]
    added = [0] * 24
    for hour in chance.choices(range(24), weights, k=extra):
        added[hour] += 1
    return added


def first_alarm(counts: Sequence[int], begin: int, *, mean: float) -> int | None:
    """Hours from the beginning of the burst to the alarm, None when there was none within 24 hours."""
    stream = Stream(expected=mean)
    for hour, count in enumerate(counts):
        at = START + timedelta(hours=hour)
        stream.advance(at)
        alarm = None
        for _ in range(count):
            alarm = stream.voice(at) or alarm
        if alarm and begin <= hour < begin + 24:
            return hour - begin
    return None


def z_moves(counts: Sequence[int]) -> list[float]:
    """The rolling z-score of each hour against the seven days before."""
    past: deque[int] = deque(maxlen=168)
    scores = []
    for count in counts:
        if len(past) == 168:
            mean = sum(past) / 168
            spread = (sum((value - mean) ** 2 for value in past) / 168) ** 0.5
            scores.append((count - mean) / max(spread, 0.1))
        else:
            scores.append(0.0)
        past.append(count)
    return scores


def z_limit(series: Sequence[Sequence[float]], days: float) -> float:
    """The score that was passed once in `days` days, with a day's rest."""
    low, high = 0.0, 400.0
    allowed = sum(map(len, series)) / 24 / days
    while high - low > 0.05:
        middle = (low + high) / 2
        number = 0
        for scores in series:
            until = 0
            for hour, score in enumerate(scores):
                if score >= middle and hour >= until:
                    number, until = number + 1, hour + 24
        low, high = (middle, high) if number > allowed else (low, middle)
    return high


def main() -> None:
    """Print one line per cell."""
    options = argparse.ArgumentParser()
    options.add_argument("--bursts", type=int, default=400)
    options.add_argument("--days", type=int, default=6000, help="quiet days that false alarms are counted on")
    options.add_argument("--mean", type=float, help="only the cells with this mean")
    asked = options.parse_args()
    number, days = asked.bursts, asked.days
    print("voices/h  k  +E | false alarms/30 d | found in 24 h / 3 h, median delay | study | rolling z 24 h / 3 h")
    for (mean, scatter, extra), (day, early) in zip(CELLS, STUDY, strict=True):
        if asked.mean not in (None, mean):
            continue
        chance = Random(f"{mean} {extra} bursts")
        false = 0
        hours = WARM_UP_HOURS + days // 5 * 24
        silent = [list(quiet(chance, mean=mean, scatter=scatter, hours=hours)) for _ in range(5)]
        for counts in silent:
            stream = Stream(expected=mean)
            for hour, count in enumerate(counts):
                at = START + timedelta(hours=hour)
                stream.advance(at)
                found = [stream.voice(at) for _ in range(count)]
                false += hour >= WARM_UP_HOURS and any(found)
        limit = z_limit([z_moves(counts)[WARM_UP_HOURS:] for counts in silent], 30.0)
        delays: list[int | None] = []
        z_delays: list[int | None] = []
        for _ in range(number):
            counts = list(quiet(chance, mean=mean, scatter=scatter, hours=WARM_UP_HOURS + 24 * 5))
            begin = WARM_UP_HOURS + chance.randrange(24, 90)
            for hour, plus in enumerate(burst(chance, extra)):
                counts[begin + hour] += plus
            delays.append(first_alarm(counts, begin, mean=mean))
            scores = z_moves(counts)
            z_delays.append(next((hour for hour in range(24) if scores[begin + hour] >= limit), None))
        hits = [delay for delay in delays if delay is not None]
        z_hits = [delay for delay in z_delays if delay is not None]
        print(
            f"{mean:8} {scatter:3} {extra:4} | {false / (days / 30):5.2f} | {len(hits) / number:.2f} / "
            f"{sum(delay <= 3 for delay in hits) / number:.2f}, {median(hits) if hits else '-'} h | "
            f"{day:.2f} / {early:.2f} | "
            f"{len(z_hits) / number:.2f} / {sum(delay <= 3 for delay in z_hits) / number:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
