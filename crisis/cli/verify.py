"""`crisis verify`: whether the log was changed, and which entry."""

from __future__ import annotations

import click

from crisis.cli.opening import complain, open_desk, say, settings
from crisis.flows import founding
from crisis.store import log


@click.command(name="verify")
def command() -> None:
    """Check that the log was not changed. Exit status 1 names each entry that was."""
    desk = open_desk()
    if not founding.is_founded(desk):
        complain(f"There is no desk in {settings().home} yet: nothing to verify. `make run` opens one.")
        raise SystemExit(2)
    with desk.reading() as db:
        problems = log.check(db)
        seq, hash = log.head(db)
    for problem in problems:
        complain(f"entry {problem.seq}: {problem.kind}")
    if problems:
        raise SystemExit(1)
    say(f"{seq} entries, the chain holds, head {hash}")
