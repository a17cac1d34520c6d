"""The health of a source: what happened so far, as a value that can be written down. Pure.

    health = Health()
    request = health.request(url, now=now)                    what to ask, with which validators
    health = health.after(fetched, now)                       what the answer means
    health = health.heard(new=3, seen=20, now=now)            what the parser found in a Body (or .unreadable)
    due = cadence.next_due(health, now=now, jitter=chance)    when to ask again

There is no state without a way back: every one of them has a next visit, also GONE. Whoever writes a health down
does so in the transaction that writes the entries; a validator saved without its entries would lose them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from monitors.fetch.values import Body, Failed, Fetched, FetchRequest, Gone, Unchanged, Wait
from monitors.silence import NO_HABIT, Habit, habit_from, habit_of, habit_record, is_silent


class State(StrEnum):
    """FRESH: never asked. SILENT: answers, but has said nothing for longer than its habit explains."""

    FRESH = "fresh"
    OK = "ok"
    FAILING = "failing"
    SILENT = "silent"
    GONE = "gone"


# Two memories of how often news comes: one follows a breaking story, the other survives a night and a week-end.
QUICK = timedelta(hours=2)
SLOW = timedelta(days=3)
# Some servers give the same ETag or 304 for ever (FreshRSS #1020; Media Cloud switched conditions off for it), so the
# whole document is asked for once a day and compared.
_WHOLE_AFTER = timedelta(days=1)
_DISTRUST_FOR = timedelta(days=30)
# A hijacked or captive network also says 301. A move is believed when it was seen this often over this long.
_MOVE_SEEN = 3
_MOVE_AFTER = timedelta(days=1)
_MOVE_DOUBTED_AT = 2.0
_LONGEST_WAIT = timedelta(days=1)
# How much a failure weighs (idea and order of weights: Media Cloud rss-fetcher): a host that is away is usually back
# soon, a document that is not there rarely is.
_WEIGHT_HOST = 0.25
_WEIGHT_DOCUMENT = 0.5
_WEIGHT_PERMANENT = 1.0
_HEAVIEST = 8.0


# Fields of a health that change together. Collected, and exchanged once: each exchange costs as much as 30 fields do.
_Changes = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """One source, as far as it is known.

    `failures` is the sum of the weights of failures in a row. `quick` and `slow` are counts of news that fade with
    QUICK and SLOW, as of `counted_at`; `known_since` is how far back they reach. `cache_s` is what HTTP caching asks
    for, `stated_s` what the feed itself states (ttl, updatePeriod). `address` is where a moved source is asked
    instead of at its own URL.
    """

    state: State = State.FRESH
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    whole_at: datetime | None = None
    distrust_until: datetime | None = None
    visits: int = 0
    visited_at: datetime | None = None
    answered_at: datetime | None = None
    failures: float = 0.0
    failing_since: datetime | None = None
    code: str = ""
    args: tuple[tuple[str, str], ...] = ()
    permanent: bool = False
    wait_until: datetime | None = None
    gone_since: datetime | None = None
    address: str = ""
    moving_to: str = ""
    moving_seen: int = 0
    moving_since: datetime | None = None
    quick: float = 0.0
    slow: float = 0.0
    counted_at: datetime | None = None
    known_since: datetime | None = None
    squeeze_s: float | None = None
    cache_s: float | None = None
    stated_s: float | None = None
    habit: Habit = NO_HABIT
    told: str = ""

    def request(self, url: str, *, now: datetime, key: str = "") -> FetchRequest:
        """What to ask of the source at `url`: its moved address, and validators where they can be trusted."""
        # A moved address that stopped answering is doubted: every second visit goes back to where it came from.
        doubted = self.failures >= _MOVE_DOUBTED_AT and self.visits % 2 == 1
        place = url if not self.address or doubted else self.address
        # A date in the future comes from a clock that was wrong, and counts as none.
        whole = self.whole_at is None or not timedelta(0) <= now - self.whole_at < _WHOLE_AFTER
        if whole or (self.distrust_until is not None and now < self.distrust_until):
            return FetchRequest(url=place, key=key or url, body_hash=self.body_hash)
        return FetchRequest(
            url=place, key=key or url, etag=self.etag, last_modified=self.last_modified, body_hash=self.body_hash
        )

    def after(self, fetched: Fetched, now: datetime) -> Health:
        """The health after an answer.

        A Body still has to be reported by `heard` or `unreadable`: until then failures before it are not forgotten.
        """
        if isinstance(fetched, Wait) and not fetched.asked:
            # Nobody asked this source: its host asked for peace, or did not answer for another document.
            return replace(self, wait_until=now + min(fetched.retry_after or timedelta(0), _LONGEST_WAIT))
        changes: _Changes = {"visits": self.visits + 1, "visited_at": now, "wait_until": None}
        match fetched:
            case Unchanged():
                changes |= self._answered(fetched, now) | self._validated(fetched, now)
                changes |= {"failures": 0.0, "failing_since": None}
            case Body(complete=True):
                changes |= self._answered(fetched, now) | self._validated(fetched, now)
            case Body():
                changes |= self._failed("cut_short", _WEIGHT_HOST, now)
            case Gone():
                changes |= self._failed("gone", _WEIGHT_DOCUMENT, now)
                changes |= {"state": State.GONE, "gone_since": self.gone_since or now}
            case Wait(retry_after=asked):
                changes |= self._failed("asked_to_wait", _WEIGHT_DOCUMENT, now)
                changes |= {"wait_until": None if asked is None else now + min(asked, _LONGEST_WAIT)}
            case Failed():
                weight = _WEIGHT_HOST if fetched.whole_host else _WEIGHT_DOCUMENT
                weight = _WEIGHT_PERMANENT if fetched.permanent else weight
                changes |= self._failed(fetched.code, weight, now)
                changes |= {"args": fetched.args, "permanent": fetched.permanent}
        return replace(self, **changes)

    def heard(
        self,
        *,
        new: int,
        seen: int,
        now: datetime,
        published: Sequence[datetime] = (),
        stated: timedelta | None = None,
    ) -> Health:
        """The health after `new` of `seen` entries in a Body were not known before.

        `published` are the dates of the entries, used the first time only: they show how often the source speaks
        before we have listened to it. `stated` is how often the feed itself says it is worth asking.
        """
        # A Body that broke off is heard as well, but the source goes on failing.
        stated_s = None if stated is None else stated.total_seconds()
        failing = self.state is State.FAILING
        well: _Changes = {} if failing else {"failures": 0.0, "failing_since": None}
        if self.counted_at is None or self.known_since is None:
            return replace(self, **well, **_met(now, published, stated_s))
        gap = now - self.counted_at
        # Several entries at once are either one occasion told many times or several that we slept through.
        weight = 1.0 + math.log2(new) if new > 0 else 0.0
        overlap_lost = seen >= 3 and new >= seen * 2 / 3
        squeeze_s = gap.total_seconds() / 2 if overlap_lost else (self.squeeze_s if new > seen / 3 else None)
        habit = self.habit.heard(now) if new > 0 else self.habit
        return replace(
            self,
            **well,
            quick=self.quick * _faded(gap, QUICK) + weight,
            slow=self.slow * _faded(gap, SLOW) + weight,
            counted_at=now,
            squeeze_s=squeeze_s,
            stated_s=stated_s,
            habit=habit,
            state=State.FAILING if failing else _voice(habit, now),
        )

    def unreadable(self, code: str, now: datetime) -> Health:
        """The health after a Body that is no feed (a block page, an error told with status 200)."""
        # Without validators the next visit cannot be told "unchanged" about the wrong document.
        return replace(self, **self._failed(code, _WEIGHT_DOCUMENT, now), etag="", last_modified="", body_hash="")

    def read_anew(self) -> Health:
        """The health without validators: its document is read once more, though it may be the same."""
        return replace(self, etag="", last_modified="", body_hash="")

    def _answered(self, fetched: Unchanged | Body, now: datetime) -> _Changes:
        return self._moved(fetched, now) | {
            "state": _voice(self.habit, now),
            "answered_at": now,
            "gone_since": None,
            "code": "",
            "args": (),
            "permanent": False,
            "cache_s": fetched.hints.max_age_s,
        }

    def _moved(self, fetched: Unchanged | Body, now: datetime) -> _Changes:
        if self.address and fetched.url != self.address:
            # The old address answers again. Stay where we are only if it still points there.
            return {} if fetched.moved_to == self.address else {"address": "", "moving_to": "", "moving_seen": 0}
        if not fetched.moved_to:
            return {"moving_to": "", "moving_seen": 0, "moving_since": None}
        if fetched.moved_to != self.moving_to or self.moving_since is None or self.moving_since > now:
            return {"moving_to": fetched.moved_to, "moving_seen": 1, "moving_since": now}
        seen = self.moving_seen + 1
        if seen >= _MOVE_SEEN and now - self.moving_since >= _MOVE_AFTER:
            return {"address": fetched.moved_to, "moving_to": "", "moving_seen": 0, "moving_since": None}
        return {"moving_seen": seen}

    def _validated(self, fetched: Unchanged | Body, now: datetime) -> _Changes:
        whole = isinstance(fetched, Body) or not fetched.not_modified
        same_mark = (self.etag, self.last_modified) == (fetched.etag, fetched.last_modified) != ("", "")
        lied = isinstance(fetched, Body) and same_mark and self.body_hash not in ("", fetched.body_hash)
        return {
            "etag": fetched.etag,
            "last_modified": fetched.last_modified,
            "body_hash": fetched.body_hash,
            "whole_at": now if whole else self.whole_at,
            "distrust_until": now + _DISTRUST_FOR if lied else self.distrust_until,
        }

    def _failed(self, code: str, weight: float, now: datetime) -> _Changes:
        return {
            "state": State.FAILING,
            "failures": min(self.failures + weight, _HEAVIEST),
            "failing_since": min(self.failing_since or now, now),
            "code": code,
            "args": (),
            "permanent": False,
        }


def _met(now: datetime, published: Sequence[datetime], stated_s: float | None) -> _Changes:
    past = [moment for moment in published if now - 3 * SLOW <= moment <= now]
    habit = habit_of(published, now=now)
    return {
        "quick": sum(_faded(now - moment, QUICK) for moment in past),
        "slow": sum(_faded(now - moment, SLOW) for moment in past),
        "counted_at": now,
        "known_since": min(past, default=now),
        "stated_s": stated_s,
        "habit": habit if habit.last_at else replace(habit, since=now, last_at=now),
    }


def _voice(habit: Habit, now: datetime) -> State:
    return State.SILENT if is_silent(habit, now) else State.OK


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What a person should know about a source. `code` names a sentence; `since` is when it began."""

    code: str
    since: datetime | None = None
    args: tuple[tuple[str, str], ...] = ()


