"""Drills as content: a fictional house, its people, and what the world publishes minute by minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from crisis.content.roots import stacked
from crisis.content.yamlfile import load
from crisis.core.text import Text
from crisis.errors import ContentInvalid, Invalid
from monitors.article import Article
from monitors.loopback import Form, Outlet

_FORBID: dict[str, str] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class DrillPerson:
    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    name: str
    email: str
    roles: tuple[str, ...]
    regions: tuple[str, ...] = ()
    title: str = ""
    phone: str = ""
    lang: str = "zh"


@dataclass(frozen=True, kw_only=True)
class DrillRecipient:
    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    audience: str
    name: str
    email: str
    lang: str = "zh"
    region: str = ""


@dataclass(frozen=True, kw_only=True)
class DrillOutlet:
    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    name: str
    kind: str
    reach: int
    lang: str
    form: Form
    region: str = ""


@dataclass(frozen=True, kw_only=True)
class DrillArticle:
    """One thing that is published, `minutes` after the drill begins (negative: before)."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    outlet: str
    minutes: float
    title: str
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class Drill:
    """One drill. `first_speed` is how fast its clock runs until the alarm."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    id: str
    title: Text
    begins_at: datetime
    first_speed: float
    house: Mapping[str, Any]
    people: tuple[DrillPerson, ...]
    recipients: tuple[DrillRecipient, ...]
    outlets: tuple[DrillOutlet, ...]
    articles: tuple[DrillArticle, ...]

    def outlets_to_serve(self) -> tuple[Outlet, ...]:
        """The feeds of the drill with everything that they will ever publish."""
        by_outlet: dict[str, list[Article]] = {outlet.name: [] for outlet in self.outlets}
        langs = {outlet.name: outlet.lang for outlet in self.outlets}
        for number, item in enumerate(self.articles, 1):
            by_outlet[item.outlet].append(
                Article(
                    id=f"{self.id}-{number}",
                    title=item.title,
                    body=item.body,
                    source=item.outlet,
                    lang=langs[item.outlet],
                    published=self.begins_at + timedelta(minutes=item.minutes),
                )
            )
        return tuple(
            Outlet(
                name=f"{number:02d}",
                title=outlet.name,
                articles=tuple(by_outlet[outlet.name]),
                form=outlet.form,
                lang=outlet.lang,
            )
            for number, outlet in enumerate(self.outlets, 1)
        )

    def next_event(self, now: datetime) -> datetime | None:
        """When the next thing is published after a moment, or None when everything was."""
        moments = sorted(self.begins_at + timedelta(minutes=item.minutes) for item in self.articles)
        return next((moment for moment in moments if moment > now), None)


def load_drill(identity: str = "hangzhou-stove-2009", home: Path | None = None) -> Drill:
    """A drill by its id. Raises Invalid when there is none, ContentInvalid when it is wrong."""
    for folder in reversed(stacked("playbooks", home)):
        file = folder / "drills" / f"{identity}.yaml"
        if file.is_file():
            drill: Drill = load(file, Drill)
            names = {outlet.name for outlet in drill.outlets}
            strangers = [item.outlet for item in drill.articles if item.outlet not in names]
            if strangers:
                raise ContentInvalid((f"drills/{file.name}:1: articles: no outlet {strangers[0]}",))
            return drill
    raise Invalid("drill", "choice_wrong", value=identity)
