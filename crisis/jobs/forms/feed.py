"""A feed: the entries that it listed at the last visit are remembered, and not read again."""

from __future__ import annotations

from collections.abc import Mapping

from crisis.jobs.forms.visit import Outcome, Visit
from monitors.feeds import Known, NotAFeed
from monitors.fetch import Body

# Entries that are remembered; the longest of 209 recorded feeds lists 1,046. What lies beyond is read anew each time.
_MOST_REMEMBERED = 2_000


async def read(visit: Visit, body: Body) -> Outcome:
    """What is new since the last visit. It is remembered with the articles, so what was not taken in is read again."""
    entries = visit.kept.get("entries", ())
    # (What was kept before marks were is a list of ids.)
    before = Known(entries if isinstance(entries, Mapping) else dict.fromkeys(entries, ""), visit.kept.get("frame", ""))
    feed = await visit.readers.parse(body, known=before)
    if isinstance(feed, NotAFeed):
        return Outcome(feed=feed)
    after = feed.known_next(_MOST_REMEMBERED)
    same = before.marks.keys() == after.marks.keys() and before.frame == after.frame
    return Outcome(feed=feed, kept=None if same else {"entries": dict(after.marks), "frame": after.frame})