# A night's maintenance is no news; what lasts longer than this is.
_FAILING_WORTH_TELLING = timedelta(hours=6)


def noticed(health: Health, now: datetime) -> tuple[Health, Notice | None]:
    """What to tell about a source now, and the health that remembers it was told: once when it starts, once when over.

    Codes: source_failing, source_silent, source_gone, source_recovered, source_heard_again.
    """
    trouble = ""
    notice: Notice | None = None
    match health.state:
        case State.GONE:
            trouble, notice = "gone", Notice(code="source_gone", since=health.gone_since)
        case State.SILENT:
            trouble, notice = "silent", Notice(code="source_silent", since=health.habit.last_at)
        case State.FAILING:
            since = health.failing_since
            if health.permanent or (since is not None and now - since >= _FAILING_WORTH_TELLING):
                args = (("problem", health.code), *health.args)
                trouble, notice = "failing", Notice(code="source_failing", since=since, args=args)
            else:
                # Not worth telling yet, and not over either.
                trouble = health.told
    if trouble == health.told:
        return health, None
    if not trouble:
        over = "source_heard_again" if health.told == "silent" else "source_recovered"
        notice = Notice(code=over, since=now)
    return replace(health, told=trouble), notice


def health_record(health: Health) -> dict[str, Any]:
    """A JSON-able record of a health; fields with their default are left out."""
    record: dict[str, Any] = {}
    for name in Health.__dataclass_fields__:
        value = getattr(health, name)
        if value == getattr(_BLANK, name):
            continue
        if isinstance(value, datetime):
            value = value.isoformat()
        elif isinstance(value, Habit):
            value = habit_record(value)
        elif name == "args":
            value = [list(pair) for pair in value]
        record[name] = value
    return record


def health_from(record: dict[str, Any]) -> Health:
    """The health of such a record. Unknown fields, of a later release, are ignored."""
    values: dict[str, Any] = {name: value for name, value in record.items() if name in Health.__dataclass_fields__}
    for name, value in values.items():
        if name.endswith(("_at", "_until", "_since")) and isinstance(value, str):
            values[name] = datetime.fromisoformat(value)
    if "state" in values:
        values["state"] = State(values["state"])
    if "habit" in values:
        values["habit"] = habit_from(values["habit"])
    if "args" in values:
        values["args"] = tuple((str(name), str(text)) for name, text in values["args"])
    return Health(**values)


def _faded(age: timedelta, memory: timedelta) -> float:
    return math.exp(-max(age / memory, 0.0))


_BLANK = Health()
