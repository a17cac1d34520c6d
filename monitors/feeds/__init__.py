"""Bytes of feeds to articles: RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed, whatever their encoding and health.

    bytes -> text (monitors.encoding) -> without document type (prolog)
          -> well-formed XML: quick (lxml)      not: repaired, then quick     still not: judge (feedparser)
          -> values (assemble): plain titles and texts, dates, links, stable ids

feedparser's meaning of an entry is kept where both can read it; tests/eval/parse_feeds.py compares the two.
"""

from __future__ import annotations

import zlib

from monitors.encoding import decode

from . import prolog, quick
from .assemble import feed_of
from .document import Document, Kind
from .feed import Feed, NotAFeed, Problem
from .known import Known, NotAsBefore, cut, frame_of

__all__ = ["Feed", "Kind", "Known", "NotAFeed", "Problem", "parse"]

MOST_BYTES = 64_000_000
"""A feed larger than this, unpacked, is refused."""


def parse(data: bytes, *, url: str = "", content_type: str = "", known: Known | None = None) -> Feed:
    """The feed in `data`. Raises NotAFeed, and nothing else, whatever the bytes.

    `url` is where it came from: relative links are resolved against it. `content_type` is the HTTP header, which may
    name the encoding. Gzip is unpacked. A feed without entries is a feed. `known` are entries that nobody has to read
    again: most of a feed is what it said last time (`Feed.known`, `Feed.known_next`).
    """
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data)
    if len(data) > MOST_BYTES:
        raise NotAFeed("too_large", f"larger than {MOST_BYTES // 1_000_000} MB")
    if not data or data.isspace():
        raise NotAFeed("empty", "nothing in it")
    plain = quick.plain(data)
    feed = _plain(plain, url, known) if plain is not None else None
    if feed is not None:
        return feed
    decoded = decode(data, content_type=content_type)
    text = decoded.text.lstrip("\ufeff \t\r\n\x00")
    document = _json(text, url) if text[:1] in ("{", "[") else _xml(text, url)
    return feed_of(document, url=url, encoding=decoded.encoding, replaced=decoded.replaced, known=known)


def _plain(data: bytes, url: str, known: Known | None) -> Feed | None:
    """The feed, if it is one that needs no help."""
    try:
        # (Without an address of its own, what its links mean depends on what else is in it.)
        document = _cut(data, url, known) if known is not None and url else None
        if document is None:
            root = quick.root_of_plain(data)
            document = quick.document_of(root, url=url) if root is not None else None
        if document is None:
            return None
        return feed_of(document, url=url, encoding="utf-8", replaced=0, known=known)
    except NotAsBefore:
        return _plain(data, url, known and Known(known.marks))


def _cut(data: bytes, url: str, known: Known) -> Document | None:
    """The feed without the entries that are known by their bytes, or None if it cannot be cut. Raises NotAsBefore."""
    pieces = cut(data)
    if pieces is None:
        return None
    left_out = pieces.known(known)
    count = len(pieces.entries) - len(left_out)
    root = quick.root_of_plain(pieces.without(left_out.keys()))
    frame = frame_of(root, count) if root is not None else b""
    document = quick.document_of(root, url=url) if frame else None
    if document is None or len(document.entries) != count:
        if left_out:
            raise NotAsBefore
        return None
    document.left_out, document.marks, document.frame = left_out, pieces.marks, frame
    return document


def _json(text: str, url: str) -> Document:
    from . import jsonfeed

    try:
        document = jsonfeed.document_of(text, url=url)
    except (ValueError, RecursionError):
        raise NotAFeed("broken_json", "JSON that cannot be read") from None
    if document is None:
        raise NotAFeed("other_json", "JSON, but not a JSON Feed")
    return document


def _xml(text: str, url: str) -> Document:
    text = prolog.prepared(text)
    if not text:
        raise NotAFeed("not_text", "no markup in it: neither XML nor JSON")
    text = prolog.without_noise(text)
    tree = quick.tree_of(text)
    if not tree.well and not tree.monstrous:
        mended = prolog.repaired(text)
        again = quick.tree_of(mended) if mended != text else tree
        if again.root is not None:
            tree, text = again, mended
    document = quick.document_of(tree.root, url=url) if tree.root is not None else None
    if not tree.well:
        return _hard(text, url, document, tree)
    if document is None:
        raise _other(quick.local_name(tree.root))
    return document


def _hard(text: str, url: str, document: Document | None, tree: quick.Tree) -> Document:
    """Not well-formed: what the judge finds, or the quick reader if it got more out of it, or there is too much for
    the judge."""
    from . import judge

    if document is None and not _looks_like_feed(text):
        raise _other("html" if "<html" in text[:100_000].lower() else "")
    judged = None if tree.monstrous or len(text) > judge.MOST_BYTES else judge.document_of(text, url=url)
    if judged is None or (document is not None and _yield(document) > _yield(judged)):
        judged = document
    if judged is None:
        raise NotAFeed("unreadable", "broken XML in which no feed can be recognised")
    judged.broken = True
    judged.truncated = tree.cut
    return judged


def _yield(document: Document) -> int:
    """How much was got out of a feed: titles, links and texts of its entries."""
    return sum(
        bool(entry.title) + bool(entry.link or entry.guid) + bool(entry.summary or entry.contents)
        for entry in document.entries
    )


def _looks_like_feed(text: str) -> bool:
    lower = text[:200_000].lower()
    return any(mark in lower for mark in ("<rss", "<feed", "<rdf", "<channel", "<item", "<entry"))


def _other(root: str) -> NotAFeed:
    if root == "html":
        return NotAFeed("html_page", "a web page, not a feed")
    if root in ("urlset", "sitemapindex"):
        return NotAFeed("sitemap", "a sitemap, not a feed: add it as a sitemap source")
    if root == "opml":
        return NotAFeed("opml", "a list of feeds (OPML), not a feed: import it instead")
    if not root:
        return NotAFeed("unreadable", "markup in which no feed can be recognised")
    return NotAFeed("other_xml", f"XML, but not a feed: its outermost element is <{root[:40]}>")


def _unpacked(data: bytes) -> bytes:
    try:
        unpacker = zlib.decompressobj(wbits=31)
        whole = unpacker.decompress(data, MOST_BYTES + 1)
    except zlib.error:
        raise NotAFeed("not_text", "gzip that cannot be unpacked") from None
    return whole
