"""Many documents fetched at once: politely towards each host, fairly between them, and as they finish.

    async for key, fetched in poll(requests, session, now=clock):
        ...                                     # parse, save, plan the next visit

Each host is a lane. A lane starts one request at a time, `spacing_s` apart, with at most `parallel` under way, and the
lanes take turns: a publisher with 500 feeds delays only itself. A lane whose host asks for peace (429, Retry-After) or
does not answer twice is left: what waits in it is given back as `Wait(asked=False)` without knocking. Who is kept
waiting by its host for some seconds gives its place to the next. The caller takes the answers at its own speed; what
was not taken yet is bounded, so bodies never pile up in memory.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

from yarl import URL

from monitors.fetch.values import Failed, Fetched, FetchRequest, Limits, Wait
from monitors.fetch.wire import Session, fetch

# After this many failures of the host itself in a row the rest of its lane is not tried in this round.
_HOST_IS_AWAY = 2
_AWAY_FOR = timedelta(minutes=2)
_PEACE_FOR = timedelta(minutes=5)
_MOMENT = timedelta(seconds=5)
SLOW_S = 3.0
"""A request under way for so long holds no place any more: 64 hosts that do not answer would keep all waiting."""
# So many times the places may be under way, slow ones included.
_MOST_TIMES = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Politeness:
    """How a host is treated: seconds between two starts, and requests under way at once.

    `delays_s` are the longer pauses that hosts ask for in their robots.txt (`monitors.fetch.robots`), by host name.
    """

    spacing_s: float = 1.0
    parallel: int = 2
    delays_s: Mapping[str, float] = field(default_factory=dict)

    def spacing(self, host: str) -> float:
        return max(self.spacing_s, self.delays_s.get(host, 0.0))


async def poll(
    requests: Iterable[FetchRequest],
    session: Session,
    *,
    now: Callable[[], datetime],
    limits: Limits = Limits(),
    politeness: Politeness = Politeness(),
    concurrency: int = 64,
    slow_s: float = SLOW_S,
    rests: dict[str, float] | None = None,
) -> AsyncGenerator[tuple[str, Fetched], None]:
    """(name of the request, answer) of every request, exactly once each, as they finish.

    Leaving the loop early cancels what is under way (close the iterator: `contextlib.aclosing`). `now` is read when
    a request starts. `concurrency` bounds the requests under way; those that last `slow_s` and more count no more, up
    to four times as many. `rests` is kept from one poll to the next by who polls again and again: by host, until when
    (monotonic seconds) it is left alone.
    """
    lanes = Lanes(requests, politeness, rests)
    answers: asyncio.Queue[tuple[str, Fetched] | Exception] = asyncio.Queue(maxsize=max(concurrency // 2, 1))
    due = asyncio.Event()
    loop = asyncio.get_running_loop()
    asking: set[asyncio.Task[None]] = set()
    slow: set[asyncio.Task[None] | None] = set()

    def has_place() -> bool:
        return len(asking) - len(slow) < concurrency and len(asking) < concurrency * _MOST_TIMES

    async def take_turns() -> None:
        while lanes.waiting:
            due.clear()
            turn = lanes.take(time.monotonic()) if has_place() else None
            if isinstance(turn, FetchRequest):
                task = asyncio.create_task(loudly(ask, turn), name="poll")
                asking.add(task)
                task.add_done_callback(asked)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(turn):
                        await due.wait()

    async def ask(turn: FetchRequest) -> None:
        me = asyncio.current_task()
        patience = loop.call_later(slow_s, give_place, me)
        try:
            answer = await fetch(turn, session, limits=limits, now=now())
        finally:
            patience.cancel()
            slow.discard(me)
        left = lanes.done(turn, answer, time.monotonic())
        due.set()
        await answers.put((turn.name, answer))
        for request, peace in left:
            await answers.put((request.name, _unasked(request, peace, now())))

    def give_place(task: asyncio.Task[None] | None) -> None:
        slow.add(task)
        due.set()

    def asked(task: asyncio.Task[None]) -> None:
        asking.discard(task)
        due.set()

    async def loudly(work: Callable[..., Coroutine[None, None, None]], *about: FetchRequest) -> None:
        try:
            await work(*about)
        except Exception as fault:
            # A fault of ours: loud at the caller, instead of a round that never ends.
            await answers.put(fault)

    expected = lanes.waiting
    turns = asyncio.create_task(loudly(take_turns), name="poll")
    try:
        for _ in range(expected):
            item = await answers.get()
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        working = (turns, *asking)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)


def turns(urls: Sequence[str], politeness: Politeness, rests: Mapping[str, float], at: float) -> list[float]:
    """In how many seconds each address can be asked at the soonest, when they are asked in this order."""
    free: dict[str, float] = {}
    found = []
    for url in urls:
        host = host_of(url)
        start = max(at, free.get(host, rests.get(host, at)))
        free[host] = start + politeness.spacing(host)
        found.append(start - at)
    return found


class Lanes:
    """Which request may start when. Knows no network and no clock: `at` is monotonic seconds.

    `waiting` requests have not started, `under_way` have.
    """

    def __init__(
        self, requests: Iterable[FetchRequest], politeness: Politeness, rests: dict[str, float] | None = None
    ) -> None:
        self._politeness = politeness
        self._rests = {} if rests is None else rests
        self._lanes: dict[str, _Lane] = {}
        self._turns: list[tuple[float, int, str]] = []
        self._turn = 0
        self.waiting = 0
        self.under_way = 0
        for request in requests:
            host = host_of(request.url)
            lane = self._lanes.get(host)
            if lane is None:
                lane = self._lanes[host] = _Lane(free_at=self._rests.get(host, 0.0))
                self._queue(host, lane.free_at)
            lane.requests.append(request)
            self.waiting += 1

    def take(self, at: float) -> FetchRequest | float | None:
        """The request whose turn it is, or seconds until the next may start, or None: only a `done` can change it."""
        while self._turns:
            free_at, _, host = self._turns[0]
            lane = self._lanes[host]
            if not lane.requests or lane.under_way >= self._politeness.parallel:
                # Comes back when one of its requests is done.
                heappop(self._turns)
                lane.queued = False
                continue
            if lane.free_at > free_at:
                # The host asked for a moment's rest since this turn was given out.
                heappop(self._turns)
                self._queue(host, lane.free_at)
                continue
            if free_at > at:
                return free_at - at
            heappop(self._turns)
            lane.queued = False
            request = lane.requests.popleft()
            lane.under_way += 1
            lane.free_at = self._rests[host] = at + self._politeness.spacing(host)
            self.waiting -= 1
            self.under_way += 1
            self._queue(host, lane.free_at)
            return request
        return None

    def done(self, request: FetchRequest, answer: Fetched, at: float) -> list[tuple[FetchRequest, timedelta]]:
        """Take note of an answer; the requests that are not to be made in this round, and for how long."""
        host = host_of(request.url)
        lane = self._lanes[host]
        lane.under_way -= 1
        self.under_way -= 1
        peace: timedelta | None = None
        match answer:
            case Wait(status=status, retry_after=asked) if status == 429 or asked is not None:
                # A moment's rest is kept here; anything longer is planned by whoever called.
                peace = asked if asked is not None else _PEACE_FOR
                if peace <= _MOMENT:
                    lane.free_at = self._rests[host] = max(lane.free_at, at + peace.total_seconds())
                    peace = None
            case Failed(whole_host=True):
                lane.failures += 1
                peace = _AWAY_FOR if lane.failures >= _HOST_IS_AWAY else None
            case _:
                lane.failures = 0
        left: list[tuple[FetchRequest, timedelta]] = []
        if peace is not None:
            left = [(waiting, peace) for waiting in lane.requests]
            lane.requests.clear()
            self.waiting -= len(left)
        elif lane.requests and not lane.queued:
            self._queue(host, max(lane.free_at, at))
        return left

    def _queue(self, host: str, free_at: float) -> None:
        self._turn += 1
        self._lanes[host].queued = True
        heappush(self._turns, (free_at, self._turn, host))


@dataclass(kw_only=True, slots=True)
class _Lane:
    requests: deque[FetchRequest] = field(default_factory=deque)
    under_way: int = 0
    free_at: float = 0.0
    failures: int = 0
    queued: bool = False


def host_of(url: str) -> str:
    """The host by which documents are kept apart, lower case; "" when the URL has none (it fails by itself)."""
    try:
        return (URL(url).raw_host or "").rstrip(".").lower()
    except ValueError:
        return ""


def _unasked(request: FetchRequest, peace: timedelta, now: datetime) -> Wait:
    return Wait(url=request.url, final_url=request.url, at=now, retry_after=peace, asked=False)
