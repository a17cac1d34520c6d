"""Readiness leads to what is missing, what the rest hangs on first."""

from __future__ import annotations

import re

from crisis.core.lease import Claimant
from crisis.flows import listener
from crisis.web.app import create_app
from tests.web.browsers import Browser
from tests.world import World


def missing(browser: Browser) -> list[tuple[str, str]]:
    """(where, what) of each thing that is missing, in the order of the page."""
    page = browser.get("/setup?lang=en").get_data(as_text=True)
    decision = page[page.index('<section class="decide') :].partition('<div class="acts">')[0]
    return re.findall(r'<a href="([^"]+)">([^<]+)</a>', decision)


def test_each_thing_that_is_missing_leads_to_where_it_is_done(world: World) -> None:
    browser = Browser(create_app(world.desk), world.desk, world.wu)

    found = missing(browser)

    assert found[0] == ("/sources", "No source is polled")
    assert found[1] == ("#listening", "Nobody listens")
    assert found[-1][0] == "#organisation"
    page = browser.get("/setup?lang=en").get_data(as_text=True)
    assert all(where.startswith("/") or f'id="{where[1:]}"' in page for where, _ in found)


def test_what_is_done_is_asked_for_no_more(world: World) -> None:
    browser = Browser(create_app(world.desk), world.desk, world.wu)

    listener.claim(world.desk, Claimant(host="desk-1", number=4711), lives=lambda number: True)

    assert "Nobody listens" not in [what for _, what in missing(browser)]
