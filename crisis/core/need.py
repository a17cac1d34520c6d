"""Who has to be told within a day, and why: signals read from a case, points per audience, a visible sum.

A signal is a thing a person would point at ("people were hurt", "the shares moved"). It is found by cue
words in mentions and facts, in the organisation's trade, or given by the classification. Each audience
starts from a base and collects points; from 0 up it has to be told. The lists are content
(playbooks/audience_rules.yaml); nothing here knows a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Protocol

from crisis.core.case import Case, CreditKind, CrisisType, Severity
from crisis.core.text import Text
from monitors.folding import fold


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
    (secondary type), `credit.finance`, `severity.severe`, `org.suppliers` (the organisation names some), each with
    `not ` before it for the opposite.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    when: tuple[str, ...]
    points: float


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedRule:
    """How much speaks for telling one audience within a day. 0 or more: tell them."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    base: float
    points: tuple[Points, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedRules:
    """The reviewed content of playbooks/audience_rules.yaml."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    version: int
    signals: tuple[Signal, ...]
    audiences: Mapping[str, NeedRule]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """Where a signal was seen: `place` is `mention 3`, `fact 0` or `trade`; `words` is the stretch itself."""

    place: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """Everything that holds in a case: condition -> hits (empty for conditions that come from the classification)."""

    hits: Mapping[str, tuple[Hit, ...]]

    def holds(self, condition: str) -> bool:
        if condition.startswith("not "):
            return condition[4:] not in self.hits
        return condition in self.hits


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row of the sum: these conditions held and moved the sum by `points`."""

    when: tuple[str, ...]
    points: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """The sum for one audience with its rows; `told` from 0 up."""

    audience: str
    total: float
    rows: tuple[Row, ...]

    @property
    def told(self) -> bool:
        return self.total >= -1e-9


def look(case: Case, judged: TypeJudgement, rules: NeedRules) -> Seen:
    """What holds in this case. Texts are folded (case, width, traditional to simplified) before cues are sought."""
    hits: dict[str, tuple[Hit, ...]] = {f"type.{judged.primary}": (), f"severity.{judged.severity}": ()}
    for second in judged.secondary:
        hits[f"also.{second}"] = ()
    if judged.credit_kind is not None:
        hits[f"credit.{judged.credit_kind}"] = ()
    for name in ("products", "people", "peers", "suppliers", "regions"):
        if getattr(case.org, name):
            hits[f"org.{name}"] = ()
    texts = [(f"mention {n}", _folded(f"{m.outlet}\n{m.text}")) for n, m in enumerate(case.mentions)]
    texts += [(f"fact {n}", _folded(fact.claim)) for n, fact in enumerate(case.facts)]
    trade = _folded(" / ".join((case.org.industry, *case.org.products, case.org.name)))
    for signal in rules.signals:
        found = []
        cues, trades = _patterns(signal)
        if cues is not None:
            for place, text in texts:
                match = cues.search(text)
                if match:
                    found.append(Hit(place=place, words=match[0]))
        many = len(found) > 1
        if trades is not None and (match := trades.search(trade)):
            found.append(Hit(place="trade", words=match[0]))
        if found:
            hits[signal.id] = tuple(found)
            if many:
                hits[f"{signal.id}+"] = tuple(found)
    return Seen(hits=hits)


def weigh(audience: str, rule: NeedRule, seen: Seen) -> Need:
    """The sum for one audience over what was seen."""
    rows = tuple(
        Row(when=points.when, points=points.points)
        for points in rule.points
        if all(seen.holds(condition) for condition in points.when)
    )
    return Need(audience=audience, total=rule.base + sum(row.points for row in rows), rows=rows)


# Not \b: Chinese characters are word characters too, and 用app下单 holds the word app.
_EDGE = r"(?<![a-z0-9])"
_END = r"(?![a-z0-9])"


@lru_cache(maxsize=512)
def _patterns(signal: Signal) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    return pattern(signal.zh + signal.en, signal.but), pattern(signal.trade, signal.but)


def pattern(cues: tuple[str, ...], but: tuple[str, ...] = ()) -> re.Pattern[str] | None:
    """Latin cues begin at a word's beginning and end anywhere unless they close with `|`; Chinese cues lie anywhere."""
    if not cues:
        return None
    parts = []
    for cue in cues:
        whole = cue.endswith("|")
        body = re.escape(_folded(cue.removesuffix("|")))
        parts.append((_EDGE if cue[0].isascii() else "") + body + (_END if whole else ""))
    excepted = f"(?!{'|'.join(re.escape(_folded(word)) for word in but)})" if but else ""
    return re.compile(f"{excepted}(?:{'|'.join(parts)})")


def _folded(text: str) -> str:
    return fold(text).text
