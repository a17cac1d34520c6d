"""One object per line in, one object per line out: the shape of every analytical command.

A bad line gives one sentence on standard error (`line 17: published: not a date`, of several files
`b.ndjson:17: ...`) and exit status 1 at the end; the good lines are still answered.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, TypeVar

import click
import orjson

from monitors.article import BadField

Value = TypeVar("Value")


# The files of a filter: each must be there before anything is read; standard input when none is named, or for `-`.
FILES = click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))


def standard_input() -> BinaryIO:
    """What is piped in. When it is closed a sentence ends the command."""
    if sys.stdin is None:
        raise click.ClickException("standard input is closed; name a file, or pipe something in")
    return sys.stdin.buffer


class Lines:
    """Reads NDJSON and remembers whether a line was bad."""

    def __init__(self) -> None:
        self.bad = 0

    def read(self, files: Sequence[str], make: Callable[[dict[str, Any]], Value]) -> Iterator[Value]:
        """The value of each good line of the files, as soon as it arrives."""
        for name in files or ("-",):
            # Of several files it must be said whose line is bad.
            where = f"{name}:" if len(files) > 1 else "line "
            if name == "-":
                yield from self._read(standard_input(), where, make)
            else:
                with open(name, "rb") as stream:
                    yield from self._read(stream, where, make)

    def _read(self, stream: BinaryIO, where: str, make: Callable[[dict[str, Any]], Value]) -> Iterator[Value]:
        for number, raw in enumerate(stream, 1):
            if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
                raw = raw[3:]
            if not raw.strip():
                continue
            try:
                record = orjson.loads(raw)
            except orjson.JSONDecodeError as error:
                self._complain(f"{where}{number}: not JSON: {error}")
                continue
            if not isinstance(record, dict):
                self._complain(f"{where}{number}: not an object")
                continue
            try:
                value = make(record)
            except BadField as bad:
                self._complain(f"{where}{number}: {bad}")
                continue
            yield value

    def _complain(self, problem: str) -> None:
        self.bad += 1
        click.echo(problem, err=True)

    def exit(self) -> None:
        """End the command: status 1 when a line was bad."""
        sys.stdout.buffer.flush()
        if self.bad:
            raise SystemExit(1)


def write(record: dict[str, Any]) -> None:
    """Write one object as one line, at once, so that the next command in a pipe can go on."""
    sys.stdout.buffer.write(orjson.dumps(record) + b"\n")
    sys.stdout.buffer.flush()
