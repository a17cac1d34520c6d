"""The interface in two languages: English message ids, one Chinese catalogue, chosen per reader."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGS = ("zh", "en")
CATALOGUE = Path(__file__).resolve().parent / "locale" / "zh" / "LC_MESSAGES" / "messages.po"


@lru_cache(maxsize=1)
def _chinese() -> dict[str, str]:
    with open(CATALOGUE, "rb") as stream:
        catalogue = read_po(stream, locale="zh")
    return {str(item.id): str(item.string) for item in catalogue if item.id and item.string}


def translate(lang: str, message: str) -> str:
    """The message in a language; English is the message itself."""
    return message if lang == "en" else _chinese().get(message, message)


def N_(message: str) -> str:
    """Marks a message for the catalogue where it is only named; it is translated where it is shown."""
    return message
