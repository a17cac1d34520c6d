"""The glossary of the shelf: Chinese words with the English words a story in English would use."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from crisis.content.roots import stacked
from crisis.content.yamlfile import load


@cache
def glossary(home: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Chinese word -> English words. Files of the desk's own folder add to the built-in one. Raises ContentInvalid."""
    found: dict[str, tuple[str, ...]] = {}
    for folder in stacked("playbooks", home):
        file = folder / "glossary.yaml"
        if file.is_file():
            sections: dict[str, dict[str, str]] = load(file, dict[str, dict[str, str]])
            for words in sections.values():
                found.update({chinese: tuple(english.split()) for chinese, english in words.items()})
    return found
