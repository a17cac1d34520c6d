"""Who listens: one process at a time, under a lease in the database; the others wait, and one of them takes over.

    claim     free, lapsed, or its holder is dead     -> this process listens
    holding   the desk whose every transaction first proves that this process still holds the lease
    renew     every few seconds; lost when another process has claimed it

Times here are real time, also in a drill.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from crisis.core import lease as rules
from crisis.core.lease import Claimant, Lease
from crisis.flows.desk import Desk
from crisis.store import leases

LISTENING = "listening"


def claim(desk: Desk, by: Claimant, *, lives: Callable[[int], bool]) -> Lease | None:
    """The lease as this process holds it from now on; None while another one listens.

    `lives` says of the number of a process of this place whether there still is one.
    """
    with desk.reading() as db:
        # Those who wait only look: they take no turn from those who write.
        seen = leases.read(db, LISTENING)
    if seen is not None and not _is_free(seen, by, lives, now=desk.real_now()):
        return None
    with desk.transaction() as db:
        now = desk.real_now()
        found = leases.locked(db, LISTENING, now=now)
        if not _is_free(found, by, lives, now=now):
            return None
        return leases.put(db, rules.claimed(found, by=by, now=now))


def _is_free(lease: Lease, by: Claimant, lives: Callable[[int], bool], *, now: datetime) -> bool:
    if not lease.runs(now):
        return True
    here = bool(by.place) and lease.holder.place == by.place
    # A holder of our own number is one before us: a container that was killed begins again with the same numbers.
    return here and (lease.holder.number == by.number or not lives(lease.holder.number))


def take(desk: Desk, by: Claimant) -> Lease:
    """The lease as this process holds it, whoever has held it: in a drill only the process that has laid out the
    sources can reach them."""
    with desk.transaction() as db:
        now = desk.real_now()
        return leases.put(db, rules.claimed(leases.locked(db, LISTENING, now=now), by=by, now=now))


def renew(desk: Desk, lease: Lease) -> None:
    """The lease lasts on. Raises LeaseLost."""
    with desk.transaction() as db:
        leases.prolong(db, rules.renewed(lease, now=desk.real_now()))


def give_back(desk: Desk, lease: Lease) -> None:
    """This process listens no more: whoever waits takes over at once. Raises LeaseLost."""
    with desk.transaction() as db:
        leases.prolong(db, rules.given_back(lease, now=desk.real_now()))


def standing(desk: Desk, db: Connection) -> tuple[Claimant | None, bool]:
    """Who listens, or has listened last (None: nobody yet); and whether they are still at it."""
    found = leases.read(db, LISTENING)
    return (found.holder, found.runs(desk.real_now())) if found else (None, False)


def holding(desk: Desk, lease: Lease) -> Desk:
    """The desk of a process that listens. A transaction of it raises LeaseLost before anything is written, as soon as
    another process has claimed the lease."""
    return replace(desk, fence=lambda db: leases.prove(db, lease))
