"""One uncut year of a hot-search board: how often is somebody woken, per brand and month?

    CRISIS_DATA=<folder with boards/> python tests/eval/listen_noise.py BRAND,BRAND... [--all]

Each brand is an organisation of one name. To save hours, a listener hears only the items that name one of the
brands (with --all: every item); times are those of the first snapshot that showed the item.
"""

# ruff: noqa: T201
from __future__ import annotations

import gzip
import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from crisis.content.alarms import alarms
from crisis.content.lexicon import lexicon
from monitors.article import Article
from monitors.listen import Listener
from monitors.organisation import Organisation


def main() -> None:
    """Print alerts and notices of each brand, and the figures per brand and month."""
    folder = os.environ.get("CRISIS_DATA")
    if not folder or len(sys.argv) < 2:
        print("Set CRISIS_DATA to the folder that holds boards/, and name the brands, divided by commas.")
        return
    brands = sys.argv[1].split(",")
    with gzip.open(Path(folder) / "boards" / "weibo_2022.jsonl.gz", "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    articles = [
        Article(
            id=str(number),
            title=row["title"],
            source="board",
            rank=row["pos"],
            published=datetime.fromtimestamp(row["ts"], UTC),
        )
        for number, row in enumerate(rows)
    ]
    if "--all" not in sys.argv:
        articles = [article for article in articles if any(brand in article.title for brand in brands)]
    rules, words = alarms().rules(), lexicon()
    counted: Counter[str] = Counter()
    for brand in brands:
        listener = Listener(Organisation(name=brand), rules, words)
        heard = [alert for article in articles if (alert := listener.hear(article)) is not None]
        levels = Counter(alert.level.value for alert in heard)
        counted += levels
        print(f"{brand}: {levels['alert']} alerts, {levels['notice']} notices")
        if "--show" in sys.argv:
            for alert in heard:
                codes = ",".join(reason.code for reason in alert.reasons[:-2])
                print(f"     {alert.at:%m-%d} {alert.level} {alert.title[:40]} | {codes}")
    months = 12 * len(brands)
    print(f"alerts per brand and month: {counted['alert'] / months:.2f}, notices: {counted['notice'] / months:.2f}")


if __name__ == "__main__":
    main()
