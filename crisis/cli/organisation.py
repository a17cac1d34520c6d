"""The organisation of a file, as every command that listens for one reads it."""

from __future__ import annotations

from pathlib import Path

import click
import yaml

from monitors.article import BadField
from monitors.organisation import Organisation, organisation_of


def organisation_in(file: Path) -> Organisation:
    """The organisation of a YAML or JSON file: its fields side by side, or below `organisation:` as for `crisis init`.

    Ends the command with a sentence when there is none.
    """
    try:
        record = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise click.ClickException(f"{file}: not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror or error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        raise click.ClickException(f"{file}{where}: not YAML: {getattr(error, 'problem', error)}") from None
    if isinstance(record, dict) and isinstance(record.get("organisation"), dict):
        record = record["organisation"]
    if not isinstance(record, dict):
        raise click.ClickException(f"{file}: not an organisation: write `name: ...` and what belongs to it")
    try:
        return organisation_of(record)
    except BadField as bad:
        raise click.ClickException(f"{file}: {bad}") from None
