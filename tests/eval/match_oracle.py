"""The matcher against an evaluator that shares no code with it: slow, plain, and easy to believe.

    python tests/eval/match_oracle.py 1000000 [first seed]

A case is one article and one watch, both made by chance from the same few words, so that hits are common.
Watch ids and every span must agree. Queries are kept as tuples here, written out with all brackets, and read
by the product's own parser, so that the parser is under test as well. Prints each difference and the count.
"""

from __future__ import annotations

import random
import sys
import time
import unicodedata
from pathlib import Path
from typing import Any

from monitors.article import Article
from monitors.matcher import Matcher
from monitors.watch import Watch

Tree = tuple[Any, ...]
Cell = tuple[str, int, int]  # a folded character, and what it comes from in the original

# ---- folding, one character after the other


def _classes() -> dict[str, str]:
    table = {}
    for line in (Path(__file__).parents[2] / "monitors" / "folding_classes.txt").read_text("utf-8").split("\n"):
        if not line.startswith("#"):
            for char in line:
                table[char] = line[0]
    return table


CLASSES = _classes()
ALIKE = {"’": "'", "‘": "'", "–": "-", "‑": "-", "‐": "-", "•": "·", "・": "·"}


def is_han(char: str) -> bool:
    return unicodedata.name(char, "").startswith(("CJK UNIFIED", "HIRAGANA", "KATAKANA LETTER", "HANGUL"))


def is_letter(char: str) -> bool:
    return (char.isalpha() or char.isdigit() or char.isnumeric() or char == "_") and not is_han(char)


def joins(char: str) -> bool:
    return unicodedata.category(char).startswith("M") or char in "ﾞﾟ" or "\u1160" <= char <= "\u11ff"


def fold_cell(cluster: str) -> str:
    if cluster[0] in "™®©":
        return cluster[0]
    alone = unicodedata.normalize("NFKC", cluster[0])
    if len(alone) > 1 and not any(char.isalnum() for char in alone):
        return ALIKE.get(cluster[0], cluster[0])
    text = unicodedata.normalize("NFKC", cluster).casefold().lower()
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    out, base = "", ""
    for char in text:
        kind = unicodedata.category(char)
        if kind == "Cf" or char in "\ufe0e\ufe0f" or kind == "Me":
            continue
        char = " " if kind in ("Zs", "Zl", "Zp") or (kind == "Cc" and char != "\x1e") else ALIKE.get(char, char)
        if kind == "Mn":
            if base and (base < "\u0530" or "\u1e00" <= base <= "\u1fff"):
                continue
        else:
            base = char
        out += char
    return "".join(CLASSES.get(char, char) for char in unicodedata.normalize("NFC", out))


def fold(text: str) -> list[Cell]:
    cells: list[Cell] = []
    at = 0
    while at < len(text):
        cluster, end, look = text[at], at + 1, at + 1
        while look < len(text) and (joins(text[look]) or unicodedata.category(text[look]) == "Cf"):
            if joins(text[look]):
                cluster += text[look]
                end = look + 1
            look += 1
        cells += [(char, at, end) for char in fold_cell(cluster)]
        at = end
    out: list[Cell] = []
    for index, cell in enumerate(cells):
        if cell[0] == " ":
            after = next((char for char, _, _ in cells[index + 1 :] if char != " "), "")
            before = out[-1][0] if out else ""
            if before == " ":
                continue
            if before and after and ((is_han(before) and is_letter(after)) or (is_letter(before) and is_han(after))):
                continue
        out.append(cell)
    return out


# ---- where words stand


class Text:
    def __init__(self, original: str) -> None:
        self.original = original
        self.cells = fold(original)
        self.text = "".join(char for char, _, _ in self.cells)

    def whole(self, start: int, end: int) -> bool:
        """Does no word go on over the edges?"""
        text = self.text
        if start and is_letter(text[start - 1]) and is_letter(text[start]):
            return False
        return not (end < len(text) and is_letter(text[end]) and is_letter(text[end - 1]))

    def slice(self, start: int, end: int) -> tuple[int, int]:
        return self.cells[start][1], self.cells[end - 1][2]


