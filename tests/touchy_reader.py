"""A parser for test_reading that dies of one document and hangs on another, as C code might."""

from __future__ import annotations

import os
import time
from collections.abc import Set

from monitors import feeds
from monitors.reading import feed_or_why


def touchy(body: bytes, url: str, content_type: str, known: Set[str]) -> feeds.Feed | tuple[str, str]:
    if b"source 3 " in body:
        os._exit(9)
    if b"source 5 " in body:
        time.sleep(60)
    return feed_or_why(body, url, content_type, known)
