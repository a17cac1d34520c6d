"""The article on a web page: its text without menus and advertisements, by trafilatura. An option of a source.

trafilatura takes seconds to import and milliseconds to work: it is imported at the first page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitors.dates import parse_date, zone_of_language
from monitors.encoding import decode
from monitors.feeds.plain import one_line, tidy

MOST_BYTES = 10_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class FullText:
    """An article as its page tells it. `published` is None if the page does not say; most pages say the day only."""

    title: str
    text: str
    published: datetime | None = None
    source: str = ""
    lang: str = ""


def extract(data: bytes, *, url: str = "", content_type: str = "") -> FullText | None:
    """The article of a page, or None if there is none to be found (a front page, a login, a picture)."""
    if len(data) > MOST_BYTES or not data.strip():
        return None
    import trafilatura

    markup = decode(data, content_type=content_type).text
    try:
        found = trafilatura.bare_extraction(
            markup, url=url or None, fast=True, with_metadata=True, include_comments=False, include_tables=True
        )
    except Exception:
        # Markup that breaks the extractor is a page without an article. It breaks in every way that there is: a page
        # that is nothing but a frame fails an assertion in lxml.
        return None
    if found is None:
        return None
    details = found.as_dict() if hasattr(found, "as_dict") else dict(found)
    text = tidy(details.get("text") or "")
    if not text:
        return None
    lang = details.get("language") or ""
    return FullText(
        title=one_line(details.get("title") or ""),
        text=text,
        published=parse_date(details.get("date") or "", assume=zone_of_language(lang)),
        source=one_line(details.get("sitename") or ""),
        lang=lang,
    )
