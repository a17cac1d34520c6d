"""How an audience feels, read from what is at hand: mentions, complaints and responses, each with its place.

A voice that names an audience ("parents ask", 家长群) speaks for it; words of feeling in the same sentence are its
feelings; a question it asks is kept as a question. The word lists are content (playbooks/feelings.yaml).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from crisis.core.case import Case, OutletKind
from crisis.core.need import pattern
from crisis.core.text import Text
from monitors.folding import fold

QUOTE_LENGTH = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Feeling:
    """One feeling and its words. `helpless` marks words of "nobody listens": it keeps people from speaking up."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    name: Text
    zh: tuple[str, ...]
    en: tuple[str, ...]
    stance: int = -1
    helpless: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Speakers:
    """Words by which an audience is named as the one who speaks or feels."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    zh: tuple[str, ...]
    en: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FeelingWords:
    """The reviewed content of playbooks/feelings.yaml. `felt` and `asked` word an answer with {quote}, {where} ..."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    version: int
    felt: Text
    asked: Text
    feelings: tuple[Feeling, ...]
    speakers: Mapping[str, Speakers]


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """Somebody's words: a complaint or a response that was entered. `audience` says whose, `stance` -2..+2 if known."""

    audience: str
    text: str
    where: str
    hours: float | None = None
    stance: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One place where an audience was heard. `mention` is the index in the case, None for a voice.

    `feelings` may be empty: then only a question was asked. `quote` is the original sentence, shortened.
    """

    audience: str
    quote: str
    where: str
    hours: float | None
    mention: int | None
    feelings: tuple[str, ...]
    question: bool
    stance: int | None = None
    helpless: bool = False


def listen_to(case: Case, words: FeelingWords, voices: Iterable[Voice] = ()) -> Mapping[str, tuple[Heard, ...]]:
    """What each audience was heard to feel or ask, in the order of the case; audiences not heard are left out."""
    heard: dict[str, list[Heard]] = {}
    for place, mention in enumerate(case.mentions):
        where = mention.outlet
        outlet_says = _who(fold(mention.outlet).text, words)
        for sentence in _sentences(mention.title, mention.summary):
            folded = fold(sentence).text
            who = _who(folded, words) or outlet_says
            if not who and mention.kind is OutletKind.SOCIAL:
                who = ("public",)
            feelings = _feelings(folded, words)
            question = sentence.rstrip().endswith(("?", "？"))
            if not feelings and not question:
                continue
            for audience in who:
                heard.setdefault(audience, []).append(
                    Heard(
                        audience=audience,
                        quote=_short(sentence),
                        where=where,
                        hours=mention.hours,
                        mention=place,
                        feelings=tuple(item.id for item in feelings),
                        question=question,
                        helpless=any(item.helpless for item in feelings),
                    )
                )
    for voice in voices:
        feelings = _feelings(fold(voice.text).text, words)
        heard.setdefault(voice.audience, []).append(
            Heard(
                audience=voice.audience,
                quote=_short(voice.text),
                where=voice.where,
                hours=voice.hours,
                mention=None,
                feelings=tuple(item.id for item in feelings),
                question="?" in voice.text or "？" in voice.text,
                stance=voice.stance,
                helpless=any(item.helpless for item in feelings),
            )
        )
    return {audience: tuple(items) for audience, items in heard.items()}


def told_by(heard: Sequence[Heard], words: FeelingWords, card: Text) -> Text:
    """The answer to "how do they feel": what was heard with one quotation and its place, then what the card expects."""
    counts = Counter(feeling for item in heard for feeling in item.feelings)
    if not counts:
        return card
    names = {feeling.id: feeling.name for feeling in words.feelings}
    top = [names[feeling] for feeling, _ in counts.most_common(3)]
    # What people told us themselves goes before what others wrote about them.
    best = max((item for item in heard if item.feelings), key=lambda item: (item.mention is None, len(item.feelings)))
    places = len({(item.where, item.mention) for item in heard if item.feelings})
    return _phrase(
        words.felt,
        best,
        card,
        zh={"feelings": "、".join(name.zh for name in top), "places": str(places)},
        en={"feelings": ", ".join(name.en for name in top), "places": str(places)},
    )


def asked_by(heard: Sequence[Heard], words: FeelingWords, card: Text) -> Text:
    """The answer to "what do they know or need": a question that was asked, then what the card expects."""
    asked = next((item for item in heard if item.question), None)
    return card if asked is None else _phrase(words.asked, asked, card, zh={}, en={})


def _phrase(phrase: Text, item: Heard, card: Text, *, zh: Mapping[str, str], en: Mapping[str, str]) -> Text:
    hours = "?" if item.hours is None else f"{item.hours:g}"
    common = {"quote": item.quote, "where": item.where, "hours": hours}
    return Text(
        zh=phrase.zh.format(card=card.zh, **common, **zh),
        en=phrase.en.format(card=card.en, **common, **en),
    )


_END = re.compile(r"(?<=[。！？!?;；])\s*|(?<=[.])\s+|\n")


def _sentences(*texts: str) -> list[str]:
    return [part.strip() for text in texts for part in _END.split(text) if part and part.strip()]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= QUOTE_LENGTH else text[: QUOTE_LENGTH - 1] + "…"


@lru_cache(maxsize=64)
def _speaker_patterns(zh: tuple[str, ...], en: tuple[str, ...]) -> re.Pattern[str] | None:
    return pattern(zh + en)


def _who(folded: str, words: FeelingWords) -> tuple[str, ...]:
    found = []
    for audience, speakers in words.speakers.items():
        regex = _speaker_patterns(speakers.zh, speakers.en)
        if regex is not None and regex.search(folded):
            found.append(audience)
    return tuple(found)


def _feelings(folded: str, words: FeelingWords) -> tuple[Feeling, ...]:
    found = []
    for feeling in words.feelings:
        regex = _speaker_patterns(feeling.zh, feeling.en)
        if regex is not None and regex.search(folded):
            found.append(feeling)
    return tuple(found)
