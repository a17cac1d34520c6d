# ruff: noqa: T201
"""Our reading of recorded feeds against feedparser's, entry by entry.

    CRISIS_DATA=... python tests/eval/parse_feeds.py [FOLDER_OF_FEEDS]

Reads every file below the folder (or below $CRISIS_DATA/feeds, unpacked from feeds.tar.gz), parses it with both, and
prints how many of feedparser's entries we have, and for how many title, link, date and text are equal.
Texts are compared as plain text without white space: feedparser gives markup, we give what a reader sees.
feedparser's text is its content, or its summary; ours has to be one of them.
"""

from __future__ import annotations

import calendar
import io
import os
import sys
from pathlib import Path

import feedparser

from monitors import feeds
from monitors.feeds.plain import text_of_html, text_of_loose


def bare(text: str) -> str:
    return "".join(text.split())


def main() -> int:
    folder = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("CRISIS_DATA", "")
    if not folder or not Path(folder).is_dir():
        print("no folder of feeds given (argument, or CRISIS_DATA): nothing measured")
        return 0
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    theirs = ours = 0
    equal = dict.fromkeys(("title", "link", "date", "text"), 0)
    dates = dict.fromkeys(("read by us only", "year 1 at feedparser, none with us"), 0)
    for path in files:
        data = path.read_bytes()
        judge = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
        try:
            feed = feeds.parse(data)
        except feeds.NotAFeed as error:
            print(f"{path.name}: {error} (feedparser: {len(judge.entries)} entries)")
            theirs += len(judge.entries)
            continue
        theirs += len(judge.entries)
        ours += min(len(feed.articles), len(judge.entries))
        if len(feed.articles) != len(judge.entries):
            print(f"{path.name}: {len(feed.articles)} entries, feedparser {len(judge.entries)}; {feed.problems[:3]}")
            continue
        for entry, article in zip(judge.entries, feed.articles, strict=True):
            for field, same in compared(entry, article).items():
                equal[field] += same
                when = dict.get(entry, "published_parsed")
                if field == "date" and not same and (when is None or when.tm_year < 1900):
                    dates[("read by us only", "year 1 at feedparser, none with us")[when is not None]] += 1
                if not same and "-v" in sys.argv:
                    show(path.name, field, entry, article)
    print(f"{len(files)} files; entries: feedparser {theirs}, ours {ours} ({ours / max(1, theirs):.2%})")
    for field, count in equal.items():
        print(f"equal {field}: {count} ({count / max(1, theirs):.2%})")
    for reason, count in dates.items():
        print(f"  of the dates that differ: {reason}: {count}")
    return 0


def compared(entry: feedparser.FeedParserDict, article: feeds.Article) -> dict[str, bool]:
    when = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed") or entry.get("created_parsed")
    texts = [content.get("value", "") for content in entry.get("content", ())] + [entry.get("summary", "")]
    return {
        "title": bare(text_of_loose(entry.get("title", ""))) == bare(article.title),
        "link": entry.get("link", "").strip() == article.url,
        "date": (calendar.timegm(when) if when else None)
        == (int(article.published.timestamp()) if article.published else None),
        "text": bare(article.body) in {bare(text_of_html(text)) for text in texts},
    }


def show(name: str, field: str, entry: feedparser.FeedParserDict, article: feeds.Article) -> None:
    there = {"title": "title", "link": "link", "date": "published", "text": "summary"}[field]
    here = {"title": "title", "link": "url", "date": "published", "text": "body"}[field]
    print(f"  {name} {field}: {str(entry.get(there))[:150]!r} / {str(getattr(article, here))[:150]!r}")


if __name__ == "__main__":
    raise SystemExit(main())
