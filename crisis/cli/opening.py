"""Opening the desk for a command: settings, content, database brought to today's schema.

Two desks can lie in one folder: one's own, and the sample desk in `sample/` beside it. Without an organisation of
one's own, it is the sample desk that opens.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from click import get_current_context
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from crisis.content.library import Library, load
from crisis.errors import ContentInvalid, Invalid
from crisis.flows import founding
from crisis.flows.desk import Desk
from crisis.settings import Settings, from_environment
from crisis.store import migrate
from crisis.store.db import Database, open_engine


def say(text: str) -> None:
    """A line for whoever started the command."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def sentence(invalid: Invalid) -> str:
    """What is wrong with which field, for whoever typed it."""
    # Imported late: a filter in a shell pipe has no pages to word.
    from crisis.web.wording import FIELD

    return f"{invalid.field}: {FIELD.get(invalid.code, invalid.code) % invalid.details}"


def settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings of the environment; what is wrong ends the command with a sentence."""
    try:
        return from_environment(environ)
    except Invalid as invalid:
        complain(f"{invalid.field}: cannot use {invalid.details.get('value')!r}; see README, part “Settings”.")
        raise SystemExit(2) from None


def _content(found: Settings) -> Library:
    try:
        content = load(found.home)
    except ContentInvalid as invalid:
        complain("Built-in content is wrong:\n" + "\n".join(invalid.problems))
        raise SystemExit(1) from None
    for problem in content.problems:
        complain(f"left out: {problem}")
    return content


def _desk(found: Settings, content: Library, *, drill: bool, own: Settings | None = None) -> Desk:
    try:
        found.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        complain(f"CRISIS_HOME: {found.home} cannot be made: {error.strerror or error}")
        raise SystemExit(2) from None
    try:
        database = Database(open_engine(found.database))
        migrate.upgrade(database.engine)
    except (SQLAlchemyError, OSError) as error:
        raise _does_not_open(error) from None
    # SQLite writes what lies beside its file into it when the last connection is closed: a desk that was stopped can be
    # copied as one file.
    if command := get_current_context(silent=True):
        command.call_on_close(database.close)
    return Desk(
        settings=found,
        database=database,
        content=content,
        real_now=lambda: datetime.now(UTC),
        drill=drill,
        own=own,
    )


def standing_desk(advice: str) -> Desk:
    """The desk that was opened before, one's own before the sample desk. Where there is none, none is made, and a
    sentence with `advice` ends the command.
    """
    found = settings()
    for place, drill in ((found, False), (sample_settings(found), True)):
        if not _was_never_there(place.database) and _is_founded(place):
            return _desk(place, _content(found), drill=drill)
    complain(f"There is no desk in {found.home} yet: {advice}")
    raise SystemExit(2)


def _is_founded(place: Settings) -> bool:
    try:
        database = Database(open_engine(place.database))
        try:
            return migrate.has_begun(database.engine) and founding.is_founded_in(database)
        finally:
            database.close()
    except SQLAlchemyError as error:
        raise _does_not_open(error) from None


def _does_not_open(error: Exception) -> SystemExit:
    complain(f"CRISIS_DATABASE: the database does not open: {str(error).splitlines()[0]}")
    return SystemExit(2)


def own_desk(environ: Mapping[str, str] | None = None) -> Desk:
    """One's own desk, whether an organisation is set up in it or not."""
    found = settings(environ)
    return _desk(found, _content(found), drill=False)


def sample_settings(found: Settings) -> Settings:
    """Where the sample desk lies: in `sample/` of the folder, always in SQLite."""
    home = found.home / "sample"
    return replace(found, home=home, database=f"sqlite:///{home / 'desk.sqlite'}")


def _was_never_there(database: str) -> bool:
    """Whether the address names an SQLite file that does not exist: a look at it would make one."""
    try:
        url = make_url(database)
    except SQLAlchemyError as error:
        raise _does_not_open(error) from None
    return url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).exists())


def open_desk(environ: Mapping[str, str] | None = None, *, sample: bool = False) -> Desk:
    """One's own desk, or the sample desk (a drill) when none is set up, or with `sample`."""
    found = settings(environ)
    content = _content(found)
    if not sample and not _was_never_there(found.database):
        own = _desk(found, content, drill=False)
        if founding.is_founded(own):
            return own
        own.database.close()
    return _desk(sample_settings(found), content, drill=True, own=found)
