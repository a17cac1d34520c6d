"""An alert: what the ear tells the desk, with the reasons as codes and details. The desk words them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """`notice`: worth a look. `alert`: wake somebody."""

    NOTICE = "notice"
    ALERT = "alert"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why, as a code and its details (numbers, words of the text). Codes: severity, response, chain, burst, topic,
    sector, sources."""

    code: str
    details: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One alert. `at` is when the article that raised it was published; `articles` begins with that one."""

    at: datetime
    level: Level
    story: str
    title: str
    reasons: tuple[Reason, ...]
    articles: tuple[str, ...]
    independent_sources: int
