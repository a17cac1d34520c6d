"""Copies and stories: articles per CPU second, and whether the speed stays flat.

    CRISIS_DATA=<folder with replays/> python tests/bench/group_speed.py [articles] [articles a day]

Copies: all-in, beside datasketch's MinHash LSH (128 permutations) on the same texts in the same run. Stories: copies,
clustering and consolidation every 500 articles on real items of boards and front pages, dated evenly.
"""

# ruff: noqa: T201
from __future__ import annotations

import gzip
import json
import os
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitors.article import Article
from monitors.copies import Copies
from monitors.stories import Stories

START = datetime(2026, 1, 1, tzinfo=UTC)


def near_duplicates(folder: Path) -> None:
    """Print articles/s of both on the texts of the story pairs."""
    from datasketch import MinHash, MinHashLSH

    with gzip.open(folder / "same_story_pairs.jsonl.gz", "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    for lang in ("en", "zh"):
        texts = [row[f"text{side}"] for row in rows for side in (1, 2) if row[f"lang{side}"] == lang] * 4
        begin = time.process_time()
        ear = Copies()
        for number, text in enumerate(texts):
            ear.add(Article(id=str(number), title="", body=text))
        ours = len(texts) / (time.process_time() - begin)
        begin = time.process_time()
        index = MinHashLSH(threshold=0.5, num_perm=128)
        for number, text in enumerate(texts):
            words = text.split() if lang == "en" else list(text)
            signature = MinHash(num_perm=128)
            for at in range(max(1, len(words) - 2)):
                signature.update("\x1f".join(words[at : at + 3]).encode())
            index.query(signature)
            index.insert(str(number), signature)
        theirs = len(texts) / (time.process_time() - begin)
        print(f"copies {lang}: {ours:,.0f} articles/s, datasketch {theirs:,.0f}, ratio {ours / theirs:.1f}")


def stories(folder: Path, number: int, a_day: int) -> None:
    """Print articles/s for each 10,000."""
    rows: list[dict[str, str]] = []
    for path in sorted((folder / "replays").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            rows += [json.loads(line) for line in stream]
    grouped = Stories()
    begin = time.process_time()
    for at, row in enumerate(rows[:number], 1):
        published = START + timedelta(days=at / a_day)
        title, body, source = row["title"], row.get("body") or "", row["source"]
        grouped.add(Article(id=str(at), title=title, body=body, source=source, published=published))
        if at % 500 == 0:
            grouped.consolidate()
        if at % 10_000 == 0:
            now = time.process_time()
            print(f"stories: {at:,} articles, {10_000 / (now - begin):,.0f}/s, {len(grouped):,} live", flush=True)
            begin = now
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    where = os.environ.get("CRISIS_DATA")
    if where:
        near_duplicates(Path(where))
        asked = [int(text) for text in sys.argv[1:]]
        stories(Path(where), *(asked + [100_000, 20_000][len(asked) :]))
    else:
        print("Set CRISIS_DATA to the folder that holds replays/ and same_story_pairs.jsonl.gz.")
