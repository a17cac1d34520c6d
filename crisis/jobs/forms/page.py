"""A watched page: the words of the last visit are kept, and what is new among them becomes an article."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from crisis.jobs.forms.visit import Outcome, Visit
from monitors.fetch import Body
from monitors.sources import page
from monitors.sources.apart import feed_of, page_of
from monitors.sources.listing import Listing
from monitors.sources.page import Snapshot


async def read(visit: Visit, body: Body) -> Outcome:
    """What changed since the last visit; the first one only remembers. A page that broke off is not compared."""
    if not body.complete:
        return Outcome(feed=feed_of(Listing()))
    main = bool(visit.source.options.get("full_text"))
    job = partial(page_of, main=main)
    after = await visit.readers.run(job, body.body, body.final_url, body.content_type)
    before = snapshot_from(visit.kept)
    article = await asyncio.to_thread(
        page.change, before, after, url=body.final_url, source=visit.source.name, at=visit.at
    )
    listing = Listing(articles=(article,) if article else ())
    return Outcome(feed=feed_of(listing, title=after.title), kept=snapshot_record(after))


def snapshot_record(snapshot: Snapshot) -> dict[str, Any]:
    """A JSON-able record of a snapshot."""
    return asdict(snapshot)


def snapshot_from(record: Mapping[str, Any]) -> Snapshot | None:
    """The snapshot of such a record; None for a source that was never visited."""
    if "digest" not in record:
        return None
    return Snapshot(title=record["title"], lines=tuple(record["lines"]), digest=record["digest"])
