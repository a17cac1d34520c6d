"""Articles per second through the matcher, beside a plain loop over all watches in the same run.

    CRISIS_DATA=folder python tests/bench/match_throughput.py [1000 10000 100000]

Texts: same_story_pairs, negative_zh and stories_en of the data folder, joined or cut to articles of about
2 kB. Watches are generated: rare names from the other half of the texts, many made-up names which no text
holds, frequent words as topics; six terms each, with AND, OR, NOT, NEAR, fields, wildcards and {exact}.
About 0.3 mentions per article and 1,000 watches. One thread, processor time, best of three.
"""

from __future__ import annotations

import gc
import gzip
import json
import os
import random
import re
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from monitors.article import Article
from monitors.folding import fold
from monitors.matcher import Matcher
from monitors.query.printing import show_term
from monitors.query.tree import Term
from monitors.watch import Watch


def articles(data: Path) -> list[Article]:
    """Articles of about 2 kB in UTF-8, Chinese and English by turns."""
    texts: dict[str, list[str]] = {"zh": [], "en": []}
    with gzip.open(data / "same_story_pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            pair = json.loads(line)
            for side in "12":
                if pair[f"lang{side}"] in texts:
                    texts[pair[f"lang{side}"]].append(pair[f"text{side}"].strip())
    made = []
    for file, field, lang in (("negative_zh", "text", "zh"), ("stories_en", "title", "en")):
        with gzip.open(data / f"{file}.jsonl.gz", "rt", encoding="utf-8") as lines:
            texts[lang] += [json.loads(line)[field].strip() for line in lines]
    for lang, size in (("zh", 680), ("en", 2000)):
        pool = sorted(set(texts[lang]))
        random.Random(7).shuffle(pool)
        whole = ""
        for text in pool:
            whole += ("\n\n" if whole else "") + text
            if len(whole) >= size:
                made.append(Article(id=str(len(made)), title=whole[:30], body=whole[30:size], lang=lang, source="x"))
                whole = ""
    random.Random(8).shuffle(made)
    return made


def vocabulary(sample: list[Article]) -> tuple[list[str], list[str]]:
    """(names, frequent words) of both languages, most frequent first."""
    names: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for article in sample:
        text = article.body
        if article.lang == "en":
            names.update(re.findall(r"(?<![.!?] )\b[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})?\b", text))
            words.update(re.findall(r"\b[a-z]{5,}\b", text))
        else:
            for run in re.findall("[\u4e00-\u9fff]{3,}", text):
                names.update(run[i : i + 3] for i in range(0, len(run) - 2, 2))
                names.update(run[i : i + 4] for i in range(0, len(run) - 3, 3))
                words.update(run[i : i + 2] for i in range(0, len(run) - 1, 2))
    common = [word for word, _ in words.most_common(700)][100:]  # the first hundred are grammar
    # Names that occur twice in the other texts are about as rare as what people watch for, in no order.
    rare = sorted(name for name, count in names.items() if count == 2)
    random.Random(9).shuffle(rare)
    return rare, common


def watches(count: int, names: list[str], words: list[str]) -> list[Watch]:
    """Watches with a few popular names and a long tail."""
    chance = random.Random(count)
    made_up = []
    for _ in range(count):
        if chance.random() < 0.5:
            made_up.append("".join(chance.choice(chance.choice(names)) for _ in range(chance.randint(3, 4))))
        else:
            made_up.append("".join(chance.choice(words)[:3] for _ in range(chance.randint(2, 3))).title())

    def any_name() -> str:
        pool = names if chance.random() < 0.12 else made_up
        return pool[int(len(pool) * chance.random() ** 1.3)]

    def name() -> str:
        return show_term(Term(text=any_name()))

    def either(make: object, low: int, high: int) -> str:
        return "(" + " OR ".join(make() for _ in range(chance.randint(low, high))) + ")"  # type: ignore[operator]

    def word() -> str:
        return show_term(Term(text=chance.choice(words)))

    made = []
    for number in range(count):
        draw = chance.random()
        if draw < 0.40:
            query = f"{either(name, 1, 3)} AND {either(word, 2, 5)}"
        elif draw < 0.60:
            query = f"{either(name, 1, 2)} NEAR/10 {either(word, 2, 4)} AND NOT {name()}"
        elif draw < 0.72:
            query = f"title:{either(name, 2, 4)}"
        elif draw < 0.82:
            query = f"{either(name, 1, 3)} AND lang:{chance.choice(('zh', 'en'))} AND NOT {word()}"
        elif draw < 0.87:
            query = f"{name()} AND {chance.choice([w for w in words if w.isascii()])[:5]}*"
        elif draw < 0.92:
            query = "{" + any_name() + "} AND " + either(word, 2, 4)
        else:
            query = either(name, 2, 5)
        made.append(Watch(id=str(number), query=query))
    return made


def plain_loop(made: list[Watch], sample: list[Article]) -> float:
    """Articles/s of the obvious way: for each watch, look whether its words are in the folded text."""
    groups = []
    for watch in made:
        positive = re.sub(r"AND NOT .*|lang:\w+|title:|[{}*\"]", "", watch.query)
        clauses = re.split(r" AND | NEAR/10 ", positive)
        groups.append([[fold(t.strip("() ")).text for t in c.split(" OR ") if t.strip("() ")] for c in clauses])
    started = time.process_time()
    for article in sample:
        text = fold(article.title + "\n" + article.body).text
        for clauses in groups:
            all(not clause or any(term in text for term in clause) for clause in clauses)
    return len(sample) / (time.process_time() - started)


def memory_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 1e6


def main(counts: list[int]) -> None:
    folder = os.environ.get("CRISIS_DATA")
    if not folder:
        print("skipped: CRISIS_DATA names no folder")  # noqa: T201
        return
    every = articles(Path(folder))
    timed, other = every[: len(every) // 2], every[len(every) // 2 :]
    names, words = vocabulary(other)
    size = sum(len((a.title + a.body).encode()) for a in timed) / len(timed)
    print(f"{len(timed)} articles of {size:.0f} bytes; {len(names)} names, {len(words)} words")  # noqa: T201
    for count in counts:
        made = watches(count, names, words)
        before, started = memory_mb(), time.process_time()
        matcher = Matcher(made, sample=other[:256])
        built, grown = time.process_time() - started, memory_mb() - before
        gc.collect()
        gc.freeze()  # as a server does after loading: the collector need not walk the watches again and again
        best, mentions = 0.0, 0
        for _ in range(3):
            started = time.process_time()
            mentions = sum(len(matcher.match(article)) for article in timed)
            best = max(best, len(timed) / (time.process_time() - started))
        changes = []
        for number in range(100):
            started = time.thread_time()
            matcher.replace(Watch(id=str(number * (count // 100)), query=f"{made[number].query} AND zzzz{number}"))
            changes.append(time.thread_time() - started)
        loop = plain_loop(made, timed[: max(2, 20_000 // count)])
        print(  # noqa: T201
            f"{count:>7} watches: {best:8.0f} articles/s, {mentions / len(timed):.2f} mentions/article; "
            f"plain loop {loop:.1f}/s ({best / loop:.0f}x); built in {built:.1f} s, {grown:.0f} MB; "
            f"change visible after {sorted(changes)[50] * 1e3:.2f} ms CPU, {max(changes) * 1e3:.2f} at worst"
        )


if __name__ == "__main__":
    main([int(arg) for arg in sys.argv[1:]] or [1000, 10_000, 100_000])
