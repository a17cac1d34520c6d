"""Which pages may be read in full: what robots.txt says of them, read from each host once a day.

A feed is published to be polled; the pages that it leads to were offered to people.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

from monitors.fetch import PRODUCT, Fetched, FetchRequest, Robots, robots_after, robots_url
from monitors.poller import host_of

log = logging.getLogger(__name__)
_KEPT_FOR = timedelta(days=1)
# A robots.txt may hold a thousand rules; of more hosts than so many the oldest are asked again.
_MOST_HOSTS = 200

Poll = Callable[[Sequence[FetchRequest]], AsyncGenerator[tuple[str, Fetched], None]]


class Manners:
    """What hosts ask of those who read their pages, as long as this process lives."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[datetime, Robots]] = {}
        # Several sources lead to the same host: it is asked once.
        self._asking = asyncio.Lock()

    async def readable(self, pages: Sequence[FetchRequest], *, poll: Poll, now: datetime) -> tuple[FetchRequest, ...]:
        """The pages that their hosts let us read. A host whose robots.txt cannot be read lets us read all."""
        by_host = {host: page.url for page in pages if (host := host_of(page.url))}
        async with self._asking:
            await self._ask({host: url for host, url in by_host.items() if self._is_due(host, now)}, poll, now)
            found = tuple(page for page in pages if self._of(host_of(page.url)).may(page.url))
        if len(found) < len(pages):
            log.info("page.not_allowed pages=%s", len(pages) - len(found))
        return found

    def delays_s(self) -> dict[str, float]:
        """The pauses that these hosts ask for."""
        return {host: robots.delay_s for host, (_, robots) in self._known.items() if robots.delay_s}

    def _of(self, host: str) -> Robots:
        return self._known[host][1] if host in self._known else Robots()

    def _is_due(self, host: str, now: datetime) -> bool:
        return host not in self._known or not timedelta(0) <= now - self._known[host][0] < _KEPT_FOR

    async def _ask(self, by_host: dict[str, str], poll: Poll, now: datetime) -> None:
        asked = [FetchRequest(url=robots_url(url), key=host) for host, url in by_host.items()]
        async with aclosing(poll(asked)) as answers:
            async for host, fetched in answers:
                robots = robots_after(fetched, agent=PRODUCT) or self._of(host)
                self._known.pop(host, None)
                self._known[host] = (now, robots)
        while len(self._known) > _MOST_HOSTS:
            del self._known[next(iter(self._known))]
