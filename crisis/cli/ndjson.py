"""One object per line in, one object per line out: the shape of every analytical command.

A bad line gives one sentence on standard error (`line 17: published: not a date`) and exit status 1
at the end; the good lines are still answered.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, TypeVar

import orjson

from monitors.article import BadField

Value = TypeVar("Value")


class Lines:
    """Reads NDJSON and remembers whether a line was bad."""

    def __init__(self) -> None:
        self.bad = 0

    def complain(self, number: int, problem: str, *, file: str = "") -> None:
        """Say what is wrong with a line, as `line 17: ...` or `file:17: ...`."""
        self.bad += 1
        where = f"{file}:{number}" if file else f"line {number}"
        print(f"{where}: {problem}", file=sys.stderr, flush=True)  # noqa: T201

    def read(self, stream: BinaryIO, make: Callable[[dict[str, Any]], Value]) -> Iterator[tuple[int, Value]]:
        """(line number, value) of each good line, as soon as it arrives."""
        for number, raw in enumerate(stream, 1):
            if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
                raw = raw[3:]
            if not raw.strip():
                continue
            try:
                record = orjson.loads(raw)
            except orjson.JSONDecodeError as error:
                self.complain(number, f"not JSON: {error}")
                continue
            if not isinstance(record, dict):
                self.complain(number, "not an object")
                continue
            try:
                value = make(record)
            except BadField as bad:
                self.complain(number, str(bad))
                continue
            yield number, value

    def exit(self) -> None:
        """End the command: status 1 when a line was bad."""
        sys.stdout.buffer.flush()
        if self.bad:
            raise SystemExit(1)


def write(record: dict[str, Any]) -> None:
    """Write one object as one line, at once, so that the next command in a pipe can go on."""
    sys.stdout.buffer.write(orjson.dumps(record) + b"\n")
    sys.stdout.buffer.flush()


def inputs(files: Iterable[str]) -> Iterator[BinaryIO]:
    """The named files, or standard input when none is named or the name is `-`."""
    names = list(files) or ["-"]
    for name in names:
        if name == "-":
            yield sys.stdin.buffer
        else:
            with open(name, "rb") as stream:
                yield stream
