"""A feed: the entries that it listed at the last visit are remembered, and not read again."""

from __future__ import annotations

from crisis.jobs.forms.visit import Outcome, Visit
from monitors.feeds import NotAFeed
from monitors.fetch import Body

# Entries that are remembered; the longest of 209 recorded feeds lists 1,046. What lies beyond is read anew each time.
_MOST_REMEMBERED = 2_000


async def read(visit: Visit, body: Body) -> Outcome:
    """What is new since the last visit. It is remembered with the articles, so what was not taken in is read again."""
    before = frozenset(visit.kept.get("entries", ()))
    feed = await visit.readers.parse(body, known=before)
    if isinstance(feed, NotAFeed):
        return Outcome(feed=feed)
    listed = feed.listed[:_MOST_REMEMBERED]
    return Outcome(feed=feed, kept=None if before == set(listed) else {"entries": list(listed)})
