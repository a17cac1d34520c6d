"""Duty reminders: which legal clocks may run in a case. Never advice: always shown with "verify with counsel"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from crisis.core.case import Case
from crisis.core.feeling import Speakers
from crisis.core.need import Seen, pattern
from crisis.core.text import Text
from monitors.folding import fold


class Checked(StrEnum):
    """How well the wording was compared with a source on `checked_on`."""

    CHECKED = "checked"
    PARTLY = "partly"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, kw_only=True, slots=True)
class LegalReminder:
    """One duty, in force from `valid_from` to `valid_to` (None: open or not known). `when` are signals, all needed."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    jurisdiction: str
    area: str
    valid_from: date | None
    valid_to: date | None
    checked: Checked
    checked_on: date
    source: Text
    trigger: Text
    reminder: Text
    when: tuple[str, ...]

    def is_in_force(self, on: date) -> bool:
        """Whether it is in force on a day, as far as its dates are known."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, kw_only=True, slots=True)
class LegalPlaces:
    """Words that point to a jurisdiction, and the jurisdiction a language stands for when no region says more."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    verify: Text
    languages: Mapping[str, str]
    places: Mapping[str, Speakers]


@dataclass(frozen=True, kw_only=True, slots=True)
class LegalContent:
    """All reminders and the words that say where they may apply."""

    reminders: tuple[LegalReminder, ...]
    places: LegalPlaces


def jurisdictions(case: Case, places: LegalPlaces) -> tuple[str, ...]:
    """Where law may apply: from the organisation's regions, else from the language of the mentions."""
    where = fold(" / ".join(case.org.regions)).text
    found = []
    for name, words in places.places.items():
        regex = pattern(words.zh + words.en)
        if regex is not None and regex.search(where):
            found.append(name)
    if not found:
        languages = {mention.lang[:2] for mention in case.mentions} or {case.language[:2]}
        found = [name for language, name in places.languages.items() if language in languages]
    return tuple(found)


def reminders(case: Case, seen: Seen, content: LegalContent, *, on: date) -> tuple[LegalReminder, ...]:
    """The reminders whose place, day and signals fit, in the order of the content."""
    here: Iterable[str] = {*jurisdictions(case, content.places), "ANY"}
    return tuple(
        item
        for item in content.reminders
        if item.jurisdiction in here and item.is_in_force(on) and all(seen.holds(signal) for signal in item.when)
    )
