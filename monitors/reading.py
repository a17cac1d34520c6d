"""Polling and parsing together: documents arrive in one event loop and are parsed in processes of their own.

    async with Readers(processes=2) as readers:
        async for name, fetched, feed in read(requests, session, readers=readers, now=clock):
            ...                                          # save what is new, and in the same transaction
            health = health_after(health, fetched, feed, new=count, now=clock())

Parsing is where the time goes (most of a round in which everything changed), and it is the one step that hostile
bytes can slow down or, in C code, bring down. A reader process that takes too long or dies is replaced, its document is
reported as no feed, and every other document is read all the same. With `processes=0` parsing happens in the loop
itself: right for a handful of sources.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import aclosing
from datetime import datetime
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from monitors import feeds
from monitors.fetch.values import Body, Fetched, FetchRequest, Limits
from monitors.fetch.wire import Session
from monitors.health import Health
from monitors.poller import Politeness, poll

# The slowest of 209 recorded feeds is read in 0.2 s on one core.
_LONGEST_S = 30.0


_Parsed = feeds.Feed | tuple[str, str]
Result = TypeVar("Result")


def feed_or_why(body: bytes, url: str, content_type: str, known: feeds.Known | None) -> _Parsed:
    """The feed, or code and sentence of NotAFeed: unlike the exception, a pair finds its way back from a process."""
    try:
        return feeds.parse(body, url=url, content_type=content_type, known=known)
    except feeds.NotAFeed as wrong:
        return wrong.code, str(wrong)


class Readers:
    """Processes that parse. Open it with `async with`; one for the life of a job, not one per round.

    `parse` is a function that can be found by its name in another process.
    """

    def __init__(
        self,
        processes: int,
        *,
        longest_s: float = _LONGEST_S,
        parse: Callable[[bytes, str, str, feeds.Known | None], _Parsed] = feed_or_why,
    ) -> None:
        self.processes = processes
        self._parse = parse
        self._longest_s = longest_s
        self._places = asyncio.Semaphore(max(processes, 1))
        self._alone = asyncio.Lock()
        self._pool: ProcessPoolExecutor | None = None

    async def __aenter__(self) -> Readers:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._drop()

    async def parse(self, body: Body, *, known: feeds.Known | None = None) -> feeds.Feed | feeds.NotAFeed:
        """The feed in a body, or why it is none (codes of `feeds.NotAFeed`; also reader_too_slow, reader_died).

        `known` are entries that need not be read again, see `feeds.parse`.
        """
        try:
            return _unpacked(await self.run(self._parse, body.body, body.final_url, body.content_type, known))
        except feeds.NotAFeed as why:
            return why

    async def run(self, job: Callable[..., Result], *args: Any) -> Result:
        """What another function that reads bytes gives back; it, its arguments and its answer can be pickled.

        Raises feeds.NotAFeed with reader_too_slow or reader_died; what the function raises must be pickled too.
        """
        if self.processes == 0:
            return job(*args)
        async with self._places:
            try:
                return await self._run_apart(job, args)
            except BrokenProcessPool:
                pass
        # Somebody's document brought a process down, and with it the pool. Whose it was shows when each is read alone.
        async with self._alone:
            try:
                return await self._run_apart(job, args, alone=True)
            except BrokenProcessPool:
                raise feeds.NotAFeed("reader_died", "the parser did not survive it") from None

    async def _run_apart(self, job: Callable[..., Result], args: tuple[Any, ...], *, alone: bool = False) -> Result:
        own = self._new() if alone else None
        if own is None and self._pool is None:
            self._pool = self._new()
        pool = own or self._pool
        assert pool is not None
        try:
            # The time a process takes to start is not the document's.
            await asyncio.get_running_loop().run_in_executor(pool, _ready)
            running = asyncio.get_running_loop().run_in_executor(pool, job, *args)
            return await asyncio.wait_for(running, self._longest_s)
        except TimeoutError:
            _kill(pool)
            if pool is self._pool:
                self._pool = None
            raise feeds.NotAFeed("reader_too_slow", f"not read within {self._longest_s:g} s") from None
        except BrokenProcessPool:
            if pool is self._pool:
                self._pool = None
            raise
        finally:
            if own is not None:
                own.shutdown(wait=False, cancel_futures=True)

    def _new(self) -> ProcessPoolExecutor:
        # spawn: a desk has threads and open sockets, which a fork would copy half-way.
        return ProcessPoolExecutor(
            max_workers=self.processes, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent
        )

    def _drop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


async def read(
    requests: Iterable[FetchRequest],
    session: Session,
    *,
    readers: Readers,
    now: Callable[[], datetime],
    limits: Limits = Limits(),
    politeness: Politeness = Politeness(),
    concurrency: int = 64,
    rests: dict[str, float] | None = None,
    parse: Callable[[str, Body], Awaitable[feeds.Feed | feeds.NotAFeed]] | None = None,
) -> AsyncGenerator[tuple[str, Fetched, feeds.Feed | feeds.NotAFeed | None], None]:
    """(name, answer, feed) of every request, exactly once each, as they finish; the feed is None without a Body.

    Arguments as in `monitors.poller.poll`. Few bodies wait for a reader at a time, so they do not pile up in memory.
    `parse` (name, body) reads them instead of `readers`, where not every document is a feed.
    """
    most = 2 * readers.processes
    reading: dict[asyncio.Future[feeds.Feed | feeds.NotAFeed], tuple[str, Fetched]] = {}
    rounds = poll(
        requests, session, now=now, limits=limits, politeness=politeness, concurrency=concurrency, rests=rests
    )
    try:
        async with aclosing(rounds):
            async for name, fetched in rounds:
                if not isinstance(fetched, Body):
                    yield name, fetched, None
                    continue
                job = readers.parse(fetched) if parse is None else parse(name, fetched)
                if readers.processes == 0:
                    yield name, fetched, await job
                    continue
                reading[asyncio.ensure_future(job)] = (name, fetched)
                while len(reading) >= most:
                    done, _ = await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        yield *reading.pop(task), task.result()
        while reading:
            done, _ = await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield *reading.pop(task), task.result()
    finally:
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)


def health_after(
    health: Health, fetched: Fetched, feed: feeds.Feed | feeds.NotAFeed | None, *, new: int, now: datetime
) -> Health:
    """The health of a source after an answer and what was read in it; `new` is how many entries were not known.

    Write it down in the transaction that writes the entries.
    """
    health = health.after(fetched, now)
    match feed:
        case feeds.NotAFeed():
            return health.unreadable(feed.code, now)
        case feeds.Feed():
            dates = tuple(one.published for one in feed.articles if one.published is not None)
            stated = feed.ttl or feed.update_every
            return health.heard(new=new, seen=len(feed.listed), now=now, published=dates, stated=stated)
    return health


def _ready() -> None:
    """Answered by a process that is up."""


def _unpacked(parsed: _Parsed) -> feeds.Feed | feeds.NotAFeed:
    return feeds.NotAFeed(*parsed) if isinstance(parsed, tuple) else parsed


def _kill(pool: ProcessPoolExecutor) -> None:
    # The executor has no way to end a process that does not come back; its processes are ours to end.
    for process in list((pool._processes or {}).values()):
        process.kill()
    pool.shutdown(wait=False, cancel_futures=True)


def _end_with_parent() -> None:
    """Ends this process when its parent is gone, even by kill -9: otherwise readers would pile up, waiting for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os._exit(0)
