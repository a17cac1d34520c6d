"""A text in the two languages of the house."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Lang(StrEnum):
    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """The same thing said in Chinese and in English: both are written, neither is a translation."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    zh: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return self.en if lang == Lang.EN else self.zh


def mark_of(*words: str) -> str:
    """A short mark of words (16 hex digits): a form carries that of what was seen, and other words have another."""
    return hashlib.sha256("\x00".join(words).encode()).hexdigest()[:16]
