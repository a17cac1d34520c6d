"""The worker: takes jobs from the queue under a lease, and looks at what has fallen due.

A job that fails is tried again later and later; after the last try it is buried and shown. While a worker is at a job
it renews the lease, however slow a mail server is. A process that dies leaves its job leased: when the lease has run
out another worker takes it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from crisis.channels.email import Post
from crisis.core.job import Job
from crisis.errors import CrisisError, Stale
from crisis.flows import deliveries, fallbacks, judgement
from crisis.flows.desk import Desk, acting
from crisis.store import jobs

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
# Several times per lease: a database that is away for a moment costs a worker no job.
RENEWED_EVERY = LEASE / 4
TRIES = 8
FIRST_WAIT = timedelta(seconds=5)

Handler = Callable[[Desk, Mapping[str, Any], Post | None], None]

HANDLERS: dict[str, Handler] = {
    "deliver": lambda desk, payload, post: deliveries.deliver(desk, int(payload["delivery"]), post),
    "rejudge": lambda desk, payload, post: judgement.rejudge(desk, int(payload["incident"])),
}


def run_one(desk: Desk, post: Post | None = None, *, renewed_every: timedelta = RENEWED_EVERY) -> bool:
    """Do the next job that is due. False when there was none. A mail goes over the line of `post`, if there is one."""
    with desk.transaction() as db:
        job = jobs.claim(db, now=desk.real_now(), lease=LEASE)
    if job is None:
        return False
    if job.attempts > TRIES:
        # Nobody lived to say that it failed: the process died at it each time, and would go on dying.
        _failed(desk, job, RuntimeError("the process ended at this job each time"))
        return True
    try:
        with _keeping(desk, job, every=renewed_every):
            HANDLERS[job.name](desk, job.payload, post)
    except Exception as error:
        _failed(desk, job, error)
        return True
    with desk.transaction() as db:
        jobs.finish(db, job, at=desk.real_now())
    return True


@contextmanager
def _keeping(desk: Desk, job: Job, *, every: timedelta) -> Iterator[None]:
    """The job stays ours as long as this process is at it. A mail server may take minutes over its answers: a second
    worker would call a mail uncertain that is on its way, and a person would have it sent twice."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(every.total_seconds()):
            try:
                with desk.transaction() as db:
                    jobs.renew(db, job, now=desk.real_now(), lease=LEASE)
            except Exception:
                log.warning("job.not_renewed id=%s name=%s", job.id, job.name, exc_info=True)

    renewing = threading.Thread(target=renew, name="lease of a job", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        done.set()
        # A renewal that is on its way ends before it is said what became of the job: it would lease it once more.
        renewing.join()


def _failed(desk: Desk, job: Job, error: Exception) -> None:
    # Whoever was quicker is at it: looked at again, it is settled or still to be done.
    permanent = isinstance(error, CrisisError) and error.permanent and not isinstance(error, Stale)
    log.warning("job.failed id=%s name=%s attempt=%s error=%s", job.id, job.name, job.attempts, type(error).__name__)
    log.debug("job.failed", exc_info=error)
    if permanent or job.attempts >= TRIES:
        # One intention: of a buried job whose delivery still waits nobody would hear.
        with acting(desk) as (db, now):
            if jobs.bury(db, job, error=str(error)) and job.name == "deliver":
                deliveries.give_up(desk, db, int(job.payload["delivery"]), error=str(error), now=now)
        return
    wait = FIRST_WAIT * 2 ** (job.attempts - 1)
    with desk.transaction() as db:
        jobs.retry(db, job, run_at=desk.real_now() + wait, error=str(error))


def run_until_idle(desk: Desk) -> int:
    """Do every job that is due now; how many there were."""
    done = 0
    with Post() as post:
        while run_one(desk, post):
            done += 1
    return done


def take_turn(desk: Desk, post: Post | None = None) -> bool:
    """Release what has fallen due, then do the next job. False when there was none.

    Between any two jobs: a text whose time has come does not wait behind a thousand mails.
    """
    fallbacks.release_due(desk)
    return run_one(desk, post)


class Worker:
    """A thread that works until it is stopped."""

    def __init__(self, desk: Desk, *, pause_s: float = 0.5) -> None:
        self._desk = desk
        self._pause_s = pause_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _work(self) -> None:
        with Post() as post:
            while not self._stop.is_set():
                try:
                    busy = take_turn(self._desk, post)
                except Exception:
                    # The worker itself must outlive a database that is away for a moment.
                    log.exception("worker.failed")
                    busy = False
                if not busy:
                    post.hang_up()
                    self._stop.wait(self._pause_s)
