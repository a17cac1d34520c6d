"""WebSub: being told by a hub instead of asking again and again. Pure functions on values; the desk does the talking.

    discover (Link headers, Atom links)  ->  subscribe(...)             form to POST to the hub
    hub GETs our callback                ->  verified(...)              what to answer, and the subscription now active
    hub POSTs the document               ->  sound(...)                 whether its signature is right
    lease runs out                       ->  renewal_due, stale         subscribe again; until then polling goes on

Source: W3C Recommendation WebSub, 23 January 2018. A pushed document is parsed like a fetched one, and a source with a
live subscription is still polled, though seldom: hubs forget, and forgetting looks like silence.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

# W3C WebSub 5.1: the subscriber may ask for a lease, the hub decides. Ten days is what the specification shows.
WISHED_LEASE = timedelta(days=10)
# A hub that grants an age is asked again all the same; one that grants a minute would be asked all day.
_LONGEST_LEASE = timedelta(days=30)
_SHORTEST_LEASE = timedelta(hours=1)
_UNANSWERED_AFTER = timedelta(hours=6)
_RETRY = timedelta(hours=12)
# W3C WebSub 8: the methods a hub may sign with. sha1 is there for hubs of the older PubSubHubbub 0.4.
_METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


class SubscriptionState(StrEnum):
    ASKED = "asked"
    ACTIVE = "active"
    DENIED = "denied"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """One topic at one hub. `secret` is shared with the hub only; `callback` is a URL that nobody can guess.

    `lease_until` is when the hub forgets us, None until it has granted something.
    """

    hub: str
    topic: str
    callback: str
    secret: str
    state: SubscriptionState = SubscriptionState.ASKED
    asked_at: datetime | None = None
    lease_until: datetime | None = None
    granted_at: datetime | None = None
    heard_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What our callback answers to the hub: an HTTP status and a plain text body."""

    status: int
    body: str = ""


def subscribe(subscription: Subscription, *, now: datetime) -> tuple[bytes, Subscription]:
    """The form to POST to the hub (application/x-www-form-urlencoded), and the subscription as asked for.

    The hub answers 202 and verifies later; anything else goes to `refused`. Renewing is subscribing again.
    Raises ValueError for a secret of 200 bytes or more (W3C WebSub 5.1).
    """
    if len(subscription.secret.encode()) >= 200:
        raise ValueError("secret: must be shorter than 200 bytes")
    form = {
        "hub.mode": "subscribe",
        "hub.topic": subscription.topic,
        "hub.callback": subscription.callback,
        "hub.lease_seconds": str(int(WISHED_LEASE.total_seconds())),
    }
    # A secret over plain http would be read by whoever listens, and then be worse than none.
    if subscription.hub.startswith("https://") and subscription.secret:
        form["hub.secret"] = subscription.secret
    state = SubscriptionState.ACTIVE if is_live(subscription, now) else SubscriptionState.ASKED
    return urlencode(form).encode(), replace(subscription, state=state, asked_at=now, reason="")


def unsubscribe(subscription: Subscription, *, now: datetime) -> tuple[bytes, Subscription]:
    """The form that ends a subscription, and the subscription as ended: its pushes are no longer taken."""
    form = {
        "hub.mode": "unsubscribe",
        "hub.topic": subscription.topic,
        "hub.callback": subscription.callback,
    }
    return urlencode(form).encode(), replace(subscription, state=SubscriptionState.ENDED, asked_at=now)


def refused(subscription: Subscription, reason: str, *, now: datetime) -> Subscription:
    """The subscription after the hub answered the form with something other than 2xx, or not at all.

    A renewal that was refused ends nothing: what the hub has granted before holds until its lease runs out. What we
    have ended stays ended, though the hub did not hear of it.
    """
    ours = subscription.state is SubscriptionState.ENDED or is_live(subscription, now)
    state = subscription.state if ours else SubscriptionState.DENIED
    return replace(subscription, state=state, reason=reason[:200])


