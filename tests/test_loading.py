"""What a process keeps is loaded beside its work, and then Python's collector leaves it alone."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from crisis.cli.loading import load_ahead
from crisis.content.library import Library

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_what_stays_is_kept_from_the_collector_once_all_of_it_is_loaded(content: Library) -> None:
    rest = threading.Event()

    loading = load_ahead(content, wait=rest.wait)
    loading.join(timeout=0.2)
    before = gc.get_freeze_count()
    rest.set()
    loading.join()

    assert before == 0
    assert gc.get_freeze_count() > 10_000
