"""One process listens; whoever waits takes over, and whoever has lost the lease writes nothing any more."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import Value
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from crisis.content.library import Library
from crisis.core.lease import FURTHEST, LASTS, Claimant, Lease
from crisis.core.log import LogEntry
from crisis.core.sources import StoredArticle, StoredMention, Story
from crisis.errors import LeaseLost
from crisis.flows import ingest, listener
from crisis.flows.desk import Desk
from crisis.flows.listener import LISTENING
from crisis.jobs import process
from crisis.jobs.listening import Listening
from crisis.store import leases, log, records
from crisis.store.db import Database, open_engine
from monitors.article import Article
from monitors.loopback import LoopbackFeeds, outlets_of
from monitors.poller import Politeness
from tests.flows.at_once import at_once
from tests.flows.test_ingest import FIRE, body, feed, opened
from tests.world import World, add_source, lay_out, open_desk

HERE, THERE = Claimant(host="here", number=11, place="p"), Claimant(host="there", number=12, place="q")
OLD = Claimant(host="here", number=10, place="p")
SECOND = timedelta(seconds=1)


def alive(number: int) -> bool:
    return True


def dead(number: int) -> bool:
    return False


def standing(desk: Desk) -> Lease:
    with desk.reading() as db:
        found = leases.read(db, LISTENING)
    assert found is not None
    return found


def claimed(desk: Desk, by: Claimant, *, lives: Callable[[int], bool] = alive) -> Lease:
    found = listener.claim(desk, by, lives=lives)
    assert found is not None
    return found


# Who holds it


def test_the_second_process_waits_while_the_first_renews(world: World) -> None:
    lease = claimed(world.desk, HERE)

    world.clock.pass_by(LASTS - SECOND)
    listener.renew(world.desk, lease)
    world.clock.pass_by(LASTS - SECOND)

    assert listener.claim(world.desk, THERE, lives=alive) is None
    assert standing(world.desk).holder == HERE


def test_a_lease_that_lapses_is_taken_over_and_the_first_holder_is_told(world: World) -> None:
    lease = claimed(world.desk, HERE)

    world.clock.pass_by(LASTS)

    assert claimed(world.desk, THERE).term == lease.term + 1
    with pytest.raises(LeaseLost):
        listener.renew(world.desk, lease)
    with pytest.raises(LeaseLost):
        listener.give_back(world.desk, lease)
    assert standing(world.desk).holder == THERE


def test_a_holder_that_slept_goes_on_when_nobody_has_taken_over(world: World) -> None:
    lease = claimed(world.desk, HERE)

    world.clock.pass_by(timedelta(hours=8))
    listener.renew(world.desk, lease)

    assert listener.claim(world.desk, THERE, lives=alive) is None


def test_a_lease_that_was_given_back_is_claimed_at_once(world: World) -> None:
    listener.give_back(world.desk, claimed(world.desk, HERE))

    assert claimed(world.desk, THERE).term == 2


def test_a_renewal_on_its_way_does_not_keep_what_is_given_back(world: World) -> None:
    on_its_way = threading.Event()

    def slow(desk: Desk, lease: Lease) -> None:
        on_its_way.set()
        time.sleep(0.3)
        listener.renew(desk, lease)

    first = Listening(world.desk, pause_s=0.01, me=HERE, renewed_every=timedelta(milliseconds=10), renew=slow)
    first.start()
    assert on_its_way.wait(30)

    first.stop()

    assert claimed(world.desk, THERE).term == 2


def test_a_holder_that_is_cut_off_in_the_middle_of_a_transaction_is_not_waited_for_long(
    world: World, address: str
) -> None:
    if world.desk.database.is_sqlite:
        pytest.skip("a file has no connection that could be cut off: who is killed holds no lock")
    lease = claimed(world.desk, HERE)
    engine = open_engine(address, pauses_at_most=timedelta(milliseconds=300))
    mine = listener.holding(replace(world.desk, database=Database(engine)), lease)
    taken = threading.Event()

    with pytest.raises(DBAPIError), mine.transaction() as db, ThreadPoolExecutor() as others:
        world.clock.pass_by(LASTS)
        # This process says nothing more; the other one gets the lease all the same.
        assert others.submit(claimed, world.desk, THERE).result(timeout=30).holder == THERE
        taken.set()
        leases.read(db, LISTENING)

    engine.dispose()
    assert taken.is_set()


def test_a_holder_of_this_place_that_is_dead_is_not_waited_for(world: World) -> None:
    claimed(world.desk, OLD)

    assert listener.claim(world.desk, THERE, lives=dead) is None
    assert listener.claim(world.desk, HERE, lives=alive) is None
    assert claimed(world.desk, HERE, lives=dead).term == 2


def test_a_holder_with_our_own_number_is_one_before_us(world: World) -> None:
    claimed(world.desk, HERE)

    assert claimed(world.desk, HERE).term == 2


def test_a_clock_that_was_wrong_keeps_nobody_waiting_for_ever(world: World) -> None:
    world.clock.pass_by(timedelta(days=4000))
    claimed(world.desk, HERE)
    world.clock.pass_by(-timedelta(days=4000) - FURTHEST)

    assert claimed(world.desk, THERE).term == 2


def test_of_two_that_claim_at_the_same_moment_one_listens(world: World) -> None:
    answers = at_once(
        lambda: listener.claim(world.desk, HERE, lives=alive), lambda: listener.claim(world.desk, THERE, lives=alive)
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Lease", "NoneType"]
    assert standing(world.desk).term == 1


def test_in_a_drill_the_newest_process_takes_it_because_only_it_reaches_the_feeds(world: World) -> None:
    lease = claimed(world.desk, HERE)

    assert listener.take(world.desk, THERE).term == lease.term + 1


# What the loser may write


def test_a_holder_that_has_lost_the_lease_writes_nothing_of_the_answer_in_its_hand(world: World) -> None:
    source = add_source(world.desk)
    mine = listener.holding(world.desk, claimed(world.desk, HERE))
    ear = opened(mine)
    world.clock.pass_by(LASTS)
    claimed(world.desk, THERE)
    with world.desk.reading() as db:
        before = log.head(db)

    with pytest.raises(LeaseLost):
        ingest.take_in(mine, ear, source.id, body(), feed(("a", "星炉灶具爆炸", FIRE)), jitter=0.5)
    with pytest.raises(LeaseLost):
        ingest.could_not(mine, source.id, "x")

    with world.desk.reading() as db:
        assert records.find(db, StoredArticle) == ()
        assert log.head(db) == before


def test_a_lease_that_lapsed_is_taken_over_only_after_the_answer_that_is_being_written(world: World) -> None:
    mine = listener.holding(world.desk, claimed(world.desk, HERE))
    world.clock.pass_by(LASTS)

    with ThreadPoolExecutor(1) as pool:
        with mine.transaction() as db:
            taking = pool.submit(claimed, world.desk, THERE)
            time.sleep(0.3)
            assert not taking.done()
            assert leases.read(db, LISTENING) == standing(world.desk)
        assert taking.result(timeout=30).holder == THERE


# Real processes


@dataclass
class Stand:
    """Processes that listen to one server of feeds over one database; `skew_s` moves the clock of all of them."""

    address: str
    home: Path
    content: Library
    place: str
    articles: list[Article] = field(default_factory=list)
    shown_until: datetime = datetime(2026, 5, 14, tzinfo=UTC)
    skew_s: Any = field(default_factory=lambda: Value("d", 0.0, lock=False))
    numbers: list[int] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.skew_s.value)

    def begin(self, feeds: LoopbackFeeds, desk: Desk) -> int:
        """One more process; the number of it."""
        desk.database.close()
        number = os.fork()
        if number == 0:
            try:
                own = open_desk(self.address, home=self.home, content=self.content, clock=self.now)
                me = process.this_one() if self.place == "seen" else Claimant(host="x", number=os.getpid())
                Listening(
                    own,
                    allowed=feeds.allowed(),
                    politeness=Politeness(spacing_s=0.0, parallel=4),
                    pause_s=0.05,
                    me=me,
                ).start()
                threading.Event().wait()
            finally:
                os._exit(1)
        self.numbers.append(number)
        return number

    def end(self, number: int) -> None:
        """Kill -9, and bury."""
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)
        self.numbers.remove(number)


@pytest.fixture
def stand(address: str, tmp_path: Path, content: Library, request: pytest.FixtureRequest) -> Iterator[Stand]:
    made = Stand(address=address, home=tmp_path, content=content, place=getattr(request, "param", "seen"))
    yield made
    for number in list(made.numbers):
        made.end(number)


def until(holds: Callable[[], bool], *, within_s: float = 60.0) -> None:
    ends = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def listening_is(desk: Desk, number: int) -> bool:
    with desk.reading() as db:
        found = leases.read(db, LISTENING)
    return found is not None and found.holder.number == number and found.term > 0


def count(desk: Desk) -> int:
    with desk.reading() as db:
        return len(records.find(db, StoredArticle))


@pytest.mark.slow
@pytest.mark.parametrize("stand", ["seen", "lapsed"], indirect=True)
def test_nothing_is_lost_or_doubled_when_the_listening_process_is_killed_and_another_takes_over(
    stand: Stand, make_desk: Callable[..., Desk], clock: Any
) -> None:
    begins = stand.shown_until
    articles = [
        Article(
            id=f"{outlet}-{number}",
            title=f"星炉灶具爆炸 第{number}报 {outlet}" if number % 2 else f"西湖今日天气晴 {outlet} {number}",
            body=FIRE if number % 2 else "气温回升，适合出游。",
            source=outlet,
            published=begins + timedelta(minutes=number),
            lang="zh",
        )
        for outlet in ("早报", "晚报", "快报")
        for number in range(1, 9)
    ]
    desk = lay_out(make_desk(), clock).desk
    with LoopbackFeeds(outlets_of(articles), clock=lambda: stand.shown_until) as feeds:
        for outlet in outlets_of(articles):
            add_source(desk, feeds.url(outlet.name), name=outlet.title, interval_s=1)
        listens = stand.begin(feeds, desk)
        for batch in range(1, 5):
            until(lambda: listening_is(desk, listens))  # noqa: B023
            waits = stand.begin(feeds, desk)
            before = count(desk)
            stand.shown_until = begins + timedelta(minutes=2 * batch, seconds=1)
            until(lambda: count(desk) > before)  # noqa: B023
            # Some of the three sources have been heard now, and others may be on their way.
            stand.end(listens)
            if stand.place == "lapsed":
                stand.skew_s.value += LASTS.total_seconds()
            listens = waits
        until(lambda: count(desk) == len(articles))
        until(lambda: listening_is(desk, listens))

    with desk.reading() as db:
        stored = records.find(db, StoredArticle)
        mentions = records.find(db, StoredMention)
        told = [item for item in records.find(db, LogEntry) if item.verb == "articles_taken_in"]
        stories = records.find(db, Story)
        assert log.check(db) == ()
    assert len({(item.source_id, item.key) for item in stored}) == len(stored) == len(articles)
    # What was heard was told in the same transaction: as many as are there, and each of ours named once.
    assert sum(int(item.args["new"]) for item in told) == len(articles)
    assert sum(int(item.args["mentions"]) for item in told) == len({item.article_id for item in mentions}) == 12
    assert len({item.title for item in stories}) == len(stories)
    assert standing(desk).term == 5


@pytest.mark.slow
@pytest.mark.parametrize("stand", ["lapsed"], indirect=True)
def test_a_process_that_slept_through_its_lease_wakes_as_one_that_waits(
    stand: Stand, make_desk: Callable[..., Desk], clock: Any
) -> None:
    articles = [
        Article(id=outlet, title=f"星炉灶具爆炸 {outlet}", body=FIRE, source=outlet, published=stand.shown_until)
        for outlet in ("早报", "晚报")
    ]
    stand.shown_until += SECOND
    desk = lay_out(make_desk(), clock).desk
    with LoopbackFeeds(outlets_of(articles), clock=lambda: stand.shown_until) as feeds:
        morning, evening = outlets_of(articles)
        add_source(desk, feeds.url(morning.name), name=morning.title)
        sleeper = stand.begin(feeds, desk)
        until(lambda: count(desk) == 1)
        # Stopped right after a renewal, when it writes nothing: what it had locked would stay locked.
        renewed = standing(desk).until_at
        until(lambda: standing(desk).until_at > renewed)
        time.sleep(0.2)
        os.kill(sleeper, signal.SIGSTOP)
        waits = stand.begin(feeds, desk)
        stand.skew_s.value += LASTS.total_seconds()
        add_source(desk, feeds.url(evening.name), name=evening.title)
        until(lambda: count(desk) == 2)
        assert listening_is(desk, waits)

        os.kill(sleeper, signal.SIGCONT)
        until(lambda: standing(desk).until_at > stand.now() + LASTS - SECOND)
        assert listening_is(desk, waits) and standing(desk).term == 2
        stand.end(waits)
        stand.skew_s.value += LASTS.total_seconds()
        until(lambda: listening_is(desk, sleeper))

    with desk.reading() as db:
        assert len(records.find(db, StoredArticle)) == 2
        assert log.check(db) == ()
    assert standing(desk).term == 3
