"""`crisis verify`: whether the log was changed, and which entry."""

from __future__ import annotations

import click

from crisis.cli.opening import complain, say, standing_desk
from crisis.store import log


@click.command(name="verify")
def command() -> None:
    """Check that the log was not changed. Exit status 1 names each entry that was."""
    desk = standing_desk("nothing to verify, and nothing was made. `make run` opens one.")
    with desk.reading() as db:
        problems = log.check(db)
        seq, hash = log.head(db)
    for problem in problems:
        complain(f"entry {problem.seq}: {problem.kind}")
    if problems:
        raise SystemExit(1)
    say(f"{seq} entries, the chain holds, head {hash}")
