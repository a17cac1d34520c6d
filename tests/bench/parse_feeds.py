# ruff: noqa: T201
"""Entries per second: our parser against feedparser as it comes, on the same recorded feeds in the same run.

    python tests/bench/parse_feeds.py FOLDER_OF_FEEDS [every]

`every` takes each n-th file only (default 4: feedparser needs a minute and a half for all of 45 MB three times). CPU
seconds of this process, the median of three in a row for each file (so that no parser is timed with what another left
in the caches), the parsers alternating file by file so that all see the same machine.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import feedparser

from monitors import feeds

ROUNDS = 3


def ours(data: bytes) -> int:
    try:
        return len(feeds.parse(data).articles)
    except feeds.NotAFeed:
        return 0


def theirs(data: bytes) -> int:
    return len(feedparser.parse(io.BytesIO(data)).entries)


def theirs_unsanitised(data: bytes) -> int:
    return len(feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False).entries)


PARSERS: dict[str, Callable[[bytes], int]] = {
    "ours": ours,
    "feedparser": theirs,
    "feedparser, sanitising off": theirs_unsanitised,
}


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder is None or not folder.is_dir():
        print("no folder of feeds given: nothing measured")
        return 0
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    files = sorted(path for path in folder.rglob("*") if path.is_file())[::every]
    took = dict.fromkeys(PARSERS, 0.0)
    entries = dict.fromkeys(PARSERS, 0)
    for parser in PARSERS.values():
        parser(b"<rss><channel><item><title>warm</title></item></channel></rss>")
    for path in files:
        data = path.read_bytes()
        times: dict[str, list[float]] = {name: [] for name in PARSERS}
        found: dict[str, int] = {}
        for name, parser in PARSERS.items():
            for _ in range(ROUNDS):
                start = time.process_time()
                found[name] = parser(data)
                times[name].append(time.process_time() - start)
        for name in PARSERS:
            took[name] += median(times[name])
            entries[name] += found[name]
    slowest = entries["feedparser"] / took["feedparser"]
    for name, seconds in took.items():
        rate = entries[name] / seconds
        print(f"{name:28} {entries[name]:6} entries {seconds:7.2f} s {rate:9.0f} entries/s {rate / slowest:6.1f}x")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
