"""Links between stories of different languages, proposed for a person to confirm.

The way: Chinese words of a glossary -> the English words a story would use; Latin names and numbers in Chinese
text stand for themselves -> cosine with the terms of an English story, each term weighed by its rarity there.
Nothing is merged: a link is a proposal, an officer joins (`Stories.must_join`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitors.article import Article
from monitors.tokens import LEAD_LATIN, Rarity, article_counts, counts, han_share, plain, stem, vector

# From here a link is worth showing; measured on translated pairs, where most unlike ones lie below.
PROPOSE = 0.12
LEAST_SHARED = 2
_BODY = 400
_WORDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9'’]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Two articles that may be about one event. `shared` are the English terms they meet in."""

    chinese: str
    english: str
    likeness: float
    shared: tuple[str, ...]


def is_chinese(article: Article) -> bool:
    """Whether an article counts as Chinese here: by its title, else by how it begins."""
    return han_share(article.title or article.body[:200]) > 0.3


class Bridge:
    """Compares Chinese with English articles through a glossary (Chinese word -> English words)."""

    def __init__(self, glossary: Mapping[str, tuple[str, ...]], *, without: Iterable[str] = ()) -> None:
        """`without` are texts whose terms make no link: the name of the house is in all of its stories."""
        self._without = frozenset(term for text in without for term in counts(text))
        self._glosses = {
            plain(word): tuple(filter(None, (stem(other.lower()) for other in english)))
            for word, english in glossary.items()
        }
        words = sorted(self._glosses, key=len, reverse=True)
        self._find = re.compile("|".join(map(re.escape, words))) if words else None

    def english_terms(self, article: Article) -> dict[str, float]:
        """The English terms a Chinese article stands for: each gloss shares the weight of its word."""
        text = plain(f"{article.title}\n{article.body[:_BODY]}")
        found: dict[str, float] = {}
        if self._find is not None:
            for word in self._find.findall(text):
                glosses = self._glosses[word]
                for gloss in glosses:
                    found[gloss] = found.get(gloss, 0.0) + 1.0 / len(glosses) ** 0.5
        for term, count in article_counts(Article(id="", title=text)).items():
            if term.isascii() and term not in found:
                found[term] = count
        return found

    def likeness(
        self, chinese: Article, english: Article, rarity: Rarity | None = None
    ) -> tuple[float, tuple[str, ...]]:
        """How alike a Chinese and an English article are, 0 to 1, and the terms they share, weightiest first."""
        known = rarity or Rarity()
        ours = vector({term: 1.0 + count for term, count in self.english_terms(chinese).items()}, known)
        theirs = vector(article_counts(english), known)
        shared = {
            term: weight * theirs[term] for term, weight in ours.items() if term in theirs and term not in self._without
        }
        return sum(shared.values()), tuple(sorted(shared, key=shared.__getitem__, reverse=True))

    def meetings(self, chinese: Article, english: Article, shared: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """The words in which two articles meet in these terms, as each of them has it: (爆炸, explosion)."""
        text = plain(f"{chinese.title}\n{chinese.body[:_BODY]}")
        said = {term: word for word in _WORDS.findall(text) if (term := stem(word.lower()))}
        for word in self._find.findall(text) if self._find is not None else ():
            for gloss in self._glosses[word]:
                said.setdefault(gloss, word)
        heard: dict[str, str] = {}
        for word in _WORDS.findall(plain(f"{english.title}\n{english.body[:LEAD_LATIN]}")):
            heard.setdefault(stem(word.lower()), word)
        found = ((said[term], heard[term]) for term in shared if term in said and term in heard)
        return tuple(dict.fromkeys(found))

    def propose(
        self, articles: Iterable[Article], rarity: Rarity | None = None, *, least: float = PROPOSE
    ) -> tuple[Link, ...]:
        """The best English partner of each Chinese article, when alike enough and in two terms at least; best first.

        Hand over one article for each live story (its first, or its longest), not the whole stream.
        """
        chinese: list[Article] = []
        english: list[Article] = []
        for article in articles:
            (chinese if is_chinese(article) else english).append(article)
        known = rarity or Rarity()
        if rarity is None:
            for article in english:
                known.learn(article_counts(article))
        links = []
        for one in chinese:
            scored = [(*self.likeness(one, other, known), other.id) for other in english]
            likeness, shared, other_id = max(scored, default=(0.0, (), ""))
            if likeness >= least and len(shared) >= LEAST_SHARED:
                links.append(Link(chinese=one.id, english=other_id, likeness=likeness, shared=shared[:6]))
        return tuple(sorted(links, key=lambda link: -link.likeness))
