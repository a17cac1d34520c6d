"""Stories and copies: how well, beside a peer that can be run here.

    CRISIS_DATA=<folder with stories_en.jsonl.gz, same_story_pairs.jsonl.gz> python tests/eval/group_quality.py

Stories: BCubed precision, recall, F1 of shuffled headlines as they arrive and after consolidation, beside connected
components of MinHash LSH (datasketch). Pairs: AUC of `similarity` for "same story" (grade 2 or lower). Copies:
recall of variants of the texts of the pairs (boilerplate, edits, cuts), beside MinHash at Jaccard .5, and how many
untouched texts are flagged.
"""

# ruff: noqa: T201
from __future__ import annotations

import gzip
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from monitors.article import Article
from monitors.copies import Copies
from monitors.stories import Stories, similarity
from monitors.tokens import Rarity, article_counts

SEEDS = (1, 2, 3)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The lines of a packed NDJSON file."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def bcubed(gold: Sequence[str], found: Sequence[str]) -> tuple[float, float, float]:
    """Precision, recall and F1, averaged over items."""
    golds, founds, both = Counter(gold), Counter(found), Counter(zip(gold, found, strict=True))
    precision = sum(number * number / founds[b] for (_, b), number in both.items()) / len(gold)
    recall = sum(number * number / golds[a] for (a, _), number in both.items()) / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


