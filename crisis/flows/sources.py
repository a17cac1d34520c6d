"""Sources and watches: added one by one, from a list or OPML; switched off and on; never dropped in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from lxml import etree
from sqlalchemy import Connection

from crisis.content.yamlfile import nearest
from crisis.core.people import Action, Person, demand
from crisis.core.sources import Source, StoredWatch
from crisis.errors import Invalid
from crisis.flows.desk import Desk, acting, note
from crisis.flows.sourceforms import NewSource, address_of, checked, placed
from crisis.store import records
from monitors.health import health_from, health_record
from monitors.query import QueryInvalid, read

MOST_OPML_BYTES = 4 * 1024 * 1024


def add(desk: Desk, typed: Sequence[NewSource], *, by: Person | None) -> int:
    """How many sources were new. Each is asked at once. Raises Invalid at the first one that cannot be used."""
    if by is not None:
        demand(by, Action.ADMINISTER)
    checked_ones = [placed(desk.settings, item) for item in typed]
    with acting(desk) as (db, now):
        return put(db, checked_ones, by=by, now=now)


def put(db: Connection, placed_ones: Sequence[NewSource], *, by: Person | None, now: datetime) -> int:
    """Add those of some placed sources that are new, within a transaction of the caller; how many they were."""
    added = 0
    for item in placed_ones:
        if records.first(db, Source, url=item.url) is None:
            _add(db, item, by=by, now=now)
            added += 1
    return added


def add_one(desk: Desk, typed: NewSource, *, by: Person) -> Source:
    """The source that is new and asked at once. Raises Invalid at its field, also when it is there already."""
    demand(by, Action.ADMINISTER)
    item = placed(desk.settings, typed)
    with acting(desk) as (db, now):
        if records.first(db, Source, url=item.url) is not None:
            raise Invalid("url", "url_taken", value=item.url)
        return _add(db, item, by=by, now=now)


def _add(db: Connection, item: NewSource, *, by: Person | None, now: datetime) -> Source:
    source = records.add(
        db,
        Source(
            name=item.name,
            url=item.url,
            form=item.form,
            options=item.options,
            kind=item.kind,
            reach=item.reach,
            lang=item.lang,
            region=item.region,
            interval_s=item.interval_s,
            health={},
            due_at=now,
            added_at=now,
        ),
    )
    note(db, "source_added", at=now, by=by, source=source.name)
    return source


def edit(desk: Desk, source_id: int, typed: NewSource, *, by: Person) -> Source:
    """The source with what was typed; its form and its address stay what they are. It is asked at once, and read as it
    is to be read now, though its document may be the same."""
    demand(by, Action.ADMINISTER)
    with acting(desk) as (db, now):
        source = records.get(db, Source, source_id)
        same = replace(typed, form=source.form, url=address_of(source))
        item = placed(desk.settings, same)
        changed = replace(
            source,
            name=item.name,
            options=item.options,
            kind=item.kind,
            reach=item.reach,
            lang=item.lang,
            region=item.region,
            interval_s=item.interval_s,
            health=health_record(health_from(dict(source.health)).read_anew()),
            due_at=now,
        )
        saved = records.save(db, changed)
        note(db, "source_changed", at=now, by=by, source=saved.name)
        return saved


def parse_list(text: str) -> list[NewSource]:
    """Sources of a list: one address per line, a name may follow after a blank. Raises Invalid with the line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        url, _, name = line.partition(" ")
        try:
            found.append(checked(NewSource(url=url, name=name)))
        except Invalid:
            raise Invalid("urls", "line_no_address", line=number, value=url) from None
    return found


def parse_opml(data: bytes) -> list[NewSource]:
    """Sources of an OPML file. Raises Invalid when it is none; entities and network access are off."""
    if len(data) > MOST_OPML_BYTES:
        raise Invalid("opml", "file_too_large")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Invalid("opml", "opml_wrong", line=error.lineno or 1) from None
    _demand_known(root)
    found = []
    for outline in root.iter("outline"):
        url = outline.get("xmlUrl")
        if url:
            name = outline.get("title") or outline.get("text") or ""
            try:
                found.append(checked(NewSource(url=url, name=name)))
            except Invalid:
                raise Invalid("opml", "line_no_address", line=outline.sourceline or 1, value=url) from None
    if not found:
        raise Invalid("opml", "opml_empty")
    return found


def _demand_known(root: etree._Element) -> None:
    """An outline whose address stands in a field that is nearly the right one would be left out in silence."""
    near = [
        (outline.sourceline or 1, str(name))
        for outline in root.iter("outline")
        for name, value in outline.attrib.items()
        if outline.get("xmlUrl") is None
        and str(value).startswith("http")
        and nearest(str(name), ("xmlUrl", "htmlUrl", "url")) == "xmlUrl"
    ]
    if near:
        (_, first), *_rest = near
        lines = ", ".join(str(line) for line, name in near if name == first)
        raise Invalid("opml", "field_unknown", lines=lines, name=first, nearest="xmlUrl")


def set_active(desk: Desk, source_id: int, *, by: Person, active: bool) -> Source:
    """The source as polled or not; switched on it is asked at once."""
    demand(by, Action.ADMINISTER)
    with acting(desk) as (db, now):
        source = records.save(db, replace(records.get(db, Source, source_id), active=active, due_at=now))
        note(db, "source_changed", at=now, by=by, source=source.name, active=active)
        return source


def ask_now(desk: Desk, source_id: int, *, by: Person) -> Source:
    """The source is asked at the next turn, whatever its rhythm."""
    demand(by, Action.ADMINISTER)
    with acting(desk) as (db, now):
        return records.save(db, replace(records.get(db, Source, source_id), due_at=now))


def save_watch(
    desk: Desk, *, by: Person, name: str, query: str, watch_id: int | None = None, active: bool = True
) -> StoredWatch:
    """A watch beyond the organisation's own names. Raises Invalid with every problem of the query."""
    demand(by, Action.ADMINISTER)
    if not name.strip():
        raise Invalid("name", "name_missing")
    try:
        read(query)
    except QueryInvalid as bad:
        lines = [problem.line(by.lang) for problem in bad.problems if problem.is_error]
        raise Invalid("query", "query_wrong", problem="\n".join(lines)) from None
    with acting(desk) as (db, now):
        if watch_id is None:
            watch = records.add(db, StoredWatch(name=name.strip(), query=query.strip(), active=active))
        else:
            watch = records.save(
                db,
                replace(records.get(db, StoredWatch, watch_id), name=name.strip(), query=query.strip(), active=active),
            )
        note(db, "watch_saved", at=now, by=by, watch=watch.name)
        return watch
