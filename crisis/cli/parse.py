"""`crisis parse FILE...`: bytes of feeds to articles, one object per line, each with `feed` = the file."""

from __future__ import annotations

import sys

import click

from crisis.cli import ndjson
from monitors import feeds
from monitors.article import as_line


@click.command("parse")
@click.option("--url", default="", help="Where the feed came from: relative links are resolved against it.")
@click.option("--content-type", default="", help="The HTTP Content-Type it came with; may name the encoding.")
@click.option("--problems", is_flag=True, help="Also say on standard error what was dropped or doubtful, and why.")
@click.argument("files", nargs=-1)
def command(files: tuple[str, ...], url: str, content_type: str, problems: bool) -> None:
    """Read feeds (RSS, Atom, RDF, JSON Feed; any encoding) and write their articles.

    Without FILES, or for `-`, one feed is read from standard input. A file that is no feed gives one line on standard
    error and exit status 1 at the end; the others are still answered.
    """
    bad = 0
    for name in files or ("-",):
        try:
            data = sys.stdin.buffer.read() if name == "-" else _read(name)
            feed = feeds.parse(data, url=url, content_type=content_type)
        except OSError as error:
            bad += _complain(name, error.strerror or str(error))
            continue
        except feeds.NotAFeed as error:
            bad += _complain(name, str(error))
            continue
        for article in feed.articles:
            ndjson.write({**as_line(article), "feed": name})
        if problems:
            for problem in feed.problems:
                where = f"entry {problem.entry}: " if problem.entry else ""
                click.echo(f"{name}: {where}{problem.code}: {problem.detail}", err=True)
    sys.stdout.buffer.flush()
    if bad:
        raise SystemExit(1)


def _read(name: str) -> bytes:
    with open(name, "rb") as stream:
        return stream.read(feeds.MOST_BYTES + 1)


def _complain(name: str, sentence: str) -> int:
    click.echo(f"{name}: {sentence}", err=True)
    return 1
