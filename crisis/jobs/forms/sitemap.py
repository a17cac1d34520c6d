"""News sitemaps and their indexes. Of a plain sitemap, which has neither titles nor dates, what is new since the last
visit is news, and its title is read from its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from crisis.jobs.forms.visit import Outcome, Visit
from monitors.article import Article
from monitors.fetch import Body
from monitors.sources import sitemap
from monitors.sources.apart import feed_of, listing_or_why, not_a_feed
from monitors.sources.listing import Listing

# Of an index the sitemaps that changed last are read; older ones hold older stories.
MOST_SITEMAPS = 3
# Addresses that a plain sitemap remembers: as many as one may hold (https://www.sitemaps.org/protocol.html).
_MOST_REMEMBERED = 50_000


def is_index(kept: Mapping[str, Any]) -> bool:
    """Whether this sitemap names others: it is then always read whole, because it may stay while they change."""
    return bool(kept.get("index"))


async def read(visit: Visit, body: Body) -> Outcome:
    """The stories of a sitemap, or of the newest sitemaps that it names."""
    listing = await _listing(visit, body)
    if isinstance(listing, tuple):
        return Outcome(feed=not_a_feed(listing))
    index = bool(listing.more)
    if index:
        listing = await _inner(visit, listing)
    titled = tuple(article for article in listing.articles if article.title)
    bare = tuple(article for article in listing.articles if not article.title)
    first = "known" not in visit.kept
    known = set(visit.kept.get("known", ()))
    new = () if first else tuple(article for article in bare if article.id not in known)
    problems = listing.problems
    if new and not visit.source.options.get("full_text"):
        problems = (*problems, f"{len(new)} new addresses without a title: switch the full text on")
        new = ()
    # A page that is never read is shown by its address.
    untitled = tuple(replace(article, title=article.url) for article in new)
    kept = {"index": index, "known": [article.id for article in bare][:_MOST_REMEMBERED]}
    return Outcome(
        feed=feed_of(Listing(articles=(*titled, *untitled), problems=problems), title=visit.source.name), kept=kept
    )


async def _listing(visit: Visit, body: Body) -> Listing | tuple[str, str]:
    job = partial(listing_or_why, sitemap.read, url=body.final_url, content_type=body.content_type)
    return await visit.readers.run(job, body.body)


async def _inner(visit: Visit, index: Listing) -> Listing:
    """The stories of the newest sitemaps of an index, each once."""
    articles: dict[str, Article] = {}
    problems = list(index.problems)
    for body in await visit.fetch(index.more[:MOST_SITEMAPS]):
        listing = await _listing(visit, body)
        if isinstance(listing, tuple):
            problems.append(f"{body.final_url}: {listing[1]}")
            continue
        problems += listing.problems
        for article in listing.articles:
            articles.setdefault(article.id, article)
    return Listing(articles=tuple(articles.values()), problems=tuple(problems))
