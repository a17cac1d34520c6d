"""A lease: one process does a thing for all, until when, and under which number.

    claimed       by whoever finds it free, lapsed, or held by a process that is known to be dead
    renewed       by its holder, every few seconds
    given back    when its holder ends
    lost          when another process has claimed it meanwhile: its number has grown

Times only say when somebody else may claim it. That nothing is written twice hangs on the number (`term`), which is
compared within the transaction that writes: clocks may be wrong, and a process may have slept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LASTS = timedelta(seconds=20)
RENEWED_EVERY = timedelta(seconds=5)
# Those who wait look this often: LASTS and this together are the longest time in which nobody does it.
LOOKED_AT_EVERY = timedelta(seconds=2)
# No lease lasts this long: such a time was written by a clock that was wrong, and all would wait until then.
FURTHEST = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Claimant:
    """A process that would do it. `host` and `number` are what people know it by. `place` is where its number means
    something: a process of the same place can see whether it lives; '' when nobody can tell."""

    host: str
    number: int
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """Who does it, since when, and until when unless it is renewed. `term` grows with each holder; 0 is nobody yet."""

    name: str
    holder: Claimant
    term: int
    since_at: datetime
    until_at: datetime

    def runs(self, now: datetime) -> bool:
        """Whether its holder still counts as being at it."""
        return now < self.until_at <= now + FURTHEST


def claimed(lease: Lease, *, by: Claimant, now: datetime) -> Lease:
    """The lease as this process holds it, whoever held it before."""
    return replace(lease, holder=by, term=lease.term + 1, since_at=now, until_at=now + LASTS)


def renewed(lease: Lease, *, now: datetime) -> Lease:
    return replace(lease, until_at=now + LASTS)


def given_back(lease: Lease, *, now: datetime) -> Lease:
    """The lease as free: whoever waits claims it at the next look."""
    return replace(lease, until_at=now)
