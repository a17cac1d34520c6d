"""Rulings: what an officer decided about which articles are one story. Nothing the ear finds later undoes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RulingKind(StrEnum):
    """JOIN: two stories are one. PART: some articles are no part of their story. APART: two stories are not the same.
    UNDO: an earlier ruling holds no longer."""

    JOIN = "join"
    PART = "part"
    APART = "apart"
    UNDO = "undo"


class Side(StrEnum):
    """Of which of its two stories an article was when the ruling was made."""

    STORY = "story"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """One decision, never changed. `story_id` is the story that kept its articles; `other_id` the one that went into
    it (JOIN), that was made of the articles taken out (PART), or that is another (APART).

    `was` is the state of the other story before it was joined; `undoes` is the ruling that an UNDO ends.
    """

    id: int = 0
    at: datetime
    by: int
    kind: RulingKind
    story_id: int
    other_id: int
    reason: str = ""
    was: str = ""
    undoes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """Two stories in different languages that may be one, as the ear proposes: the words in which they meet, each as
    the Chinese and as the English article has it."""

    id: int = 0
    story_id: int
    other_id: int
    at: datetime
    likeness: float
    words: tuple[tuple[str, str], ...]
