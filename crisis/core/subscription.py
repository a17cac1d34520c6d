"""A subscription at a hub as the desk keeps it, and what the hub has pushed and the ear has not heard yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitors.websub import Subscription, SubscriptionState

# A hub that has pushed before is believed; its source is asked this seldom while the lease lasts, because hubs forget
# and forgetting looks like silence.
POLLED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class StoredSubscription:
    """One source at its hub. `token` is the end of our callback's address, which nobody can guess."""

    id: int = 0
    source_id: int
    token: str
    hub: str
    topic: str
    secret: str
    state: SubscriptionState = SubscriptionState.ASKED
    asked_at: datetime | None = None
    granted_at: datetime | None = None
    lease_until: datetime | None = None
    heard_at: datetime | None = None
    reason: str = ""
    version: int = 1

    def value(self, callback: str) -> Subscription:
        """The subscription as `monitors.websub` decides about it."""
        return Subscription(
            hub=self.hub,
            topic=self.topic,
            callback=callback,
            secret=self.secret,
            state=self.state,
            asked_at=self.asked_at,
            lease_until=self.lease_until,
            granted_at=self.granted_at,
            heard_at=self.heard_at,
            reason=self.reason,
        )

    def after(self, decided: Subscription) -> StoredSubscription:
        """The row with what was decided."""
        return replace(
            self,
            state=decided.state,
            asked_at=decided.asked_at,
            granted_at=decided.granted_at,
            lease_until=decided.lease_until,
            heard_at=decided.heard_at,
            reason=decided.reason,
        )

    def speaks(self, now: datetime) -> bool:
        """Whether the hub has promised to tell us and has shown that it does: then its source is polled seldom."""
        until = self.lease_until
        live = self.state is SubscriptionState.ACTIVE and until is not None and now < until
        return live and self.heard_at is not None


@dataclass(frozen=True, kw_only=True)
class Push:
    """A document that a hub has sent, signed. It waits for the one process that listens."""

    id: int = 0
    source_id: int
    at: datetime
    body: bytes
    content_type: str = ""
