# ruff: noqa: T201
"""From an article in a fetched feed to a flagged mention in the database (SQLite): articles per second.

    CRISIS_DATA=<folder with replays/> python -m tests.bench.ingest_speed [articles]

Articles of a recorded crisis are handed to `ingest.take_in` in batches of 30, as a poll hands them over; parsing and
fetching are measured by the other benches. Prints articles/s of CPU and wall time, and how many were flagged.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import cast

from crisis.cli.playing import Stage
from crisis.core.sources import Source, StoredMention
from crisis.flows import ear as ears
from crisis.flows import ingest
from crisis.flows.desk import House
from crisis.store import records
from monitors.article import Article, article_of
from monitors.feeds import Feed, Kind
from monitors.fetch import Body
from monitors.loopback import outlets_of
from monitors.organisation import organisation_of

CASE = "tanker_oil_2024-07"
BATCH = 30


def _articles(file: Path, most: int) -> Iterator[Article]:
    seen: set[str] = set()
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        for line in stream:
            article = article_of(json.loads(line))
            if article.id not in seen and article.published is not None:
                seen.add(article.id)
                yield article
            if len(seen) >= most:
                return


def main() -> None:
    data = Path(os.environ.get("CRISIS_DATA", ""))
    file = data / "replays" / f"{CASE}.jsonl.gz"
    if not file.is_file():
        print(f"no {file.name} below CRISIS_DATA: nothing measured")
        return
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    articles = list(_articles(file, most))
    org = organisation_of(json.loads((data / "replays" / "orgs.json").read_text(encoding="utf-8"))[CASE]["org"])
    with Stage(outlets_of(articles[:1]), begins_at=cast(datetime, articles[0].published)) as stage:
        stage.set_up(House(organisation=org), [])
        with stage.desk.reading() as db:
            source = records.find(db, Source)[0]
            ear = ears.open_ear(stage.desk, db)
        cpu, wall = time.process_time(), time.perf_counter()
        for begin in range(0, len(articles), BATCH):
            part = tuple(articles[begin : begin + BATCH])
            now = cast(datetime, part[-1].published)
            if begin % (BATCH * 20) == 0:
                stage.jump(now)
            answer = Body(url=source.url, final_url=source.url, at=now, body=b"", body_hash="")
            feed = Feed(kind=Kind.RSS, title="", articles=part)
            ingest.take_in(stage.desk, ear, source.id, answer, feed, jitter=0.5)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        with stage.desk.reading() as db:
            flagged = len({item.article_id for item in records.find(db, StoredMention)})
    speed = f"{len(articles) / wall:.0f}/s wall, {len(articles) / cpu:.0f}/s CPU"
    print(f"{len(articles)} articles, {flagged} flagged: {speed}")


if __name__ == "__main__":
    main()
