# ruff: noqa: T201
"""Chinese feeds in every encoding, with right, wrong and missing declarations: is every title and text read right?

    CRISIS_DATA=... python tests/eval/parse_encodings.py [-v]

The feeds are ours: titles of $CRISIS_DATA/replays/*.jsonl.gz, ten to a feed, transcoded. Recorded feeds that declare
GBK or Big5 were not found. Traditional text is made from simplified by the folding classes, for Big5 only.
feedparser is given the same bytes, as it is installed (without chardet, and it does not know of charset-normalizer).
"""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import feedparser

from monitors import feeds

FEEDS, ENTRIES = 40, 10
WRONG = ("utf-8", "gbk", "big5", "iso-8859-1", "windows-1252", "us-ascii", "utf-16", "shift_jis", "koi8-r")


def titles(folder: Path, wanted: int) -> list[str]:
    found: dict[str, None] = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in islice(lines, 40_000):
                title = " ".join(json.loads(line)["title"].split())
                if sum("\u4e00" <= character <= "\u9fff" for character in title) >= 4:
                    found[title] = None
    every = max(1, len(found) // wanted)
    return list(found)[::every][:wanted]


def traditional(text: str, classes: dict[str, str]) -> str:
    """The text with what Big5 lacks replaced by a member of its class that Big5 has, or left out."""
    written = []
    for character in text:
        for candidate in (character, *classes.get(character, "")):
            try:
                candidate.encode("big5")
            except UnicodeEncodeError:
                continue
            written.append(candidate)
            break
    return "".join(written)


def rss(texts: list[str], declared: str) -> str:
    label = f' encoding="{declared}"' if declared else ""
    items = "".join(
        f"<item><title><![CDATA[{text}]]></title><link>https://example.org/{n}</link></item>"
        for n, text in enumerate(texts)
    )
    return f'<?xml version="1.0"{label}?><rss version="2.0"><channel><title>试</title>{items}</channel></rss>'


def main() -> int:
    folder = Path(os.environ.get("CRISIS_DATA", "")) / "replays"
    if not os.environ.get("CRISIS_DATA") or not folder.is_dir():
        print("CRISIS_DATA is not set or holds no replays: nothing measured")
        return 0
    table = Path(feeds.__file__).parent.parent / "folding_classes.txt"
    classes: dict[str, str] = {}
    if table.exists():
        for line in table.read_text(encoding="utf-8").splitlines():
            members = "".join(line.partition("#")[0].split())
            for character in members:
                classes[character] = classes.get(character, "") + members
    texts = titles(folder, FEEDS * ENTRIES)
    right: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for number in range(FEEDS):
        mine = texts[number * ENTRIES : (number + 1) * ENTRIES]
        for codec, own in (
            ("utf-8", "utf-8"), ("gb18030", "gb18030"), ("gb18030", "gb2312"), ("gbk", "gbk"), ("big5", "big5"),
            ("utf-16", "utf-16"), ("utf-16-le", ""), ("utf-16-be", ""),
        ):  # fmt: skip
            if codec == "big5":
                shown = [traditional(text, classes) for text in mine]
            else:
                shown = [text.encode(codec, "ignore").decode(codec) for text in mine]
            cases = [("right", own), ("missing", "")] + [
                ("wrong", label) for label in WRONG if label not in (own, codec)
            ]
            for kind, declared in cases:
                document = rss(shown, declared).replace("试", "試" if codec == "big5" else "试")
                data = document.encode(codec)
                for header in ("", f"text/xml; charset={declared}") if declared else ("",):
                    name = f"{codec}{' as gb2312' if own == 'gb2312' and kind == 'right' else ''} {kind}"
                    total[name] += 1
                    ok = read(data, header) == shown
                    right[name] += ok
                    theirs[name] += judged(data, header) == shown
                    if not ok and "-v" in sys.argv:
                        print(f"  feed {number}, {name}, {declared!r}, {header!r}: {read(data, header)[:2]}")
    for name in total:
        print(f"{name:28} {right[name]:5} of {total[name]:5}   feedparser {theirs[name]:5}")
    print(f"all {right.total()} of {total.total()}, feedparser {theirs.total()}")
    return 0


def read(data: bytes, header: str) -> list[str]:
    try:
        return [article.title for article in feeds.parse(data, content_type=header).articles]
    except feeds.NotAFeed as error:
        return [f"! {error}"]


def judged(data: bytes, header: str) -> list[str]:
    headers = {"content-type": header} if header else {}
    found = feedparser.parse(io.BytesIO(data), response_headers=headers, sanitize_html=False)
    return [" ".join(entry.get("title", "").split()) for entry in found.entries]


if __name__ == "__main__":
    raise SystemExit(main())
