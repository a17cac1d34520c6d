"""Duty reminders from playbooks/legal/: one file per jurisdiction, places.yaml for where they may apply, signals.yaml
for what only they ask of a case."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from crisis.content.roots import stacked
from crisis.content.yamlfile import load
from crisis.core.legal import ANY, Gazetteer, LegalContent, LegalPlaces, LegalReminder, LegalSignals
from crisis.core.need import Signal
from crisis.errors import ContentInvalid

_PLACES, _SIGNALS = "places.yaml", "signals.yaml"
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


@lru_cache(maxsize=4)
def load_legal(home: Path | None = None) -> LegalContent:
    """All reminders; one of the same id in a later folder replaces the earlier. Raises ContentInvalid."""
    found: dict[str, tuple[str, LegalReminder]] = {}
    signals: dict[str, Signal] = {}
    places: LegalPlaces | None = None
    problems: list[str] = []
    for folder in stacked("playbooks", home):
        for file in sorted((folder / "legal").glob("*.yaml")):
            try:
                if file.name == _PLACES:
                    places = load(file, LegalPlaces)
                elif file.name == _SIGNALS:
                    asked: LegalSignals = load(file, LegalSignals)
                    signals |= {signal.id: signal for signal in asked.signals}
                else:
                    listed: tuple[LegalReminder, ...] = load(file, tuple[LegalReminder, ...])
                    problems += _said_twice(file.name, listed)
                    found |= {item.id: (file.name, item) for item in listed}
            except ContentInvalid as invalid:
                problems.extend(invalid.problems)
    if places is None:
        raise ContentInvalid((*problems, f"legal/{_PLACES}:1: missing"))
    for name, item in found.values():
        problems += [f"legal/{name}:1: {item.id}: {problem}" for problem in _problems(item, places)]
    problems += _place_problems(places)
    if problems:
        raise ContentInvalid(tuple(problems))
    return LegalContent(
        reminders=tuple(item for _, item in found.values()),
        places=places,
        gazetteer=Gazetteer(places),
        signals=tuple(signals.values()),
    )


def _said_twice(name: str, listed: tuple[LegalReminder, ...]) -> list[str]:
    ids = [item.id for item in listed]
    return [f"legal/{name}:1: {id_} stands twice" for id_ in dict.fromkeys(ids) if ids.count(id_) > 1]


def _problems(item: LegalReminder, places: LegalPlaces) -> list[str]:
    problems = []
    if item.valid_from and item.valid_to and item.valid_to < item.valid_from:
        problems.append("valid_to lies before valid_from")
    if any(not (text.zh.strip() and text.en.strip()) for text in (item.source, item.trigger, item.reminder)):
        problems.append("not written in both languages")
    if item.jurisdiction != ANY and item.jurisdiction not in places.places:
        problems.append(f"{_PLACES} does not know {item.jurisdiction}")
    if item.site and not _HOST.fullmatch(item.site):
        problems.append(f"site is no host: {item.site}")
    return problems


def _place_problems(places: LegalPlaces) -> list[str]:
    where = f"legal/{_PLACES}:1"
    problems = [
        f"{where}: languages: {code} is no place" for code in places.languages.values() if code not in places.places
    ]
    owners: dict[str, str] = dict.fromkeys(places.nowhere, "nowhere")
    for code, place in places.places.items():
        for word in dict.fromkeys(place.zh + place.en):
            if owners.setdefault(word, code) != code:
                problems.append(f"{where}: {word} points to {owners[word]} and to {code}")
    return problems
