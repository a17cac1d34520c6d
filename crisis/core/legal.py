"""Duty reminders: which legal clocks may run in a case. Never advice: always shown with "verify with counsel".

    regions of the case --words of places.yaml--> jurisdictions --day, signals--> reminders
                                              \\--nothing kept there--> said so

Where the desk keeps nothing, silence would read like "no duty": so the law of a case names those places too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from crisis.core.case import Case
from crisis.core.need import Seen, Signal, pattern, sighted
from crisis.core.text import Text
from monitors.folding import fold

# The jurisdiction of reminders that hold everywhere.
ANY = "ANY"


class Checked(StrEnum):
    """How well the wording was compared with a source on `checked_on`."""

    CHECKED = "checked"
    PARTLY = "partly"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, kw_only=True, slots=True)
class LegalReminder:
    """One duty, in force from `valid_from` to `valid_to` (None: open or not known). `when` are signals, all needed.

    `site` is the host where the text of the law or its authority can be read, "" where there is no one such place.
    """

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
    site: str = ""

    def is_in_force(self, on: date) -> bool:
        """Whether it is in force on a day, as far as its dates are known."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, kw_only=True, slots=True)
class LegalPlace:
    """A jurisdiction: its name and the words of a region that point to it."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: Text
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LegalPlaces:
    """Jurisdictions, and the one that a language stands for when no region says more.

    `nowhere` are words of regions that name no place (worldwide, 网上).
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    verify: Text
    languages: Mapping[str, str]
    nowhere: tuple[str, ...]
    places: Mapping[str, LegalPlace]


@dataclass(frozen=True, kw_only=True, slots=True)
class LegalSignals:
    """What reminders ask of a case beyond the signals of the audiences: playbooks/legal/signals.yaml."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    signals: tuple[Signal, ...]


class Gazetteer:
    """Words of regions and the jurisdictions that they point to."""

    def __init__(self, places: LegalPlaces) -> None:
        listed = [(word, code) for code, place in places.places.items() for word in place.zh + place.en]
        words = dict([*listed, *((word, "") for word in places.nowhere)])
        self._codes = {fold(word.removesuffix("|")).text: code for word, code in words.items()}
        # The longest first: 中国香港 is Hong Kong and New South Wales is not Wales.
        self._words = pattern(tuple(sorted(words, key=lambda word: -len(word.removesuffix("|")))))

    def of(self, region: str) -> tuple[str, ...]:
        """The jurisdictions of a region in words, "" among them for one that names no place. Empty: not known."""
        if self._words is None:
            return ()
        return tuple(dict.fromkeys(self._codes[match[0]] for match in self._words.finditer(fold(region).text)))


@dataclass(frozen=True, kw_only=True, slots=True)
class LegalContent:
    """All reminders, the words that say where they may apply, and the signals that only they ask for."""

    reminders: tuple[LegalReminder, ...]
    places: LegalPlaces
    gazetteer: Gazetteer
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """Where law may apply: codes of jurisdictions, and regions of which nobody told the desk where they lie.

    `placed` are those of the jurisdictions that a region names, without those that only the language stands for.
    """

    places: tuple[str, ...]
    placed: tuple[str, ...]
    unplaced: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Law:
    """What the desk can say of the law of a case on a day.

    `missing` are places that the case touches and for which no reminder is kept; `unfitting` those for which some are
    kept and none fits this case; `unplaced` are regions of which the desk does not know whose law holds there.
    `nowhere`: no place is known at all, so only what holds everywhere can be said.
    """

    reminders: tuple[LegalReminder, ...]
    missing: tuple[Text, ...]
    unfitting: tuple[Text, ...]
    unplaced: tuple[str, ...]
    nowhere: bool


def reach(case: Case, content: LegalContent) -> Reach:
    """Where law may apply: from the organisation's regions, else from the language of the mentions."""
    found: set[str] = set()
    unplaced = []
    for region in case.org.regions:
        here = content.gazetteer.of(region)
        found.update(code for code in here if code)
        if not here:
            unplaced.append(region)
    placed = tuple(code for code in content.places.places if code in found)
    if not found:
        languages = {mention.lang[:2] for mention in case.mentions} or {case.language[:2]}
        found.update(name for language, name in content.places.languages.items() if language in languages)
    # In the order of the content, so that the same places always read the same.
    return Reach(
        places=tuple(code for code in content.places.places if code in found),
        placed=placed,
        unplaced=tuple(dict.fromkeys(unplaced)),
    )


def law(case: Case, seen: Seen, content: LegalContent, *, on: date) -> Law:
    """The reminders whose place, day and signals fit, in the order of the content, and the places without one."""
    touched = reach(case, content)
    also = Seen(hits={**seen.hits, **sighted(case, content.signals)})
    kept = [item for item in content.reminders if item.is_in_force(on)]
    fitting = tuple(
        item
        for item in kept
        if item.jurisdiction in (*touched.places, ANY) and all(also.holds(signal) for signal in item.when)
    )
    names = {code: content.places.places[code].name for code in touched.places}
    has = {item.jurisdiction for item in kept}
    fits = {item.jurisdiction for item in fitting}
    return Law(
        reminders=fitting,
        missing=tuple(name for code, name in names.items() if code not in has),
        unfitting=tuple(name for code, name in names.items() if code in has and code not in fits),
        unplaced=touched.unplaced,
        nowhere=not touched.places,
    )
