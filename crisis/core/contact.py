"""Who gets a statement by mail, per audience, language and region."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Recipient:
    id: int = 0
    audience: str
    name: str
    email: str
    lang: str = "zh"
    region: str = ""
    active: bool = True
