"""Opening the desk for a command: settings, content, database brought to today's schema."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from crisis.content.library import load
from crisis.errors import ContentInvalid, Invalid
from crisis.flows.desk import ORGANISATION, Desk
from crisis.settings import Settings, from_environment
from crisis.store import keep, migrate
from crisis.store.db import Database, open_engine

DRILL = "drill"


def say(text: str) -> None:
    """A line for whoever started the command."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    sys.stderr.write(text + "\n")


def settings() -> Settings:
    """Settings of the environment; what is wrong ends the command with a sentence."""
    try:
        return from_environment()
    except Invalid as invalid:
        complain(f"{invalid.field}: cannot use {invalid.details.get('value')!r}; see README, part “Settings”.")
        raise SystemExit(2) from None


def open_desk(*, sample: bool = False) -> Desk:
    """The desk of this folder. With no organisation set up (or with `sample`) it is the sample desk, a drill."""
    found = settings()
    found.home.mkdir(parents=True, exist_ok=True)
    try:
        content = load(found.home)
    except ContentInvalid as invalid:
        complain("Built-in content is wrong:\n" + "\n".join(invalid.problems))
        raise SystemExit(1) from None
    for problem in content.problems:
        complain(f"left out: {problem}")
    database = Database(open_engine(found.database))
    migrate.upgrade(database.engine)
    with database.transaction() as db:
        drill = keep.read(db, DRILL)
        if drill is None:
            drill = sample or keep.read(db, ORGANISATION) is None
            if drill:
                keep.write(db, DRILL, True)
    return Desk(
        settings=found,
        database=database,
        content=content,
        real_now=lambda: datetime.now(UTC),
        drill=bool(drill),
    )
