"""The full text of new articles, read from their pages: an option of a source, and bounded in every direction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from monitors.article import Article
from monitors.feeds import NotAFeed
from monitors.fetch import Body, Fetched, FetchRequest, Limits
from monitors.fulltext import FullText
from monitors.reading import Readers
from monitors.sources.apart import full_text_of

log = logging.getLogger(__name__)
# Pages of one visit. A source that brings more at once is importing its archive, and its summaries will do.
MOST_PAGES = 20
LONGEST_S = 90.0
# A page larger than this holds more than an article.
PAGE_LIMITS = Limits(max_bytes=4 * 1024 * 1024, max_wire_bytes=4 * 1024 * 1024, total_s=30.0)

Readable = Callable[[Sequence[FetchRequest]], Awaitable[Sequence[FetchRequest]]]
Poll = Callable[[Sequence[FetchRequest], Limits], AsyncGenerator[tuple[str, Fetched], None]]


async def filled(
    articles: Sequence[Article], *, poll: Poll, readable: Readable, readers: Readers
) -> tuple[tuple[Article, ...], dict[str, Body], int]:
    """The articles with their full text, the pages it was read from, by article, and how many may not be read.

    An article whose page does not come, or holds less than its summary, stays as it was; `readable` gives the pages
    that their hosts let us read.
    """
    requests = [FetchRequest(url=article.url, key=article.id) for article in articles if _has_page(article)]
    requests, left = requests[:MOST_PAGES], 0
    texts: dict[str, FullText] = {}
    pages: dict[str, Body] = {}
    try:
        async with asyncio.timeout(LONGEST_S):
            allowed = await readable(requests)
            left = len(requests) - len(allowed)
            async with aclosing(poll(allowed, PAGE_LIMITS)) as answers:
                async for name, fetched in answers:
                    if not isinstance(fetched, Body):
                        continue
                    try:
                        found = await readers.run(full_text_of, fetched.body, fetched.final_url, fetched.content_type)
                    except NotAFeed as why:
                        log.info("page.not_read code=%s", why.code)
                        continue
                    if found is not None:
                        texts[name], pages[name] = found, fetched
    except TimeoutError:
        log.info("pages.too_slow read=%s of=%s", len(texts), len(requests))
    return tuple(_merged(article, texts.get(article.id)) for article in articles), pages, left


def _has_page(article: Article) -> bool:
    return article.url.startswith(("http://", "https://"))


def _merged(article: Article, found: FullText | None) -> Article:
    if found is None:
        return article
    bare = not article.title or article.title == article.url
    return replace(
        article,
        title=found.title if bare and found.title else article.title,
        body=found.text if len(found.text) > len(article.body) else article.body,
        # Most pages say the day only: what the source says is finer.
        published=article.published or found.published,
        source=article.source or found.source,
        lang=article.lang or found.lang,
    )
