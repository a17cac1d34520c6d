"""How anything is said: in the language of whoever reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from crisis.i18n import N_, translate


def say(message: str, args: Mapping[str, Any] | None = None) -> str:
    text = translate(g.lang, message)
    try:
        return text % args if args else text
    except (KeyError, TypeError, ValueError):
        return text


def amid(text: str) -> str:
    """A name as it stands inside an English sentence: with a small first letter. Chinese knows no difference."""
    return text[:1].lower() + text[1:] if g.lang == "en" and text[1:2].islower() else text


def yes_or_no(value: bool) -> str:
    return say(N_("yes") if value else N_("no"))
