# ruff: noqa: T201
"""How well `crisis risk` finds bad news and who is blamed, on texts that other people labelled.

    CRISIS_DATA=folder python tests/eval/risk.py

The rules and the lexicon were written by hand and learn nothing from these files. The writers of the
lexicon read items of the part `read`, which is chosen by a hash of the entity; of the part `held` no
entity and no text was read; `mixed` are texts that name entities of both parts. Beside each figure stands
what the same words give without clauses, cues and roles: every name in a text with any bad word is blamed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crisis.content.lexicon import lexicon
from monitors.folding import fold
from monitors.risk import Lexicon, assess
from monitors.risk.finding import finder_of

DECISION = 0.5
READ_SHARE = 6  # of 10 entities


@dataclass(frozen=True)
class Item:
    """A text, its entities and those that readers blamed; `negative` is None where only entities are labelled."""

    text: str
    entities: tuple[str, ...]
    blamed: frozenset[str]
    negative: bool | None


@dataclass
class Score:
    """Right, wrongly found and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def count(self, found: set[str], gold: frozenset[str] | set[str]) -> None:
        self.right += len(found & gold)
        self.wrong += len(found - gold)
        self.missed += len(gold - found)

    def __str__(self) -> str:
        precision = self.right / max(1, self.right + self.wrong)
        recall = self.right / max(1, self.right + self.missed)
        return f"F1 {2 * precision * recall / max(1e-9, precision + recall):.3f} (P {precision:.3f} R {recall:.3f})"


@dataclass
class Table:
    """The figures of one part of one file."""

    text: Score = field(default_factory=Score)
    pair: Score = field(default_factory=Score)
    some: Score = field(default_factory=Score)


def part(item: Item) -> str:
    """read, held or mixed, by a hash of the entities."""
    parts = {
        "read" if int(hashlib.md5(name.encode()).hexdigest(), 16) % 10 < READ_SHARE else "held"
        for name in item.entities
    }
    return parts.pop() if len(parts) == 1 else "mixed" if parts else "read"


def chinese(folder: Path) -> Iterator[Item]:
    with gzip.open(folder / "negative_zh.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Item(row["text"], tuple(row["entities"]), frozenset(row["blamed"]), bool(row["negative"]))


def english(folder: Path) -> Iterator[Item]:
    with gzip.open(folder / "negative_en.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            tones = json.loads(row["Decisions"])
            blamed = frozenset(name for name, tone in tones.items() if tone == "negative")
            yield Item(row["Title"], tuple(tones), blamed, None)


def measure(items: list[Item], words: Lexicon) -> tuple[Table, Table, float]:
    """Our figures, those of bare words, and texts per second of CPU time."""
    ours, bare = Table(), Table()
    started = time.process_time()
    answers = [assess(item.text, item.entities, words) for item in items]
    rate = len(items) / max(1e-9, time.process_time() - started)
    for item, risk in zip(items, answers, strict=True):
        found = {blame.entity for blame in risk.blamed if blame.score >= DECISION}
        bad = any(hit.entry.term and hit.entry.term.kind for hit in finder_of(words).find(fold(item.text).text))
        everybody = set(item.entities) if bad else set()
        for table, names, negative in ((ours, found, risk.negative >= DECISION), (bare, everybody, bad)):
            table.pair.count(names, item.blamed)
            if item.blamed and len(item.blamed) < len(item.entities):
                table.some.count(names, item.blamed)
            if item.negative is not None:
                table.text.count({"it"} if negative else set(), {"it"} if item.negative else set())
    return ours, bare, rate


def main() -> None:
    """Print the figures of each part."""
    folder = os.environ.get("CRISIS_DATA")
    if not folder or not Path(folder).is_dir():
        sys.exit("Set CRISIS_DATA to the folder that holds negative_zh.jsonl.gz and negative_en.jsonl.gz.")
    words = lexicon()
    print(f"{len(words.terms)} terms, {len(words.cues)} cues, {len(words.masks)} masks")
    for name, items in (("zh", list(chinese(Path(folder)))), ("en", list(english(Path(folder))))):
        for which in ("read", "held", "mixed", "all"):
            chosen = [item for item in items if which in ("all", part(item))]
            ours, bare, rate = measure(chosen, words)
            print(f"\n{name} {which}: {len(chosen)} texts, {rate:.0f}/s")
            if chosen and chosen[0].negative is not None:
                print(f"  text           {ours.text}   bare words {bare.text}")
            print(f"  (text, entity) {ours.pair}   bare words {bare.pair}")
            print(f"  one of several {ours.some}   bare words {bare.some}")
    print(
        "\nPeers, as measured by others on the same sets, trained on them: zh character TF-IDF and linear SVM, entities"
    )
    print("kept apart: text F1 .762, (text, entity) F1 .595; en baseline negative F1 .779.")


if __name__ == "__main__":
    main()
