"""Who has to be told within a day, and why: signals read from a case, points per audience, a visible sum.

A signal is a thing a person would point at ("people were hurt", "the shares moved"). It is found by cue
words in mentions and facts, in the organisation's trade, or given by the classification. Each audience
starts from a base and collects points; from 0 up it has to be told. Beside the signals stands a guess: how much the
case reads like our own labelled cases in which this audience had to be told. The lists are content
(playbooks/audience_rules.yaml, reviewed, and audience_points.yaml, fitted); nothing here knows a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, Protocol

from crisis.core.case import Case, CreditKind, CrisisType, Severity
from crisis.core.classify.likeness import HAD_TO_TELL, CaseReader, Like
from crisis.core.classify.sightings import texts_read
from crisis.core.text import Text
from monitors.folding import fold, is_word

# The condition of the row that rests on likeness.
READS_ALIKE = "reads_alike"
# The condition that a product of the organisation is named; shorter names stand in too many other words.
GOODS_NAMED = "org.product_named"
_LEAST_CHINESE, _LEAST_LATIN = 2, 4


class TypeJudgement(Protocol):
    """What the plan needs of a classification. `crisis.core.classify` gives more."""

    @property
    def primary(self) -> CrisisType: ...
    @property
    def secondary(self) -> tuple[CrisisType, ...]: ...
    @property
    def credit_kind(self) -> CreditKind | None: ...
    @property
    def severity(self) -> Severity: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """Something that a case shows or does not show.

    `zh` are stretches of simplified Chinese, `en` are beginnings of English words or phrases, both lower case;
    `trade` lists the same for the organisation's industry and products, `but` what a hit must not stand in.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    says: Text
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    trade: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Points:
    """`points` count when every condition of `when` holds.

    A condition is the id of a signal, the id with `+` (in two or more mentions or facts), `type.linear`, `also.media`
    (secondary type), `credit.finance`, `severity.severe`, `org.suppliers` (the organisation names some),
    `org.product_named` (a product of ours is), each with `not ` before it for the opposite.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    when: tuple[str, ...]
    points: float


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedRule:
    """How much speaks for telling one audience within a day. 0 or more: tell them.

    `alike`: points for a likeness of 1 to cases in which they had to be told.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    base: float
    points: tuple[Points, ...] = ()
    alike: float = 0.0

    def moved(self, by: NeedRule) -> NeedRule:
        """This rule with the points of another added to it, condition by condition."""
        sums = {points.when: points.points for points in self.points}
        for points in by.points:
            sums[points.when] = sums.get(points.when, 0.0) + points.points
        return NeedRule(
            base=round(self.base + by.base, 2),
            points=tuple(Points(when=when, points=round(sum_, 2)) for when, sum_ in sums.items() if round(sum_, 2)),
            alike=self.alike + by.alike,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedRules:
    """The reviewed content of playbooks/audience_rules.yaml."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    version: int
    signals: tuple[Signal, ...]
    audiences: Mapping[str, NeedRule]


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedMoves:
    """playbooks/audience_points.yaml: what labelled cases add to the reviewed points of each audience."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    version: int
    audiences: Mapping[str, NeedRule]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """Where a signal was seen: `place` is `mention 3`, `fact 0` or `trade`; `words` is the stretch itself."""

    place: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """Everything that holds in a case: condition -> hits (empty for conditions that come from the classification).

    `alike`: audience -> how much the case reads like cases in which it had to be told.
    """

    hits: Mapping[str, tuple[Hit, ...]]
    alike: Mapping[str, Like] = field(default_factory=dict)

    def holds(self, condition: str) -> bool:
        if condition.startswith("not "):
            return condition[4:] not in self.hits
        return condition in self.hits


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row of the sum: these conditions held and moved the sum by `points`. `cases`: what a guess rests on."""

    when: tuple[str, ...]
    points: float
    cases: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """The sum for one audience with its rows; `told` from 0 up."""

    audience: str
    total: float
    rows: tuple[Row, ...]

    @property
    def told(self) -> bool:
        return self.total >= -1e-9


def look(case: Case, judged: TypeJudgement, rules: NeedRules, reader: CaseReader | None = None) -> Seen:
    """What holds in this case. Texts are folded (case, width, traditional to simplified) before cues are sought.

    Without a `reader` nothing is guessed from likeness.
    """
    hits: dict[str, tuple[Hit, ...]] = {f"type.{judged.primary}": (), f"severity.{judged.severity}": ()}
    for second in judged.secondary:
        hits[f"also.{second}"] = ()
    if judged.credit_kind is not None:
        hits[f"credit.{judged.credit_kind}"] = ()
    for name in ("products", "people", "peers", "suppliers", "regions"):
        if getattr(case.org, name):
            hits[f"org.{name}"] = ()
    hits |= sighted(case, rules.signals)
    if goods := _goods_named(case, _texts(case)):
        hits[GOODS_NAMED] = goods
    labels = [HAD_TO_TELL + name for name in rules.audiences]
    alike = reader(texts_read(case), labels, least=-1.0) if reader is not None else ()
    return Seen(hits=hits, alike={like.name.removeprefix(HAD_TO_TELL): like for like in alike})


def sighted(case: Case, signals: Sequence[Signal]) -> dict[str, tuple[Hit, ...]]:
    """Where each of these signals is seen: its id, and with `+` when in two or more mentions or facts, -> hits."""
    hits: dict[str, tuple[Hit, ...]] = {}
    texts = _texts(case)
    trade = _folded(" / ".join((case.org.industry, *case.org.products, case.org.name)))
    for signal in signals:
        found = []
        trades = _patterns(signal)[1]
        for place, text in texts:
            words = _cue(signal, text)
            if words is not None:
                found.append(Hit(place=place, words=words))
        many = len(found) > 1
        if trades is not None and (words := _first(trades, trade)):
            found.append(Hit(place="trade", words=words))
        if found:
            hits[signal.id] = tuple(found)
            if many:
                hits[f"{signal.id}+"] = tuple(found)
    return hits


def _texts(case: Case) -> list[tuple[str, str]]:
    texts = [(f"mention {n}", _folded(f"{m.outlet}\n{m.text}")) for n, m in enumerate(case.mentions)]
    return texts + [(f"fact {n}", _folded(fact.claim)) for n, fact in enumerate(case.facts)]


def _goods_named(case: Case, texts: Sequence[tuple[str, str]]) -> tuple[Hit, ...]:
    """Where a product of the organisation is named, with its name before it or not (穗光燃气灶: 燃气灶)."""
    ours = sorted((_folded(name) for name in case.org.names), key=len, reverse=True)
    named = set()
    for product in map(_folded, case.org.products):
        bare = next((product.removeprefix(name).strip() for name in ours if product.startswith(name)), product)
        if len(bare) >= (_LEAST_LATIN if bare.isascii() else _LEAST_CHINESE):
            named.add(bare)
    return tuple(
        Hit(place=place, words=word)
        for place, text in texts
        for word in [next((word for word in sorted(named) if word in text), "")]
        if word
    )


def weigh(audience: str, rule: NeedRule, seen: Seen) -> Need:
    """The sum for one audience over what was seen."""
    rows = tuple(
        Row(when=points.when, points=points.points)
        for points in rule.points
        if all(seen.holds(condition) for condition in points.when)
    )
    like = seen.alike.get(audience)
    if like is not None and (guessed := round(rule.alike * like.amount, 1)):
        rows += (Row(when=(READS_ALIKE,), points=guessed, cases=like.cases),)
    return Need(audience=audience, total=rule.base + sum(row.points for row in rows), rows=rows)


# Not \b: Chinese characters are word characters too, and 用app下单 holds the word app.
_EDGE = r"(?<![a-z0-9])"
_END = r"(?![a-z0-9])"


@lru_cache(maxsize=512)
def _patterns(signal: Signal) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    return pattern(signal.zh + signal.en, signal.but), pattern(signal.trade, signal.but)


# A case is looked at again with each fact and each time that its room is opened, and most of its texts stay: this holds
# some five hundred of them.
@lru_cache(maxsize=32_768)
def _cue(signal: Signal, text: str) -> str | None:
    """The first cue of a signal in a folded text."""
    cues = _patterns(signal)[0]
    return _first(cues, text) if cues is not None else None


def _first(cues: re.Pattern[str], text: str) -> str | None:
    """The first cue that stands in no word of `but`; a Latin one up to the end of its word."""
    for match in cues.finditer(text):
        if match["cue"]:
            end = match.end()
            while end < len(text) and is_word(text[end - 1]) and is_word(text[end]):
                end += 1
            return text[match.start() : end]
    return None


def pattern(cues: tuple[str, ...], but: tuple[str, ...] = ()) -> re.Pattern[str] | None:
    """Latin cues begin at a word's beginning and end anywhere unless they close with `|`; Chinese cues lie anywhere.

    The group `cue` is the cue found. It is empty where a word of `but` stands: a search goes on behind that word.
    """
    if not cues:
        return None
    excepted = f"{_any_of(but)}|" if but else ""
    return re.compile(f"{excepted}(?P<cue>{_any_of(cues)})")


def _any_of(cues: tuple[str, ...]) -> str:
    parts = []
    for cue in cues:
        whole = cue.endswith("|")
        body = re.escape(_folded(cue.removesuffix("|")))
        parts.append((_EDGE if cue[0].isascii() else "") + body + (_END if whole else ""))
    return "|".join(parts)


def _folded(text: str) -> str:
    return fold(text).text
