"""The desk's clock: real time, or the faster or slower time of a drill."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class DrillClock:
    """Time of a drill: `at` was the drill's time when the real clock showed `anchor`; it runs `speed` times as fast."""

    anchor: datetime
    at: datetime
    speed: float

    def now(self, real_now: datetime) -> datetime:
        """The drill's time at a real moment; it never runs backwards."""
        passed = max(timedelta(0), real_now - self.anchor)
        return self.at + passed * self.speed

    def at_speed(self, speed: float, real_now: datetime) -> DrillClock:
        """The same clock, from now on at another speed (0 stops it, 60 is the most)."""
        return replace(self, anchor=real_now, at=self.now(real_now), speed=max(0.0, min(60.0, speed)))

    def jumped(self, to: datetime, real_now: datetime) -> DrillClock:
        """The same clock, set forward to a later time; an earlier one changes nothing."""
        return replace(self, anchor=real_now, at=max(to, self.now(real_now)))
