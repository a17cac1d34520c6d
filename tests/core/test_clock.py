"""The drill's clock runs at its speed and never backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.core.clock import DrillClock

REAL = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
PLAYED = datetime(2009, 5, 14, 0, 0, tzinfo=UTC)
SECONDS = st.integers(0, 100_000)


def test_a_minute_at_sixty_is_an_hour() -> None:
    clock = DrillClock(anchor=REAL, at=PLAYED, speed=60)

    assert clock.now(REAL + timedelta(minutes=1)) == PLAYED + timedelta(hours=1)


def test_a_real_clock_that_was_set_back_does_not_turn_the_drill_back() -> None:
    assert DrillClock(anchor=REAL, at=PLAYED, speed=5).now(REAL - timedelta(days=1)) == PLAYED


def test_a_speed_is_kept_between_standing_still_and_sixty() -> None:
    clock = DrillClock(anchor=REAL, at=PLAYED, speed=1)

    assert clock.at_speed(-3, REAL).speed == 0
    assert clock.at_speed(1000, REAL).speed == 60


@given(st.lists(st.tuples(SECONDS, st.floats(0, 60), st.booleans()), max_size=6), SECONDS)
@settings(max_examples=80, deadline=None)
def test_whatever_is_done_to_it_the_drill_never_runs_backwards(steps: list[tuple[int, float, bool]], last: int) -> None:
    clock, real = DrillClock(anchor=REAL, at=PLAYED, speed=1), REAL
    shown = clock.now(real)
    for seconds, speed, jump in steps:
        real += timedelta(seconds=seconds)
        assert clock.now(real) >= shown
        shown = clock.now(real)
        clock = clock.jumped(PLAYED + timedelta(seconds=seconds), real) if jump else clock.at_speed(speed, real)
        assert clock.now(real) >= shown
        shown = clock.now(real)

    assert clock.now(real + timedelta(seconds=last)) >= shown
