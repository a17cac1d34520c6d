"""WebSub at the desk: hubs that feeds name are asked to tell us, instead of us asking again and again.

    a feed names its hub        discovered    a subscription that is not asked for yet
    the listening process       due, asked    the form goes to the hub, its answer is noted
    the hub asks us back        verified      the challenge is echoed for what we really asked
    the hub pushes              pushed        signed documents wait until the listening process takes them in
    the source is switched off  due, asked    the lease is given back; switched on again, the hub is asked anew

Only a desk with a public address (CRISIS_URL) can be told anything; a drill never subscribes. Polling goes on: seldom
while a hub speaks, in the source's own rhythm when it is silent.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from crisis.core.sources import Form, Source
from crisis.core.subscription import Push, StoredSubscription
from crisis.flows.desk import Desk
from crisis.store import records
from crisis.store import subscriptions as store
from monitors import websub
from monitors.feeds import Feed
from monitors.fetch import Body
from monitors.websub import Reply, SubscriptionState

# As much as a page form may hold. A hub that sends more leaves the document to the next poll.
MOST_PUSH_BYTES = 4 * 1024 * 1024
# Pushes of one source that wait: a listening process that is away must not fill the disk. The polls catch up.
MOST_WAITING = 50
_MOST_ADDRESS = 2_000
# A push whose signature cannot be checked is a hint to ask; a source is asked on hints once in this time.
_HINTED = timedelta(minutes=1)


def may_subscribe(desk: Desk) -> bool:
    """Whether hubs can reach this desk, and may be told of it."""
    return bool(desk.settings.base_url) and not desk.drill


def callback(desk: Desk, token: str) -> str:
    """Where a hub reaches us for one subscription."""
    return f"{desk.settings.url}/websub/{token}"


def discovered(desk: Desk, db: Connection, source: Source, fetched: Body, feed: Feed) -> None:
    """Note the hub that a feed names; one that changed is subscribed to anew, under a new secret."""
    if not may_subscribe(desk) or source.form is not Form.FEED:
        return
    hub = fetched.hints.hub or feed.hub
    topic = (fetched.hints.topic if fetched.hints.hub else feed.self_url) or fetched.final_url
    known = store.of_source(db, source.id)
    if not hub.startswith(("http://", "https://")) or max(len(hub), len(topic)) > _MOST_ADDRESS:
        return
    if known is not None and (known.hub, known.topic) == (hub, topic):
        return
    fresh = StoredSubscription(
        source_id=source.id, token=secrets.token_urlsafe(32), hub=hub, topic=topic, secret=secrets.token_urlsafe(32)
    )
    if known is None:
        records.add(db, fresh)
    else:
        records.save(db, replace(fresh, id=known.id, version=known.version))


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One form that has to go to a hub."""

    subscription_id: int
    hub: str
    form: bytes


def due(desk: Desk, *, limit: int = 20) -> tuple[Asking, ...]:
    """The forms that have to go out now: new subscriptions, renewals, hubs that refused or were silent; and what is
    given back of sources that were switched off.

    They are written down as asked before they go, so that a process that dies asks again later, and not in a circle.
    """
    if not may_subscribe(desk):
        return ()
    with desk.reading() as db:
        now = desk.now(db)
        wanted = [(item, websub.subscribe) for item in store.of_active_sources(db) if _is_due(desk, item, now)]
        wanted += [(item, websub.unsubscribe) for item in store.to_give_back(db, limit=limit)]
    if not wanted:
        return ()
    asking = []
    with desk.transaction() as db:
        for item, form_of in wanted[:limit]:
            form, asked = form_of(item.value(callback(desk, item.token)), now=now)
            records.save(db, item.after(asked))
            asking.append(Asking(subscription_id=item.id, hub=item.hub, form=form))
    return tuple(asking)


def _is_due(desk: Desk, item: StoredSubscription, now: datetime) -> bool:
    if item.state is SubscriptionState.ENDED:
        # Given back while its source was switched off; the source is switched on again.
        return True
    # Drawn once for each subscription: drawn anew at every look, the earliest moment of all would be the one.
    jitter = random.Random(item.token).random()
    moment = websub.renewal_due(item.value(callback(desk, item.token)), now=now, jitter=jitter)
    return moment is not None and moment <= now


def refused(desk: Desk, subscription_id: int, reason: str) -> None:
    """The hub did not accept the form: it is asked again after hours, and its source is polled as ever."""
    with desk.transaction() as db:
        item = records.get(db, StoredSubscription, subscription_id)
        value = item.value(callback(desk, item.token))
        records.save(db, item.after(websub.refused(value, reason, now=desk.now(db))))


def _is_ours(desk: Desk, token: str) -> bool:
    """Whether we gave this token to a hub. A look only: strangers must not stand in the way of those who write."""
    with desk.reading() as db:
        return store.by_token(db, token) is not None


def verified(desk: Desk, token: str, query: Mapping[str, str]) -> Reply:
    """What to answer to a hub that asks whether we really want this."""
    if not _is_ours(desk, token):
        return Reply(status=404)
    with desk.transaction() as db:
        item = store.by_token(db, token)
        if item is None:
            return Reply(status=404)
        before = item.value(callback(desk, token))
        reply, after = websub.verified(before, query, now=desk.now(db))
        if after is not None and after != before:
            records.save(db, item.after(after))
        return reply


def pushed(desk: Desk, token: str, body: bytes, *, signature: str, content_type: str) -> Reply:
    """What to answer to a push. Only a sound one is kept; nobody learns from the answer whether it was."""
    if not _is_ours(desk, token):
        return Reply(status=404)
    with desk.transaction() as db:
        item = store.by_token(db, token)
        if item is None:
            return Reply(status=404)
        if not may_subscribe(desk) or not records.get(db, Source, item.source_id).active:
            # 410 lets a hub forget a callback of ours that is no more (W3C WebSub 7).
            return Reply(status=410)
        now = desk.now(db)
        value = item.value(callback(desk, token))
        if websub.sound(value, body, signature):
            records.save(db, item.after(websub.pushed(value, now=now)))
            if store.waiting_count(db, item.source_id) < MOST_WAITING:
                records.add(db, Push(source_id=item.source_id, at=now, body=body, content_type=content_type[:200]))
        elif not item.hub.startswith("https://"):
            _ask_soon(db, item.source_id, now)
        return Reply(status=202)


def _ask_soon(db: Connection, source_id: int, now: datetime) -> None:
    source = records.get(db, Source, source_id)
    if source.polled_at is None or now - source.polled_at >= _HINTED:
        records.save(db, replace(source, due_at=now))


def waiting(desk: Desk, *, limit: int = 50) -> tuple[tuple[Push, Source], ...]:
    """The pushes that wait, oldest first."""
    with desk.reading() as db:
        return store.waiting(db, limit=limit)


def heard(db: Connection, push: Push) -> None:
    """A push is taken in, in this transaction."""
    store.heard(db, push.id)


def forget(desk: Desk, push: Push) -> None:
    """A push that cannot be taken in waits no longer: the next poll brings its entries."""
    with desk.transaction() as db:
        store.heard(db, push.id)


def speaks(db: Connection, source: Source, now: datetime) -> bool:
    """Whether a hub tells us of this source, reliably enough to ask it seldom."""
    if source.form is not Form.FEED:
        return False
    item = store.of_source(db, source.id)
    return item is not None and item.speaks(now)
