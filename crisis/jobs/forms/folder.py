"""A folder that others put files into: NDJSON, CSV or feeds. Which files were read is kept; a bad line costs itself."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from crisis.core.sources import Source
from crisis.jobs.forms.visit import Found, Visit
from monitors.feeds import NotAFeed
from monitors.fetch import Body, Failed, Unchanged
from monitors.sources import folder
from monitors.sources.apart import feed_of, listing_or_why
from monitors.sources.folder import Mark
from monitors.sources.listing import Listing, NotASource

SCHEME = "folder:"
# Files of one visit and articles of one transaction: the desk stays at hand while a backlog is read.
MOST_FILES = 20
MOST_ARTICLES = 500
MOST_BYTES = 64 * 1024 * 1024


def path_of(source: Source) -> Path:
    """Where the folder lies."""
    return Path(source.url.removeprefix(SCHEME))


async def look(visit: Visit) -> AsyncGenerator[Found, None]:
    """The files that are new or changed, oldest first; a large one in parts. What is left waits for the next visit."""
    place = path_of(visit.source)
    if not visit.settings.may_read(place):
        yield _failed(visit, "folder_outside")
        return
    marks = marks_from(visit.kept)
    try:
        new = await asyncio.to_thread(lambda: list(islice(folder.waiting(place, marks), MOST_FILES)))
        there = await asyncio.to_thread(lambda: set(os.listdir(place)))
    except (NotASource, OSError):
        yield _failed(visit, "no_folder")
        return
    if not new:
        yield Found(fetched=Unchanged(url=visit.source.url, final_url=visit.source.url, at=visit.at))
        return
    # A file that was taken away is forgotten: when it comes back, it is new.
    marks = {name: mark for name, mark in marks.items() if name in there}
    for path, mark in new:
        body, listing = await _file(visit, path)
        marks[path.name] = mark
        parts = [
            listing.articles[at : at + MOST_ARTICLES] for at in range(0, max(len(listing.articles), 1), MOST_ARTICLES)
        ]
        for number, articles in enumerate(parts, 1):
            last = number == len(parts)
            part = Listing(articles=articles, problems=listing.problems if last else ())
            # A file counts as read with its last part: who dies before reads it again, and doubles nothing.
            yield Found(
                fetched=body,
                feed=feed_of(part, title=path.name),
                kept=marks_record(marks) if last else None,
            )


async def _file(visit: Visit, path: Path) -> tuple[Body, Listing]:
    """The bytes of a file and what is in it. What cannot be read is named in `problems`, and not read again."""
    data = b""
    try:
        data = await asyncio.to_thread(_bytes, path)
        found = await visit.readers.run(partial(listing_or_why, folder.read, source=visit.source.name), path.name, data)
    except NotASource as wrong:
        found = (wrong.code, str(wrong))
    except NotAFeed as wrong:
        found = (wrong.code, str(wrong))
    except OSError as error:
        found = ("unreadable", error.strerror or type(error).__name__)
    listing = Listing(problems=(found[1],)) if isinstance(found, tuple) else found
    named = tuple(f"{path.name}: {problem}" for problem in listing.problems)
    body = Body(
        url=visit.source.url,
        final_url=f"{visit.source.url}/{path.name}",
        at=visit.at,
        body=data,
        body_hash=hashlib.sha256(data).hexdigest(),
    )
    return body, Listing(articles=listing.articles, problems=named)


def _bytes(path: Path) -> bytes:
    # Not through a link that somebody put in the file's place since the folder was listed.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        if os.fstat(file.fileno()).st_size > MOST_BYTES:
            raise NotASource("too_large", f"larger than {MOST_BYTES // 1_048_576} MB")
        return file.read(MOST_BYTES)


def _failed(visit: Visit, code: str) -> Found:
    return Found(fetched=Failed(url=visit.source.url, final_url=visit.source.url, at=visit.at, code=code))


def marks_record(marks: Mapping[str, Mark]) -> dict[str, Any]:
    """A JSON-able record of the files that were read."""
    return {"files": {mark.name: [mark.size_bytes, mark.changed_ns] for mark in marks.values()}}


def marks_from(record: Mapping[str, Any]) -> dict[str, Mark]:
    """The files of such a record."""
    files = record.get("files", {})
    return {name: Mark(name=name, size_bytes=size, changed_ns=changed) for name, (size, changed) in files.items()}
