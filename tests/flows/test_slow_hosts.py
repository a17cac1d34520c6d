"""A host that does not answer keeps its own sources waiting and no others: rounds of the listening process overlap."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from crisis.core.lease import Claimant
from crisis.core.sources import Source, StoredArticle
from crisis.jobs.listening import MOST_AT_ONCE, Listening
from crisis.store import log, records, schema
from monitors.guard import allowed_of
from monitors.poller import Politeness
from tests.shelf import Request, Shelf
from tests.world import BEGIN, World, add_source

WAITS_S = 60.0
FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>晚报</title><link>{base}/</link>
{items}</channel></rss>"""
ITEM = "<item><title>召回公告 {number}</title><link>{base}/{number}</link><guid>{number}</guid></item>"


class Papers(Shelf):
    """`/quick` is answered at once, with an entry more each time; `/late` and `/robots.txt` of a host that `is_late`
    when they are told to. Two hosts: the slow one has a name, the others the number of this machine."""

    def __init__(self) -> None:
        super().__init__()
        self.slow_base = self.base.replace("127.0.0.1", "localhost")
        self.late_asked, self.answer_late = threading.Event(), threading.Event()
        self.robots_late = False
        self.under_way = self.most_under_way = 0
        self._counting = threading.Lock()

    def get(self, request: Request) -> None:
        slow = request.headers["Host"].startswith("localhost")
        if slow and (request.path != "/robots.txt" or self.robots_late):
            with self._counting:
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
            self.late_asked.set()
            self.answer_late.wait(4 * WAITS_S)
            with self._counting:
                self.under_way -= 1
        if request.path != "/robots.txt":
            number = self.asked.count(request.path)
            items = "".join(ITEM.format(base=self.base, number=n) for n in range(1, number + 1))
            self.put(request.path, FEED.format(base=self.base, items=items), kind="application/rss+xml")
        super().get(request)


@pytest.fixture
def papers() -> Iterator[Papers]:
    with Papers() as made:
        yield made
        made.answer_late.set()


@pytest.fixture
def begun(world: World, request: pytest.FixtureRequest) -> Iterator[Listening]:
    listening = Listening(
        world.desk,
        allowed=allowed_of(networks=("127.0.0.1", "::1")),
        politeness=Politeness(spacing_s=getattr(request, "param", 0.0), parallel=2),
        pause_s=0.02,
        me=Claimant(host="here", number=11, place="p"),
    )
    yield listening
    listening.stop()


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + WAITS_S
    while not holds():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def articles_of(world: World, source: Source) -> list[str]:
    with world.desk.reading() as db:
        return [item.key for item in records.find(db, StoredArticle, source_id=source.id)]


def due_again(world: World, source: Source) -> None:
    with world.desk.transaction() as db:
        db.execute(schema.source.update().where(schema.source.c.id == source.id).values(due_at=BEGIN))


def test_a_source_is_asked_again_while_another_host_has_not_answered_yet(
    world: World, papers: Papers, begun: Listening
) -> None:
    late = add_source(world.desk, f"{papers.slow_base}/late")
    quick = add_source(world.desk, f"{papers.base}/quick")
    begun.start()
    assert papers.late_asked.wait(WAITS_S)

    for number in (1, 2, 3):
        until(lambda: len(articles_of(world, quick)) == number)  # noqa: B023
        due_again(world, quick)
    assert articles_of(world, late) == []

    papers.answer_late.set()
    until(lambda: len(articles_of(world, late)) == 1)
    assert papers.asked.count("/late") == 1
    with world.desk.reading() as db:
        stored = records.find(db, StoredArticle)
        assert len({(item.source_id, item.key) for item in stored}) == len(stored)
        assert log.check(db) == ()


def test_a_host_that_is_slow_to_show_its_robots_txt_keeps_no_other_waiting(
    world: World, papers: Papers, begun: Listening
) -> None:
    papers.robots_late = True
    late = add_source(world.desk, f"{papers.slow_base}/late")
    quick = add_source(world.desk, f"{papers.base}/quick")
    begun.start()

    until(lambda: len(articles_of(world, quick)) == 1)
    assert papers.late_asked.is_set() and papers.asked.count("/late") == 0
    papers.answer_late.set()
    until(lambda: len(articles_of(world, late)) == 1)


def test_a_host_is_not_asked_more_at_once_because_rounds_overlap(
    world: World, papers: Papers, begun: Listening
) -> None:
    for number in range(5):
        add_source(world.desk, f"{papers.slow_base}/late/{number}")
    begun.start()
    assert papers.late_asked.wait(WAITS_S)
    for number in range(5, 10):
        add_source(world.desk, f"{papers.slow_base}/late/{number}")
    quick = add_source(world.desk, f"{papers.base}/quick")
    until(lambda: len(articles_of(world, quick)) == 1)

    assert papers.most_under_way == 2
    papers.answer_late.set()
    until(lambda: sum(path.startswith("/late/") for path in papers.asked) == 10)
    assert papers.most_under_way == 2


@pytest.mark.parametrize("begun", [1.0], indirect=True)
def test_more_sources_of_a_slow_host_than_fit_into_a_round_keep_no_other_waiting(
    world: World, papers: Papers, begun: Listening
) -> None:
    with world.desk.transaction() as db:
        records.add_all(
            db,
            [
                Source(
                    url=f"{papers.slow_base}/late/{n}",
                    name=f"{n}",
                    kind="newspaper",
                    lang="zh",
                    health={},
                    due_at=BEGIN,
                    added_at=BEGIN,
                )
                for n in range(2 * MOST_AT_ONCE + 50)
            ],
        )
    quick = add_source(world.desk, f"{papers.base}/quick")
    with world.desk.transaction() as db:
        later = BEGIN + timedelta(milliseconds=1)
        db.execute(schema.source.update().where(schema.source.c.id == quick.id).values(due_at=later))
    world.clock.pass_by(timedelta(seconds=1))
    begun.start()
    until(lambda: len(articles_of(world, quick)) == 1)
