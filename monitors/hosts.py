"""The health of a host, over all its documents, and the difference between their outage and ours. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from monitors.fetch.robots import Robots
from monitors.fetch.values import Failed, Fetched, Wait
from monitors.health import Health, State

_LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class HostHealth:
    """One host, over all its documents. `delay_s` is what its robots.txt asks for, read at `robots_at`."""

    wait_until: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    code: str = ""
    delay_s: float | None = None
    robots_at: datetime | None = None

    def after(self, fetched: Fetched, now: datetime) -> HostHealth:
        """The host after an answer to one of its documents."""
        match fetched:
            case Wait(asked=False):
                return self
            case Wait(status=status, retry_after=asked) if status == 429 or asked is not None:
                wait = min(asked if asked is not None else timedelta(minutes=5), _LONGEST_WAIT)
                return replace(self, wait_until=now + wait, code="asked_to_wait")
            case Failed(whole_host=True):
                count = self.failures + 1
                # One document may be unlucky; from the second on the others wait, an hour at most.
                wait = timedelta(minutes=min(2.0 ** min(count - 2, 6), 60.0)) if count > 1 else timedelta(0)
                return replace(
                    self,
                    failures=count,
                    failing_since=self.failing_since or now,
                    code=fetched.code,
                    wait_until=now + wait if count > 1 else self.wait_until,
                )
        return replace(self, wait_until=None, failures=0, failing_since=None, code="")

    def wants_robots(self, now: datetime) -> bool:
        """Whether its robots.txt should be read (again): once a day (RFC 9309 2.4)."""
        return self.robots_at is None or now - self.robots_at >= timedelta(days=1)

    def with_robots(self, robots: Robots | None, now: datetime) -> HostHealth:
        """The host with what its robots.txt asks for; None (it could not be read) keeps what was known."""
        return replace(self, robots_at=now, delay_s=self.delay_s if robots is None else robots.delay_s)


def our_own_outage(answers: Sequence[Fetched]) -> bool:
    """Whether it is our own network that failed: at least 5 hosts were asked and 9 of 10 did not answer at all.

    Such a round says nothing about the sources: do not report it to their health, ask again in a few minutes.
    """
    hosts: dict[str, bool] = {}
    for answer in answers:
        if isinstance(answer, Wait) and not answer.asked:
            continue
        host = urlsplit(answer.final_url).hostname or ""
        dead = isinstance(answer, Failed) and answer.whole_host
        hosts[host] = hosts.get(host, True) and dead
    return len(hosts) >= 5 and sum(hosts.values()) >= 0.9 * len(hosts)


# What a source fails with when nothing reaches its host; it may be our own network that is away.
_AWAY = frozenset({"name_unknown", "no_connection", "too_slow"})
_TOGETHER = timedelta(hours=1)


def fell_away_together(one: Health, other: Health) -> bool:
    """Whether two sources stopped being reached at the same time: the one that is heard again speaks for the other."""
    first, second = _away_since(one), _away_since(other)
    return first is not None and second is not None and abs(first - second) <= _TOGETHER


def _away_since(health: Health) -> datetime | None:
    return health.failing_since if health.state is State.FAILING and health.code in _AWAY else None


def host_record(host: HostHealth) -> dict[str, Any]:
    """A JSON-able record of a host's health."""
    record = {name: getattr(host, name) for name in HostHealth.__dataclass_fields__}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in record.items()
        if value not in (None, "", 0)
    }


def host_from(record: dict[str, Any]) -> HostHealth:
    """The host's health of such a record."""
    values: dict[str, Any] = {name: value for name, value in record.items() if name in HostHealth.__dataclass_fields__}
    for name in ("wait_until", "failing_since", "robots_at"):
        if isinstance(values.get(name), str):
            values[name] = datetime.fromisoformat(values[name])
    return HostHealth(**values)
