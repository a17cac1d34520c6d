"""Duty reminders from playbooks/legal/: one file per jurisdiction, and places.yaml for where they may apply."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from crisis.content.roots import stacked
from crisis.content.yamlfile import load
from crisis.core.legal import LegalContent, LegalPlaces, LegalReminder
from crisis.errors import ContentInvalid

_PLACES = "places.yaml"


@lru_cache(maxsize=4)
def load_legal(home: Path | None = None) -> LegalContent:
    """All reminders; one of the same id in a later folder replaces the earlier. Raises ContentInvalid."""
    found: dict[str, LegalReminder] = {}
    places: LegalPlaces | None = None
    problems: list[str] = []
    for folder in stacked("playbooks", home):
        for file in sorted((folder / "legal").glob("*.yaml")):
            try:
                if file.name == _PLACES:
                    places = load(file, LegalPlaces)
                    continue
                listed: tuple[LegalReminder, ...] = load(file, tuple[LegalReminder, ...])
                for item in listed:
                    found[item.id] = item
                    if item.valid_from and item.valid_to and item.valid_to < item.valid_from:
                        problems.append(f"legal/{file.name}:1: {item.id}: valid_to lies before valid_from")
                    texts = (item.source, item.trigger, item.reminder)
                    if any(not (text.zh.strip() and text.en.strip()) for text in texts):
                        problems.append(f"legal/{file.name}:1: {item.id} is not written in both languages")
            except ContentInvalid as invalid:
                problems.extend(invalid.problems)
    if places is None:
        problems.append(f"legal/{_PLACES}:1: missing")
    if problems or places is None:
        raise ContentInvalid(tuple(problems))
    return LegalContent(reminders=tuple(found.values()), places=places)
