"""Whoever loses the lease lets go of everything that was begun under it, and waits until it has ended."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from crisis.core.lease import LASTS, Claimant
from crisis.core.sources import StoredArticle
from crisis.errors import LeaseLost
from crisis.flows import listener
from crisis.jobs.listening import Listening, to_its_end
from crisis.store import records
from monitors.fetch import open_session
from monitors.guard import allowed_of
from monitors.poller import Politeness
from monitors.reading import Readers
from tests.shelf import Request, Shelf
from tests.world import World, add_source

HERE, THERE = Claimant(host="here", number=11, place="p"), Claimant(host="there", number=12, place="q")
WAITS_S = 15
ALLOWED = allowed_of(networks=("127.0.0.1",))
FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>晚报</title><link>{base}/</link>
<item><title>召回公告</title><link>{base}/page</link><guid>1</guid></item></channel></rss>"""


class SlowPaper(Shelf):
    """`/feed` is answered at once, `/late` when it is told to, `/page` never: it sees who hangs up."""

    def __init__(self) -> None:
        super().__init__()
        self.page_asked, self.hung_up = threading.Event(), threading.Event()
        self.late_asked, self.answer_late = threading.Event(), threading.Event()
        for path in ("/feed", "/late"):
            self.put(path, FEED.format(base=self.base), kind="application/rss+xml")

    def get(self, request: Request) -> None:
        if request.path == "/page":
            self.page_asked.set()
            request.connection.settimeout(2 * WAITS_S)
            if request.connection.recv(1) == b"":
                self.hung_up.set()
            request.close_connection = True
            return
        if request.path == "/late":
            self.late_asked.set()
            self.answer_late.wait(2 * WAITS_S)
        super().get(request)


@pytest.fixture
def paper() -> Iterator[SlowPaper]:
    with SlowPaper() as made:
        yield made
        made.answer_late.set()


def listening(world: World, *, renewed_every: timedelta = timedelta(hours=1)) -> Listening:
    return Listening(
        world.desk,
        allowed=ALLOWED,
        politeness=Politeness(spacing_s=0.0, parallel=8),
        pause_s=0.05,
        me=HERE,
        renewed_every=renewed_every,
    )


def another_takes_over(world: World) -> None:
    world.clock.pass_by(LASTS)
    assert listener.claim(world.desk, THERE, lives=lambda number: True) is not None


def articles(world: World) -> int:
    with world.desk.reading() as db:
        return len(records.find(db, StoredArticle))


def test_nothing_is_left_of_a_round_in_which_an_answer_finds_the_lease_lost(world: World, paper: SlowPaper) -> None:
    add_source(world.desk, f"{paper.base}/feed", options={"full_text": True})
    add_source(world.desk, f"{paper.base}/late")
    lease = listener.claim(world.desk, HERE, lives=lambda number: True)
    assert lease is not None
    mine = listening(replace(world, desk=listener.holding(world.desk, lease)))

    async def play() -> list[str]:
        async with open_session(allowed=ALLOWED) as session, Readers(0) as readers:
            asking = asyncio.create_task(mine.round(session, readers))
            for asked in (paper.page_asked, paper.late_asked):
                assert await asyncio.to_thread(asked.wait, WAITS_S)
            await asyncio.to_thread(another_takes_over, world)
            paper.answer_late.set()
            with pytest.raises(LeaseLost):
                await asking
            return [name for task in asyncio.all_tasks() if "Listening" in (name := repr(task.get_coro()))]

    assert asyncio.run(play()) == []
    assert articles(world) == 0


def test_a_renewal_that_finds_the_lease_lost_calls_off_what_is_being_asked(world: World, paper: SlowPaper) -> None:
    add_source(world.desk, f"{paper.base}/feed", options={"full_text": True})
    first = listening(world, renewed_every=timedelta(milliseconds=50))
    first.start()
    assert paper.page_asked.wait(WAITS_S)

    another_takes_over(world)

    assert paper.hung_up.wait(WAITS_S)
    first.stop()
    assert articles(world) == 0


def test_what_a_thread_writes_is_waited_for_by_whoever_is_called_off() -> None:
    begun, written = threading.Event(), threading.Event()

    def write() -> None:
        begun.set()
        time.sleep(0.2)
        written.set()

    async def play() -> None:
        task = asyncio.create_task(to_its_end(write))
        await asyncio.to_thread(begun.wait, WAITS_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert written.is_set()

    asyncio.run(play())
