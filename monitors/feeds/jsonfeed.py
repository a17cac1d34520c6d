"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), read with a loose hand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

from .document import Document, Entry, Kind, Markup, Value
from .plain import scrubbed
from .quick import join

_HALF = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def document_of(text: str, *, url: str) -> Document | None:
    """The feed, or None if this is JSON of another kind. Raises ValueError if it is not JSON,
    RecursionError if it is nested beyond reading."""
    found = _read(text)
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


def _read(text: str) -> Any:
    """The JSON value. One half of a surrogate pair, which orjson refuses, costs its own character only."""
    try:
        return orjson.loads(text)
    except ValueError:
        if not _HALF.search(text):
            raise
    return json.loads(text)


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
    if not isinstance(value, str | int | float):
        return ""
    return scrubbed(_SURROGATE.sub("\ufffd", str(value)))
