"""The `crisis` command. Each verb lies in a file of its own and is imported only when it is called,
so that a filter in a shell pipe starts quickly.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from crisis import __version__

# verb -> (module, attribute, one line of help)
VERBS: dict[str, tuple[str, str]] = {
    "parse": ("crisis.cli.parse", "Bytes of feeds to articles"),
    "match": ("crisis.cli.match", "Articles to mentions, by watches"),
    "group": ("crisis.cli.group", "Articles to copies and stories"),
    "risk": ("crisis.cli.risk", "How bad a text is, and toward whom"),
    "listen": ("crisis.cli.listen", "The whole stream: articles to alerts about one organisation"),
    "classify": ("crisis.cli.classify", "A case to its crisis type, with reasons"),
    "plan": ("crisis.cli.plan", "A case to its playbook, audiences and drafts"),
    "lint": ("crisis.cli.lint", "Statements to findings"),
    "watch": ("crisis.cli.watch", "Explain and try watches"),
    "check": ("crisis.cli.check", "Check content and settings"),
    "init": ("crisis.cli.init", "Set up your own organisation"),
    "serve": ("crisis.cli.serve", "Run the desk: web, monitors and jobs in one process"),
    "work": ("crisis.cli.work", "Run one more worker beside the desk"),
    "verify": ("crisis.cli.verify", "Check that the log was not changed"),
    "drill": ("crisis.cli.drill", "Play the sample drill from the first article to the release"),
    "replay": ("crisis.cli.replay", "Serve a recorded crisis as feeds and act on it"),
    "user": ("crisis.cli.user", "Add a person or set a password"),
}


# What a shell can hand a command that cannot be written. A pipe that nobody reads any more is left to click:
# it ends the command without a word.
_UNUSABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


class _Verbs(click.Group):
    def main(self, *args: Any, **more: Any) -> Any:
        if sys.stderr is None:
            sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        if sys.stdout is None:
            click.echo("Error: standard output is closed; write > /dev/null if nobody is to read it", err=True)
            raise SystemExit(2)
        try:
            return super().main(*args, **more)
        except OSError as error:
            if error.errno not in _UNUSABLE or error.filename is not None:
                raise
            with suppress(OSError):
                click.echo(f"Error: cannot write the output: {error.strerror}", err=True)
            # What is still kept back would be written, and fail, once more at the end.
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(2) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = import_module(VERBS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(verb, text) for verb, (_, text) in VERBS.items()])


@click.group(cls=_Verbs)
@click.version_option(version=__version__)
def main() -> None:
    """Response Desk (应对台): hear it, judge it, answer it."""
