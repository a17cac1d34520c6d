"""Chinese in the script of a place: which characters people there read, and our own wording turned into them.

Our wording is written once, in simplified characters. What people entered (facts, names, contacts) is never turned:
the ledger quotes it byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Script(StrEnum):
    """How Chinese is written, as a language tag: simplified, traditional, and with the words of a place."""

    HANS = "zh-Hans"
    HANT = "zh-Hant"
    TAIWAN = "zh-Hant-TW"
    HONG_KONG = "zh-Hant-HK"

    @property
    def is_traditional(self) -> bool:
        return self is not Script.HANS


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptWords:
    """playbooks/script.yaml. `simplified` and `traditional` are of the same length, character by character.

    `words` are stretches that are written otherwise than their characters one by one, `own` what a place says
    otherwise; `places` gives a jurisdiction its script.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    version: int
    places: Mapping[str, Script]
    simplified: str
    traditional: str
    words: Mapping[str, str]
    own: Mapping[Script, Mapping[str, str]]


class Scribe:
    """Turns simplified wording into another script, and tells which script a text is in.

    `only_simplified` are the characters that no traditional text has.
    """

    def __init__(self, words: ScriptWords) -> None:
        self._characters = str.maketrans(words.simplified, words.traditional)
        self._words = {script: {**words.words, **words.own.get(script, {})} for script in Script}
        # The longest first: 不准确 before 准确.
        self._found = {
            script: re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))))
            for script, known in self._words.items()
        }
        self._places = words.places
        self._only_traditional = frozenset(words.traditional) - frozenset(words.simplified)
        self.only_simplified = frozenset(words.simplified) - frozenset(words.traditional)

    def turned(self, text: str, script: Script) -> str:
        """Simplified wording in a script. What is in it already stays."""
        if not script.is_traditional:
            return text
        words = self._words[script]
        out = []
        end = 0
        for found in self._found[script].finditer(text):
            out += [text[end : found.start()].translate(self._characters), words[found[0]]]
            end = found.end()
        return "".join(out) + text[end:].translate(self._characters)

    def of(self, text: str) -> Script | None:
        """HANT or HANS by the characters that only one of them has; None for a text that says nothing of it."""
        traditional = sum(char in self._only_traditional for char in text)
        simplified = sum(char in self.only_simplified for char in text)
        if traditional == simplified:
            return None
        return Script.HANT if traditional > simplified else Script.HANS

    def for_readers(self, places: Iterable[str], texts: Iterable[str]) -> Script:
        """The script of a draft: that of the places (codes) it is for, and where these do not agree that of the texts.

        Where nothing says otherwise it is simplified.
        """
        read = [self._places.get(place, Script.HANS) for place in places]
        known = {script for script in read if script.is_traditional}
        if known and len(known) == len(set(read)):
            return known.pop() if len(known) == 1 else Script.HANT
        if (read and not known) or self.of("".join(texts)) is not Script.HANT:
            return Script.HANS
        return known.pop() if len(known) == 1 else Script.HANT
