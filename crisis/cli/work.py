"""`crisis work`: one more worker for the queue, on this machine or another that reaches the same database."""

from __future__ import annotations

import logging
import signal
import threading

import click

from crisis.cli.loading import load_ahead
from crisis.cli.opening import open_desk, say
from crisis.jobs.worker import Worker, run_until_idle


@click.command(name="work")
@click.option("--until-idle", is_flag=True, help="Do what is due now and end.")
def command(until_idle: bool) -> None:
    """Run one more worker beside the desk."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    desk = open_desk()
    if until_idle:
        say(f"{run_until_idle(desk)} jobs done")
        return
    worker = Worker(desk)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    loading = load_ahead(desk.content)
    worker.start()
    say("working (Ctrl-C ends it)")
    ended.wait()
    worker.stop()
    loading.join()
