"""The judge of hard cases: feedparser, for what the quick reader cannot read as XML.

It is asked for structure only (no sanitising, no rewriting of links in markup), gets text that was decoded and freed
of its document type already, and never more than MOST_BYTES of it: its tolerant parser is slow on hostile input.
"""

from __future__ import annotations

import io
from typing import Any

from .document import Document, Entry, Kind, Markup, Value

MOST_BYTES = 600_000

_MARKUP = {"text/html": Markup.HTML, "application/xhtml+xml": Markup.HTML}


def document_of(text: str, *, url: str) -> Document | None:
    """The feed as feedparser understands it, or None if it finds neither a version nor entries, or stumbles."""
    import feedparser

    try:
        found = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            sanitize_html=False,
            resolve_relative_uris=False,
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
        )
    except Exception:
        return None
    version = str(found.get("version") or "")
    if not version and not found.entries:
        return None
    feed = found.feed
    atom = version.startswith("atom")
    document = Document(
        kind=Kind.ATOM if atom else Kind.RDF if version in ("rss090", "rss10") else Kind.RSS,
        title=_value(feed.get("title_detail"), feed.get("title"), atom=atom),
        link=feed.get("link", ""),
        language=feed.get("language", ""),
        updated=dict.get(feed, "updated") or feed.get("published", ""),
        moved_to=feed.get("newlocation") or feed.get("itunes_new-feed-url", ""),
        ttl=feed.get("ttl", ""),
        update_period=feed.get("sy_updateperiod", ""),
        update_frequency=feed.get("sy_updatefrequency", ""),
        broken=True,
    )
    for link in feed.get("links", ()):
        if link.get("rel") == "self":
            document.self_url = document.self_url or link.get("href", "")
        elif link.get("rel") == "hub":
            document.hub = document.hub or link.get("href", "")
    document.entries = [_entry(entry, atom=atom) for entry in found.entries]
    return document


def _entry(found: Any, *, atom: bool) -> Entry:
    entry = Entry(
        title=_value(found.get("title_detail"), found.get("title"), atom=atom),
        link=found.get("link", ""),
        guid=found.get("id", ""),
        guid_is_link=bool(found.get("guidislink")),
        published=found.get("published", ""),
        updated=dict.get(found, "updated") or "",
        created=found.get("created", ""),
        source=(found.get("source") or {}).get("title", ""),
    )
    entry.summary = _value(found.get("summary_detail"), found.get("summary"), atom=atom, default=Markup.HTML)
    for content in found.get("content", ()):
        value = _value(content, content.get("value"), atom=atom)
        if value:
            entry.contents.append(value)
    return entry


def _value(detail: Any, text: str | None, *, atom: bool, default: Markup = Markup.LOOSE) -> Value | None:
    if text is None:
        return None
    declared = (detail or {}).get("type", "")
    return Value(text, _MARKUP.get(declared, Markup.LOOSE if declared else default))
