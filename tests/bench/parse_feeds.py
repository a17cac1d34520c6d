# ruff: noqa: T201
"""Entries per second: our parser against feedparser as it comes, on the same recorded feeds in the same run.

    python tests/bench/parse_feeds.py FOLDER_OF_FEEDS [every]

`every` takes each n-th file only (default 4: feedparser needs a minute and a half for all of 45 MB). CPU seconds of
this process, files read beforehand, the two alternating file by file so that both see the same machine.
"""

from __future__ import annotations

import io
import sys
import time
from contextlib import suppress
from pathlib import Path

import feedparser

from monitors import feeds


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder is None or not folder.is_dir():
        print("no folder of feeds given: nothing measured")
        return 0
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    files = sorted(path for path in folder.rglob("*") if path.is_file())[::every]
    took = {"ours": 0.0, "feedparser": 0.0, "feedparser, sanitising off": 0.0}
    entries = dict.fromkeys(took, 0)
    feeds.parse(b"<rss><channel><item><title>warm</title></item></channel></rss>")
    for path in files:
        data = path.read_bytes()
        start = time.process_time()
        with suppress(feeds.NotAFeed):
            entries["ours"] += len(feeds.parse(data).articles)
        took["ours"] += time.process_time() - start
        start = time.process_time()
        entries["feedparser"] += len(feedparser.parse(io.BytesIO(data)).entries)
        took["feedparser"] += time.process_time() - start
        start = time.process_time()
        plain = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
        entries["feedparser, sanitising off"] += len(plain.entries)
        took["feedparser, sanitising off"] += time.process_time() - start
    slowest = entries["feedparser"] / took["feedparser"]
    for name, seconds in took.items():
        rate = entries[name] / seconds
        print(f"{name:28} {entries[name]:6} entries {seconds:7.2f} s {rate:9.0f} entries/s {rate / slowest:6.1f}x")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
