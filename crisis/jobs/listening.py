"""The listening thread: asks the sources whose time has come, and hands each answer to the desk as it arrives.

Rounds overlap: each asks what is due and asked by no other, so a host that does not answer keeps nobody waiting but
its own sources. The ear hears one answer at a time.

One process listens at a time, under a lease (`crisis.flows.listener`); the others wait here and one takes over. The
one that has lost the lease stops before it writes: its desk refuses each transaction.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from crisis.core.lease import LOOKED_AT_EVERY, RENEWED_EVERY, Claimant, Lease
from crisis.core.sources import FETCHED, Form, Source
from crisis.core.subscription import Push
from crisis.errors import LeaseLost
from crisis.flows import ear as ears
from crisis.flows import hubs, ingest, listener
from crisis.flows.desk import Desk, house
from crisis.flows.ear import Ear
from crisis.flows.ingest import TakenIn
from crisis.jobs import forms, process
from crisis.jobs.forms import Visit, fulltext
from crisis.jobs.forms.sitemap import is_index
from crisis.jobs.manners import Manners
from crisis.store import sources
from monitors.feeds import Feed, NotAFeed, Problem
from monitors.fetch import (
    PRODUCT,
    Body,
    Failed,
    Fetched,
    FetchRequest,
    Limits,
    Session,
    open_session,
    post_form,
    robots_after,
    robots_url,
)
from monitors.guard import NOTHING_ELSE, Allowed, allowed_of
from monitors.health import health_from
from monitors.hosts import HostHealth, fell_away_together, host_from, our_own_outage
from monitors.poller import Politeness, host_of, poll, turns
from monitors.reading import Readers, read

log = logging.getLogger(__name__)
OUR_OUTAGE = timedelta(minutes=2)
# A round waits so long for the turn of a source: a host with 500 feeds, or one whose robots.txt asks for an hour
# between two of them, would keep all others waiting.
MOST_PATIENCE_S = 10.0
WATCHES_LOOKED_AT_S = 1.0
BACK_AT_MOST_EVERY_S = 60.0
# Sources that are being asked at the same time, whatever became due: what they remember and bring lies in memory.
MOST_AT_ONCE = 500
# An outage of our own is judged by the last answers of all rounds that came while a round lasted.
_TOLD_AT_MOST = 2_000
Value = TypeVar("Value")


def is_loopback(url: str) -> bool:
    """Whether an address is this very machine, written as a number."""
    return host_of(url) in ("127.0.0.1", "::1")


class Listening:
    """Polls until it is stopped, while it holds the lease. `allowed` is what may be reached beyond public addresses
    (the drill's own server); `processes` parse feeds beside this one, 0 parses here. `me` is this process; `renew` says
    that it still listens."""

    def __init__(
        self,
        desk: Desk,
        *,
        allowed: Allowed | None = None,
        politeness: Politeness | None = None,
        processes: int = 0,
        pause_s: float = 1.0,
        heard: Callable[[TakenIn], None] = lambda taken: None,
        me: Claimant | None = None,
        renewed_every: timedelta = RENEWED_EVERY,
        renew: Callable[[Desk, Lease], None] = listener.renew,
    ) -> None:
        self._unfenced = desk
        # With the lease it is the desk that refuses what is written after the lease is lost.
        self._desk = desk
        self._me = me or process.this_one()
        self._allowed = allowed
        self._politeness = politeness or Politeness()
        self._processes = processes
        self._pause_s = pause_s
        self._renewed_every = renewed_every
        self._renewed = renew
        self._heard = heard
        # Set when the ear with its watches is there, and when it will not come any more.
        self.opened = threading.Event()
        self._stop = threading.Event()
        self._lost = False
        self._ear: Ear | None = None
        self._looked_at = 0.0
        # Until when (monotonic seconds) each host is left alone, from one round to the next.
        self._rests: dict[str, float] = {}
        self._manners = Manners()
        # The sources that are being asked, each with its host ("": none): no other round asks it, or one of its host.
        self._asking: dict[int, str] = {}
        # What hosts answered lately (monotonic seconds, without the bodies), over all rounds.
        self._told: deque[tuple[float, Fetched]] = deque(maxlen=_TOLD_AT_MOST)
        # Sources whose full texts are read at the same time.
        self._filling = asyncio.Semaphore(4)
        self._back_at = -BACK_AT_MOST_EVERY_S
        # The ear hears one answer at a time, in the order in which they are written.
        self._taking = asyncio.Lock()
        self._pushing = asyncio.Lock()
        self._telling_hubs = asyncio.Lock()
        # A renewal that is on its way ends before the lease is given back: it would take it for another 20 s.
        self._renewing = asyncio.Lock()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen()), name="listening", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop after the answer at hand; the ear's memory is kept."""
        self._stop.set()
        self.opened.set()
        self._thread.join(timeout=30)

    async def _listen(self) -> None:
        first = self._unfenced.drill
        while not self._stop.is_set():
            lease = await asyncio.to_thread(self._claim, first)
            if lease is None:
                await asyncio.to_thread(self._stop.wait, LOOKED_AT_EVERY.total_seconds())
                continue
            first = False
            log.info("listening.begun term=%s", lease.term)
            self._desk, self._lost, self._ear = listener.holding(self._unfenced, lease), False, None
            try:
                await self._under(lease)
            except LeaseLost:
                log.warning("listening.lost term=%s", lease.term)
            except Exception:
                # This thread must outlive a database that is away for a moment.
                log.exception("listening.failed")

    async def _under(self, lease: Lease) -> None:
        """Listen until it is stopped. Raises LeaseLost; when it returns or raises nothing that was begun goes on."""
        holding = asyncio.create_task(self._hold())
        renewing = asyncio.create_task(self._renew(lease))
        try:
            await asyncio.wait((holding, renewing), return_when=asyncio.FIRST_COMPLETED)
            if self._lost:
                raise LeaseLost(lease=lease.name, term=lease.term)
            await holding
            async with self._renewing:
                self._end(lease)
        finally:
            await ended(holding, renewing)

    def _claim(self, first: bool) -> Lease | None:
        try:
            if first:
                return listener.take(self._unfenced, self._me)
            return listener.claim(self._unfenced, self._me, lives=process.lives)
        except Exception:
            # The database is away for a moment: it is asked again.
            log.exception("listening.not_claimed")
            return None

    async def _renew(self, lease: Lease) -> None:
        while not self._over():
            await asyncio.sleep(self._renewed_every.total_seconds())
            async with self._renewing:
                if self._over():
                    return
                try:
                    await to_its_end(lambda: self._renewed(self._unfenced, lease))
                except LeaseLost:
                    self._lost = True
                except Exception:
                    log.exception("listening.not_renewed")

    async def _hold(self) -> None:
        """Listen until it is stopped, or the lease is lost."""
        rounds: set[asyncio.Task[int]] = set()
        async with Readers(self._processes) as readers:
            try:
                while not self._over():
                    rounds.add(asyncio.create_task(self._round_of_its_own(readers)))
                    # Whatever has not answered by then is waited for beside what becomes due.
                    done, rounds = await asyncio.wait(
                        rounds, timeout=self._pause_s, return_when=asyncio.FIRST_COMPLETED
                    )
                    if done and not sum([task.result() for task in done]):
                        await asyncio.sleep(self._pause_s)
            finally:
                await ended(*rounds)

    async def _round_of_its_own(self, readers: Readers) -> int:
        try:
            async with self._session() as session:
                return await self.round(session, readers)
        except LeaseLost:
            raise
        except Exception:
            # A round that failed is asked again; the sources keep their due times.
            log.exception("listening.failed")
            self._ear = None
            return 0

    def _end(self, lease: Lease) -> None:
        if self._ear is not None:
            with self._desk.transaction() as db:
                ears.save(self._ear, db, now=True)
        listener.give_back(self._unfenced, lease)

    def _over(self) -> bool:
        return self._stop.is_set() or self._lost

    def _taken_in(self, source_id: int, act: Callable[[], TakenIn]) -> TakenIn | None:
        """What an answer brought. One that cannot be taken in harms its own source and none beside it."""
        try:
            return act()
        except LeaseLost:
            self._lost = True
            raise
        except Exception as error:
            log.exception("listening.not_taken_in source=%s", source_id)
            # The ear has heard what was not written: it remembers again from what is written.
            with self._desk.reading() as db:
                self._ear = ears.open_ear(self._desk, db)
            ingest.could_not(self._desk, source_id, type(error).__name__)
            return None

    def _session(self) -> Session:
        allowed = self._allowed
        if allowed is None:
            with self._desk.reading() as db:
                home = house(db)
            # In a drill nothing beyond the drill's own server is asked.
            allowed = allowed_of(networks=home.allow) if home and home.allow else NOTHING_ELSE
        return open_session(allowed=allowed)

    async def round(self, session: Session, readers: Readers) -> int:
        """Take in what was pushed, ask the hubs, and ask every source that is due and asked by no other round; how many
        there were."""
        async with self._taking:
            # In a thread of its own: telling a long memory again must not keep the lease from being renewed.
            self._ear = await asyncio.to_thread(self._listening_ear)
        if self._ear is None:
            return 0
        self.opened.set()
        turn, crowding = self._claimed(session, readers)
        claimed = tuple(turn.sources)
        # A mail server that does not answer keeps no feed waiting, nor does a hub.
        beside = [asyncio.create_task(self._look(item, turn)) for item in turn.of(lambda form: form not in FETCHED)]
        hubs_asked = asyncio.create_task(self._hubs(session))
        try:
            if crowding:
                await to_its_end(partial(ingest.put_off, self._desk, crowding))
            pushed = await self._pushes(readers)
            await self._ask_all(turn)
            await asyncio.gather(*beside)
            return len(claimed) + pushed + await hubs_asked
        finally:
            await ended(*beside, hubs_asked)
            for source_id in claimed:
                self._release(source_id, turn)

    def _claimed(self, session: Session, readers: Readers) -> tuple[_Turn, dict[int, timedelta]]:
        """What is due and asked by no round, claimed for one; and what stands in the way of others because its host is
        being asked, with how long to put it off. Nothing is awaited here: no two can claim the same."""
        with self._desk.reading() as db:
            now = self._desk.now(db)
            due = sources.due(db, now=now, limit=MOST_AT_ONCE, besides=self._asking)
            if self._desk.drill:
                # A drill asks nobody outside: only the drill's own server, whatever somebody has added.
                due = tuple(item for item in due if is_loopback(item.url))
            busy = set(self._asking.values()) - {""}
            free = [item for item in due if item.form not in FETCHED or host_of(_place(item)) not in busy]
            free = free[: max(MOST_AT_ONCE - len(self._asking), 0)]
            kept = sources.kept(db, [item.id for item in free])
        self._asking |= {item.id: host_of(_place(item)) if item.form in FETCHED else "" for item in free}
        claimed = {item.id: item for item in free}
        crowding: dict[int, timedelta] = {}
        if len(due) == MOST_AT_ONCE:
            patience = timedelta(seconds=MOST_PATIENCE_S)
            crowding = {item.id: patience for item in due if host_of(_place(item)) in busy}
        return _Turn(session=session, readers=readers, kept=kept, sources=claimed), crowding

    def _release(self, source_id: int, turn: _Turn) -> None:
        """Another round may ask the source, and nothing of it lies in memory while this one waits for slower ones."""
        if turn.sources.pop(source_id, None) is not None:
            turn.kept.pop(source_id, None)
            self._asking.pop(source_id, None)

    async def _ask_all(self, turn: _Turn) -> None:
        """Ask the sources of a round that lie on the web: each as soon as it is known what its host asks for."""
        began = time.monotonic()
        asking: list[asyncio.Task[None]] = []
        try:
            async with aclosing(self._with_robots(turn)) as known:
                async for sources_of, delays in known:
                    # The first are most of the round, the others come host by host.
                    asking.append(asyncio.create_task(self._ask(sources_of, delays, turn)))
            await asyncio.gather(*asking)
            await self._settle(turn, began)
            await self._filled(turn)
        finally:
            # The sources keep their due times, and are asked again.
            await ended(*asking, *turn.filling)

    async def _whose_turn_it_is(self, due: Sequence[Source], politeness: Politeness, turn: _Turn) -> list[Source]:
        """The sources that their hosts let us ask soon; the others are due when it is their turn."""
        waits = turns([_place(item) for item in due], politeness, self._rests, time.monotonic())
        later = {
            item.id: timedelta(seconds=wait) for item, wait in zip(due, waits, strict=True) if wait > MOST_PATIENCE_S
        }
        if later:
            await to_its_end(partial(ingest.put_off, self._desk, later))
            for source_id in later:
                self._release(source_id, turn)
        return [item for item in due if item.id not in later]

    def _listening_ear(self) -> Ear | None:
        """The ear with the watches of now; None before an organisation is set up."""
        self._looked_at = time.monotonic()
        with self._desk.reading() as db:
            ear = self._ear
            if ear is not None and not ears.is_current(ear, db):
                ear = ears.renewed(ear, db)
            return ear or ears.open_ear(self._desk, db)

    async def _ask(self, ids: Sequence[int], delays_s: Mapping[str, float], turn: _Turn) -> None:
        """Ask sources over the web and take in their answers as they come."""
        politeness = replace(self._politeness, delays_s=delays_s)
        due = await self._whose_turn_it_is([turn.sources[source_id] for source_id in ids], politeness, turn)
        after: dict[str, Mapping[str, Any]] = {}

        async def parse(name: str, body: Body) -> Feed | NotAFeed:
            source = turn.sources[int(name)]
            try:
                outcome = await forms.READ[source.form](self._visit(source, turn, politeness), body)
            except NotAFeed as why:
                return why
            except Exception:
                # A document that nobody thought of harms its own source and none beside it: a round that ended here
                # would be asked again, with the same document, for ever.
                log.exception("listening.not_read source=%s", source.id)
                return NotAFeed("reader_died", "the parser did not survive it")
            if outcome.kept is not None:
                after[name] = outcome.kept
            return outcome.feed

        now = self._desk.now()
        requests = iter([_request(item, turn.kept.get(item.id, {}), now) for item in due])
        del due
        answers = read(
            requests,
            turn.session,
            readers=turn.readers,
            now=self._desk.now,
            politeness=politeness,
            rests=self._rests,
            parse=parse,
        )
        async with aclosing(answers):
            async for key, fetched, feed in answers:
                told = replace(fetched, body=b"") if isinstance(fetched, Body) else fetched
                self._told.append((time.monotonic(), told))
                if isinstance(fetched, Failed) and fetched.whole_host:
                    turn.silent.append((key, fetched))
                    continue
                kept = after.pop(key, None)
                source = turn.sources[int(key)]
                if _wants_full_text(source) and isinstance(feed, Feed) and not self._over():
                    filling = self._fill(key, fetched, feed, kept, turn, politeness)
                    turn.filling.append(asyncio.create_task(filling))
                    continue
                await self._take_in(key, fetched, feed, kept=kept)
                self._release(source.id, turn)
                await self._back_from(source, fetched)
                if self._over():
                    break

    async def _settle(self, turn: _Turn, began: float) -> None:
        """Hosts that did not answer waited until the round was over: it may have been our own network that was away."""
        if not turn.silent:
            return
        if our_own_outage([fetched for at, fetched in self._told if at >= began]):
            log.warning("network.away sources=%s", len(turn.silent))
            await to_its_end(partial(ingest.put_off, self._desk, {int(key): OUR_OUTAGE for key, _ in turn.silent}))
        else:
            for key, fetched in turn.silent:
                await self._take_in(key, fetched, None)
        for key, _ in turn.silent:
            self._release(int(key), turn)

    async def _filled(self, turn: _Turn) -> None:
        """Wait for full texts, which come after all others."""
        while turn.filling and not self._over():
            await asyncio.wait(turn.filling, timeout=0.5)
            turn.filling[:] = [task for task in turn.filling if not task.done() or task.result()]

    async def _back_from(self, source: Source, fetched: Fetched) -> None:
        """When a source is heard again that could not be reached, ask those that fell away with it: it was our own
        network, and after a night without it each would wait for hours."""
        before = health_from(dict(source.health))
        if isinstance(fetched, Failed) or not fell_away_together(before, before):
            return
        if time.monotonic() - self._back_at < BACK_AT_MOST_EVERY_S:
            return
        self._back_at = time.monotonic()
        asked = await to_its_end(partial(ingest.ask_who_fell_away_with, self._desk, before))
        log.info("network.back sources=%s", asked)

    async def _fill(
        self,
        key: str,
        fetched: Fetched,
        feed: Feed,
        kept: Mapping[str, Any] | None,
        turn: _Turn,
        politeness: Politeness,
    ) -> None:
        """Take in an answer whose new articles are read in full first."""

        def polled(requests: Sequence[FetchRequest], limits: Limits) -> AsyncGenerator[tuple[str, Fetched], None]:
            polite = replace(politeness, delays_s={**politeness.delays_s, **self._manners.delays_s()})
            return poll(requests, turn.session, now=self._desk.now, limits=limits, politeness=polite)

        async def readable(pages: Sequence[FetchRequest]) -> Sequence[FetchRequest]:
            return await self._manners.readable(pages, poll=lambda asked: polled(asked, Limits()), now=self._desk.now())

        async with self._filling:
            new = await asyncio.to_thread(ingest.unknown, self._desk, int(key), feed.articles)
            full, pages, left = await fulltext.filled(new, poll=polled, readable=readable, readers=turn.readers)
        if left:
            told = Problem(code="left_out", detail=f"pages not read in full, as robots.txt asks: {left}")
            feed = replace(feed, problems=(*feed.problems, told))
        by_id = {article.id: article for article in full}
        articles = tuple(by_id.get(article.id, article) for article in feed.articles)
        await self._take_in(key, fetched, replace(feed, articles=articles), kept=kept, pages=pages)
        self._release(int(key), turn)

    async def _look(self, source: Source, turn: _Turn) -> None:
        """Look into a source that lies with us, and take in what is new there part by part."""
        try:
            async with aclosing(forms.LOOK[source.form](self._visit(source, turn, self._politeness))) as parts:
                async for part in parts:
                    taken = await self._take_in(str(source.id), part.fetched, part.feed, kept=part.kept)
                    if taken is None or self._over():
                        break
        except LeaseLost:
            raise
        except Exception as error:
            # A file or a mail that nobody thought of harms its own source and none beside it.
            log.exception("listening.not_read source=%s", source.id)
            await to_its_end(partial(ingest.could_not, self._desk, source.id, type(error).__name__))
        self._release(source.id, turn)

    async def _pushes(self, readers: Readers) -> int:
        """Take in the documents that hubs have pushed; how many there were."""
        async with self._pushing:
            return await self._taken_pushes(readers)

    async def _taken_pushes(self, readers: Readers) -> int:
        waiting = await asyncio.to_thread(hubs.waiting, self._desk) if hubs.may_subscribe(self._desk) else ()
        for push, source in waiting:
            body = Body(
                url=source.url, final_url=source.url, at=push.at, body=push.body, content_type=push.content_type
            )
            feed = await readers.parse(body)
            async with self._taking:
                taken = await to_its_end(partial(self._pushed_in, push, feed))
            if taken is not None:
                self._heard(taken)
        return len(waiting)

    def _pushed_in(self, push: Push, feed: Feed | NotAFeed) -> TakenIn | None:
        ear = self._ear = self._ear or self._listening_ear()
        if ear is None:
            return None
        taken = self._taken_in(push.source_id, lambda: ingest.take_pushed(self._desk, ear, push, feed))
        if taken is None:
            # It would fail again at every round; the next poll brings the same entries.
            hubs.forget(self._desk, push)
        return taken

    async def _hubs(self, session: Session) -> int:
        """Send the forms that are due to their hubs; how many there were. One round at a time does."""
        if self._telling_hubs.locked():
            return 0
        async with self._telling_hubs:
            return await self._tell_hubs(session)

    async def _tell_hubs(self, session: Session) -> int:
        asking = await to_its_end(partial(hubs.due, self._desk))
        for item in asking:
            why = await post_form(item.hub, item.form, session)
            if why:
                log.info("hub.refused subscription=%s why=%s", item.subscription_id, why)
                await to_its_end(partial(hubs.refused, self._desk, item.subscription_id, why))
        return len(asking)

    def _visit(self, source: Source, turn: _Turn, politeness: Politeness) -> Visit:
        async def fetch(addresses: Sequence[str]) -> tuple[Body, ...]:
            requests = [FetchRequest(url=address) for address in addresses]
            polled = poll(requests, turn.session, now=self._desk.now, politeness=politeness)
            async with aclosing(polled) as answers:
                return tuple([item async for _, item in answers if isinstance(item, Body)])

        return Visit(
            source=source,
            kept=turn.kept.get(source.id, {}),
            at=self._desk.now(),
            settings=self._desk.settings,
            readers=turn.readers,
            fetch=fetch,
        )

    async def _take_in(
        self,
        key: str,
        fetched: Fetched,
        feed: Feed | NotAFeed | None,
        *,
        kept: Mapping[str, Any] | None = None,
        pages: Mapping[str, Body] | None = None,
    ) -> TakenIn | None:
        def act() -> TakenIn:
            # A round over many sources lasts: a watch that is saved meanwhile counts from the next answers on.
            if self._ear is None or time.monotonic() - self._looked_at >= WATCHES_LOOKED_AT_S:
                self._ear = self._listening_ear()
            return ingest.take_in(
                self._desk, self._ear, int(key), fetched, feed, jitter=random.random(), kept=kept, pages=pages
            )

        async with self._taking:
            taken = await to_its_end(lambda: self._taken_in(int(key), act))
        if taken is not None:
            self._heard(taken)
        return taken

    async def _with_robots(self, turn: _Turn) -> AsyncGenerator[tuple[tuple[int, ...], Mapping[str, float]], None]:
        """The sources of a round on the web (by id) that can be asked, with the pauses that their hosts want.

        First all whose hosts are known; then host by host, as each has shown its robots.txt, which is read once a day.
        """
        # An address that names no host has no robots.txt; it fails by itself.
        by_host: dict[str, list[Source]] = {}
        for item in turn.of(lambda form: form in FETCHED):
            by_host.setdefault(host_of(item.url), []).append(item)
        kept: dict[str, HostHealth] = {}
        wanted: list[str] = []
        if not self._desk.drill:
            with self._desk.reading() as db:
                kept = {name: host_from(dict(record)) for name, record in sources.hosts(db, list(by_host)).items()}
                now = self._desk.now(db)
            wanted = [name for name in by_host if name and kept.get(name, HostHealth()).wants_robots(now)]
        places = {name: by_host.pop(name) for name in wanted}
        delays = {name: host.delay_s for name, host in kept.items() if host.delay_s}
        delays = {**self._politeness.delays_s, **delays}
        known = tuple(item.id for items in by_host.values() for item in items)
        asked = [FetchRequest(url=robots_url(places[name][0].url), key=name) for name in wanted]
        ids = {name: tuple(item.id for item in items) for name, items in places.items()}
        del by_host, places
        if known:
            yield known, delays
        async with aclosing(poll(asked, turn.session, now=self._desk.now, politeness=self._politeness)) as answers:
            async for name, fetched in answers:
                robots = robots_after(fetched, agent=PRODUCT)
                await to_its_end(partial(ingest.keep_robots, self._desk, name, robots))
                delay_s = kept.get(name, HostHealth()).with_robots(robots, now).delay_s
                yield ids[name], {**self._politeness.delays_s, **({name: delay_s} if delay_s else {})}


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Call off what has not ended, and wait until all have: what they raise was raised before, or is of no use now."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def to_its_end(act: Callable[[], Value]) -> Value:
    """What a thread answers that writes. A thread cannot be called off: whoever is cancelled meanwhile ends with it."""
    running = asyncio.ensure_future(asyncio.to_thread(act))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.gather(running, return_exceptions=True)
        raise


@dataclass(frozen=True, kw_only=True)
class _Turn:
    """What one round works with: the sources that it has not answered for yet, what they remember, the hosts that did
    not answer, and the full texts that are being read."""

    session: Session
    readers: Readers
    kept: dict[int, Mapping[str, Any]]
    sources: dict[int, Source]
    silent: list[tuple[str, Fetched]] = field(default_factory=list)
    filling: list[asyncio.Task[None]] = field(default_factory=list)

    def of(self, wanted: Callable[[Form], bool]) -> list[Source]:
        """The sources whose form is wanted."""
        return [item for item in self.sources.values() if wanted(item.form)]


def _place(source: Source) -> str:
    """Where the source is asked: it may have moved."""
    return str(source.health.get("address") or source.url)


def _request(source: Source, kept: Mapping[str, Any], now: datetime) -> FetchRequest:
    request = health_from(dict(source.health)).request(source.url, now=now, key=str(source.id))
    whole = source.form is Form.SITEMAP and is_index(kept)
    return replace(request, etag="", last_modified="", body_hash="") if whole else request


def _wants_full_text(source: Source) -> bool:
    # Of a watched page the option means its main text, which was read already.
    return bool(source.options.get("full_text")) and source.form in (Form.FEED, Form.SITEMAP, Form.HOTLIST)
