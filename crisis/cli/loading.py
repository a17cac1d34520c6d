"""Loading what cases and texts are read with, beside what the process has begun to do."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable

from crisis.content.library import Library


def load_ahead(content: Library, *, wait: Callable[[], object] = lambda: None) -> threading.Thread:
    """The thread, begun, that loads the content: a second that else the first person to save a text would wait for.

    `wait` returns when the process has loaded the rest of what it keeps. Then Python's collector is told, once, that
    all this stays: it would walk 100,000 watches again and again and find nothing.
    """

    def load() -> None:
        content.prepare()
        wait()
        gc.collect()
        gc.freeze()

    thread = threading.Thread(target=load, name="loading", daemon=True)
    thread.start()
    return thread
