"""Bursts are found at the false-alarm rate that was promised."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from math import exp
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.bursts import Burst, Promise, Stream, step
from monitors.calibration import START, WARM_UP_HOURS, alarms, bootstrap, fit, quiet, steps
from monitors.thresholds import threshold

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def run(counts: list[int], *, mean: float) -> list[Burst]:
    stream = Stream(expected=mean)
    found: list[Burst] = []
    for hour, count in enumerate(counts):
        for _ in range(count):
            burst = stream.voice(START + timedelta(hours=hour))
            if burst is not None and hour >= WARM_UP_HOURS:
                found.append(burst)
    return found


def test_quiet_streams_keep_the_promise() -> None:
    days = 5 * 200
    counts = [list(quiet(Random(seed), mean=0.2, scatter=1.0, hours=WARM_UP_HOURS + 200 * 24)) for seed in range(5)]

    false = sum(len(run(series, mean=0.2)) for series in counts)

    assert false / days * 30 <= 1.6  # 33 are promised in this time; five standard errors are 1.9


def test_fifteen_more_voices_in_a_day_are_found_within_hours() -> None:
    delays = []
    for seed in range(100):
        counts = list(quiet(Random(seed), mean=0.2, scatter=1.0, hours=WARM_UP_HOURS + 48))
        for hour in (0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 7, 9, 12, 16, 20):
            counts[WARM_UP_HOURS + 12 + hour] += 1
        begin = START + timedelta(hours=WARM_UP_HOURS + 12)
        hits = [burst.at - begin for burst in run(counts, mean=0.2) if burst.at >= begin]
        delays.append(min(hits, default=timedelta(days=9)))

    assert sum(delay <= timedelta(hours=24) for delay in delays) >= 84
    assert sorted(delays)[50] <= timedelta(hours=2)


def test_a_hundred_more_voices_on_a_busy_day_are_found_at_every_hour() -> None:
    found = 0
    for seed in range(72):
        chance = Random(seed)
        counts = list(quiet(chance, mean=5.0, scatter=2.0, hours=WARM_UP_HOURS + 72))
        first = WARM_UP_HOURS + 24 + seed % 24  # every hour of the day: a burst is seen better by night
        for hour in chance.choices(range(24), [exp(-hour / 8.0) for hour in range(24)], k=100):
            counts[first + hour] += 1
        begin = START + timedelta(hours=first)
        found += any(begin <= burst.at < begin + timedelta(hours=24) for burst in run(counts, mean=5.0))

    assert found >= 50  # .85 of 72 are 61, one standard error is 3


def test_during_a_rise_an_hour_teaches_three_hours_late() -> None:
    stream = Stream(expected=0.5)
    for hour in range(24 * 40):
        stream.learn(NOON + timedelta(hours=hour), hour % 2)
    begin = NOON + timedelta(hours=24 * 40 + 6)
    stream.advance(begin)
    assert stream.dump()["held"] == []
    before = stream.level

    levels = []
    for hour in range(6):
        stream.voice(begin + timedelta(hours=hour), 4)
        stream.advance(begin + timedelta(hours=hour + 1))
        levels.append(stream.level)
    stream.advance(begin + timedelta(hours=48))

    assert levels[:3] == [before] * 3
    assert before < levels[3] < levels[4] < levels[5]
    assert stream.dump()["held"] == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=160), st.floats(0.02, 4))
def test_every_hour_teaches_once_at_once_or_three_hours_late(counts: list[int], expected: float) -> None:
    stream = Stream(expected=expected)
    for hour, count in enumerate(counts):
        stream.voice(START + timedelta(hours=hour), count)
        stream.advance(START + timedelta(hours=hour + 1))

        state = stream.dump()
        held = state["held"]
        assert len(held) <= 3
        assert bool(held) == (state["g"] > 0)
        assert held == counts[hour + 1 - len(held) : hour + 1]
        taught = counts[: hour + 1 - len(held)]
        assert 0 <= sum(state["day"]) <= sum(taught) + 1e-9
        assert all(bool(state["day"][place]) == any(taught[place::24]) for place in range(24))


def test_an_alarm_tells_its_counts_and_thresholds() -> None:
    stream = Stream(expected=0.02, promise=Promise(days=30, streams=5))
    found = [stream.voice(NOON + timedelta(minutes=number * 20)) for number in range(6)]

    burst = next(burst for burst in found if burst)

    assert burst.score >= burst.threshold > 0
    assert burst.days == 150
    assert burst.expected < 1 < burst.count
    assert burst.since <= burst.at


def test_after_an_alarm_the_stream_rests_for_a_day() -> None:
    stream = Stream(expected=0.02)
    found = [stream.voice(NOON + timedelta(minutes=number * 10)) for number in range(140)]

    assert sum(burst is not None for burst in found) == 1


def test_a_backlog_is_learned_and_raises_nothing() -> None:
    stream = Stream(expected=0.02)
    for hour in range(24 * 60):
        stream.learn(NOON + timedelta(hours=hour), 4)

    after = NOON + timedelta(hours=24 * 60 + 2)

    assert stream.level == pytest.approx(4, rel=0.3)
    assert not any(stream.voice(after) for _ in range(4))


def test_a_voice_from_the_past_counts_in_the_open_hour() -> None:
    stream = Stream()
    stream.voice(NOON)
    stream.voice(NOON - timedelta(days=400))

    stream.advance(NOON + timedelta(hours=1))

    assert stream.dump()["clock"] == int(NOON.timestamp()) // 3600 + 1


def test_a_pause_of_years_costs_no_time_and_forgets_the_sum() -> None:
    stream = Stream(expected=0.02)
    stream.voice(NOON)
    stream.advance(NOON + timedelta(days=3650))

    assert stream.voice(NOON + timedelta(days=3650)) is None


def test_memory_survives_a_restart() -> None:
    stream = Stream(expected=0.2)
    for hour in range(0, 900, 3):
        stream.voice(NOON + timedelta(hours=hour))
    again = Stream.load(json.loads(json.dumps(stream.dump())))

    later = [NOON + timedelta(hours=905, minutes=5 * number) for number in range(12)]

    assert [stream.voice(at) for at in later] == [again.voice(at) for at in later]


def test_a_memory_from_before_counts_were_held_back_is_taken_over() -> None:
    stream = Stream(expected=0.2)
    for hour in range(0, 900, 3):
        stream.voice(NOON + timedelta(hours=hour))
    stream.advance(NOON + timedelta(hours=990))
    state = stream.dump()
    assert state.pop("held") == []

    again = Stream.load(state)

    later = [NOON + timedelta(hours=1000, minutes=5 * number) for number in range(12)]
    assert [stream.voice(at) for at in later] == [again.voice(at) for at in later]


def test_the_table_agrees_with_a_bootstrap_drawn_now() -> None:
    drawn = bootstrap(mean=0.2, scatter=1.0, days=30, simulated_days=900)

    assert threshold(mean=0.2, scatter=1.0, days=30) == pytest.approx(drawn, abs=0.7)


def test_a_rarer_promise_asks_for_a_higher_threshold() -> None:
    limits = [threshold(mean=0.2, scatter=1.0, days=days) for days in (10, 30, 100, 300)]

    assert limits == sorted(limits)
    assert limits[-1] > limits[0] + 2


def test_a_lower_threshold_never_gives_fewer_alarms_than_promised() -> None:
    moves = steps(list(quiet(Random(3), mean=0.5, scatter=1.0, hours=WARM_UP_HOURS + 100 * 24)), expected=0.5)
    limit = fit([moves], days=20)

    assert alarms(moves, limit) <= 100 / 20
    assert alarms(moves, limit * 0.5) >= alarms(moves, limit)


@settings(max_examples=100, deadline=None)
@given(
    st.floats(0.004, 30), st.floats(0.3, 50), st.integers(0, 50),
)  # fmt: skip
def test_more_voices_speak_more_for_a_burst_and_silence_against(mean: float, scatter: float, count: int) -> None:
    assert step(count + 1, mean, scatter) > step(count, mean, scatter)
    assert step(0, mean, scatter) < 0


def test_a_stream_that_was_ahead_of_its_clock_finds_bursts_when_it_is_set_back() -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    stream = Stream()
    stream.voice(now, 1)
    stream.voice(now + timedelta(days=365), 9)

    stream.set_back(now + timedelta(hours=1))

    later = now + timedelta(hours=30)
    assert any(stream.voice(later + timedelta(minutes=number), 1) for number in range(12))
