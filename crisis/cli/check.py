"""`crisis check`: whether content and settings can be used, as `file:line: what` lines."""

from __future__ import annotations

from pathlib import Path

import click

from crisis.cli.opening import complain, say, settings
from crisis.content.library import load
from crisis.errors import ContentInvalid


@click.command(name="check")
@click.option("--home", type=click.Path(path_type=Path), help="The desk's folder; default CRISIS_HOME.")
def command(home: Path | None) -> None:
    """Check playbooks, audience cards, checks, lexicons and templates, built-in and your own."""
    try:
        library = load(home or settings().home)
    except ContentInvalid as invalid:
        for problem in invalid.problems:
            complain(problem)
        raise SystemExit(1) from None
    for problem in library.problems:
        complain(problem)
    if library.problems:
        raise SystemExit(1)
    say(
        f"{len(library.checks.checks)} checks, {len(library.playbooks.typed) + 1} playbooks,"
        f" {len(library.playbooks.modules)} modules, {len(library.audiences.cards)} audience cards,"
        f" {len(library.statements.templates)} templates: all can be used"
    )
