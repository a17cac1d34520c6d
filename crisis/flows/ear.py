"""The ear of this desk: what it listens for and what it remembers, kept in the database between two processes.

One process listens at a time. Its memory is saved with the articles from time to time; what came after the last
save is told to it again in the same order, so that stories keep their ids though the process was killed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection

from crisis.core.sources import StoredArticle, StoredWatch
from crisis.flows.desk import Desk, house
from crisis.store import keep, records, sources
from monitors.article import Article
from monitors.listen import Listener
from monitors.matcher import Matcher
from monitors.organisation import Organisation
from monitors.query import QueryInvalid
from monitors.watch import Watch, watches_of

log = logging.getLogger(__name__)
MEMORY = timedelta(hours=72)
# Articles between two saves: a large memory takes seconds to write down, and a restart is told them again.
SAVE_EVERY = 200
_PART_TOLD_AGAIN = 20
OWN = "watch-"


@dataclass(kw_only=True)
class Ear:
    """The listener and the matcher of a process. `upto` is the newest article that the kept memory knows;
    `watches_mark` tells whether a watch has changed without looking at each."""

    organisation: Organisation
    listener: Listener
    matcher: Matcher
    names: tuple[str, ...]
    watch_versions: tuple[tuple[int, int, bool], ...]
    watches_mark: tuple[int, int, int]
    upto: int = 0
    unsaved: int = 0
    save_every: int = SAVE_EVERY


def article_for(stored: StoredArticle) -> Article:
    """An article of the desk as the ear hears it; its id is the desk's."""
    return Article(
        id=str(stored.id),
        title=stored.title,
        published=stored.published_at,
        source=stored.outlet,
        body=stored.body,
        url=stored.url,
        lang=stored.lang,
    )


def own_watch(stored: StoredWatch) -> Watch:
    """A watch of the desk as the matcher takes it."""
    return Watch(id=f"{OWN}{stored.id}", query=stored.query, name=stored.name)


def _left_out(watch: Watch, wrong: QueryInvalid) -> None:
    """A watch that was written for another release of the language must not make the ear deaf. Its own page says what
    is wrong with it."""
    log.error("watch.not_read id=%s why=%s", watch.id, wrong)


def _watch_versions(own: tuple[StoredWatch, ...]) -> tuple[tuple[int, int, bool], ...]:
    return tuple((item.id, item.version, item.active) for item in own)


def open_ear(desk: Desk, db: Connection, *, save_every: int = SAVE_EVERY) -> Ear | None:
    """The ear with everything it remembered; None before an organisation is set up.

    `save_every`: after so many new articles at the earliest its memory is written down.
    """
    home = house(db)
    if home is None:
        return None
    own = records.find(db, StoredWatch)
    kept = keep.read_ear(db, "listener")
    quiet_before = keep.read(db, "quiet_before")
    listener = Listener(
        home.organisation,
        desk.content.alarms,
        desk.content.lexicon,
        quiet_before=datetime.fromisoformat(quiet_before) if quiet_before else None,
    )
    upto = 0
    if kept is not None:
        record = orjson.loads(kept)
        if record["organisation"] == home.organisation.name:
            listener.load(record["listener"])
            upto = record["upto"]
    ear = Ear(
        organisation=home.organisation,
        listener=listener,
        matcher=Matcher(
            (*watches_of(home.organisation), *(own_watch(item) for item in own if item.active)), left_out=_left_out
        ),
        names=(*home.organisation.names, *home.organisation.products, *home.organisation.people),
        watch_versions=_watch_versions(own),
        watches_mark=sources.watches_mark(db),
        upto=upto,
        save_every=save_every,
    )
    for stored in sources.articles_after(db, upto, since=desk.now(db) - MEMORY):
        listener.hear(article_for(stored), now=stored.fetched_at)
        ear.upto = stored.id
    return ear


def is_current(ear: Ear, db: Connection) -> bool:
    """Whether the organisation and the watches are still those that the ear listens for."""
    home = house(db)
    return home is not None and home.organisation == ear.organisation and sources.watches_mark(db) == ear.watches_mark


def renewed(ear: Ear, db: Connection) -> Ear | None:
    """The ear with the watches of now: those that were saved since are exchanged, what it remembers stays.

    None when the organisation itself has changed: then the ear is opened again.
    """
    home = house(db)
    if home is None or home.organisation != ear.organisation:
        return None
    before = {identity: (version, active) for identity, version, active in ear.watch_versions}
    own = records.find(db, StoredWatch)
    for item in own:
        watch = own_watch(item)
        if before.get(item.id) == (item.version, item.active):
            continue
        if item.active:
            try:
                ear.matcher.replace(watch)
            except QueryInvalid as wrong:
                _left_out(watch, wrong)
        elif watch.id in ear.matcher:
            ear.matcher.remove(watch.id)
    for gone in before.keys() - {item.id for item in own}:
        if f"{OWN}{gone}" in ear.matcher:
            ear.matcher.remove(f"{OWN}{gone}")
    ear.watch_versions = _watch_versions(own)
    ear.watches_mark = sources.watches_mark(db)
    if ear.matcher.wants_merge:
        ear.matcher.merge()
    return ear


def saved_after(remembered: int, *, at_least: int = SAVE_EVERY) -> int:
    """After how many new articles the memory of so many is written down."""
    return max(at_least, remembered // _PART_TOLD_AGAIN)


def save(ear: Ear, db: Connection, *, now: bool = False) -> None:
    """Keep the ear's memory, when enough is new (or `now`)."""
    if not now and ear.unsaved < saved_after(len(ear.listener.stories.copies), at_least=ear.save_every):
        return
    record = {
        "organisation": ear.organisation.name,
        "upto": ear.upto,
        "listener": ear.listener.dump(),
    }
    keep.write_ear(db, "listener", orjson.dumps(record))
    ear.unsaved = 0
