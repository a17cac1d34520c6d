"""Doing things at the same moment: threads that start together, and a process that dies."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act answered, or the error it raised; all of them begin together."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        gate.wait()
        try:
            return act()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def in_a_process(act: Callable[[], object]) -> int:
    """Run in a process of its own: its exit status, or minus the signal that ended it.

    The caller closes its own connections first: a copied SQLite connection must not be used by a child.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        try:
            act()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def kill_me() -> None:
    """What a power cut does to a process."""
    os.kill(os.getpid(), signal.SIGKILL)
