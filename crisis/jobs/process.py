"""This process as others know it, and whether another one of the same place lives."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from crisis.core.lease import Claimant


def this_one() -> Claimant:
    """This process by its host and its number."""
    return Claimant(host=socket.gethostname()[:200], number=os.getpid(), place=_place())


def _place() -> str:
    """Where the numbers of processes mean the same: this run of this kernel, and within it this container."""
    if sys.platform == "linux":
        try:
            return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()} {os.readlink('/proc/self/ns/pid')}"
        except OSError:
            return ""
    # A Mac has no containers of its own. Elsewhere asking for a process could end it.
    return socket.gethostname()[:200] if sys.platform == "darwin" else ""


def lives(number: int) -> bool:
    """Whether there is a process with this number here."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
