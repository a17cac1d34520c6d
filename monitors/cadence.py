"""When a source is due again. Pure: a health, a clock and a chance in, a moment out.

The interval follows how often the source really speaks: it is asked when the chance that something new is there has
grown to about one in three, so half of all news is heard within a fifth of the source's own rhythm. Publishers' wishes
(cache times, ttl, updatePeriod, Retry-After, robots delays) lengthen it within bounds, failures are retried soon and
then ever less often, and every state, without exception, has a next visit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitors.health import QUICK, SLOW, Health, State
from monitors.hosts import HostHealth

# Mean number of news that may have come unheard: 1 - exp(-0.4) = .33.
_UNHEARD = 0.4
# Retry after 2.5 min times 2 per half a failure's weight: a host away 4 times in a row waits 10 min, a missing document
# 4 times in a row 40 min.
_RETRY_S = 150.0
_GONE_DAILY_FOR = timedelta(days=7)
# A source that was asked to wait without being told how long.
_WAIT_S = 900.0
_SPREAD = 0.1
FURTHEST = timedelta(days=8)
"""No next visit is further away than this. A later one that is found written down was made by a clock that was wrong:
the source is due."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """The bounds of an administrator, in seconds.

    `min_s`..`max_s` bound the interval of a source that answers; `hint_max_s` is how far a publisher's wish can
    lengthen it (content networks hand out cache times nobody chose); `retry_max_s` and `permanent_s` bound the retries.
    """

    min_s: float = 120.0
    max_s: float = 6 * 3600.0
    hint_max_s: float = 3600.0
    retry_max_s: float = 6 * 3600.0
    permanent_s: float = 86400.0


def next_due(
    health: Health,
    *,
    now: datetime,
    jitter: float,
    pace: Pace = Pace(),
    host: HostHealth | None = None,
    every: timedelta | None = None,
) -> datetime:
    """When to ask the source again; never before what it or its host asked for. A moment in the past means: at once.

    `jitter` is a chance in 0..1 that the caller draws: it moves the moment by up to a tenth (a quarter later after
    a 429), so that sources which failed together do not come back together. Counted from the last visit. `every` is an
    interval that a person fixed for this source, instead of its rhythm; failures and waits are planned as ever.
    """
    own = min(_own_due(health, now=now, jitter=jitter, pace=pace, every=every), now + FURTHEST)
    if host is not None and host.wait_until is not None and host.wait_until > now:
        # Not all at the very second when the host opens again.
        peace = min(host.wait_until, now + timedelta(days=1)) + jitter * timedelta(seconds=60)
        return max(peace, own)
    return own


def interval(health: Health, *, now: datetime, pace: Pace = Pace()) -> timedelta:
    """How long a source that answers is left alone: its own rhythm, the publisher's wishes, the bounds."""
    rate = news_rate(health, now)
    own_s = _UNHEARD / rate if rate > 0 else pace.max_s
    if health.squeeze_s is not None:
        # The last visit found almost only new entries: some may already have scrolled away.
        own_s = min(own_s, health.squeeze_s)
    own_s = min(max(own_s, pace.min_s), pace.max_s)
    if health.cache_s is not None:
        own_s = max(own_s, min(health.cache_s, pace.hint_max_s))
    if health.stated_s is not None:
        # Publishing software states "hourly" for every site, whatever happens there. Where the source speaks more than
        # twice in the time it states, its statement is a default and counts a quarter.
        stated_s = health.stated_s if rate * health.stated_s <= 2 else health.stated_s / 4
        own_s = max(own_s, min(stated_s, pace.hint_max_s))
    return timedelta(seconds=own_s)


def news_rate(health: Health, now: datetime) -> float:
    """News per second that the source can be expected to bring: the larger of its quick and its slow memory."""
    if health.counted_at is None or health.known_since is None:
        return 1 / 3600
    gap, age = now - health.counted_at, now - health.known_since
    rates = []
    for count, memory in ((health.quick, QUICK), (health.slow, SLOW)):
        # What the memory can have seen: all of its length only once the source is older than that.
        window_s = memory.total_seconds() * (1 - math.exp(-max(age / memory, 0.0)))
        # A source nobody knows yet counts as one that spoke once, for its first day.
        prior = math.exp(-max(age / timedelta(days=1), 0.0)) if memory is SLOW else 0.0
        faded = count * math.exp(-max(gap / memory, 0.0))
        rates.append((faded + prior) / max(window_s, 3600.0))
    return max(rates)


def _own_due(health: Health, *, now: datetime, jitter: float, pace: Pace, every: timedelta | None) -> datetime:
    if health.visited_at is None:
        return max(now, health.wait_until or now)
    # A clock that ran ahead and was set back must not silence a source until it catches up.
    last = min(health.visited_at, now)
    spread = 1 + _SPREAD * (2 * jitter - 1)
    match health.state:
        case State.GONE:
            since = health.gone_since or last
            pause = timedelta(days=1) if last - since < _GONE_DAILY_FOR else timedelta(days=7)
            due = last + pause * spread
        case State.FAILING:
            due = last + _retry(health, pace) * (1 + 0.25 * jitter if health.code == "asked_to_wait" else spread)
        case _:
            due = last + (every or interval(health, now=last, pace=pace)) * spread
    if health.wait_until is not None:
        due = max(due, min(health.wait_until, now + timedelta(days=1)) + jitter * timedelta(seconds=60))
    return due


def _retry(health: Health, pace: Pace) -> timedelta:
    start = _WAIT_S if health.code == "asked_to_wait" and health.wait_until is None else _RETRY_S
    seconds = start * 2.0 ** min(2 * health.failures, 20.0)
    longest = pace.permanent_s if health.permanent else pace.retry_max_s
    return timedelta(seconds=min(max(seconds, pace.min_s), longest))
