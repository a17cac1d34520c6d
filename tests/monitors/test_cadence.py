"""When a source is due, what its answers do to its health, and when its silence is strange."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.cadence import FURTHEST, Pace, interval, next_due
from monitors.fetch import Body, Failed, Fetched, Gone, Hints, Robots, Unchanged, Wait
from monitors.health import Health, State, health_from, health_record, noticed
from monitors.hosts import HostHealth, host_from, host_record, our_own_outage
from monitors.silence import NO_HABIT, Habit, habit_of, is_silent, longest_usual

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
URL = "http://news.example/feed"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PACE = Pace()


def answer(kind: type, **more: Any) -> Any:
    return kind(**{"url": URL, "final_url": URL, "at": NOW, **more})


def body(text: str = "a", **more: Any) -> Body:
    made: Body = answer(Body, body=text.encode(), **{"body_hash": text, "etag": f'"{text}"', **more})
    return made


def due_in(health: Health, now: datetime, jitter: float = 0.5, host: HostHealth | None = None) -> timedelta:
    return next_due(health, now=now, jitter=jitter, host=host) - now


# --- rhythm


def lived(arrivals: list[datetime], *, start: datetime, until: datetime) -> tuple[Health, list[float], int]:
    """A source that publishes at `arrivals`, polled by our own cadence: health, delays in seconds, number of visits."""
    health, now, visits, delays = Health(), start, 0, []
    chance = random.Random(3)
    left = sorted(arrivals)
    while now < until:
        news = [at for at in left if at <= now]
        left = left[len(news) :]
        visits += 1
        delays += [(now - at).total_seconds() for at in news if at > start]
        health = health.after(body(str(visits)), now).heard(new=len(news), seen=20, now=now)
        now = next_due(health, now=now, jitter=chance.random())
    return health, delays, visits


def poisson(mean: timedelta, *, start: datetime, until: datetime, seed: int = 1) -> list[datetime]:
    chance, at, times = random.Random(seed), start, []
    while (at := at + chance.expovariate(1.0) * mean) < until:
        times.append(at)
    return times


@pytest.mark.parametrize("mean", [timedelta(minutes=10), HOUR, timedelta(hours=6)])
def test_the_interval_follows_how_often_the_source_really_speaks(mean: timedelta) -> None:
    until = NOW + max(12 * mean, 10 * DAY)
    _, delays, visits = lived(poisson(mean, start=NOW, until=until), start=NOW, until=until)

    delays.sort()
    assert delays[len(delays) // 2] <= 0.25 * mean.total_seconds()
    assert visits <= 6 * (until - NOW) / mean


def test_a_quiet_night_does_not_make_the_morning_deaf() -> None:
    days = [NOW.replace(hour=0) + n * DAY for n in range(5)]
    arrivals = [day + timedelta(hours=8) + n * timedelta(minutes=15) for day in days for n in range(48)]
    health, _, _ = lived(arrivals, start=days[0], until=days[4] + timedelta(hours=7))

    assert interval(health, now=days[4] + timedelta(hours=7)) <= timedelta(minutes=30)


def test_a_breaking_story_is_followed_closely() -> None:
    arrivals = [NOW + n * DAY for n in range(6)]
    calm, _, _ = lived(arrivals, start=NOW, until=NOW + 6 * DAY - HOUR)
    now = NOW + 6 * DAY
    for n in range(6):
        now += timedelta(minutes=10)
        calm_interval = interval(calm, now=now)
        calm = calm.after(body(f"n{n}"), now).heard(new=1, seen=20, now=now)

    assert calm_interval > timedelta(minutes=10)
    assert interval(calm, now=now) <= timedelta(minutes=10)


def test_the_first_visit_learns_the_rhythm_from_the_dates_of_the_entries() -> None:
    busy = [NOW - n * timedelta(minutes=5) for n in range(20)]
    slow = [NOW - 12 * HOUR - n * timedelta(days=2) for n in range(20)]
    first = Health().after(body(), NOW)

    fast_due = due_in(first.heard(new=20, seen=20, now=NOW, published=busy), NOW)
    slow_due = due_in(first.heard(new=20, seen=20, now=NOW, published=slow), NOW)

    assert fast_due <= timedelta(minutes=10) and slow_due >= HOUR


def test_news_that_might_have_scrolled_away_halves_the_interval() -> None:
    health = Health().after(body("1"), NOW).heard(new=20, seen=20, now=NOW)
    later = NOW + 2 * HOUR

    crowded = health.after(body("2"), later).heard(new=20, seen=20, now=later)

    assert interval(crowded, now=later) <= HOUR


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (Health(cache_s=1800.0), timedelta(minutes=30)),
        (Health(cache_s=7 * 86400.0), HOUR),
        (Health(stated_s=3600.0), HOUR),
        (Health(stated_s=86400.0), HOUR),
    ],
)
def test_publishers_wishes_lengthen_the_interval_within_bounds(health: Health, expected: timedelta) -> None:
    brisk = replace(health, quick=10.0, slow=10.0, counted_at=NOW, known_since=NOW - 30 * DAY)
    rate_known = replace(brisk, quick=0.02, slow=0.02) if health.stated_s else brisk

    assert interval(rate_known, now=NOW) >= expected
    if not health.stated_s:
        assert interval(brisk, now=NOW) == expected


def test_a_feed_that_states_hourly_and_speaks_every_five_minutes_is_believed_a_quarter() -> None:
    health = Health(stated_s=3600.0, quick=24.0, slow=100.0, counted_at=NOW, known_since=NOW - 30 * DAY)

    assert interval(health, now=NOW) == timedelta(minutes=15)


def test_what_a_feed_states_reaches_its_interval_and_a_person_can_fix_another() -> None:
    stated = timedelta(minutes=40)
    health = Health().after(body(), NOW).heard(new=1, seen=1, now=NOW, stated=stated)

    assert due_in(health, NOW) >= stated
    assert next_due(health, now=NOW, jitter=0.5, every=timedelta(minutes=5)) == NOW + timedelta(minutes=5)
    failing = health.after(answer(Failed, code="not_found"), NOW)
    assert next_due(failing, now=NOW, jitter=0.5, every=timedelta(seconds=1)) > NOW + timedelta(minutes=4)


# --- failures, and the way back


def test_failures_are_retried_soon_and_then_ever_less_often() -> None:
    health, now = Health().after(body(), NOW).heard(new=1, seen=1, now=NOW), NOW
    pauses = []
    for _ in range(20):
        now += HOUR
        health = health.after(answer(Failed, code="not_found"), now)
        pauses.append(due_in(health, now))

    assert pauses[0] <= timedelta(minutes=6)
    assert pauses == sorted(pauses) and pauses[-1] <= timedelta(hours=6)
    assert health.state is State.FAILING and health.failing_since == NOW + HOUR

    back = health.after(body("b"), now).heard(new=1, seen=1, now=now)
    assert back.state is State.OK and back.failures == 0 and back.code == ""


def test_a_block_page_told_with_status_200_counts_as_a_failure_that_grows() -> None:
    health, now = Health(), NOW
    for n in range(4):
        now += HOUR
        health = health.after(body(f"block page {n}"), now).unreadable("not_a_feed", now)

    assert health.state is State.FAILING and health.failures == 2.0
    assert health.request(URL, now=now).body_hash == ""


def test_gone_is_asked_daily_and_then_weekly_and_comes_back() -> None:
    health = Health().after(answer(Gone), NOW)
    assert health.state is State.GONE and 0.9 * DAY <= due_in(health, NOW) <= 1.1 * DAY

    later = NOW + 8 * DAY
    old = health.after(answer(Gone), later)
    assert 6 * DAY < due_in(old, later) < 8 * DAY

    assert old.after(answer(Unchanged), later).state is State.OK


def test_retry_after_is_kept_by_the_source_and_by_its_host() -> None:
    wait = answer(Wait, status=429, retry_after=timedelta(minutes=40))
    health = Health().after(wait, NOW)
    host = HostHealth().after(wait, NOW)

    assert due_in(health, NOW, jitter=0.0) >= timedelta(minutes=40)
    neighbour = Health().after(answer(Unchanged), NOW)
    assert due_in(neighbour, NOW, host=host) >= timedelta(minutes=40)
    assert due_in(Health(), NOW, host=host) >= timedelta(minutes=40)


def test_a_server_cannot_send_us_away_for_ever() -> None:
    wait = answer(Wait, status=503, retry_after=timedelta(days=300))

    assert due_in(Health().after(wait, NOW), NOW) <= DAY + timedelta(minutes=2)


def test_a_source_that_was_not_asked_is_not_blamed() -> None:
    health = Health().after(answer(Unchanged), NOW)
    spared = health.after(answer(Wait, retry_after=timedelta(minutes=10), asked=False), NOW)

    assert spared.state is State.OK and spared.visits == health.visits and spared.failures == 0
    assert due_in(spared, NOW) >= timedelta(minutes=10)


answers = st.sampled_from(
    [
        body("a"),
        body("b"),
        body("c", complete=False, etag="", body_hash=""),
        body("d", moved_to="http://moved.example/"),
        answer(Unchanged),
        answer(Unchanged, hints=Hints(max_age_s=1e7)),
        answer(Gone),
        answer(Wait, status=429),
        answer(Wait, status=503, retry_after=timedelta(days=366)),
        answer(Wait, asked=False, retry_after=timedelta(minutes=2)),
        answer(Failed, code="not_found"),
        answer(Failed, code="name_unknown", whole_host=True),
        answer(Failed, code="address_not_public", permanent=True),
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(answers, st.integers(1, 200_000), st.integers(-1, 30)), max_size=25),
    st.floats(0, 1),
)
def test_every_history_has_a_next_visit_and_one_good_answer_heals_it(
    history: list[tuple[Fetched, int, int]], jitter: float
) -> None:
    health, host, now = Health(), HostHealth(), NOW
    for fetched, gap_s, new in history:
        now += timedelta(seconds=gap_s)
        health, host = health.after(fetched, now), host.after(fetched, now)
        if isinstance(fetched, Body):
            health = health.unreadable("not_a_feed", now) if new < 0 else health.heard(new=new, seen=30, now=now)
        health, _ = noticed(health, now)

        due = next_due(health, now=now, jitter=jitter, host=host)
        assert due - now <= 8 * DAY
        if health.state in (State.OK, State.SILENT) and host.wait_until is None and health.wait_until is None:
            assert due - now >= timedelta(seconds=100)
        assert health_from(json.loads(json.dumps(health_record(health)))) == health
        assert host_from(json.loads(json.dumps(host_record(host)))) == host

    assert health.after(body("z"), now).heard(new=1, seen=3, now=now).state is State.OK


@settings(max_examples=60, deadline=None)
@given(st.lists(answers, min_size=1, max_size=6), st.integers(1, 4000))
def test_a_clock_that_ran_ahead_and_was_set_back_silences_nobody(history: list[Fetched], days: int) -> None:
    ahead = NOW + days * DAY
    health, host = Health(), HostHealth()
    for fetched in history:
        health, host = health.after(fetched, ahead), host.after(fetched, ahead)
        if isinstance(fetched, Body):
            health = health.heard(new=1, seen=3, now=ahead)

    assert next_due(health, now=NOW, jitter=0.5, host=host) <= NOW + FURTHEST
    assert health.request(URL, now=NOW).etag == ""
    back = health.after(body("z"), NOW).heard(new=1, seen=3, now=NOW)
    assert back.habit.last_at == NOW and next_due(back, now=NOW, jitter=0.5) <= NOW + timedelta(hours=7)


# --- validators, moves, hosts


def test_validators_are_sent_and_once_a_day_the_whole_document_is_asked_for() -> None:
    health = Health().after(body("a"), NOW)

    assert health.request(URL, now=NOW + HOUR).etag == '"a"'
    assert health.request(URL, now=NOW + DAY).etag == "" and health.request(URL, now=NOW + DAY).body_hash == "a"


def test_a_tag_that_stays_while_the_document_changes_is_distrusted() -> None:
    health = Health().after(body("a", etag='"for-ever"'), NOW)
    later = NOW + DAY
    lied = health.after(body("b", etag='"for-ever"'), later)

    assert lied.request(URL, now=later + HOUR).etag == ""
    assert lied.after(body("b", etag='"for-ever"'), later).request(URL, now=later + 40 * DAY).etag == ""
    assert health.after(body("b"), later).request(URL, now=later + HOUR).etag == '"b"'


def test_a_move_is_believed_when_it_lasts_and_doubted_when_it_fails() -> None:
    there = "http://new.example/feed"
    health = Health()
    for n in range(3):
        assert health.request(URL, now=NOW).url == URL
        health = health.after(body(str(n), moved_to=there, final_url=there), NOW + n * 13 * HOUR)
    assert health.request(URL, now=NOW).url == there

    for n in range(5):
        health = health.after(answer(Failed, code="not_found", url=there), NOW + (40 + n) * HOUR)
    places = set()
    for n in range(2):
        places.add(health.request(URL, now=NOW).url)
        health = health.after(answer(Failed, code="not_found", url=there), NOW + (50 + n) * HOUR)
    assert places == {URL, there}

    assert health.after(body("back"), NOW + 60 * HOUR).request(URL, now=NOW).url == URL


def test_a_move_seen_for_an_hour_is_not_believed() -> None:
    health = Health()
    for n in range(6):
        health = health.after(body(str(n), moved_to="http://hotel.example/login"), NOW + n * timedelta(minutes=10))

    assert health.request(URL, now=NOW).url == URL


def test_a_host_is_left_alone_after_two_failures_and_its_robots_are_kept() -> None:
    away = answer(Failed, code="no_connection", whole_host=True)
    once = HostHealth().with_robots(Robots(delay_s=7.0), NOW).after(away, NOW)
    twice = once.after(away, NOW)

    assert once.wait_until is None and twice.wait_until is not None
    assert twice.after(answer(Unchanged), NOW) == replace(HostHealth(), delay_s=7.0, robots_at=NOW)
    assert not twice.wants_robots(NOW + HOUR) and twice.wants_robots(NOW + DAY)


def test_our_own_outage_is_told_from_theirs() -> None:
    def at(host: int, kind: type, **more: Any) -> Fetched:
        made: Fetched = answer(kind, final_url=f"http://h{host}.example/", **more)
        return made

    dead = [at(n, Failed, code="name_unknown", whole_host=True) for n in range(20)]

    assert our_own_outage(dead) and our_own_outage([*dead, at(99, Unchanged)])
    assert not our_own_outage(dead[:4])
    assert not our_own_outage([*dead, *(at(100 + n, Unchanged) for n in range(5))])
    assert not our_own_outage([at(n, Failed, code="not_found") for n in range(20)])


# --- silence


def test_a_source_is_silent_only_against_its_own_habit() -> None:
    every_10_min = habit_of([NOW - n * timedelta(minutes=10) for n in range(2000)], now=NOW)
    daily = habit_of([NOW - n * DAY for n in range(27)], now=NOW)

    assert not is_silent(every_10_min, NOW + HOUR) and is_silent(every_10_min, NOW + 3 * HOUR)
    assert not is_silent(daily, NOW + 2 * DAY) and is_silent(daily, NOW + 6 * DAY)
    assert longest_usual(habit_of([NOW - n * DAY for n in range(4)], now=NOW)) is None
    assert not is_silent(NO_HABIT, NOW)


def test_nights_and_weekends_are_part_of_a_habit() -> None:
    times = [
        moment
        for day in range(28)
        for n in range(40)
        if (moment := NOW - day * DAY - n * timedelta(minutes=15)).weekday() < 5
    ]
    habit = habit_of(times, now=NOW)

    assert not is_silent(habit, NOW + timedelta(days=2, hours=20))
    assert is_silent(habit, NOW + 7 * DAY)


@pytest.mark.parametrize("mean", [HOUR, timedelta(hours=8)])
def test_false_notices_stay_near_one_in_ten_years(mean: timedelta) -> None:
    false = 0
    years = 5 if mean == HOUR else 40
    times = poisson(mean, start=NOW, until=NOW + years * 365 * DAY, seed=5)
    habit = Habit()
    for at in times:
        habit_before, habit = habit, habit.heard(at)
        false += is_silent(habit_before, at)

    assert false <= 2 + 3 * years * 0.1


def test_silence_and_failure_are_told_once_and_their_end_too() -> None:
    habit = habit_of([NOW - n * timedelta(minutes=10) for n in range(2000)], now=NOW)
    health = replace(Health().after(body(), NOW).heard(new=1, seen=9, now=NOW), habit=habit)
    codes = []
    script: list[tuple[timedelta, Any]] = [
        (HOUR, answer(Unchanged)),
        (5 * HOUR, answer(Unchanged)),
        (6 * HOUR, answer(Unchanged)),
        (7 * HOUR, body("n")),
        (8 * HOUR, answer(Failed, code="forbidden", args=(("status", "403"),))),
        (9 * HOUR, answer(Failed, code="forbidden", args=(("status", "403"),))),
        (15 * HOUR, answer(Failed, code="forbidden", args=(("status", "403"),))),
        (16 * HOUR, answer(Failed, code="forbidden", args=(("status", "403"),))),
        (17 * HOUR, body("m")),
        (18 * HOUR, answer(Failed, code="hung_up")),
        (18 * HOUR, answer(Unchanged)),
        (19 * HOUR, answer(Gone)),
    ]
    for after, fetched in script:
        health = health.after(fetched, NOW + after)
        if isinstance(fetched, Body):
            health = health.heard(new=1, seen=9, now=NOW + after)
        health, notice = noticed(health, NOW + after)
        if notice:
            codes.append((int(after / HOUR), notice.code))

    assert codes == [
        (5, "source_silent"),
        (7, "source_heard_again"),
        (15, "source_failing"),
        (17, "source_recovered"),
        (19, "source_gone"),
    ]
