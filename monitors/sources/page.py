"""A watched page: a page without a feed (a regulator's notices, a recall list) whose text is compared with last time.

What changed becomes an article: the lines that are new. Numbers that count and clocks that tick are no change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from hashlib import blake2b

from monitors.article import Article
from monitors.encoding import decode
from monitors.feeds.plain import one_line, text_of_html
from monitors.sources.listing import identity

_TITLE = re.compile(r"<title[^<>]*>([^<]{0,2000})", re.IGNORECASE)
_BODY = re.compile(r"<body[\s>]", re.IGNORECASE)
_NUMBERS = re.compile(r"\d+")
_MOST_LINES = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What a page said at one visit. `digest` changes when its words do. Keep it, and give it back next time."""

    title: str
    lines: tuple[str, ...]
    digest: str


def snapshot(data: bytes, *, content_type: str = "", main_text: str = "") -> Snapshot:
    """The words of a page. `main_text`, if the caller extracted it (monitors.fulltext), stands for the whole page."""
    markup = decode(data, content_type=content_type).text
    title = _TITLE.search(markup)
    body = _BODY.search(markup)
    text = main_text or text_of_html(markup[body.start() :] if body else markup)
    lines = tuple(line for line in text.split("\n") if line)[:_MOST_LINES]
    digest = blake2b("\n".join(map(_steady, lines)).encode("utf-8", "replace"), digest_size=16).hexdigest()
    return Snapshot(title=one_line(text_of_html(title[1])) if title else "", lines=lines, digest=digest)


def change(
    before: Snapshot | None, after: Snapshot, *, url: str, source: str = "", at: datetime | None = None
) -> Article | None:
    """The article of what is new on a page, or None if nothing is, or if it was never seen before.

    Its body are the lines that are new, in their order; lines that only went away make an article too, which names
    them. `at` (aware) is the moment of the visit that found it.
    """
    if before is None or before.digest == after.digest:
        return None
    added, removed = _difference(before.lines, after.lines)
    if not added and not removed:
        return None
    body = "\n".join(added) if added else "\n".join(f"− {line}" for line in removed)
    return Article(
        id=identity(url, after.digest),
        title=(added[0] if added and len(added[0]) <= 120 else "") or after.title or url,
        published=at,
        source=source or after.title,
        body=body,
        url=url,
    )


def _difference(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[list[str], list[str]]:
    old, new = list(map(_steady, before)), list(map(_steady, after))
    if len(old) * len(new) > 4_000_000:
        # Too long to align: what was not there at all.
        seen, still = set(old), set(new)
        return [line for line in after if _steady(line) not in seen], [
            line for line in before if _steady(line) not in still
        ]
    added: list[str] = []
    removed: list[str] = []
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what in ("insert", "replace"):
            added.extend(after[k:m])
        if what in ("delete", "replace"):
            removed.extend(before[i:j])
    moved = set(map(_steady, added)) & set(map(_steady, removed))
    return [line for line in added if _steady(line) not in moved], [
        line for line in removed if _steady(line) not in moved
    ]


def _steady(line: str) -> str:
    """The line without what changes by itself, if numbers are most of it: counters, clocks, ages."""
    bare = _NUMBERS.sub("0", line)
    return bare if len(line) <= 40 and sum(map(str.isdigit, line)) * 4 >= len(line) else line
