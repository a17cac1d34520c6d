"""The listening thread: asks the sources whose time has come, and hands each answer to the desk as it arrives."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

from crisis.core.sources import Source
from crisis.flows import ear as ears
from crisis.flows import ingest
from crisis.flows.desk import Desk, house
from crisis.flows.ear import Ear
from crisis.flows.ingest import TakenIn
from crisis.store import sources
from monitors.feeds import Feed, NotAFeed
from monitors.fetch import (
    PRODUCT,
    Failed,
    Fetched,
    FetchRequest,
    Session,
    open_session,
    robots_after,
    robots_url,
)
from monitors.guard import NOTHING_ELSE, Allowed, allowed_of
from monitors.health import health_from
from monitors.hosts import HostHealth, host_from, our_own_outage
from monitors.poller import Politeness, host_of, poll
from monitors.reading import Readers, read

log = logging.getLogger(__name__)
OUR_OUTAGE = timedelta(minutes=2)


def is_loopback(url: str) -> bool:
    """Whether an address is this very machine, written as a number."""
    return host_of(url) in ("127.0.0.1", "::1")


class Listening:
    """Polls until it is stopped. `allowed` is what may be reached beyond public addresses (the drill's own server);
    `processes` parse feeds beside this one, 0 parses here."""

    def __init__(
        self,
        desk: Desk,
        *,
        allowed: Allowed | None = None,
        politeness: Politeness | None = None,
        processes: int = 0,
        pause_s: float = 1.0,
        heard: Callable[[TakenIn], None] = lambda taken: None,
    ) -> None:
        self._desk = desk
        self._allowed = allowed
        self._politeness = politeness or Politeness()
        self._processes = processes
        self._pause_s = pause_s
        self._heard = heard
        self._stop = threading.Event()
        self._ear: Ear | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen()), name="listening", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop after the answer at hand; the ear's memory is kept."""
        self._stop.set()
        self._thread.join(timeout=30)

    async def _listen(self) -> None:
        async with Readers(self._processes) as readers:
            while not self._stop.is_set():
                try:
                    async with self._session() as session:
                        asked = await self.round(session, readers)
                except Exception:
                    # A round that failed is asked again; the sources keep their due times.
                    log.exception("listening.failed")
                    self._ear = None
                    asked = 0
                if not asked:
                    await asyncio.sleep(self._pause_s)
        if self._ear is not None:
            with self._desk.transaction() as db:
                ears.save(self._ear, db, now=True)

    def _taken_in(self, source_id: int, fetched: Fetched, feed: Feed | NotAFeed | None) -> TakenIn | None:
        """What the answer brought. One that cannot be taken in harms its own source and none beside it."""
        try:
            return ingest.take_in(self._desk, self._ear, source_id, fetched, feed, jitter=random.random())
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
        """Ask every source that is due; how many there were."""
        with self._desk.reading() as db:
            if self._ear is not None and not ears.is_current(self._ear, db):
                self._ear = None
            if self._ear is None:
                self._ear = ears.open_ear(self._desk, db)
            if self._ear is None:
                return 0
            now = self._desk.now(db)
            due = sources.due(db, now=now)
            if self._desk.drill:
                # A drill asks nobody outside: only the drill's own server, whatever somebody has added.
                due = tuple(item for item in due if is_loopback(item.url))
        if not due:
            return 0
        politeness = self._politeness if self._desk.drill else await self._with_robots(session, due)
        requests = [health_from(dict(item.health)).request(item.url, now=now, key=str(item.id)) for item in due]
        answers = read(requests, session, readers=readers, now=self._desk.now, politeness=politeness)
        told: list[Fetched] = []
        # Hosts that did not answer wait until the round is over: it may be our own network that is away.
        silent: list[tuple[str, Fetched]] = []
        async with aclosing(answers):
            async for key, fetched, feed in answers:
                told.append(fetched)
                if isinstance(fetched, Failed) and fetched.whole_host:
                    silent.append((key, fetched))
                    continue
                await self._take_in(key, fetched, feed)
                if self._stop.is_set():
                    break
        if our_own_outage(told):
            log.warning("network.away sources=%s", len(silent))
            await asyncio.to_thread(ingest.put_off, self._desk, [int(key) for key, _ in silent], until=OUR_OUTAGE)
        else:
            for key, fetched in silent:
                await self._take_in(key, fetched, None)
        return len(due)

    async def _take_in(self, key: str, fetched: Fetched, feed: Feed | NotAFeed | None) -> None:
        taken = await asyncio.to_thread(self._taken_in, int(key), fetched, feed)
        if taken is not None:
            self._heard(taken)

    async def _with_robots(self, session: Session, due: tuple[Source, ...]) -> Politeness:
        """Politeness with the pauses that hosts ask for in their robots.txt, read once a day per host."""
        by_host = {host_of(item.url): item.url for item in due}
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
