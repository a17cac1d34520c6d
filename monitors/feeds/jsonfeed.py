"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), read with a loose hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from .document import Document, Entry, Kind, Markup, Value
from .plain import scrubbed
from .quick import join


def document_of(text: str, *, url: str) -> Document | None:
    """The feed, or None if this is JSON of another kind. Raises ValueError if it is not JSON."""
    found = orjson.loads(text)
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        return None
    if "jsonfeed.org" not in _text(found, "version") and not {"title", "home_page_url", "feed_url"} & set(found):
        return None
    base = _text(found, "feed_url") or url
    document = Document(
        kind=Kind.JSON,
        title=Value(_text(found, "title"), Markup.LOOSE),
        link=join(base, _text(found, "home_page_url")) if found.get("home_page_url") else "",
        language=_text(found, "language"),
        self_url=_text(found, "feed_url"),
    )
    hubs = found.get("hubs")
    if isinstance(hubs, list):
        document.hub = next((_text(hub, "url") for hub in hubs if isinstance(hub, dict) and hub.get("url")), "")
    for item in found["items"]:
        # What is not an object becomes an empty entry: it is counted, and reported as such.
        document.entries.append(_entry(item, base) if isinstance(item, dict) else Entry())
    return document


def _entry(item: Mapping[str, Any], base: str) -> Entry:
    link = _text(item, "url") or _text(item, "external_url")
    entry = Entry(
        title=Value(_text(item, "title"), Markup.LOOSE),
        link=join(base, link) if link else "",
        guid=_text(item, "id"),
        guid_is_link=_text(item, "id").startswith(("http://", "https://")),
        published=_text(item, "date_published"),
        updated=_text(item, "date_modified"),
        lang=_text(item, "language"),
    )
    if item.get("summary"):
        entry.summary = Value(_text(item, "summary"), Markup.LOOSE)
    if item.get("content_html"):
        entry.contents.append(Value(_text(item, "content_html"), Markup.HTML))
    elif item.get("content_text"):
        entry.contents.append(Value(_text(item, "content_text"), Markup.TEXT))
    return entry


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    if isinstance(value, bool) or value is None:
        return ""
    return scrubbed(str(value)) if isinstance(value, str | int | float) else ""
