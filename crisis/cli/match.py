"""`crisis match --watches W.yaml [FILE...]`: articles in, a mention for each article and watch out."""

from __future__ import annotations

from pathlib import Path

import click

from crisis.cli.ndjson import FILES, Lines, write
from monitors.article import article_of
from monitors.matcher import Matcher, as_line
from monitors.watch import Watch, WatchesInvalid, read_watches

YAML_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def load_watches(file: Path) -> tuple[Watch, ...]:
    """The watches of a file. Ends the command with every problem when one cannot be used."""
    try:
        return read_watches(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise click.ClickException(f"{file}: not UTF-8 text; save it as UTF-8") from None
    except WatchesInvalid as bad:
        raise click.ClickException("\n".join(f"{file}: {problem}" for problem in bad.problems)) from None


@click.command()
@click.option("--watches", required=True, type=YAML_FILE, help="YAML list of {id, query} or {id, any: [], none: []}.")
@FILES
def command(watches: Path, files: tuple[str, ...]) -> None:
    """Articles (NDJSON, standard input or FILES) to mentions: which watch caught which article, by which words.

    Offsets count characters of the original title, body, source or url.
    """
    matcher = Matcher(load_watches(watches))
    lines = Lines()
    for article in lines.read(files, article_of):
        for mention in matcher.match(article):
            write(as_line(mention))
    lines.exit()
