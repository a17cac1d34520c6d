"""When the desk is woken: `playbooks/alarms.yaml` as the rules of `monitors.listen`, and the wording of reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from crisis.content.roots import stacked
from crisis.content.yamlfile import load
from crisis.core.text import Lang, Text
from crisis.errors import ContentInvalid
from monitors.alert import Reason
from monitors.listening import Bars, Budget, Rules, Sector
from monitors.risk import Harm

_FORBID: dict[str, str] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words of both languages."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    zh: tuple[str, ...]
    en: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.zh, *self.en)


@dataclass(frozen=True, kw_only=True)
class Industry:
    """What an industry is called, and the words it is spoken of with."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    names: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """The whole file."""

    __pydantic_config__: ClassVar[dict[str, str]] = _FORBID

    bars: Bars
    topics: dict[str, tuple[Harm, ...]]
    budget: Budget
    false_alarm_days: float
    repeat_hours: float
    awake_hours: float
    late_hours: float
    jump_hours: float
    response: Words
    apology: Words
    issue: Words
    industries: tuple[Industry, ...]
    sector: Sector
    wording: dict[str, Text]
    roles: dict[str, Text]
    topic_names: dict[str, Text]

    def rules(self) -> Rules:
        """What the listener needs of it."""
        return Rules(
            bars=self.bars,
            budget=self.budget,
            sector=self.sector,
            topics=self.topics,
            false_alarm_days=self.false_alarm_days,
            repeat_hours=self.repeat_hours,
            awake_hours=self.awake_hours,
            late_hours=self.late_hours,
            jump_hours=self.jump_hours,
            response=self.response.all,
            apology=self.apology.all,
            issue=self.issue.all,
            industries=tuple((industry.names, industry.words) for industry in self.industries),
        )

    def sentence(self, reason: Reason, lang: Lang) -> str:
        """A reason as a person reads it."""
        details: Mapping[str, object] = reason.details
        names = {**self.roles, **self.topic_names}
        said = {key: names[str(value)][lang] if str(value) in names else value for key, value in details.items()}
        if lang == Lang.ZH and "words" in said:
            said["words"] = str(said["words"]).replace(", ", "、")
        return self.wording[reason.code][lang].format(**said)


@cache
def alarms(home: Path | None = None) -> Alarms:
    """The alarm rules: of the desk's own folder where it has the file, else built-in. Raises ContentInvalid."""
    for folder in reversed(stacked("playbooks", home)):
        file = folder / "alarms.yaml"
        if file.is_file():
            found: Alarms = load(file, Alarms)
            missing = set(Harm) - {harm for harms in found.topics.values() for harm in harms}
            if missing:
                raise ContentInvalid((f"{file.name}:1: topics: no topic for {', '.join(sorted(missing))}",))
            return found
    raise ContentInvalid(("alarms.yaml:1: missing",))
