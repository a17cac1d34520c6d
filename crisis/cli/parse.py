"""`crisis parse FILE...`: bytes of feeds to articles, one object per line, each with `feed` = the file.

Many files are shared among the processors of the machine; the order of the output is that of the files all the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import click
import orjson

from crisis.cli import ndjson
from monitors import feeds
from monitors.article import as_line

# Below this the other processes cost more than they bring.
_WORTH_SHARING_BYTES = 4_000_000
_MOST_PROCESSES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one file gave: its lines of output, and its sentences for standard error."""

    lines: bytes = b""
    problems: tuple[str, ...] = ()
    refused: str = ""


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
    refused = 0
    for answer in _answers(files or ("-",), url, content_type):
        sys.stdout.buffer.write(answer.lines)
        sys.stdout.buffer.flush()
        if answer.refused:
            refused += 1
            click.echo(answer.refused, err=True)
        for problem in answer.problems if problems else ():
            click.echo(problem, err=True)
    if refused:
        raise SystemExit(1)


def answer(name: str, *, url: str = "", content_type: str = "") -> Answer:
    """The articles of one file, or of standard input for `-`, as lines."""
    try:
        feed = feeds.parse(_bytes(name), url=url, content_type=content_type)
    except OSError as error:
        return Answer(refused=f"{name}: {error.strerror or error}")
    except feeds.NotAFeed as error:
        return Answer(refused=f"{name}: {error}")
    lines = b"".join(orjson.dumps({**as_line(article), "feed": name}) + b"\n" for article in feed.articles)
    return Answer(lines=lines, problems=tuple(_sentence(name, problem) for problem in feed.problems))


def _answers(files: tuple[str, ...], url: str, content_type: str) -> Iterator[Answer]:
    one = partial(answer, url=url, content_type=content_type)
    processes = min(_processors(), len(files), _MOST_PROCESSES)
    if processes < 2 or "-" in files or _size(files) < _WORTH_SHARING_BYTES:
        yield from map(one, files)
        return
    # Slow to import: a filter that reads one feed should not wait for it.
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(one, files, chunksize=2)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size(files: Iterable[str]) -> int:
    total = 0
    for name in files:
        try:
            total += os.stat(name).st_size
        except (OSError, ValueError):
            continue
    return total


def _bytes(name: str) -> bytes:
    if name == "-":
        return ndjson.standard_input().read()
    with open(name, "rb") as stream:
        return stream.read(feeds.MOST_BYTES + 1)


def _sentence(name: str, problem: feeds.Problem) -> str:
    where = f"entry {problem.entry}: " if problem.entry else ""
    return f"{name}: {where}{problem.code}: {problem.detail}"
