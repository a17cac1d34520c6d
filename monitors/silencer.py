"""Who was told what, so that nobody is told twice: repeats, a team that is awake, and a budget for single passages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from monitors.alert import Level
from monitors.listening import Rules


class Silencer:
    """Decides whether an alarm is news. Its memory is a plain value."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._stories: dict[str, tuple[datetime, Level]] = {}
        self._topics: dict[str, datetime] = {}
        self._awake: datetime | None = None
        self._left = {Level.ALERT: rules.budget.reserve, Level.NOTICE: rules.budget.notice_reserve}
        self._filled: datetime | None = None

    def may_alert(self, at: datetime, story: str, topic: str, *, grave: bool) -> bool:
        """May a single passage raise an alarm? Uses up one of the reserve when it may; what is grave needs none."""
        told = self._topics.get(topic)
        if self._was_told(story, Level.ALERT):
            return False
        if told is not None and at < told + timedelta(hours=self._rules.repeat_hours):
            return False
        return grave or self._spend(at, Level.ALERT)

    def may_burst(self, at: datetime) -> bool:
        """Is a burst news? Not while the team is awake. A story that was told of days ago and flares up again is."""
        return self._awake is None or at >= self._awake + timedelta(hours=self._rules.awake_hours)

    def may_notice(self, at: datetime, story: str) -> bool:
        """May a notice be given? Uses up one of their reserve and remembers the story when it may."""
        if self._was_told(story, Level.NOTICE) or not self._spend(at, Level.NOTICE):
            return False
        self._stories[story] = (at, Level.NOTICE)
        return True

    def told(self, at: datetime, story: str, topic: str, level: Level) -> None:
        """Remember that somebody was told."""
        self._stories[story] = (at, level)
        if level is Level.ALERT:
            self._topics[topic] = at
            self._awake = at
        if len(self._stories) > 500:
            oldest = min(self._stories, key=lambda name: self._stories[name][0])
            del self._stories[oldest]

    def set_back(self, now: datetime) -> None:
        """The clock ran ahead and is right again: what was told at a time that is still to come was told now."""
        self._topics = {topic: min(at, now) for topic, at in self._topics.items()}
        self._stories = {story: (min(at, now), level) for story, (at, level) in self._stories.items()}
        self._awake = None if self._awake is None else min(self._awake, now)
        self._filled = None if self._filled is None else min(self._filled, now)

    def rename(self, story: str, into: str) -> None:
        """A story is now part of another: what was told of it was told of that."""
        told = self._stories.pop(story, None)
        if told is not None and (into not in self._stories or told[1] is Level.ALERT):
            self._stories[into] = told

    def _was_told(self, story: str, level: Level) -> bool:
        told = self._stories.get(story)
        return told is not None and (told[1] is Level.ALERT or level is Level.NOTICE)

    def _spend(self, at: datetime, level: Level) -> bool:
        budget = self._rules.budget
        if self._filled is not None and at > self._filled:
            days = (at - self._filled).total_seconds() / 86400
            for kind, most, every in (
                (Level.ALERT, budget.reserve, budget.days),
                (Level.NOTICE, budget.notice_reserve, budget.notice_days),
            ):
                self._left[kind] = min(most, self._left[kind] + days / every)
        self._filled = max(self._filled or at, at)
        if self._left[level] < 1.0:
            return False
        self._left[level] -= 1.0
        return True

    def dump(self) -> dict[str, Any]:
        """Everything remembered, as JSON-able data."""
        return {
            "stories": {name: [_text(at), level.value] for name, (at, level) in self._stories.items()},
            "topics": {topic: _text(at) for topic, at in self._topics.items()},
            "awake": None if self._awake is None else _text(self._awake),
            "left": {level.value: left for level, left in self._left.items()},
            "filled": None if self._filled is None else _text(self._filled),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Take over the memory of an earlier `dump()`."""
        self._stories = {
            name: (datetime.fromisoformat(at), Level(level)) for name, (at, level) in state["stories"].items()
        }
        self._topics = {topic: datetime.fromisoformat(at) for topic, at in state["topics"].items()}
        self._awake = datetime.fromisoformat(state["awake"]) if state["awake"] else None
        self._left = {Level(level): left for level, left in state["left"].items()}
        self._filled = datetime.fromisoformat(state["filled"]) if state["filled"] else None


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
