# ruff: noqa: T201
"""Bursts: how many are found, how fast, at one false alarm in 30 days, against a rolling z-score (what peers ship).

    python -m tests.eval.bursts_simulation [--bursts 1000] [--days 6000] [--mean 5] [--seed 2] [--between]

Needs no data: counts are drawn as in `monitors.calibration`, bursts add E voices over 24 hours, decaying with 8 hours.
A burst comes on one of the first days after the four weeks that a stream learns in; the false alarms of those days are
counted beside those of the years. The z-score (last hour against seven days) gets its threshold on the same quiet
series, so both keep the same promise.
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

# Voices an hour, scatter, voices of the burst; shares found within 24 h and 3 h in the study this method was chosen by.
Cell = tuple[float, float, int, tuple[float, float] | None]
CELLS: tuple[Cell, ...] = (
    (0.02, 1.0, 6, (0.94, 0.66)),
    (0.2, 1.0, 15, (0.84, 0.53)),
    (0.2, 1.0, 40, (1.0, 0.96)),
    (1.0, 1.0, 15, (0.28, 0.02)),
    (1.0, 1.0, 40, (0.80, 0.48)),
    (5.0, 2.0, 40, (0.32, 0.08)),
    (5.0, 2.0, 100, (0.88, 0.56)),
)
# Cells that the study does not have, so that nothing is fitted to its cells alone.
BETWEEN: tuple[Cell, ...] = (
    (0.5, 1.0, 15, None),
    (0.5, 1.0, 30, None),
    (2.0, 1.0, 25, None),
    (2.0, 1.0, 60, None),
    (10.0, 2.0, 60, None),
    (10.0, 2.0, 150, None),
)


def burst(chance: Random, extra: int) -> list[int]:
    """The extra voices of 24 hours."""
    weights = [exp(-hour / 8.0) for hour in range(24)]
    added = [0] * 24
    for hour in chance.choices(range(24), weights, k=extra):
        added[hour] += 1
    return added


def first_alarm(counts: Sequence[int], begin: int, *, mean: float) -> tuple[int | None, int]:
    """Hours from the beginning of the burst to the alarm, None when there was none within 24 hours; and how many
    alarms there were between the warm-up and the burst."""
    stream = Stream(expected=mean)
    early = 0
    for hour, count in enumerate(counts):
        at = START + timedelta(hours=hour)
        stream.advance(at)
        alarm = None
        for _ in range(count):
            alarm = stream.voice(at) or alarm
        if alarm and begin <= hour < begin + 24:
            return hour - begin, early
        early += alarm is not None and WARM_UP_HOURS <= hour < begin
    return None, early


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
    options.add_argument("--bursts", type=int, default=1000)
    options.add_argument("--days", type=int, default=6000, help="quiet days that false alarms are counted on")
    options.add_argument("--mean", type=float, help="only the cells with this mean")
    options.add_argument("--seed", default="")
    options.add_argument("--between", action="store_true", help="the cells that the study does not have")
    asked = options.parse_args()
    number, days = asked.bursts, asked.days
    print("voices/h  k  +E | false alarms in 30 d, of the first days | found in 24 h / 3 h, median | study | rolling z")
    for mean, scatter, extra, study in BETWEEN if asked.between else CELLS:
        if asked.mean not in (None, mean):
            continue
        chance = Random(f"{mean} {extra} bursts{asked.seed}")
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
        young_hours = young = 0
        for _ in range(number):
            counts = list(quiet(chance, mean=mean, scatter=scatter, hours=WARM_UP_HOURS + 24 * 5))
            begin = WARM_UP_HOURS + chance.randrange(24, 90)
            for hour, plus in enumerate(burst(chance, extra)):
                counts[begin + hour] += plus
            delay, early = first_alarm(counts, begin, mean=mean)
            delays.append(delay)
            young, young_hours = young + early, young_hours + begin - WARM_UP_HOURS
            scores = z_moves(counts)
            z_delays.append(next((hour for hour in range(24) if scores[begin + hour] >= limit), None))
        hits = [delay for delay in delays if delay is not None]
        z_hits = [delay for delay in z_delays if delay is not None]
        known = f"{study[0]:.2f} / {study[1]:.2f}" if study else "-"
        print(
            f"{mean:8} {scatter:3} {extra:4} | {false / (days / 30):5.2f}, {young / (young_hours / 720):.2f} | "
            f"{len(hits) / number:.3f} / {sum(delay <= 3 for delay in hits) / number:.3f}, "
            f"{median(hits) if hits else '-'} h | {known} | "
            f"{len(z_hits) / number:.2f} / {sum(delay <= 3 for delay in z_hits) / number:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
