"""News sitemaps (https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap), plain sitemaps,
and indexes of sitemaps. Large publishers list a new story here minutes before it reaches a feed.
"""

from __future__ import annotations

from typing import Any

from monitors.article import Article
from monitors.dates import parse_date, zone_of_language
from monitors.encoding import decode
from monitors.feeds.plain import one_line, text_of_loose
from monitors.feeds.prolog import prepared, repaired
from monitors.feeds.quick import join, local_name, text_of, tree_of
from monitors.sources.listing import Listing, NotASource, identity

_FIELDS = ("title", "name", "language", "publication_date")
_MOST = 50_000
"""Addresses in one sitemap, by the protocol (https://www.sitemaps.org/protocol.html)."""


def read(data: bytes, *, url: str = "", content_type: str = "") -> Listing:
    """The stories of a sitemap, in its order. Raises NotASource.

    An entry of a plain sitemap has an address only: no title, and no date, since `lastmod` is the last change and not
    the publication. A sitemap index gives `more`, newest first.
    """
    text = prepared(decode(data, content_type=content_type).text)
    tree = tree_of(text)
    root = tree.root if tree.well else tree_of(repaired(text)).root
    kind = local_name(root)
    if kind == "sitemapindex":
        return Listing(more=_sitemaps(root, url))
    if kind != "urlset":
        raise NotASource("not_a_sitemap", "not a sitemap: its outermost element is neither urlset nor sitemapindex")
    articles: dict[str, Article] = {}
    problems = []
    for place, element in enumerate(root, 1):
        if local_name(element) != "url":
            continue
        article = _story(element, url)
        if article is None:
            problems.append(f"entry {place}: no address")
        elif len(articles) < _MOST:
            articles.setdefault(article.id, article)
    return Listing(articles=tuple(articles.values()), problems=tuple(problems))


def _sitemaps(root: Any, url: str) -> tuple[str, ...]:
    found = []
    for element in root:
        parts = {local_name(child): text_of(child) for child in element}
        if parts.get("loc"):
            changed = parse_date(parts.get("lastmod", ""))
            found.append((changed.timestamp() if changed else 0.0, join(url, parts["loc"])))
    return tuple(address for _, address in sorted(found, key=lambda pair: -pair[0])[:_MOST])


def _story(element: Any, url: str) -> Article | None:
    link = ""
    parts: dict[str, str] = {}
    for child in element.iter():
        name = local_name(child)
        if name == "loc" and not link:
            link = text_of(child)
        elif name in _FIELDS and "image" not in str(child.tag) and "video" not in str(child.tag):
            # Pictures and videos have titles too.
            parts.setdefault(name, text_of(child))
    if not link:
        return None
    link = join(url, link)
    language = parts.get("language", "")
    return Article(
        id=identity(link),
        title=one_line(text_of_loose(parts.get("title", ""))),
        published=parse_date(parts.get("publication_date", ""), assume=zone_of_language(language)),
        source=one_line(text_of_loose(parts.get("name", ""))),
        url=link,
        lang=language,
    )
