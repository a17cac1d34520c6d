"""`crisis serve`: the whole desk in one process: pages, listening, and the queue.

With nothing configured it opens the sample desk: a loopback server publishes the drill's feeds as its clock runs.
"""

from __future__ import annotations

import logging
import signal
from contextlib import ExitStack
from typing import Any

import click
from flask import Flask
from waitress.server import create_server

from crisis.cli.loading import load_ahead
from crisis.cli.opening import complain, open_desk, say
from crisis.content.drills import load_drill
from crisis.flows import drill as drill_flow
from crisis.flows.desk import Desk
from crisis.flows.ingest import TakenIn
from crisis.jobs.listening import Listening
from crisis.jobs.worker import Worker
from crisis.settings import Settings
from crisis.web.app import create_app
from monitors.loopback import LoopbackFeeds
from monitors.poller import Politeness

THREADS = 16


@click.command(name="serve")
@click.option("--sample", is_flag=True, help="Open the sample desk even if an organisation is set up elsewhere.")
def command(sample: bool) -> None:
    """Run the desk: web, monitors and jobs in one process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for name in ("waitress", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    desk = open_desk(sample=sample)
    with ExitStack() as stack:
        listening = _listening(desk, stack)
        worker = Worker(desk)
        app = create_app(desk)
        try:
            server = open_door(app, desk.settings)
        except OSError as error:
            complain(f"HOST {desk.settings.host}, PORT {desk.settings.port}: {error.strerror or error}.")
            complain("Another program may be serving there; choose another PORT, for example: PORT=8621 make run")
            raise SystemExit(2) from None
        loading = load_ahead(desk.content, wait=listening.opened.wait)
        stack.callback(loading.join)
        worker.start()
        stack.callback(worker.stop)
        listening.start()
        stack.callback(listening.stop)
        signal.signal(signal.SIGTERM, lambda *_: server.close())
        kind = "sample desk (drill)" if desk.drill else "desk"
        say(f"The {kind} is open at {desk.settings.url}  (Ctrl-C closes it)")
        try:
            server.run()
        except (KeyboardInterrupt, OSError):
            say("closing")


def open_door(app: Flask, settings: Settings) -> Any:
    """The server of the pages, listening at HOST and PORT; `run()` serves until `close()`."""
    trust: dict[str, object] = {
        "trusted_proxy": settings.proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"},
    }
    return create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=THREADS,
        ident=None,
        # Without a proxy nobody's word is taken, but that it came tells the application of one that nobody named.
        clear_untrusted_proxy_headers=bool(settings.proxy),
        **(trust if settings.proxy else {}),
    )


def _listening(desk: Desk, stack: ExitStack) -> Listening:
    if not desk.drill:
        return Listening(desk, processes=1)
    drill = load_drill(home=desk.settings.home)
    feeds = LoopbackFeeds(drill.outlets_to_serve(), clock=desk.now)
    stack.enter_context(feeds)
    addresses = {outlet.title: feeds.url(outlet.name) for outlet in drill.outlets_to_serve()}
    drill_flow.lay_out(desk, drill, feeds=addresses)
    stack.callback(drill_flow.put_away, desk)

    def heard(taken: TakenIn) -> None:
        if taken.alerts:
            drill_flow.slow_down_at_alarm(desk)

    return Listening(
        desk,
        allowed=feeds.allowed(),
        politeness=Politeness(spacing_s=0.0, parallel=8),
        pause_s=0.25,
        heard=heard,
    )
