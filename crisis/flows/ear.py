"""The ear of this desk: what it listens for and what it remembers, kept in the database between two processes.

One process listens at a time. Its memory is saved with the articles from time to time; what came after the last
save is told to it again in the same order, so that stories keep their ids though the process was killed.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection

from crisis.core.sources import StoredArticle, StoredWatch
from crisis.flows.desk import Desk, house
from crisis.store import keep, records, rulings, sources
from monitors.article import Article
from monitors.links import Bridge
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
    `watches_mark` tells whether a watch has changed without looking at each; `bridge` compares stories of two
    languages."""

    organisation: Organisation
    listener: Listener
    matcher: Matcher
    names: tuple[str, ...]
    watch_versions: tuple[tuple[int, int, bool], ...]
    watches_mark: tuple[int, int, int]
    # The newest ruling that the stories obey; None when they were told again from the beginning.
    ruled: int | None = None
    bridge: Bridge
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
    upto, ruled = 0, None
    if kept is not None:
        record = orjson.loads(kept)
        if record["organisation"] == home.organisation.name:
            listener.load(record["listener"])
            upto = record["upto"]
            # A memory from before there were rulings obeys all of the none that there were.
            ruled = record.get("ruled", 0)
    since = desk.now(db) - MEMORY
    if ruled != rulings.mark(db):
        # Held from the first article on that is told again, though some of them are still to come.
        least = min([sources.first_since(db, since), *map(int, listener.stories.remembered())])
        _obeyed(listener, db, rulings.placed(db, least=least), least=least)
    ear = Ear(
        organisation=home.organisation,
        listener=listener,
        matcher=Matcher(
            (*watches_of(home.organisation), *(own_watch(item) for item in own if item.active)), left_out=_left_out
        ),
        names=(*home.organisation.names, *home.organisation.products, *home.organisation.people),
        watch_versions=_watch_versions(own),
        watches_mark=sources.watches_mark(db),
        ruled=ruled,
        bridge=Bridge(desk.content.glossary, without=home.organisation.names),
        upto=upto,
        save_every=save_every,
    )
    for stored in sources.articles_after(db, upto, since=since):
        listener.hear(article_for(stored), now=stored.fetched_at)
        ear.upto = stored.id
    return ear


def obey(ear: Ear, db: Connection) -> None:
    """Bring the ear's stories to what officers have decided since, and the names of the desk's stories to the ear's.

    In the transaction that takes articles in, before they are heard: no article comes between a ruling and the ear.
    """
    newest = rulings.mark(db)
    if ear.ruled == newest:
        return
    stories = ear.listener.stories
    least = min(map(int, stories.remembered()), default=ear.upto + 1)
    placed = {
        story_id: known
        for story_id, articles in rulings.placed(db, least=least).items()
        if (known := [article for article in articles if stories.story_of(str(article)) is not None])
    }
    touched = _obeyed(ear.listener, db, placed, least=least)
    _named(ear.listener, db, placed, touched)
    ear.ruled = newest


def _obeyed(listener: Listener, db: Connection, placed: Mapping[int, Sequence[int]], *, least: int) -> frozenset[int]:
    """Have the listener hold together and apart what stands so in the desk; the stories that rulings speak of."""
    held = rulings.held(db, least=least)
    names = {story_id: [str(article) for article in articles] for story_id, articles in placed.items()}
    listener.obey(
        [names[story_id] for story_id in sorted(held.touched & names.keys())],
        held=[names[story_id] for story_id in sorted(held.together & names.keys())],
        # Each side is held together, so that one article speaks for all of it.
        apart=[(names[one][0], names[other][0]) for one, other in sorted(held.apart) if {one, other} <= names.keys()],
    )
    return held.touched


def _named(listener: Listener, db: Connection, placed: Mapping[int, Sequence[int]], touched: frozenset[int]) -> None:
    """Name each story of the desk as the ear names the one that holds most of it: what the ear hears next goes there,
    though it was told again and names its stories otherwise."""
    stories = listener.stories
    keys = rulings.keys(db, placed.keys() | touched)
    shares = Counter(
        (stories.story_of(str(article)) or "", story_id) for story_id in placed for article in placed[story_id]
    )
    names: dict[int, str] = {}
    taken = set[str]()
    # Whoever has the right name keeps it.
    for (name, story_id), _ in sorted(
        shares.items(), key=lambda item: (keys[item[0][1]] != item[0][0], -item[1], item)
    ):
        if name not in taken and story_id not in names:
            taken.add(name)
            names[story_id] = name
    for story_id in keys.keys() - names.keys():
        # It would be joined to the story that has its name now, or was made of it.
        name = keys[story_id]
        if name in taken or (story_id in touched and stories.current(name) != name):
            names[story_id] = f"over-{story_id}"
    rulings.rename(db, {story_id: name for story_id, name in names.items() if keys[story_id] != name})


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
        "ruled": ear.ruled,
        "listener": ear.listener.dump(),
    }
    keep.write_ear(db, "listener", orjson.dumps(record))
    ear.unsaved = 0
