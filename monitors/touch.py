"""Where an article touches an organisation, how bad that passage is for it, and because of which words.

    article -> passages (parts of a digest title, sentences of a body) -> names in their roles
            -> risk of the passage toward each name -> Touch

The watches are made from the organisation itself: its names, people, products, suppliers, peers. A
namesake (`exclude`) takes its place out of the text. A short name that is only a piece of a longer one and an
ordinary word as well (Southwest, 海天) counts beside another name, a word of the industry, or in a
story that is known to be about the organisation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from monitors.article import Article
from monitors.folding import fold
from monitors.listening import Role, Rules
from monitors.organisation import Organisation
from monitors.risk import Harm, Lexicon, Risk, assess

_PARTS = re.compile(r"[；;｜|丨\n]|(?<=[。！？!?])|(?<=[.])\s")
_MOST_PASSAGES = 6
# Characters of a text that count as its lead, and that are read at all for names; what the title says of a name in
# the lead counts this much for it.
_LEAD = 300
_READ = 4000
_OF_TITLE = 0.9
_RESPONSE = 0.55
_APOLOGY = 0.65
_RAW = 0.4
_HAN = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Touch:
    """One passage about a name. `score` 0..1 is how bad it is for it, `words` say so; `answers` when the organisation
    is seen answering to something."""

    role: Role
    name: str
    score: float
    words: tuple[str, ...] = ()
    harms: tuple[Harm, ...] = ()
    answers: bool = False


class Reader:
    """Reads articles for one organisation."""

    def __init__(self, organisation: Organisation, rules: Rules, lexicon: Lexicon) -> None:
        self._rules = rules
        self._lexicon = lexicon
        self._roles: dict[str, tuple[Role, str]] = {}
        for role, names in (
            (Role.NAME, organisation.names),
            (Role.PERSON, organisation.people),
            (Role.PRODUCT, organisation.products),
            (Role.SUPPLIER, organisation.suppliers),
            (Role.PEER, organisation.peers),
        ):
            for name in names:
                self._roles.setdefault(fold(name).text, (role, name))
        self._roles.pop("", None)
        own = [name for name, (role, _) in self._roles.items() if role is not Role.PEER]
        main = fold(organisation.name).text
        self._weak = {name for name in own if name != main and _is_weak(name, own)}
        self._exclude = tuple(text for text in (fold(word).text for word in organisation.exclude) if text)
        self._all = _pattern((*self._roles, *self._exclude))
        self._any = _pattern(self._roles, whole=False)
        words = (*rules.words_of(organisation.industry), *_pieces(organisation.industry))
        self._industry = _pattern(fold(word).text for word in words)
        self._response = _pattern(fold(word).text for word in rules.response)
        self._apology = _pattern(fold(word).text for word in rules.apology)
        self._issue = _pattern(fold(word).text for word in rules.issue)

    def touches(self, article: Article, *, is_ours: bool = False) -> tuple[Touch, ...]:
        """The passages of an article that name the organisation, worst first. `is_ours`: its story is known to be."""
        found: list[Touch] = []
        for passage in self._passages(article):
            found += self._of(passage, is_ours=is_ours)
        found += self._led_by_title(article, is_ours=is_ours)
        return tuple(sorted(found, key=lambda touch: (-touch.score, list(Role).index(touch.role))))

    def _led_by_title(self, article: Article, *, is_ours: bool) -> list[Touch]:
        """What the title says of the names that its text leads with: "Stove explodes" is about the maker in line three.

        Only when the title names nobody of ours itself, and only for names in the lead or named twice: a name far
        down in a round-up is not what its title is about.
        """
        if not article.body or self._all is None or self._any is None:
            return []
        title, lead = fold(article.title).text, fold(article.body[:_LEAD]).text
        whole = fold(article.body[:_READ]).text
        if self._any.search(title) or any(word in whole for word in self._exclude if not self._holds_name(word)):
            return []
        names = tuple(dict.fromkeys(name for name in self._all.findall(whole) if name in self._roles))
        known = [name for name in names if name in lead or whole.count(name) > 1]
        if not self._is_meant(known, f"{title} {lead}", is_ours=is_ours):
            known = [name for name in known if name not in self._weak]
        known = [name for name in known if self._roles[name][0] is not Role.PEER]
        if not known:
            return []
        risk = assess(article.title, (), self._lexicon)
        if not risk.harms:
            return []
        words = tuple(dict.fromkeys(reason.word for reason in risk.reasons))[:4]
        return [
            Touch(
                role=self._roles[name][0],
                name=self._roles[name][1],
                score=risk.negative * _OF_TITLE,
                words=words,
                harms=risk.harms,
            )
            for name in known
        ]

    def is_in_industry(self, article: Article) -> bool:
        """Does the title speak of the organisation's industry?"""
        return self._industry is not None and self._industry.search(fold(article.title).text) is not None

    def harm(self, article: Article) -> Risk:
        """What the title of an article threatens, whoever it is about."""
        return assess(article.title, (), self._lexicon)

    def _passages(self, article: Article) -> Iterable[str]:
        if self._any is None:
            return
        if self._any.search(fold(article.title).text):
            for part in _PARTS.split(article.title):
                if self._any.search(fold(part).text):
                    yield part
        if article.body and self._any.search(fold(article.body).text):
            number = 0
            for part in _PARTS.split(article.body):
                if part and self._any.search(fold(part).text):
                    number += 1
                    if number > _MOST_PASSAGES:
                        return
                    yield part

    def _of(self, passage: str, *, is_ours: bool) -> list[Touch]:
        folded = fold(passage).text
        if any(word in folded and not self._holds_name(word) for word in self._exclude):
            return []
        # The longest name takes its place, so that what stands inside a namesake is not found.
        names = tuple(dict.fromkeys(self._all.findall(folded))) if self._all else ()
        known = [name for name in names if name in self._roles]
        if not self._is_meant(known, folded, is_ours=is_ours):
            known = [name for name in known if name not in self._weak]
        if not known:
            return []
        asked = [self._roles[name][1] for name in known] + [name for name in names if name not in self._roles]
        risk = assess(passage, asked, self._lexicon)
        answer = self._answer(folded)
        touches = []
        for name, blame in zip(known, risk.blamed, strict=False):
            role, spelling = self._roles[name]
            score, spans = blame.score, blame.spans
            words = tuple(dict.fromkeys(passage[start:end] for start, end in spans))
            if role is Role.PRODUCT and risk.negative * 0.9 > score:
                # Nobody blames soy sauce: what is bad in the passage counts for the product it is about.
                score, words = risk.negative * 0.9, tuple(dict.fromkeys(reason.word for reason in risk.reasons))
            answers = False
            if answer is not None and role in (Role.NAME, Role.PERSON) and answer[0] > score:
                score, words, answers = answer[0], answer[1], True
            touches.append(
                Touch(role=role, name=spelling, score=score, words=words[:4], harms=risk.harms, answers=answers)
            )
        return touches

    def _is_meant(self, known: list[str], folded: str, *, is_ours: bool) -> bool:
        """May the weak names of a passage be taken for the organisation?"""
        if is_ours or any(name not in self._weak and self._roles[name][0] is not Role.PEER for name in known):
            return True
        return self._industry is not None and self._industry.search(folded) is not None

    def _holds_name(self, text: str) -> bool:
        return any(name in text for name in self._roles)

    def _answer(self, folded: str) -> tuple[float, tuple[str, ...]] | None:
        """How much it says that somebody answers here, and the words."""
        said = self._response.search(folded) if self._response else None
        if said is None:
            return None
        if self._apology and self._apology.search(folded):
            return _APOLOGY, (said.group(),)
        # What is answered to counts also where the answer denies it: read the passage without the answering words.
        bare = assess(self._response.sub(" ", folded) if self._response else folded, (), self._lexicon)
        if bare.negative >= _RAW:
            return _RESPONSE, (said.group(), *dict.fromkeys(reason.word for reason in bare.reasons[:2]))
        issue = self._issue.search(folded) if self._issue else None
        return None if issue is None else (_RESPONSE, (said.group(), issue.group()))


def _pieces(industry: str) -> tuple[str, ...]:
    """The words that the name of an industry is made of: 燃气灶具 speaks of 燃气 and of 灶具."""
    found: list[str] = []
    for word in re.findall(r"[㐀-鿿]+|[A-Za-z]{4,}", industry):
        found.append(word)
        if _HAN.match(word) and len(word) >= 4:
            found += (word[:2], word[-2:])
    return tuple(found)


def _is_weak(name: str, others: Iterable[str]) -> bool:
    short = len(name) <= 2 if _HAN.search(name) else " " not in name
    return short and any(name != other and name in other for other in others)


def _pattern(words: Iterable[str], *, whole: bool = True) -> re.Pattern[str] | None:
    """Any of the words, Latin ones whole. None when there are none."""
    parts = []
    for word in sorted({word for word in words if word}, key=len, reverse=True):
        text = re.escape(word)
        if whole and word[0].isascii():
            text = rf"(?<![a-z0-9]){text}"
        if whole and word[-1].isascii():
            text = rf"{text}(?![a-z0-9])"
        parts.append(text)
    return re.compile("|".join(parts)) if parts else None
