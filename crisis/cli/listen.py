"""`crisis listen --org ORG.yaml`: the whole stream for one organisation, articles to alerts.

Makes its own watches from the organisation. Each alert is written as soon as the article that raises it was read.
Who is told to end (Ctrl-C, SIGTERM) ends between two articles and keeps the memory as at the end of the stream.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click
import orjson

from crisis.cli import ndjson
from crisis.cli.organisation import organisation_in
from crisis.content.alarms import Alarms, alarms
from crisis.content.lexicon import lexicon
from crisis.core.text import Lang
from monitors.alert import Alert
from monitors.article import BadField, article_of, parse_time
from monitors.listen import Listener

_HAN = re.compile(r"[㐀-鿿]")


def as_line(alert: Alert, words: Alarms, lang: Lang) -> dict[str, object]:
    """The output object of an alert."""
    return {
        "at": alert.at.isoformat(),
        "level": alert.level.value,
        "story": alert.story,
        "title": alert.title,
        "reasons": [
            {"code": reason.code, "text": words.sentence(reason, lang), "details": dict(reason.details)}
            for reason in alert.reasons
        ],
        "articles": list(alert.articles),
        "independent_sources": alert.independent_sources,
    }


def _recall(listener: Listener, memory: Path) -> None:
    """Take over the memory of an earlier run. What cannot be read, or written at the end, ends the command before
    anything is heard."""
    if not os.access(memory.parent, os.W_OK):
        raise click.ClickException(f"{memory}: its folder is not there, or cannot be written to")
    if not memory.exists():
        return
    try:
        listener.load(orjson.loads(memory.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise click.ClickException(
            f"{memory}: not the memory of an earlier run; name another file, or remove this one to begin anew"
        ) from None


class _Told(BaseException):
    """Told to end while waiting for the next article."""


class _Ending:
    """Ends the reading when a signal says so: at once while it waits, else when the article in hand was heard."""

    def __init__(self) -> None:
        self.by: int | None = None
        self._busy = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.by = number
        if not self._busy:
            raise _Told

    @contextmanager
    def listens(self) -> Iterator[None]:
        """Hear the signals inside the block, which ends early and quietly when one comes."""
        before = {number: signal.signal(number, self) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        except _Told:
            pass
        finally:
            # A second Ctrl-C is no reason to lose the memory that is being written.
            self._busy = True
            for number, handler in before.items():
                signal.signal(number, handler if self.by is None else signal.SIG_IGN)

    @contextmanager
    def after_this(self) -> Iterator[None]:
        """What happens inside the block is not broken off."""
        self._busy = True
        yield
        self._busy = False
        if self.by is not None:
            raise _Told

    def exit(self) -> None:
        """End the command as a shell expects of who was ended by a signal."""
        if self.by is not None:
            raise SystemExit(128 + self.by)


def _keep(listener: Listener, memory: Path) -> None:
    fresh = memory.with_name(memory.name + ".new")
    fresh.write_bytes(orjson.dumps(listener.dump()))
    fresh.replace(memory)


@click.command("listen")
@ndjson.FILES
@click.option(
    "--org", required=True, type=click.Path(exists=True, dir_okay=False), help="The organisation: YAML or JSON."
)
@click.option("--now", "at", help="Time it is (ISO 8601; `clock`: of this machine). A date after it is no date.")
@click.option("--quiet-before", help="Articles published before this time are learned from and raise nothing.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of the reasons; default: of the name.")
@click.option("--state", type=click.Path(dir_okay=False), help="File that keeps the memory from one run to the next.")
def command(
    files: tuple[str, ...], org: str, at: str | None, quiet_before: str | None, lang: str | None, state: str | None
) -> None:
    """Articles (NDJSON, in time order) to alerts about one organisation.

    Without --now every date is believed, as a recording needs it; a live stream is heard with --now clock.
    """
    organisation = organisation_in(Path(org))
    try:
        moment = parse_time(at, field="--now") if at and at != "clock" else None
        quiet = parse_time(quiet_before, field="--quiet-before") if quiet_before else None
    except BadField as bad:
        raise click.ClickException(str(bad)) from None
    chosen = Lang(lang) if lang else (Lang.ZH if _HAN.search(organisation.name) else Lang.EN)
    words = alarms()
    listener = Listener(organisation, words.rules(), lexicon(), quiet_before=quiet)
    memory = Path(state) if state else None
    if memory is not None:
        _recall(listener, memory)
    lines = ndjson.Lines()
    ending = _Ending()
    with ending.listens():
        for article in lines.read(files, article_of):
            with ending.after_this():
                alert = listener.hear(article, now=datetime.now(UTC) if at == "clock" else moment)
                if alert is not None:
                    ndjson.write(as_line(alert, words, chosen))
    if memory is not None:
        _keep(listener, memory)
    ending.exit()
    lines.exit()
