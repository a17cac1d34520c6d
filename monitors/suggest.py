"""What an officer might add to an organisation: other spellings that the press uses, and namesakes to leave out.

Spelling differences between traditional and simplified characters, width and case need no suggestion: they
are folded. What is suggested here is another word, and a person decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from monitors.article import Article
from monitors.folding import UNSPACED, fold, is_unspaced
from monitors.names import short_name
from monitors.organisation import Organisation

_SEEN_OFTEN = 3  # a longer word counts as a word of its own when so many articles hold it
_BOUND = 0.6  # and when so much of what comes before the name is always followed by its first character


class Why(StrEnum):
    """Why something is suggested."""

    SHORT_NAME = "short_name"  # the name without its legal form
    VOCABULARY = "vocabulary"  # the word that Taiwan, Hong Kong or the mainland uses
    SPACING = "spacing"  # written together, apart or with a hyphen
    MISSPELLING = "misspelling"  # what a hurried writer makes of it
    NAMESAKE = "namesake"  # a longer word or phrase of others that holds the name


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """`text` could be an alias of `name`; a NAMESAKE could be excluded. `seen` counts the articles that hold it."""

    name: str
    text: str
    why: Why
    seen: int = 0


def suggest(organisation: Organisation, articles: Iterable[Article] = ()) -> tuple[Suggestion, ...]:
    """Suggestions for the names and products of an organisation, without what it has already.

    With articles, namesakes are looked for in them, and what they never hold of the misspellings is left out.
    """
    originals = [f"{article.title}\n{article.body}" for article in articles]
    texts = [fold(text).text for text in originals]
    own = (*organisation.names, *organisation.products, *organisation.people, *organisation.exclude)
    known = {fold(text).text for text in own}
    found: dict[str, Suggestion] = {}
    for name in (*organisation.names, *organisation.products):
        for text, why in _variants(name):
            folded = fold(text).text
            if folded in known or folded in found:
                continue
            seen = sum(folded in other for other in texts)
            if why is Why.MISSPELLING and texts and not seen:
                continue
            found[folded] = Suggestion(name=name, text=text, why=why, seen=seen)
        for text, seen in namesakes(name, originals):
            if not any(other in text for other in known if other not in fold(name).text):
                found.setdefault(text, Suggestion(name=name, text=text, why=Why.NAMESAKE, seen=seen))
    return tuple(found.values())


def _variants(name: str) -> Iterator[tuple[str, Why]]:
    short = short_name(name)
    if short != name and len(short) >= 2:
        yield short, Why.SHORT_NAME
    folded = fold(name)
    for word, theirs in _vocabulary():
        at = folded.text.find(word)
        if at >= 0:
            start, end = folded.span(at, at + len(word))
            yield f"{name[:start]}{theirs}{name[end:]}", Why.VOCABULARY
    if name.isascii():
        yield from _latin(name)


def _latin(name: str) -> Iterator[tuple[str, Why]]:
    """Latin names: spacing, and the slips that make up most misspellings (a letter doubled, single, or swapped)."""
    if re.search(r"[ -]", name):
        yield re.sub(r"[ -]+", "", name), Why.SPACING
        yield (re.sub(" +", "-", name) if " " in name else name.replace("-", " ")), Why.SPACING
    camel = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    if camel != name:
        yield camel, Why.SPACING
    if len(name) < 6 or not name.isalpha() or name[1:] != name[1:].lower():
        return
    for at in range(1, len(name)):
        if name[at] == name[at - 1]:
            yield name[:at] + name[at + 1 :], Why.MISSPELLING
    for at in range(1, len(name) - 2):
        if name[at] != name[at + 1]:
            yield name[:at] + name[at + 1] + name[at] + name[at + 2 :], Why.MISSPELLING
    for at in range(1, len(name) - 1):
        if name[at] in "lmnprst" and name[at - 1] != name[at] and name[at + 1] != name[at]:
            yield name[: at + 1] + name[at] + name[at + 1 :], Why.MISSPELLING


def namesakes(name: str, texts: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """(phrase, articles) of what holds the name by chance, most frequent first. `texts` are original.

    Chinese: the first character of the name belongs to the word before it, as in 波罗的海|天气 for 海天.
    Latin: the name is written as an ordinary word, as in "southwest winds" for Southwest.
    """
    everything = list(texts)
    literal = fold(name).text
    found: Counter[str] = Counter()
    if is_unspaced(literal[0]):
        joined = "\n".join(fold(text).text for text in everything)
        for before, seen in Counter(re.findall(f"(?=([{UNSPACED}]{{2}}){re.escape(literal)})", joined)).items():
            crossing = joined.count(before + literal[0])
            if seen >= _SEEN_OFTEN and crossing > 2 * seen and crossing >= _BOUND * joined.count(before):
                found[before + literal] = seen
    elif name != name.lower():
        ordinary = re.compile(rf"(?<!\w){re.escape(name.lower())} [^\W\d_]+")
        lower = sum(name.lower() in text for text in everything)
        # Where everything is written in lower case, lower case says nothing.
        if lower < 0.3 * sum(name in text for text in everything):
            for text in everything:
                found.update({fold(phrase).text for phrase in ordinary.findall(text)})
    return tuple((phrase, seen) for phrase, seen in found.most_common(20) if seen >= _SEEN_OFTEN)


@cache
def _vocabulary() -> tuple[tuple[str, str], ...]:
    """(folded word, the other word for it), mainland to Taiwan or Hong Kong and back.

    Source: OpenCC, see the head of vocabulary.tsv.
    """
    lines = files("monitors.query").joinpath("vocabulary.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    both = [*pairs, *(pair[::-1] for pair in pairs)]
    return tuple((fold(one).text, other) for one, other in both if len(one) > 1 and len(other) > 1)
