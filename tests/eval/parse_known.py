"""Recorded feeds read with some of their entries known by their bytes: is anything else than reading them by their ids?

    python -m tests.eval.parse_known FOLDER            (or CRISIS_DATA, as for `make eval ARGS=parse_known`)

Each feed is taken back to what it was two entries ago, and comes with a new one at its top, with another and one
changed in its middle, without its last ones, and as it was recorded. Prints how many were read differently (0), and how
many entries were not read as XML.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from monitors import feeds
from monitors.feeds import Known, known, quick

URL = "https://news.example/feed"


def days_of(data: bytes) -> list[bytes]:
    """The feed on some days, the recorded one the first and the last."""
    pieces = known.cut(data)
    if pieces is None:
        return [data, data + b"\n"]

    def day(entries: list[bytes]) -> bytes:
        return pieces.head + b"".join(entry + pieces.end for entry in entries) + pieces.tail

    middle = len(pieces.entries) // 2
    changed = [*pieces.entries]
    changed[middle] = changed[middle].replace(b" ", b"  ")
    return [day(pieces.entries[2:]), day(pieces.entries[1:]), day(changed), day(pieces.entries[: middle + 1]), data]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder is None or not folder.is_dir():
        click.echo("no folder of feeds given: nothing measured")
        return
    counts: Counter[str] = Counter()
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        before = Known()
        data = path.read_bytes()
        for day in days_of(quick.plain(data) or data):
            try:
                by_ids = feeds.parse(day, url=URL, known=replace(before, frame=""))
                by_bytes = feeds.parse(day, url=URL, known=before)
            except feeds.NotAFeed:
                counts["no feed"] += 1
                continue
            counts["read"] += 1
            counts["differently"] += by_bytes != by_ids
            counts["entries"] += len(by_bytes.listed)
            counts["known by their ids"] += len(by_bytes.known)
            pieces = known.cut(quick.plain(day) or b"")
            if pieces is not None and by_bytes.frame:
                counts["known by their bytes"] += len(pieces.known(before))
            before = by_bytes.known_next(2_000)
    click.echo(", ".join(f"{name}: {count}" for name, count in counts.items()))


if __name__ == "__main__":
    main()
