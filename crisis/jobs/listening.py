"""The listening thread: asks the sources whose time has come, and hands each answer to the desk as it arrives.

One process listens at a time, under a lease (`crisis.flows.listener`); the others wait here and one takes over. The
one that has lost the lease stops before it writes: its desk refuses each transaction.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
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
Value = TypeVar("Value")


def is_loopback(url: str) -> bool:
    """Whether an address is this very machine, written as a number."""
    return host_of(url) in ("127.0.0.1", "::1")


class Listening:
    """Polls until it is stopped, while it holds the lease. `allowed` is what may be reached beyond public addresses
    (the drill's own server); `processes` parse feeds beside this one, 0 parses here. `me` is this process."""

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
        self._back_at = -BACK_AT_MOST_EVERY_S
        # The ear hears one answer at a time, in the order in which they are written.
        self._taking = asyncio.Lock()
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
                    await to_its_end(lambda: listener.renew(self._unfenced, lease))
                except LeaseLost:
                    self._lost = True
                except Exception:
                    log.exception("listening.not_renewed")

    async def _hold(self) -> None:
        """Listen until it is stopped, or the lease is lost."""
        async with Readers(self._processes) as readers:
            while not self._over():
                try:
                    async with self._session() as session:
                        asked = await self.round(session, readers)
                except LeaseLost:
                    raise
                except Exception:
                    # A round that failed is asked again; the sources keep their due times.
                    log.exception("listening.failed")
                    self._ear = None
                    asked = 0
                if not asked:
                    await asyncio.sleep(self._pause_s)

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
        """Take in what was pushed, ask the hubs, and ask every source that is due; how many there were."""
        # In a thread of its own: telling a long memory again must not keep the lease from being renewed.
        self._ear = await asyncio.to_thread(self._listening_ear)
        if self._ear is None:
            return 0
        self.opened.set()
        with self._desk.reading() as db:
            now = self._desk.now(db)
            due = sources.due(db, now=now)
            if self._desk.drill:
                # A drill asks nobody outside: only the drill's own server, whatever somebody has added.
                due = tuple(item for item in due if is_loopback(item.url))
            kept = sources.kept(db, [item.id for item in due])
        pushed = await self._pushes(readers) + await self._hubs(session)
        if not due:
            return pushed
        ours = [item for item in due if item.form not in FETCHED]
        fetched = tuple(item for item in due if item.form in FETCHED)
        politeness = self._politeness if self._desk.drill else await self._with_robots(session, fetched)
        fetched = await self._whose_turn_it_is(fetched, politeness)
        turn = _Turn(
            session=session, readers=readers, politeness=politeness, kept=kept, sources={item.id: item for item in due}
        )
        # A mail server that does not answer keeps no feed waiting.
        looking = [asyncio.create_task(self._look(item, turn)) for item in ours]
        try:
            await self._ask(fetched, turn)
            await asyncio.gather(*looking)
        finally:
            await ended(*looking)
        return len(due)

    async def _whose_turn_it_is(self, due: tuple[Source, ...], politeness: Politeness) -> tuple[Source, ...]:
        """The sources that their hosts let us ask soon; the others are due when it is their turn."""
        places = [str(item.health.get("address") or item.url) for item in due]
        waits = turns(places, politeness, self._rests, time.monotonic())
        later = {
            item.id: timedelta(seconds=wait) for item, wait in zip(due, waits, strict=True) if wait > MOST_PATIENCE_S
        }
        if later:
            await to_its_end(partial(ingest.put_off, self._desk, later))
        return tuple(item for item in due if item.id not in later)

    def _listening_ear(self) -> Ear | None:
        """The ear with the watches of now; None before an organisation is set up."""
        self._looked_at = time.monotonic()
        with self._desk.reading() as db:
            ear = self._ear
            if ear is not None and not ears.is_current(ear, db):
                ear = ears.renewed(ear, db)
            return ear or ears.open_ear(self._desk, db)

    async def _ask(self, due: tuple[Source, ...], turn: _Turn) -> None:
        """Ask sources over the web and take in their answers as they come; full texts come after all others."""
        now = self._desk.now()
        after: dict[str, Mapping[str, Any]] = {}

        async def parse(name: str, body: Body) -> Feed | NotAFeed:
            source = turn.sources[int(name)]
            try:
                outcome = await forms.READ[source.form](self._visit(source, turn), body)
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

        requests = [_request(item, turn.kept.get(item.id, {}), now) for item in due]
        answers = read(
            requests,
            turn.session,
            readers=turn.readers,
            now=self._desk.now,
            politeness=turn.politeness,
            rests=self._rests,
            parse=parse,
        )
        told: list[Fetched] = []
        # Hosts that did not answer wait until the round is over: it may be our own network that is away.
        silent: list[tuple[str, Fetched]] = []
        filling: list[asyncio.Task[None]] = []
        try:
            async with aclosing(answers):
                async for key, fetched, feed in answers:
                    told.append(fetched)
                    if isinstance(fetched, Failed) and fetched.whole_host:
                        silent.append((key, fetched))
                        continue
                    if _wants_full_text(turn.sources[int(key)]) and isinstance(feed, Feed) and not self._over():
                        filling.append(asyncio.create_task(self._fill(key, fetched, feed, after.get(key), turn)))
                        continue
                    await self._take_in(key, fetched, feed, kept=after.get(key))
                    await self._back_from(turn.sources[int(key)], fetched)
                    if self._over():
                        break
            while filling and not self._over():
                await asyncio.wait(filling, timeout=0.5)
                filling = [task for task in filling if not task.done() or task.result()]
        finally:
            # The sources keep their due times, and are asked again.
            await ended(*filling)
        if our_own_outage(told):
            log.warning("network.away sources=%s", len(silent))
            await asyncio.to_thread(ingest.put_off, self._desk, {int(key): OUR_OUTAGE for key, _ in silent})
        else:
            for key, fetched in silent:
                await self._take_in(key, fetched, None)

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

    async def _fill(self, key: str, fetched: Fetched, feed: Feed, kept: Mapping[str, Any] | None, turn: _Turn) -> None:
        """Take in an answer whose new articles are read in full first."""

        def polled(requests: Sequence[FetchRequest], limits: Limits) -> AsyncGenerator[tuple[str, Fetched], None]:
            polite = replace(turn.politeness, delays_s={**turn.politeness.delays_s, **self._manners.delays_s()})
            return poll(requests, turn.session, now=self._desk.now, limits=limits, politeness=polite)

        async def readable(pages: Sequence[FetchRequest]) -> Sequence[FetchRequest]:
            return await self._manners.readable(pages, poll=lambda asked: polled(asked, Limits()), now=self._desk.now())

        async with turn.filling:
            new = await asyncio.to_thread(ingest.unknown, self._desk, int(key), feed.articles)
            full, pages, left = await fulltext.filled(new, poll=polled, readable=readable, readers=turn.readers)
        if left:
            told = Problem(code="left_out", detail=f"pages not read in full, as robots.txt asks: {left}")
            feed = replace(feed, problems=(*feed.problems, told))
        by_id = {article.id: article for article in full}
        articles = tuple(by_id.get(article.id, article) for article in feed.articles)
        await self._take_in(key, fetched, replace(feed, articles=articles), kept=kept, pages=pages)

    async def _look(self, source: Source, turn: _Turn) -> None:
        """Look into a source that lies with us, and take in what is new there part by part."""
        try:
            async with aclosing(forms.LOOK[source.form](self._visit(source, turn))) as parts:
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

    async def _pushes(self, readers: Readers) -> int:
        """Take in the documents that hubs have pushed; how many there were."""
        waiting = await asyncio.to_thread(hubs.waiting, self._desk) if hubs.may_subscribe(self._desk) else ()
        for push, source in waiting:
            body = Body(
                url=source.url, final_url=source.url, at=push.at, body=push.body, content_type=push.content_type
            )
            feed = await readers.parse(body)
            taken = await to_its_end(partial(self._pushed_in, push, feed))
            if taken is not None:
                self._heard(taken)
        return len(waiting)

    def _pushed_in(self, push: Push, feed: Feed | NotAFeed) -> TakenIn | None:
        assert self._ear is not None
        ear = self._ear
        taken = self._taken_in(push.source_id, lambda: ingest.take_pushed(self._desk, ear, push, feed))
        if taken is None:
            # It would fail again at every round; the next poll brings the same entries.
            hubs.forget(self._desk, push)
        return taken

    async def _hubs(self, session: Session) -> int:
        """Send the forms that are due to their hubs; how many there were."""
        asking = await asyncio.to_thread(hubs.due, self._desk)
        for item in asking:
            why = await post_form(item.hub, item.form, session)
            if why:
                log.info("hub.refused subscription=%s why=%s", item.subscription_id, why)
                await asyncio.to_thread(hubs.refused, self._desk, item.subscription_id, why)
        return len(asking)

    def _visit(self, source: Source, turn: _Turn) -> Visit:
        async def fetch(addresses: Sequence[str]) -> tuple[Body, ...]:
            requests = [FetchRequest(url=address) for address in addresses]
            polled = poll(requests, turn.session, now=self._desk.now, politeness=turn.politeness)
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
            if time.monotonic() - self._looked_at >= WATCHES_LOOKED_AT_S:
                self._ear = self._listening_ear()
            return ingest.take_in(
                self._desk, self._ear, int(key), fetched, feed, jitter=random.random(), kept=kept, pages=pages
            )

        async with self._taking:
            taken = await to_its_end(lambda: self._taken_in(int(key), act))
        if taken is not None:
            self._heard(taken)
        return taken

    async def _with_robots(self, session: Session, due: tuple[Source, ...]) -> Politeness:
        """Politeness with the pauses that hosts ask for in their robots.txt, read once a day per host."""
        # An address that names no host has no robots.txt; it fails by itself.
        by_host = {host: item.url for item in due if (host := host_of(item.url))}
        with self._desk.reading() as db:
            kept = {name: host_from(dict(record)) for name, record in sources.hosts(db, list(by_host)).items()}
            now = self._desk.now(db)
        wanted = [name for name in by_host if kept.get(name, HostHealth()).wants_robots(now)]
        asked = [FetchRequest(url=robots_url(by_host[name]), key=name) for name in wanted]
        async with aclosing(poll(asked, session, now=self._desk.now, politeness=self._politeness)) as answers:
            async for name, fetched in answers:
                robots = robots_after(fetched, agent=PRODUCT)
                await asyncio.to_thread(ingest.keep_robots, self._desk, name, robots)
                kept[name] = kept.get(name, HostHealth()).with_robots(robots, now)
        delays = {name: host.delay_s for name, host in kept.items() if host.delay_s}
        return replace(self._politeness, delays_s=delays)


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
    """What one round works with. `filling` bounds the sources whose full texts are read at the same time."""

    session: Session
    readers: Readers
    politeness: Politeness
    kept: Mapping[int, Mapping[str, Any]]
    sources: Mapping[int, Source]
    filling: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))


def _request(source: Source, kept: Mapping[str, Any], now: datetime) -> FetchRequest:
    request = health_from(dict(source.health)).request(source.url, now=now, key=str(source.id))
    whole = source.form is Form.SITEMAP and is_index(kept)
    return replace(request, etag="", last_modified="", body_hash="") if whole else request


def _wants_full_text(source: Source) -> bool:
    # Of a watched page the option means its main text, which was read already.
    return bool(source.options.get("full_text")) and source.form in (Form.FEED, Form.SITEMAP, Form.HOTLIST)