def minhash_components(titles: Sequence[str]) -> list[str]:
    """The peer: connected components of MinHash LSH over words."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.4, num_perm=64)
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for number, title in enumerate(titles):
        name = str(number)
        parent[name] = name
        print_ = MinHash(num_perm=64)
        print_.update_batch([word.encode() for word in title.lower().split()])
        for other in index.query(print_):
            parent[root(name)] = root(other)
        index.insert(name, print_)
    return [root(str(number)) for number in range(len(titles))]


def stories(folder: Path) -> None:
    """Print the figures of the story set."""
    totals = [0.0, 0.0, 0.0]
    for seed in SEEDS:
        rows = rows_of(folder / "stories_en.jsonl.gz")
        random.Random(seed).shuffle(rows)
        gold = [row["story"] for row in rows]
        grouped = Stories()
        first = []
        for number, row in enumerate(rows):
            first.append(grouped.add(Article(id=str(number), title=row["title"], source=row["publisher"])).story)
            if number % 500 == 499:
                grouped.consolidate()
        live = [grouped.story_of(str(number)) or "" for number in range(len(rows))]
        final = grouped.final()
        last = [final[str(number)] for number in range(len(rows))]
        scores = [bcubed(gold, found) for found in (first, live, last)]
        totals = [total + score[2] / len(SEEDS) for total, score in zip(totals, scores, strict=True)]
        peer = bcubed(gold, minhash_components([row["title"] for row in rows])) if seed == SEEDS[0] else None
        print(
            f"stories seed {seed}: P/R/F1 " + " | ".join("/".join(f"{part:.3f}" for part in score) for score in scores)
        )
        if peer:
            print(f"   datasketch MinHash LSH + components: {'/'.join(f'{part:.3f}' for part in peer)}")
    print(f"BCubed F1, mean: as they arrive {totals[0]:.3f}, consolidated {totals[1]:.3f}, final {totals[2]:.3f}")


def pairs(folder: Path) -> list[dict[str, Any]]:
    """Print the AUC of the pairs, by language."""
    rows = rows_of(folder / "same_story_pairs.jsonl.gz")
    for lang in ("en", "zh"):
        chosen = [row for row in rows if row["lang1"] == row["lang2"] == lang]
        rarity = Rarity()
        articles = [[Article(id=str(side), title="", body=row[f"text{side}"]) for side in (1, 2)] for row in chosen]
        for couple in articles:
            for one in couple:
                rarity.learn(article_counts(one))
        scores = [similarity(one, other, rarity) for one, other in articles]
        plain = [similarity(one, other) for one, other in articles]
        same = [float(row["Overall"]) <= 2 for row in chosen]
        print(f"pairs {lang}: AUC {auc(scores, same):.3f} (without rarity {auc(plain, same):.3f}), n={len(chosen)}")
    return rows


def auc(scores: Sequence[float], same: Sequence[bool]) -> float:
    """The chance that a pair of the same story scores above one that is not."""
    good = [score for score, is_same in zip(scores, same, strict=True) if is_same]
    bad = [score for score, is_same in zip(scores, same, strict=True) if not is_same]
    return sum((a > b) + 0.5 * (a == b) for a in good for b in bad) / len(good) / len(bad)


def copies(rows: list[dict[str, Any]]) -> None:
    """Print recall of variants, and what is flagged among untouched texts."""
    for lang, least in (("en", 400), ("zh", 150)):
        texts = dict.fromkeys(row[f"text{side}"] for row in rows for side in (1, 2) if row[f"lang{side}"] == lang)
        copies_of(lang, [text for text in texts if len(text) > least])


def copies_of(lang: str, texts: list[str]) -> None:
    """Print the figures of one language."""
    from datasketch import MinHash, MinHashLSH

    cut: Callable[[str], list[str]] = str.split if lang == "en" else list
    glue = " " if lang == "en" else ""
    chance = random.Random(1)
    vocabulary = [word for text in texts[:100] for word in cut(text)]
    index = MinHashLSH(threshold=0.5, num_perm=128)
    ear = Copies()
    own = []
    for number, text in enumerate(texts):
        own.append(ear.add(Article(id=f"{number}", title="", body=text)))
        index.insert(f"{number}", minhash(MinHash, cut(text)))
    flagged = sum(group != str(number) for number, group in enumerate(own))

    def edited(text: str, share: float) -> str:
        words = cut(text)
        for at in range(len(words)):
            if chance.random() < share:
                words[at] = chance.choice(("", chance.choice(vocabulary), words[at] + glue + chance.choice(vocabulary)))
        return glue.join(words)

    variants: dict[str, Callable[[str], str]] = {
        "boilerplate": lambda text: text + glue + glue.join(cut(texts[0])[:30]),
        "edits 5 %": lambda text: edited(text, 0.05),
        "edits 10 %": lambda text: edited(text, 0.10),
        "edits 20 %": lambda text: edited(text, 0.20),
        "cut to half": lambda text: glue.join(cut(text)[: len(cut(text)) // 2]),
        "cut to 70 %": lambda text: glue.join(cut(text)[: len(cut(text)) * 7 // 10]),
    }
    print(f"copies {lang}: {len(texts)} texts, {flagged} flagged untouched")
    for name, change in variants.items():
        changed = [change(text) for text in texts]
        peer = sum(f"{number}" in index.query(minhash(MinHash, cut(text))) for number, text in enumerate(changed))
        found = recall(ear, changed, own)
        print(f"   {name}: {found / len(texts):.3f}, MinHash {peer / len(texts):.3f}")


def recall(ear: Copies, variants: Sequence[str], own: Sequence[str]) -> int:
    """How many variants go to the group of their original (variants of other texts are in the index as well)."""
    fresh = Copies.load(ear.dump())
    return sum(
        fresh.add(Article(id=f"v{number}", title="", body=variant)) == own[number]
        for number, variant in enumerate(variants)
    )


def minhash(kind: Any, words: list[str]) -> Any:
    """The peer's signature: shingles of three."""
    signature = kind(num_perm=128)
    signature.update_batch(["\x1f".join(words[at : at + 3]).encode() for at in range(max(1, len(words) - 2))])
    return signature


if __name__ == "__main__":
    where = os.environ.get("CRISIS_DATA")
    if where:
        stories(Path(where))
        copies(pairs(Path(where)))
    else:
        print("Set CRISIS_DATA to the folder that holds stories_en.jsonl.gz and same_story_pairs.jsonl.gz.")