def verified(
    subscription: Subscription | None, query: Mapping[str, str], *, now: datetime
) -> tuple[Reply, Subscription | None]:
    """What to answer to a GET on our callback, and the subscription as it is then.

    The challenge is echoed only for what we really asked: our topic, our mode. Otherwise anybody could subscribe us
    to anything. `subscription` is the one that belongs to the callback's path, None when there is none.
    """
    mode, topic = query.get("hub.mode", ""), query.get("hub.topic", "")
    if subscription is None or not hmac.compare_digest(topic.encode(), subscription.topic.encode()):
        return Reply(status=404), subscription
    challenge = query.get("hub.challenge", "")
    match mode:
        case "denied":
            if subscription.state is SubscriptionState.ENDED:
                # What we have ended ourselves is not asked for again because its hub denies it, too.
                return Reply(status=200), subscription
            reason = query.get("hub.reason", "")[:200]
            return Reply(status=200), replace(subscription, state=SubscriptionState.DENIED, reason=reason)
        case "subscribe" if challenge and subscription.state is not SubscriptionState.ENDED:
            lease = _lease(query.get("hub.lease_seconds", ""))
            active = replace(
                subscription,
                state=SubscriptionState.ACTIVE,
                granted_at=now,
                lease_until=now + lease,
                reason="",
            )
            return Reply(status=200, body=challenge), active
        case "unsubscribe" if challenge and subscription.state is SubscriptionState.ENDED:
            return Reply(status=200, body=challenge), replace(subscription, lease_until=None)
    return Reply(status=404), subscription


def sound(subscription: Subscription, body: bytes, signature: str) -> bool:
    """Whether a pushed document comes from the hub: `X-Hub-Signature: method=hex`, HMAC of the bytes with our secret.

    Answer 2xx either way (W3C WebSub 8: otherwise a stranger learns whether he guessed right) and drop what is not
    sound. A subscription whose secret could not be sent (plain http) has no signature: its pushes are only a hint to
    poll at once, so they are never sound.
    """
    if not subscription.secret or subscription.state is not SubscriptionState.ACTIVE:
        return False
    method, _, digest = signature.strip().partition("=")
    make = _METHODS.get(method.strip().lower())
    if make is None:
        return False
    wanted = hmac.new(subscription.secret.encode(), body, make).hexdigest()
    return hmac.compare_digest(wanted.encode(), digest.strip().lower().encode())


def pushed(subscription: Subscription, *, now: datetime) -> Subscription:
    """The subscription after a sound push."""
    return replace(subscription, heard_at=now)


def is_live(subscription: Subscription, now: datetime) -> bool:
    """Whether the hub has promised to tell us, at this moment."""
    until = subscription.lease_until
    return subscription.state is SubscriptionState.ACTIVE and until is not None and now < until


def renewal_due(subscription: Subscription, *, now: datetime, jitter: float) -> datetime | None:
    """When to (re-)subscribe: before the lease runs out, after a refusal or silence of the hub; None when ended.

    `jitter` in 0..1 spreads renewals over the last quarter but one of the lease.
    """
    asked = subscription.asked_at
    if subscription.state is SubscriptionState.ENDED:
        return None
    if asked is None:
        return now
    if subscription.state is SubscriptionState.DENIED:
        return asked + _RETRY * (1 + jitter)
    granted, until = subscription.granted_at, subscription.lease_until
    if granted is None or until is None:
        return asked + _UNANSWERED_AFTER
    due = granted + (until - granted) * (0.5 + 0.25 * jitter)
    # Asked for a renewal that the hub has not confirmed: ask again, but not at every tick of the clock.
    return due if asked <= granted else max(due, asked + min(_UNANSWERED_AFTER, (until - granted) / 8))


def _lease(text: str) -> timedelta:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        return _SHORTEST_LEASE * 24
    return min(max(timedelta(seconds=int(text)), _SHORTEST_LEASE), _LONGEST_LEASE)