def plain(text: str) -> str:
    text = "".join(c for c in text if unicodedata.category(c) != "Cf" and c not in "\ufe0e\ufe0f")
    return " ".join(unicodedata.normalize("NFC", text).split())


def fits(pattern: list[str], text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return fits(pattern[1:], text) or (bool(text) and is_letter(text[0]) and fits(pattern, text[1:]))
    if not text:
        return False
    good = (is_letter(text[0]) or is_han(text[0])) if pattern[0] == "?" else text[0] == pattern[0]
    return good and fits(pattern[1:], text[1:])


def places(tree: Tree, text: Text) -> set[tuple[int, int]]:
    kind, word = tree[0], tree[1]
    found = set()
    if kind == "wild":
        pattern = [
            char for piece in word for char in (piece if piece in "*?" else "".join(c for c, _, _ in fold(piece)))
        ]
        for start in range(len(text.text)):
            ends = [
                e
                for e in range(start + 1, len(text.text) + 1)
                if fits(pattern, text.text[start:e]) and text.whole(start, e)
            ]
            if ends:
                found.add((start, max(ends)))
        return found
    folded = "".join(char for char, _, _ in fold(word)).strip(" ")
    wanted = {folded}
    if kind == "term":
        loose = ""
        for at, char in enumerate(folded):
            if not (char == " " and is_han(folded[at - 1]) and is_han(folded[at + 1])):
                loose += char
        wanted.add(loose)
    for literal in wanted:
        for start in range(len(text.text) - len(literal) + 1):
            end = start + len(literal)
            if text.text[start:end] == literal and text.whole(start, end):
                low, high = text.slice(start, end)
                if kind == "term" or plain(text.original[low:high]) == plain(word):
                    found.add((start, end))
    return found


def gap(text: str) -> int:
    halves, in_word = 0, False
    for char in text:
        if is_letter(char):
            halves += 0 if in_word else 2
        elif is_han(char):
            halves += 1
        elif char >= "\U0001f000" or "\u2300" <= char <= "\u2bff":
            halves += 2
        in_word = is_letter(char)
    return halves


# ---- what a query means

Leaf = tuple[int, int, str]
Occurrence = tuple[int, int, frozenset[Leaf]]


def name(tree: Tree) -> str:
    return "".join(tree[1]) if tree[0] == "wild" else str(tree[1])


def occurrences(tree: Tree, text: Text, low: int, high: int) -> set[Occurrence]:
    kind = tree[0]
    border = text.text.index("\x1e")
    if kind in ("term", "exact", "wild"):
        return {(s, e, frozenset({(s, e, name(tree))})) for s, e in places(tree, text) if low <= s and e <= high}
    if kind == "or":
        return set().union(*(occurrences(part, text, low, high) for part in tree[1:]))
    if kind == "in":
        low, high = (0, border) if tree[1] == "title" else (border + 1, len(text.text))
        return occurrences(tree[2], text, low, high)
    if kind == "near":
        _, distance, ordered, left, right = tree
        found = set()
        for a in occurrences(left, text, low, high):
            for b in occurrences(right, text, low, high):
                first, last = (a, b) if a[1] <= b[0] else (b, a)
                if first[1] > last[0] or (ordered and first is not a):
                    continue
                between = text.text[first[1] : last[0]]
                if "\x1e" not in between and gap(between) <= 2 * distance:
                    found.add((first[0], last[1], a[2] | b[2]))
        return found
    if kind == "unless":
        _, distance, part, mask = tree
        kept = set()
        for a in occurrences(part, text, low, high):
            for b in occurrences(mask, text, low, high):
                if a[0] < b[1] and b[0] < a[1]:
                    break
                if distance is not None:
                    between = text.text[min(a[1], b[1]) : max(a[0], b[0])]
                    if "\x1e" not in between and gap(between) <= 2 * distance:
                        break
            else:
                kept.add(a)
        return kept
    if kind == "atleast":
        found = occurrences(tree[2], text, low, high)
        return found if len({(s, e) for s, e, _ in found}) >= tree[1] else set()
    raise ValueError(kind)


def holds(tree: Tree, text: Text, low: int, high: int, lang: str) -> set[Leaf] | None:
    kind = tree[0]
    if kind == "and":
        parts = [holds(part, text, low, high, lang) for part in tree[1:]]
        return None if None in parts else set().union(*(part for part in parts if part is not None))
    if kind == "or":
        alive = [p for p in (holds(part, text, low, high, lang) for part in tree[1:]) if p is not None]
        return set().union(*alive) if alive else None
    if kind == "not":
        return set() if holds(tree[1], text, low, high, lang) is None else None
    if kind == "lang":
        return set() if lang == tree[1] or lang.startswith(tree[1] + "-") else None
    if kind == "in":
        border = text.text.index("\x1e")
        low, high = (0, border) if tree[1] == "title" else (border + 1, len(text.text))
        return holds(tree[2], text, low, high, lang)
    found = occurrences(tree, text, low, high)
    return {leaf for _, _, leaves in found for leaf in leaves} if found else None


def naive(tree: Tree, article: Article) -> set[tuple[str, int, int, str]] | None:
    """The spans of a match, or None."""
    text = Text(f"{article.title}\x1e{article.body}")
    leaves = holds(tree, text, 0, len(text.text), article.lang)
    if leaves is None:
        return None
    spans = set()
    for start, end, term in leaves:
        low, high = text.slice(start, end)
        title = len(article.title)
        spans.add(("title", low, high, term) if low < title else ("body", low - title - 1, high - title - 1, term))
    return spans


# ---- making cases

WORDS = [
    "ab",
    "AB",
    "a",
    "ban",
    "Ban",
    "café",
    "cafe\u0301",
    "fi",
    "ﬁ",
    "ß",
    "ss",
    "İx",
    "ix",
    "台",
    "臺",
    "颱风",
    "台风",
    "发",
    "發展",
    "发展中",
]
WORDS += [
    "中国",
    "展中",
    "计划",
    "計畫",
    "计画",
    "12",
    "１２",
    "ab12",
    "a-b",
    "o'b",
    "o’b",
    "AT&T",
    "👍",
    "👍🏽",
    "❤️",
    "ａｂ",
    "x·y",
    "x•y",
    "#ab",
    "@ban",
]
WORDS += [
    "ab ban",
    "台 风",
    "中国 ab",
    "ab 中国",
    "Ａ b",
    "ｶﾞ",
    "ガ",
    "가",
    "가",
    "™",
    "b™",
    "㍿",
    "a\u200bb",
    "ab\u00adan",
]
GLUE = ["", "", " ", " ", "  ", "，", "。", "-", "\u200b", "\n\n", "\u3000", "'s ", "_", "\u0301", "\ufe0f", ". "]


def make_text(chance: random.Random, pool: list[str], most: int) -> str:
    parts = []
    for _ in range(chance.randint(0, most)):
        word = chance.choice(pool)
        draw = chance.random()
        parts.append(word.upper() if draw < 0.15 else word.swapcase() if draw < 0.2 else word)
        parts.append(chance.choice(GLUE))
    return "".join(parts)


def make_word(chance: random.Random, pool: list[str]) -> Tree:
    word = chance.choice(pool)
    draw = chance.random()
    if draw < 0.12 and not any(char in "{}\\" for char in word):
        return ("exact", " ".join(word.split()))
    if draw < 0.24 and word.isascii() and word.isalnum() and len(word) >= 2:
        if len(word) >= 3:
            return ("wild", tuple(chance.choice(([word, "*"], [word[:2], "?"], [word, "*", word[-1]]))))
        return ("wild", (word, "?")) if chance.random() < 0.6 else ("wild", (word, "?", "?"))
    if draw < 0.3 and len(word) > 1:
        word = word[: chance.randint(1, len(word))]
    folded = "".join(c for c, _, _ in fold(word))
    if not any(is_letter(c) or is_han(c) or unicodedata.category(c) == "So" for c in folded):
        return ("term", "ab")
    return ("term", " ".join(word.split()))


def make_place(chance: random.Random, pool: list[str], depth: int) -> Tree:
    """Something that stands at places: what NEAR, UNLESS and atleast take."""
    draw = chance.random()
    if depth <= 0 or draw < 0.45:
        return make_word(chance, pool)
    if draw < 0.7:
        return ("or", *(make_place(chance, pool, depth - 1) for _ in range(chance.randint(2, 3))))
    if draw < 0.85:
        return (
            "near",
            chance.randint(0, 4),
            chance.random() < 0.4,
            *(make_place(chance, pool, depth - 1) for _ in "ab"),
        )
    distance = None if chance.random() < 0.6 else chance.randint(0, 3)
    return ("unless", distance, make_place(chance, pool, depth - 1), make_place(chance, pool, depth - 1))


def make_query(chance: random.Random, pool: list[str], depth: int) -> Tree:
    """A query with a positive word on every branch."""
    draw = chance.random()
    if depth <= 0 or draw < 0.2:
        return make_word(chance, pool)
    if draw < 0.45:
        return make_place(chance, pool, depth)
    if draw < 0.6:
        return ("or", *(make_query(chance, pool, depth - 1) for _ in range(chance.randint(2, 3))))
    if draw < 0.85:
        more: Tree = make_query(chance, pool, depth - 1)
        extra = chance.random()
        if extra < 0.4:
            more = ("not", more)
        elif extra < 0.5:
            more = ("lang", chance.choice(("zh", "en", "zh-hans")))
        parts = [make_query(chance, pool, depth - 1), more]
        chance.shuffle(parts)
        return ("and", *parts)
    if draw < 0.95:
        return ("in", chance.choice(("title", "body")), make_place(chance, pool, depth - 1))
    return ("atleast", chance.randint(1, 3), make_place(chance, pool, depth - 1))


def write(tree: Tree) -> str:
    """A query as text, with every bracket."""
    kind = tree[0]
    if kind == "term":
        return '"' + tree[1].replace("\\", "\\\\").replace('"', '\\"') + '"'
    if kind == "exact":
        return "{" + tree[1] + "}"
    if kind == "wild":
        return "".join(tree[1])
    if kind in ("and", "or"):
        return "(" + f" {kind.upper()} ".join(write(part) for part in tree[1:]) + ")"
    if kind == "not":
        return f"(NOT {write(tree[1])})"
    if kind == "lang":
        return f"lang:{tree[1]}"
    if kind == "in":
        return f"({tree[1]}:({write(tree[2])}))"
    if kind == "near":
        return f"({write(tree[3])} {'ONEAR' if tree[2] else 'NEAR'}/{tree[1]} {write(tree[4])})"
    if kind == "unless":
        return f"({write(tree[2])} UNLESS{'' if tree[1] is None else f'/{tree[1]}'} {write(tree[3])})"
    return f"(atleast/{tree[1]} ({write(tree[2])}))"


def differences(seed: int, articles: int = 5, watches: int = 10) -> list[str]:
    """What differs in one bundle of articles x watches cases."""
    chance = random.Random(seed)
    pool = chance.sample(WORDS, chance.randint(3, 8))
    trees = {str(number): make_query(chance, pool, chance.randint(0, 4)) for number in range(watches)}
    written = [Watch(id=key, query=write(tree)) for key, tree in trees.items()]
    # Some of the watches come later, some are replaced: the result must not depend on it.
    first = chance.randint(0, watches)
    matcher = Matcher(written[:first])
    for watch in written[first:]:
        matcher.add(watch)
    for watch in chance.sample(written, 2):
        matcher.remove(watch.id)
        matcher.add(watch)
    if chance.random() < 0.3:
        matcher.merge()
    out = []
    for number in range(articles):
        title, body = make_text(chance, pool, 5), make_text(chance, pool, 12)
        article = Article(id=str(number), title=title, body=body, lang=chance.choice(("zh", "zh-hans", "en", "fr")))
        fast = {m.watch: {(str(s.field), s.start, s.end, s.term) for s in m.spans} for m in matcher.match(article)}
        for key, tree in trees.items():
            slow = naive(tree, article)
            if fast.get(key) != slow:
                out.append(f"seed {seed}: {write(tree)} on {title!r} | {body!r}: {fast.get(key)} but naive {slow}")
    return out


def main(cases: int, seed: int) -> None:
    started, done, bad = time.process_time(), 0, 0
    while done < cases:
        for difference in differences(seed):
            bad += 1
            print(difference)  # noqa: T201
        done += 50
        seed += 1
        if bad > 20:
            break
    print(f"{bad} differences in {done} cases, {time.process_time() - started:.0f} s, next seed {seed}")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
