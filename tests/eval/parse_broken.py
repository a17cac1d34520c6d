# ruff: noqa: T201
"""Recorded feeds, damaged on purpose: how many entries are still read, by us and by feedparser.

    python tests/eval/parse_broken.py FOLDER_OF_FEEDS [-v]

Each feed under 300 kB is damaged in ten ways (seeded): cut, a closing tag lost, bare ampersands and brackets, an
undeclared entity or prefix, control characters, a broken reference, noise before and after. The reference is what
feedparser finds in the undamaged feed.
"""

from __future__ import annotations

import io
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import feedparser

from monitors import feeds

Damage = Callable[[bytes, random.Random], bytes]


def _replaced(pattern: bytes, by: bytes) -> Damage:
    """One of the places where the pattern matches, chosen by chance, replaced."""

    def damage(data: bytes, chance: random.Random) -> bytes:
        found = list(re.finditer(pattern, data))
        if not found:
            return data
        match = chance.choice(found)
        return data[: match.start()] + by + data[match.end() :]

    return damage


DAMAGES: dict[str, Damage] = {
    "cut in the middle": lambda data, chance: data[: int(len(data) * chance.uniform(0.3, 0.95))],
    "closing title lost": _replaced(rb"</title>", b""),
    "closing item lost": _replaced(rb"</(?:item|entry)>", b""),
    "bare ampersand": _replaced(rb"</title>", b" A & B</title>"),
    "bare bracket": _replaced(rb"</title>", b" 1 < 2</title>"),
    "undeclared entity": _replaced(rb"</title>", b"&nbsp;&hellip;</title>"),
    "undeclared prefix": _replaced(rb"</title>", b"</title><foo:bar>x</foo:bar>"),
    "control character": _replaced(rb"</title>", b"\x0b\x01</title>"),
    "broken reference": _replaced(rb"</title>", b"&#55357;&#0;</title>"),
    "noise before and after": lambda data, chance: b"\n Warning: x in <b>y</b>\n" + data + b"\n<script>1</script>",
}


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder is None or not folder.is_dir():
        print("no folder of feeds given: nothing measured")
        return 0
    whole: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    took = [0.0, 0.0]
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.stat().st_size > 300_000:
            continue
        data = path.read_bytes()
        expected = len(count(data))
        for name, damage in DAMAGES.items():
            damaged = damage(data, random.Random(path.name + name))
            whole[name] += expected
            start = time.perf_counter()
            found = count(damaged)
            took[1] += time.perf_counter() - start
            theirs[name] += len(found)
            start = time.perf_counter()
            try:
                mine = [article.url for article in feeds.parse(damaged).articles]
            except feeds.NotAFeed as error:
                mine = []
                if "-v" in sys.argv:
                    print(f"  {path.name}, {name}: {error}")
            took[0] += time.perf_counter() - start
            ours[name] += len(mine)
            if len(mine) < len(found) and "-v" in sys.argv:
                print(f"  {path.name}, {name}: {len(mine)}, feedparser {len(found)}, undamaged {expected}")
    for name in DAMAGES:
        print(f"{name:24} undamaged {whole[name]:6}   ours {ours[name]:6}   feedparser {theirs[name]:6}")
    print(f"seconds: ours {took[0]:.1f}, feedparser {took[1]:.1f}")
    return 0


def count(data: bytes) -> list[str]:
    try:
        found = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    except UnicodeEncodeError:  # A reference to half a character stops it.
        return []
    return [entry.get("link", "") for entry in found.entries]


if __name__ == "__main__":
    raise SystemExit(main())
