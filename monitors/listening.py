"""The rules of listening, as values: bars, budgets and words. The shelf fills them (`playbooks/alarms.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from monitors.risk import Harm


class Role(StrEnum):
    """What a name is to the organisation."""

    NAME = "name"
    PERSON = "person"
    PRODUCT = "product"
    SUPPLIER = "supplier"
    PEER = "peer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """From which score, 0 to 1, a passage is bad enough; see the file."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: float
    person: float
    product: float
    supplier: float
    money: float
    counted: float

    def of(self, role: Role, topic: str) -> float:
        """The bar of a single passage about a name in this role; out of reach for peers."""
        bars = {
            Role.NAME: self.name,
            Role.PERSON: self.person,
            Role.PRODUCT: self.product,
            Role.SUPPLIER: self.supplier,
            Role.PEER: 2.0,
        }
        return max(bars[role], self.money) if topic == "money" else bars[role]


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """How many single passages may raise an alarm (or a notice): `reserve` at once, one more every `days`."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    reserve: float
    days: float
    notice_reserve: float
    notice_days: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Sector:
    """A grave event in the own industry is worth a look from `outlets` outlets within `hours`, at this `bar`."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    outlets: int
    hours: float
    bar: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """Everything that turns harm into an alarm. `industries` are (what it is called, words it is spoken of with)."""

    bars: Bars
    budget: Budget
    sector: Sector
    topics: Mapping[str, tuple[Harm, ...]]
    false_alarm_days: float
    repeat_hours: float
    awake_hours: float
    late_hours: float
    jump_hours: float
    response: tuple[str, ...]
    apology: tuple[str, ...]
    issue: tuple[str, ...]
    industries: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    def topic_of(self, harms: tuple[Harm, ...]) -> str:
        """The topic of the gravest of these harms."""
        for harm in harms:
            for topic, members in self.topics.items():
                if harm in members:
                    return topic
        return "conduct"

    def words_of(self, industry: str) -> tuple[str, ...]:
        """The words an industry is spoken of with, empty when it is not listed."""
        wanted = industry.casefold()
        latin = set(re.findall(r"[a-z]+", wanted))
        found: list[str] = []
        for names, words in self.industries:
            for name in names:
                parts = re.findall(r"[a-z]+", name.casefold())
                # Latin names word by word: there is no car in healthcare.
                if latin.issuperset(parts) if parts else name in wanted:
                    found += words
                    break
        return tuple(dict.fromkeys(found))
