"""Hot lists and boards in JSON. Their shape is an option of the source; without one it is found."""

from __future__ import annotations

from dataclasses import fields
from functools import partial

from crisis.jobs.forms.visit import Outcome, Visit
from monitors.dates import zone_of_language
from monitors.fetch import Body
from monitors.sources import hotlist
from monitors.sources.apart import feed_of, listing_or_why, not_a_feed
from monitors.sources.hotlist import Shape

SHAPE = tuple(field.name for field in fields(Shape))


async def read(visit: Visit, body: Body) -> Outcome:
    """The items of a board; one without a date of its own was public at this visit."""
    source = visit.source
    shape = Shape(**{name: str(source.options[name]) for name in SHAPE if source.options.get(name)})
    job = partial(
        listing_or_why,
        hotlist.read,
        source=source.name,
        url=body.final_url,
        shape=shape,
        at=visit.at,
        assume=zone_of_language(source.lang),
    )
    listing = await visit.readers.run(job, body.body)
    return Outcome(feed=not_a_feed(listing) if isinstance(listing, tuple) else feed_of(listing, title=source.name))
