"""One visit to a source: what it is given, and what it gives."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crisis.core.sources import Source
from crisis.settings import Settings
from monitors.feeds import Feed, NotAFeed
from monitors.fetch import Body, Fetched
from monitors.reading import Readers


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A source at a moment. `kept` is what it remembers of the last visit; `fetch` gets further documents, politely,
    and gives back those that came."""

    source: Source
    kept: Mapping[str, Any]
    at: datetime
    settings: Settings
    readers: Readers
    fetch: Callable[[Sequence[str]], Awaitable[tuple[Body, ...]]]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is in a document that was fetched. `kept` is what to remember; None: what was remembered before."""

    feed: Feed | NotAFeed
    kept: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found where nothing is fetched, in the shape of an answer, to be taken in before the next one."""

    fetched: Fetched
    feed: Feed | NotAFeed | None = None
    kept: Mapping[str, Any] | None = None


Read = Callable[[Visit, Body], Awaitable[Outcome]]
Look = Callable[[Visit], AsyncGenerator[Found, None]]
